"""Look a product up: what it costs, how many there are here and near by, when it can be had, and why."""

from datetime import date
from typing import Annotated, Any
from urllib.parse import urlencode

import msgspec
from litestar import Response, get

from kanava.catalog import service as catalog
from kanava.catalog.service.finding import find_variants
from kanava.channels import service as channels
from kanava.channels.errors import NotSoldOnChannel
from kanava.channels.model import QuoteLine, QuoteRequest
from kanava.inventory import service as inventory
from kanava.inventory.messages import Explanation
from kanava.inventory.model import Incoming, LevelView
from kanava.inventory.service import explain as explaining
from kanava.inventory.service import reading
from kanava.platform import clock
from kanava.platform.db import Connection
from kanava.platform.errors import InvalidInput
from kanava.platform.http import AnyRequest, database_of
from kanava.platform.money import Money
from kanava.pricing.errors import PriceMissing, TaxRateMissing
from kanava.search.model import ProductCard, ProductQuery
from kanava.search.service import ProductSearch
from kanava.sourcing.availability import AvailabilityReader, Question
from kanava.sourcing.model import ChannelRules, RoutingConfig
from kanava.sourcing.promise.model import AskedAddress, AskedLine, DeliveryOption, PromiseQuestion
from kanava.stores import service as stores
from kanava.stores.model import NamedPlace
from kanava.web.common.pages import see_other
from kanava.web.store import counter_words
from kanava.web.store.counter import (
    FOUND_MAX,
    Article,
    article_of,
    articles,
    config_of,
    find_exactly,
    known_caller,
    promised,
    till_of,
)
from kanava.web.store.shell import Shift, store_page

NEAR_MAX = 9
VARIANTS_MAX = 200
CHANNELS_MAX = 20
Code = Annotated[str, msgspec.Meta(max_length=100)]


class Sibling(msgspec.Struct, frozen=True):
    """Another variant of the product, and how many are free here."""

    article: Article
    free: int


class NearStore(msgspec.Struct, frozen=True):
    """A store near by that hands over, and how many it has; `quantity` is what is known of, `at_least`: or more."""

    place: NamedPlace
    distance_metres: int
    open_now: bool
    quantity: int
    at_least: bool


class Look(msgspec.Struct, frozen=True):
    """Everything that the page of a variant says. `till` is None where nothing is sold over the counter."""

    article: Article
    gtins: list[str]
    siblings: list[Sibling]
    price: Money | None
    level: LevelView
    everywhere: int
    coming: list[Incoming]
    explanation: Explanation | None
    channel: str
    channels: list[str]
    till: ChannelRules | None


@get("/look-up")
async def look_up_page(request: AnyRequest, shift: Shift, code: Code = "") -> Response[Any]:
    """Find products by what was scanned or typed; a sku or a barcode leads straight to its page."""
    text = code.strip()
    cards: list[ProductCard] = []
    others: dict[str, Article] = {}
    relaxed = False
    async with database_of(request).connection() as connection:
        if text and (exact := await find_exactly(connection, shift, text)) is not None:
            return see_other(item_path(exact.sku))
        till = till_of(await config_of(request, connection), shift.place)
        if text and till is not None:
            search: ProductSearch = request.app.state.search
            query = ProductQuery(
                channel=till.code, text=text, location=shift.code, language=shift.language, limit=FOUND_MAX
            )
            found = await search.search(connection, query, clock.now())
            cards, relaxed = found.items, found.relaxed
        if text and not cards:
            rest = await find_variants(connection, text, shift.language, FOUND_MAX)
            others = await articles(connection, shift, [each.sku for each in rest])
    return store_page(
        request, shift, "store/lookup.html", "look-up", code=text, cards=cards, others=others, relaxed=relaxed
    )


def item_path(sku: str) -> str:
    """Give the address of the page of a variant; an sku may have any letter."""
    return "/store/item?" + urlencode({"sku": sku})


@get("/item")
async def item_page(
    request: AnyRequest, shift: Shift, sku: Code, postal_code: Annotated[str, msgspec.Meta(max_length=20)] = "",
    channel: Code = "",
) -> Response[str]:  # fmt: skip
    """Show a variant."""
    async with database_of(request).connection() as connection:
        config = await config_of(request, connection)
        look = await _look(connection, shift, config, sku, channel)
        near = await _near(request, connection, shift, look)
    where = postal_code.strip() or shift.place.postal_code
    deliveries, outside = await _deliveries(request, shift, look, where)
    return store_page(
        request,
        shift,
        "store/lookup_item.html",
        "look-up",
        item=look,
        near=near,
        postal_code=where,
        deliveries=deliveries,
        outside=outside,
        sentences=counter_words.explained(look.explanation, look.level, shift.language),
        item_path=item_path,
    )


