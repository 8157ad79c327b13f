"""The products of a page as people see them."""

from collections.abc import Sequence
from operator import itemgetter

import msgspec

from kanava.platform.db import Connection
from kanava.platform.money import Money
from kanava.search.model import ColourShown, ProductCard
from kanava.search.rules.columns import Ints
from kanava.search.rules.counting import Answer
from kanava.search.service.asking import Asking, stock_rule
from kanava.search.store import cards as store

IMAGES_MAX = 4
COLOURS_MAX = 12
STOCK_VARIANTS_PER_PRODUCT = 60
"""Variants of one product that a page looks at, the matching ones first."""


class Offered(msgspec.Struct, frozen=True):
    """A variant that the channel sells, with its price there; `matches`: it answers the question."""

    row: store.PageVariant
    amount_minor: int
    matches: bool


async def cards(connection: Connection, asking: Asking, answer: Answer, products: Ints) -> list[ProductCard]:
    """Give the cards of some products of the answer, in this order."""
    if not len(products):
        return []
    part = answer.part
    columns = part.assortment.columns
    sold: dict[int, list[tuple[int, int, bool]]] = {}
    for place in products.tolist():
        rows = slice(int(part.starts[place]), int(part.starts[place + 1]))
        variants = zip(
            columns.variant_ids[part.rows[rows]].tolist(),
            part.amounts[rows].tolist(),
            answer.matching[rows].tolist(),
            part.sold[rows].tolist(),
            strict=True,
        )
        found = [(number, amount, matches) for number, amount, matches, is_sold in variants if is_sold]
        if len(found) > STOCK_VARIANTS_PER_PRODUCT:
            found = sorted(found, key=lambda one: not one[2])[:STOCK_VARIANTS_PER_PRODUCT]
        sold[int(columns.product_ids[part.numbers[place]])] = found
    shown = {
        row.product_id: row
        for row in await store.PRODUCTS.all(
            connection,
            product_ids=list(sold),
            language=asking.language,
            other_language=asking.channel.row.language,
        )
    }
    ids = [number for variants_ in sold.values() for number, _, _ in variants_]
    known = {row.variant_id: row for row in await store.VARIANTS.all(connection, variant_ids=ids, **stock_rule(asking))}
    offered = {
        product_id: [Offered(known[number], amount, matches) for number, amount, matches in found if number in known]
        for product_id, found in sold.items()
        if product_id in shown
    }
    return [_card(asking, shown[product_id], found) for product_id, found in offered.items() if found]


def _card(asking: Asking, product: store.PageProduct, offered: Sequence[Offered]) -> ProductCard:
    matching = [one for one in offered if one.matches] or offered
    best = min(matching, key=lambda one: (not one.row.here, not one.row.in_stock, one.amount_minor)).row
    amounts = [one.amount_minor for one in matching]
    images = _images(product, best.variant_id)
    return ProductCard(
        handle=product.handle,
        title=product.title,
        brand=product.brand,
        category=product.category,
        sku=best.sku,
        from_price=Money(min(amounts), asking.channel.row.currency),
        price_varies=min(amounts) != max(amounts),
        image_url=images[0][0] if images else None,
        image_alt=(images[0][1] if images else "") or product.title,
        image_urls=list(dict.fromkeys([url for url, _ in images]))[:IMAGES_MAX],
        colours=_colours(asking, product, offered),
        variant_count=len(offered),
        in_stock=any(one.row.in_stock for one in matching),
        in_stock_at_location=None if asking.location_id is None else any(one.row.here for one in matching),
    )


def _images(product: store.PageProduct, variant_id: int) -> list[tuple[str, str]]:
    """Give pictures with their texts: those of the variant, of the product, of other variants."""
    pictures = zip(product.image_urls, product.image_variants, product.image_alts, strict=True)
    ranked = sorted(pictures, key=lambda picture: 0 if picture[1] == variant_id else 1 if picture[1] == 0 else 2)
    return [(url, alt) for url, _, alt in ranked]


def _colours(asking: Asking, product: store.PageProduct, offered: Sequence[Offered]) -> list[ColourShown]:
    pictures = dict(zip(reversed(product.image_variants), reversed(product.image_urls), strict=True))
    # Ids follow the order in which variants were made, as a rule that of the product.
    in_order = sorted([(one.row.variant_id, one.row) for one in offered if one.row.colour], key=itemgetter(0))
    found: dict[str, ColourShown] = {}
    for _, row in in_order:
        if row.colour and row.colour not in found:
            name = asking.held.taxonomy.value_name("option.colour", row.colour, asking.language)
            found[row.colour] = ColourShown(row.colour, name, row.hex, row.sku, pictures.get(row.variant_id))
    return list(found.values())[:COLOURS_MAX]
