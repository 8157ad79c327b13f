"""The products of a page as people see them."""

from collections.abc import Mapping, Sequence

import msgspec

from kanava.platform.db import Connection
from kanava.platform.money import Money
from kanava.search.model import ColourShown, ProductCard
from kanava.search.rules.columns import Ints
from kanava.search.rules.counting import Answer
from kanava.search.service.asking import Asking, stocked
from kanava.search.store import cards as store

IMAGES_MAX = 4
COLOURS_MAX = 12
STOCK_VARIANTS_PER_PRODUCT = 60
"""Variants of one product that a page looks at, the matching ones first."""


class Offered(msgspec.Struct, frozen=True):
    """A variant that the channel sells, with its price there; `matches`: it answers the question."""

    variant_id: int
    amount_minor: int
    matches: bool


async def cards(connection: Connection, asking: Asking, answer: Answer, products: Ints) -> list[ProductCard]:
    """Give the cards of some products of the answer, in this order."""
    if not len(products):
        return []
    part = answer.part
    columns = part.assortment.columns
    offered: dict[int, list[Offered]] = {}
    for place in products.tolist():
        rows = slice(int(part.starts[place]), int(part.starts[place + 1]))
        variants = zip(
            columns.variant_ids[part.rows[rows]].tolist(),
            part.amounts[rows].tolist(),
            answer.matching[rows].tolist(),
            part.sold[rows].tolist(),
            strict=True,
        )
        found = [Offered(number, amount, matches) for number, amount, matches, sold in variants if sold]
        product_id = int(columns.product_ids[part.numbers[place]])
        offered[product_id] = sorted(found, key=lambda one: not one.matches)[:STOCK_VARIANTS_PER_PRODUCT]
    ids = [one.variant_id for variants_ in offered.values() for one in variants_]
    rows_of = {
        row.product_id: row
        for row in await store.PRODUCTS.all(
            connection,
            product_ids=list(offered),
            language=asking.language,
            other_language=asking.channel.row.language,
        )
    }
    known = {row.variant_id: row for row in await store.VARIANTS.all(connection, variant_ids=ids)}
    in_stock = set(await stocked(connection, asking, ids, at_location=False))
    here = None
    if asking.location_id is not None:
        here = set(await stocked(connection, asking, ids, at_location=True))
    return [
        _card(asking, rows_of[product_id], variants_, known, in_stock, here)
        for product_id, variants_ in offered.items()
        if product_id in rows_of and any(one.variant_id in known for one in variants_)
    ]


def _card(
    asking: Asking,
    product: store.PageProduct,
    variants: Sequence[Offered],
    known: Mapping[int, store.PageVariant],
    in_stock: set[int],
    here: set[int] | None,
) -> ProductCard:
    variants = [one for one in variants if one.variant_id in known]
    matching = [one for one in variants if one.matches] or list(variants)
    near = here if here is not None else set()
    best = min(
        matching,
        key=lambda one: (one.variant_id not in near, one.variant_id not in in_stock, one.amount_minor),
    )
    lowest = min(one.amount_minor for one in matching)
    images = _images(product, best.variant_id)
    return ProductCard(
        handle=product.handle,
        title=product.title,
        brand=product.brand,
        category=product.category,
        sku=known[best.variant_id].sku,
        from_price=Money(lowest, asking.channel.row.currency),
        price_varies=any(one.amount_minor != lowest for one in matching),
        image_url=images[0][0] if images else None,
        image_alt=(images[0][1] if images else "") or product.title,
        image_urls=list(dict.fromkeys(url for url, _ in images))[:IMAGES_MAX],
        colours=_colours(asking, product, variants, known),
        variant_count=len(variants),
        in_stock=any(one.variant_id in in_stock for one in matching),
        in_stock_at_location=None if here is None else any(one.variant_id in here for one in matching),
    )


def _images(product: store.PageProduct, variant_id: int) -> list[tuple[str, str]]:
    """Give pictures with their texts: those of the variant, of the product, of other variants."""
    pictures = zip(product.image_urls, product.image_variants, product.image_alts, strict=True)
    ranked = sorted(pictures, key=lambda picture: 0 if picture[1] == variant_id else 1 if picture[1] == 0 else 2)
    return [(url, alt) for url, _, alt in ranked]


def _colours(
    asking: Asking,
    product: store.PageProduct,
    variants: Sequence[Offered],
    known: Mapping[int, store.PageVariant],
) -> list[ColourShown]:
    pictures = dict(zip(reversed(product.image_variants), reversed(product.image_urls), strict=True))
    found: dict[str, ColourShown] = {}
    taxonomy = asking.held.taxonomy
    # Ids follow the order in which variants were made, as a rule that of the product.
    for one in sorted(variants, key=lambda one: one.variant_id):
        row = known[one.variant_id]
        if row.colour and row.colour not in found:
            name = taxonomy.value_name("option.colour", row.colour, asking.language)
            found[row.colour] = ColourShown(row.colour, name, row.hex, row.sku, pictures.get(row.variant_id))
    return list(found.values())[:COLOURS_MAX]
