"""The page of a product."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import msgspec
from litestar import Response, get

from kanava.catalog import service as catalog
from kanava.catalog.errors import ProductNotFound
from kanava.catalog.model import AttributeDefinition, Product, Variant
from kanava.platform import clock
from kanava.platform.http import AnyRequest, database_of
from kanava.sourcing.availability import SKUS_MAX, AvailabilityReader, Question, VariantAvailability
from kanava.sourcing.promise.model import DeliveryOption, PromiseAnswer
from kanava.web.common.pages import Markup, is_fragment, origin_of
from kanava.web.common.security import POLICY_WITH_MODEL
from kanava.web.shop import seo
from kanava.web.shop.basket import config_of
from kanava.web.shop.category_listing import Card, newest
from kanava.web.shop.layout import ShopStore, way_to
from kanava.web.shop.product_hints import anybody, coordinates_of, promise_of
from kanava.web.shop.product_price import VariantPrice, prices_of
from kanava.web.shop.product_view import ProductView, neighbours, on_sale, view_of
from kanava.web.shop.visit import Visit, shop_page

RELATED = 4
STORES_NEAR = 4
DESCRIPTION_TOLD_MAX = 5_000
STORES_TOLD = 20
"""Stores of a market that search engines are told of."""


class NearStore(msgspec.Struct, frozen=True):
    """A store that may have the variant; `ready_by` None: nothing can be fetched there soon."""

    store: ShopStore
    distance_metres: int | None
    units: int
    at_least: bool
    pickup: datetime | None
    curbside: datetime | None


class Having(msgspec.Struct, frozen=True):
    """How the variant that is shown can be had."""

    delivery: DeliveryOption | None
    stores: list[NearStore]
    known_place: bool
    """Whether the visitor has said where she is, so that the stores are those near her."""

    @property
    def possible(self) -> bool:
        """Whether it can be had at all."""
        return self.delivery is not None or any(each.pickup or each.curbside for each in self.stores)


@get("/{market:str}/{language:str}/p/{handle:str}")
async def show_product(request: AnyRequest, visit: Visit, handle: str) -> Response[Any]:
    """Show a product in the variant that `sku` names, else in the first that can be had."""
    family: Mapping[str, AttributeDefinition] = {}
    now = clock.now()
    wanted = request.query_params.get("sku", "")[:100]
    async with database_of(request).connection() as connection:
        try:
            product = await catalog.get_product(connection, handle)
        except ProductNotFound:
            product = None
        variants = on_sale(product) if product is not None and product.status == "active" else []
        chosen = next((variant for variant in variants if variant.sku == wanted), None)
        near = neighbours(variants, chosen)
        config = await config_of(request, connection)
        prices = await prices_of(connection, config, visit.market.channel, [each.sku for each in near], now)
        if product is not None and product.family and variants:
            family = (await catalog.get_family(connection, product.family)).attributes
    if product is None or not prices:
        return await _gone(request, visit, product)
    found = await _availability(request, visit, [each for each in near if each.sku in prices], now)
    available = {each.sku: _can_be_had(each) for each in found.values()}
    if chosen is None:
        chosen = next((each for each in near if available.get(each.sku)), None)
        chosen = chosen or next(each for each in near if each.sku in prices)
    view = view_of(product, chosen, available, family, visit.languages)
    price = prices.get(chosen.sku)
    promised = await promise_of(request, visit, chosen.sku) if price is not None else None
    having = _having(visit, promised, found.get(chosen.sku))
    facts: dict[str, Any] = {
        "view": view,
        "price": price,
        "prices": prices,
        "available": available,
        "having": having,
        # The catalogue has cleaned it when it was written; nothing else of a product is HTML.
        "description": Markup(view.text.description),  # nosec B704
        "form_path": f"{visit.base}/p/{product.handle}?sku={chosen.sku}",
    }
    way = way_to(visit.menu, product.category) if product.category else []
    related = [
        each
        for each in await newest(request, visit, product.category, RELATED + 1)
        if each.product.handle != product.handle
    ][:RELATED]
    answer = shop_page(
        request,
        visit,
        "shop/product.html",
        **facts,
        way=way,
        related=related,
        structured=_structured(
            request, visit, view, price, promised, await _units_in_stores(request, visit, view, price, having), way
        ),
    )
    if view.model_3d:
        answer.headers["content-security-policy"] = POLICY_WITH_MODEL
    return answer


async def _units_in_stores(
    request: AnyRequest, visit: Visit, view: ProductView, price: VariantPrice | None, having: Having
) -> dict[str, int]:
    """Say how many units stores have: those near the visitor, else the stores of the market that have it.

    Search engines never say where they are.
    """
    if price is None or having.stores or is_fragment(request):
        return {each.store.place.code: each.units for each in having.stores}
    places = [each.place for each in visit.shop.stores_of(visit.market.channel)]
    spots = [
        (each.latitude, each.longitude) for each in places if each.latitude is not None and each.longitude is not None
    ]
    if not spots:
        return {}
    middle = (sum(each[0] for each in spots) / len(spots), sum(each[1] for each in spots) / len(spots))
    question = Question(visit.market.channel, [view.variant.sku], middle, STORES_TOLD, visit.market.country)
    reader: AvailabilityReader = request.app.state.availability
    async with reader.db.connection() as connection:
        answer = await reader.answer(connection, question, clock.now(), anybody)
    return {each.location: each.quantity for each in answer.variants[0].pickup if each.quantity}


def _can_be_had(found: VariantAvailability) -> bool:
    return found.for_sale and (found.ship.quantity > 0 or any(each.quantity > 0 for each in found.pickup))


async def _availability(
    request: AnyRequest, visit: Visit, variants: list[Variant], now: datetime
) -> dict[str, VariantAvailability]:
    question = Question(
        visit.market.channel,
        [variant.sku for variant in variants][:SKUS_MAX],
        await coordinates_of(request, visit),
        STORES_NEAR,
        visit.market.country,
    )
    reader: AvailabilityReader = request.app.state.availability
    async with reader.db.connection() as connection:
        answer = await reader.answer(connection, question, now, anybody)
    return {each.sku: each for each in answer.variants}


def _having(visit: Visit, promised: PromiseAnswer | None, found: VariantAvailability | None) -> Having:
    if promised is None:
        return Having(None, [], known_place=False)
    # The cheapest of those that come first: a locker and the door are chosen between in the checkout.
    dated = [each for each in promised.delivery if each.price is not None] or promised.delivery
    delivery = min(
        dated,
        key=lambda each: (each.deliver_on is None, each.deliver_on, each.price.amount_minor if each.price else 0),
        default=None,
    )
    units = {each.location: each for each in found.pickup} if found is not None else {}
    stores = []
    for option in promised.stores:
        store = visit.shop.stores.get(option.location)
        if store is None:
            continue
        there = units.get(option.location)
        stores.append(
            NearStore(
                store,
                option.distance_metres,
                there.quantity if there is not None else 1 if option.pickup else 0,
                there.at_least if there is not None else bool(option.pickup),
                option.pickup,
                option.curbside,
            )
        )
    return Having(delivery, stores, known_place=bool(promised.stores))


def _structured(
    request: AnyRequest,
    visit: Visit,
    view: ProductView,
    price: VariantPrice | None,
    promised: PromiseAnswer | None,
    units: Mapping[str, int],
    way: list[Any],
) -> list[Any]:
    origin = origin_of(request)
    path = f"{visit.base}/p/{view.product.handle}"
    data: dict[str, Any] = {
        "@context": seo.CONTEXT,
        "@type": "Product",
        "name": view.text.title,
        "description": view.plain_text[:DESCRIPTION_TOLD_MAX],
        "sku": view.variant.sku,
        "url": origin + path,
        "image": [seo.whole_url(origin, picture.url) for picture in view.pictures],
    }
    if view.product.brand:
        data["brand"] = {"@type": "Brand", "name": view.product.brand}
    if view.variant.gtins:
        data["gtin"] = view.variant.gtins[0]
    if price is not None:
        url = f"{origin}{path}?sku={view.variant.sku}"
        data["offers"] = seo.offers_of(visit, url, price.total, promised, units)
    steps = [(node.name, f"{visit.base}/c/{node.code}") for node in way]
    return [data, seo.breadcrumb_list(origin, visit, [*steps, (view.text.title, path)])]


async def _gone(request: AnyRequest, visit: Visit, product: Product | None) -> Response[Any]:
    """Say that a product is not sold here (any more), and show what is."""
    category = product.category if product is not None else None
    way = way_to(visit.menu, category) if category else []
    instead: list[Card] = await newest(request, visit, category if way else None, 2 * RELATED)
    status = 404 if product is None or product.status == "draft" else 410
    return shop_page(request, visit, "shop/product_gone.html", status=status, way=way, instead=instead)


routes = [show_product]
