"""The page of an order, for whoever has its link: where everything is, the code to collect it, what can be changed."""

from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.enums import RequestEncodingType
from litestar.params import Body

from kanava.fulfilment import service as fulfilment
from kanava.fulfilment.errors import FulfilmentNotFound, WrongKind, WrongState
from kanava.fulfilment.printing.qr import render_qr
from kanava.fulfilment.requests import Arrived, OnMyWay
from kanava.fulfilment.service import curbside
from kanava.inventory.attempts import until_settled
from kanava.orders import service as orders
from kanava.orders.errors import ChangeExists, OrderNotFound, OrderNotOpen, TooManyUnits
from kanava.orders.requests import CancelOrder
from kanava.platform import clock
from kanava.platform.auth import Actor
from kanava.platform.http import AnyRequest, database_of
from kanava.platform.ids import uuid7
from kanava.web.common.order_view import view_order
from kanava.web.common.pages import see_other
from kanava.web.common.transfers import SVG, transfer_code, transfer_of
from kanava.web.shop.basket import config_of
from kanava.web.shop.order_links import admit, no_order
from kanava.web.shop.visit import Visit, shop_page

CUSTOMER = Actor(kind="customer", id=0, name="", scopes=frozenset())
"""Whoever has the link of an order acts as its customer."""
BY_CUSTOMER = "cancelled by the customer"
ETA_MINUTES_MAX = 240
Form = RequestEncodingType.URL_ENCODED
PATH = "/{market:str}/{language:str}/orders/{order_id:uuid}/{token:str}"


class CancelForm(msgspec.Struct, frozen=True):
    """The id makes a second press the same cancellation."""

    cancellation_id: Annotated[str, msgspec.Meta(max_length=40)] = ""
    sure: Annotated[str, msgspec.Meta(max_length=10)] = ""


class ComingForm(msgspec.Struct, frozen=True):
    """Which goods she comes for, and in how many minutes."""

    fulfilment_id: UUID
    minutes: Annotated[str, msgspec.Meta(max_length=4)] = ""


class HereForm(msgspec.Struct, frozen=True):
    """Which goods she is here for, and where she has parked, in her words."""

    fulfilment_id: UUID
    bay: Annotated[str, msgspec.Meta(max_length=40)] = ""


def _path(visit: Visit, order_id: UUID, token: str) -> str:
    return f"{visit.base}/orders/{order_id}/{token}"


@get(PATH)
async def show_order(request: AnyRequest, visit: Visit, order_id: UUID, token: str) -> Response[str]:
    """Show an order."""
    await admit(request, order_id, token)
    try:
        async with database_of(request).connection() as connection:
            view = await view_order(connection, order_id, visit.languages)
    except OrderNotFound:
        raise no_order() from None
    return shop_page(
        request,
        visit,
        "shop/order.html",
        view=view,
        transfer=transfer_of(view.order, visit.shop.accounts),
        here=_path(visit, order_id, token),
        placed=request.query_params.get("placed") == "1",
        notice=request.query_params.get("notice"),
        cancellation_id=uuid7(),
    )


@post(f"{PATH}/cancel")
async def cancel_order(
    request: AnyRequest, visit: Visit, order_id: UUID, token: str, data: Annotated[CancelForm, Body(media_type=Form)]
) -> Response[Any]:
    """Cancel everything that has not left yet."""
    await admit(request, order_id, token)
    here = _path(visit, order_id, token)
    if not data.sure:
        return see_other(f"{here}?notice=unsure#cancel")
    try:
        wanted = CancelOrder(BY_CUSTOMER, cancellation_id=UUID(data.cancellation_id))
    except ValueError:
        wanted = CancelOrder(BY_CUSTOMER, cancellation_id=uuid7())

    async def attempt() -> None:
        async with database_of(request).transaction() as tx:
            target = orders.Target(order_id, await config_of(request, tx))
            await orders.cancel(tx, CUSTOMER, target, wanted, clock.now())

    try:
        await until_settled(attempt)
    except (OrderNotOpen, TooManyUnits, ChangeExists):
        return see_other(f"{here}?notice=too_late")
    return see_other(f"{here}?notice=cancelled")


@post(f"{PATH}/coming")
async def set_out(
    request: AnyRequest, visit: Visit, order_id: UUID, token: str, data: Annotated[ComingForm, Body(media_type=Form)]
) -> Response[Any]:
    """Tell the store that the customer is on her way."""
    await admit(request, order_id, token)
    minutes = min(int(data.minutes), ETA_MINUTES_MAX) if data.minutes.isascii() and data.minutes.isdigit() else None
    try:
        async with database_of(request).transaction() as tx:
            await curbside.set_out(tx, CUSTOMER, order_id, data.fulfilment_id, OnMyWay(None, minutes), clock.now())
    except (FulfilmentNotFound, WrongState, WrongKind):
        return see_other(f"{_path(visit, order_id, token)}?notice=not_ready")
    return see_other(f"{_path(visit, order_id, token)}?notice=coming")


@post(f"{PATH}/here")
async def arrive(
    request: AnyRequest, visit: Visit, order_id: UUID, token: str, data: Annotated[HereForm, Body(media_type=Form)]
) -> Response[Any]:
    """Tell the store that the customer waits in her car, and where."""
    await admit(request, order_id, token)
    try:
        async with database_of(request).transaction() as tx:
            told = Arrived(None, data.bay.strip())
            await curbside.arrive(tx, CUSTOMER, order_id, data.fulfilment_id, told, clock.now())
    except (FulfilmentNotFound, WrongState, WrongKind):
        return see_other(f"{_path(visit, order_id, token)}?notice=not_ready")
    return see_other(f"{_path(visit, order_id, token)}?notice=here")


@get(f"{PATH}/code/{{fulfilment_id:uuid}}", media_type=SVG)
async def collection_code(request: AnyRequest, order_id: UUID, token: str, fulfilment_id: UUID) -> Response[bytes]:
    """Give the collection code as a picture that a till reads."""
    await admit(request, order_id, token)
    async with database_of(request).connection() as connection:
        found = await fulfilment.collection_pass(connection, order_id, fulfilment_id)
    picture = render_qr(found.qr_text, "svg")
    return Response(picture, media_type=SVG, headers={"cache-control": "private, no-store"})


@get(f"{PATH}/transfer-code", media_type=SVG)
async def order_transfer_code(request: AnyRequest, visit: Visit, order_id: UUID, token: str) -> Response[bytes]:
    """Give what is to be transferred as a picture that apps of banks read, as long as it is unpaid."""
    await admit(request, order_id, token)
    try:
        async with database_of(request).connection() as connection:
            order = await orders.get_order(connection, order_id)
    except OrderNotFound:
        raise no_order() from None
    return transfer_code(transfer_of(order, visit.shop.accounts))


routes = [show_order, cancel_order, set_out, arrive, collection_code, order_transfer_code]