async def _look(connection: Connection, shift: Shift, config: RoutingConfig, sku: str, asked: str) -> Look:
    variant = await catalog.get_variant(connection, sku)
    shown = await catalog.show_variants(connection, [sku], shift.languages)
    product = await catalog.get_product(connection, article_of(shown, sku).handle)
    others = [each.sku for each in product.variants if each.status == "active"][:VARIANTS_MAX]
    named = await articles(connection, shift, others)
    ids = await catalog.variant_ids_by_sku(connection, [*others, sku])
    at = config.location_ids[shift.code]
    levels = await inventory.levels_at(connection, {(each, at) for each in ids.values()})
    free = {
        sku: max(0, level.on_hand - level.reserved - level.ring_fenced)
        for sku, variant_id in ids.items()
        if (level := levels.get((variant_id, at))) is not None
    }
    stock = await reading.stock_of(connection, sku)
    here = next((each for each in stock.locations if each.location == shift.code), None)
    till = till_of(config, shift.place)
    selling = sorted(each.code for each in config.channels.values() if each.active and at in each.thresholds)
    # The channel that was asked about, else the counter's own, else any that this place serves.
    chosen = asked if asked in selling else till.code if till is not None else next(iter(selling), "")
    explanation = None
    if chosen:
        question = explaining.Question(sku, chosen, shift.code)
        explanation = await explaining.explain(connection, question, clock.now())
    return Look(
        article=article_of(shown, sku),
        gtins=variant.gtins,
        siblings=[Sibling(named[each], free.get(each, 0)) for each in others],
        price=await _price(connection, till, sku),
        level=here or LevelView(sku, shift.code, 0, 0, 0, 0, 0, 0, 0, 0),
        everywhere=stock.on_hand,
        coming=await inventory.incoming_of(connection, [ids[sku]], [at], _today()),
        explanation=explanation,
        channel=chosen,
        channels=selling[:CHANNELS_MAX],
        till=till,
    )


def _today() -> date:
    return clock.now().date()


async def _price(connection: Connection, till: ChannelRules | None, sku: str) -> Money | None:
    """Give what one costs over this counter; None when it is not sold here."""
    if till is None:
        return None
    try:
        quote = await channels.quote_prices(connection, QuoteRequest(till.code, [QuoteLine(sku)]), clock.now())
    except (NotSoldOnChannel, PriceMissing, TaxRateMissing):
        return None
    return quote.lines[0].unit_price


async def _near(request: AnyRequest, connection: Connection, shift: Shift, look: Look) -> list[NearStore]:
    """Give the stores near by, the nearest first."""
    place = shift.place
    if look.till is None or place.latitude is None or place.longitude is None:
        return []
    reader: AvailabilityReader = request.app.state.availability
    question = Question(look.till.code, [look.article.sku], (place.latitude, place.longitude), NEAR_MAX)
    async with reader.db.connection() as asking:
        answer = await reader.answer(asking, question, clock.now(), known_caller)
    units = {each.location: each for each in answer.variants[0].pickup}
    others = [each for each in answer.stores if each.location != shift.code]
    named = await stores.name_places(connection, [each.location for each in others])
    return [
        NearStore(
            named[each.location],
            each.distance_metres,
            each.open_now,
            units[each.location].quantity if each.location in units else 0,
            units[each.location].at_least if each.location in units else False,
        )
        for each in others
        if each.location in named
    ]


async def _deliveries(
    request: AnyRequest, shift: Shift, look: Look, postal_code: str
) -> tuple[list[DeliveryOption], bool]:
    """Give dated deliveries of one unit, and whether no carrier goes there."""
    if look.till is None or look.price is None:
        return [], False
    address = AskedAddress(shift.place.country, postal_code)
    question = PromiseQuestion(
        channel=look.till.code, lines=[AskedLine(look.article.sku)], ship_to=address, stores=0, pickup_points=0
    )
    try:
        answer = await promised(request, question)
    except InvalidInput:
        return [], True
    return ([], True) if answer is None else (answer.delivery, False)


routes: list[Any] = [look_up_page, item_page]
