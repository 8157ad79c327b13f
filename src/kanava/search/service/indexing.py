"""Keeping the search rows as the catalogue is: products written anew, touched, or all of them rebuilt."""

from collections.abc import Callable, Iterable, Sequence

import msgspec

from kanava.platform.db import Connection, Database
from kanava.search.rules.documents import Document, SourceProduct, SourceVariant, Words, document, values_of
from kanava.search.store import documents as store
from kanava.search.store import sources

CHUNK = 50
"""Products that are read and written at once: a tenth of a second in which the process does nothing else."""


async def read_words(tx: Connection) -> Words:
    """Read how people read categories and option values."""
    categories = await sources.CATEGORIES.all(tx)
    options = await sources.OPTION_NAMES.all(tx)
    return Words(
        categories={row.category_id: (row.parent_id, row.names) for row in categories},
        options={(row.axis, row.value): row.names for row in options},
    )


async def index_products(tx: Connection, product_ids: Sequence[int]) -> None:
    """Write what products are found by anew; those that are not for sale find nobody."""
    if not product_ids:
        return
    version = await store.RAISE_VERSION.one(tx)
    words = await read_words(tx)
    languages = await sources.LANGUAGES.all(tx)
    for start in range(0, len(product_ids), CHUNK):
        await _index_chunk(tx, list(product_ids[start : start + CHUNK]), version, words, languages)


async def touch_products(tx: Connection, product_ids: Sequence[int]) -> None:
    """Have every process read the prices and listings of products again."""
    if product_ids:
        version = await store.RAISE_VERSION.one(tx)
        await store.TOUCH_PRODUCTS.run(tx, version=version, product_ids=list(product_ids))


async def raise_version(tx: Connection) -> None:
    """Have every process read names anew."""
    await store.RAISE_VERSION.one(tx)


async def _index_chunk(
    tx: Connection, product_ids: list[int], version: int, words: Words, languages: Sequence[str]
) -> None:
    products = await sources.PRODUCTS.all(tx, product_ids=product_ids)
    variants: dict[int, list[SourceVariant]] = {product.product_id: [] for product in products}
    for variant in await sources.VARIANTS.all(tx, product_ids=list(variants)):
        variants[variant.product_id].append(variant)
    sold = [product for product in products if variants[product.product_id]]
    await store.CLEAR_PRODUCTS.run(
        tx, version=version, product_ids=product_ids, except_ids=[product.product_id for product in sold]
    )
    await _put_products(tx, sold, variants, version)
    documents = [
        (product.product_id, made)
        for product in sold
        for language in sorted({*languages, *product.texts})
        if (made := document(product, variants[product.product_id], words, language)) is not None
    ]
    await _put_documents(tx, product_ids, documents)


async def _put_products(
    tx: Connection, products: Iterable[SourceProduct], variants: dict[int, list[SourceVariant]], version: int
) -> None:
    values = {product.product_id: values_of(product, variants[product.product_id]) for product in products}
    known = sorted({(facet, value) for found in values.values() for facet, value, _ in found})
    columns = {"facets": [facet for facet, _ in known], "values": [value for _, value in known]}
    await store.ADD_VALUES.run(tx, **columns)
    ids = {(row.facet, row.value): row.facet_value_id for row in await store.VALUE_IDS.all(tx, **columns)}
    rows = [
        {
            "product_id": product.product_id,
            "category_id": product.category_id,
            "created_at": product.created_at,
            "variant_ids": [variant.variant_id for variant in variants[product.product_id]],
            "value_ids": [ids[facet, value] for facet, value, _ in values[product.product_id]],
            "value_variants": [number for _, _, number in values[product.product_id]],
        }
        for product in products
    ]
    if rows:
        await store.PUT_PRODUCTS.run(tx, version=version, products=msgspec.to_builtins(rows))


async def _put_documents(tx: Connection, product_ids: list[int], documents: Sequence[tuple[int, Document]]) -> None:
    ids = [product_id for product_id, _ in documents]
    languages = [made.language for _, made in documents]
    await store.REMOVE_DOCUMENTS.run(tx, product_ids=product_ids, kept_ids=ids, kept_languages=languages)
    await store.PUT_DOCUMENTS.run(
        tx,
        product_ids=ids,
        languages=languages,
        titles=[made.title for _, made in documents],
        title_keys=[made.title_key for _, made in documents],
        words=[made.words for _, made in documents],
        names=[made.names for _, made in documents],
    )
    # In the order of the key, so that two writers never wait for each other in a circle.
    known = sorted({(made.language, word, stem) for _, made in documents for word, stem in made.vocabulary})
    await store.ADD_WORDS.run(
        tx,
        languages=[language for language, _, _ in known],
        words=[word for _, word, _ in known],
        stems=[stem for _, _, stem in known],
    )


async def rebuild(db: Database, progress: Callable[[int, int], None]) -> int:
    """Write every product anew, a chunk a transaction, and forget words that no product has; gives the products.

    Search answers from the old rows meanwhile. `progress` is given products done and in all.
    """
    async with db.transaction() as tx:
        total = await sources.PRODUCTS_COUNT.one(tx)
        await store.REMOVE_WORDS.run(tx)
    done, after = 0, 0
    while True:
        async with db.transaction() as tx:
            product_ids = await sources.PRODUCTS_AFTER.all(tx, after=after, limit=CHUNK)
            await index_products(tx, product_ids)
        if not product_ids:
            break
        done, after = done + len(product_ids), product_ids[-1]
        progress(done, max(total, done))
    async with db.connection() as connection:
        for statement in store.ANALYSE:
            await statement.run(connection)
    return done
