"""Find a customer's order by what she has of it; see where it is, what she was promised, and what can be done."""

import re
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.enums import RequestEncodingType
from litestar.params import Body

from kanava.engagement import service as engagement
from kanava.engagement.errors import MessageNotFound, MessageUnderWay
from kanava.engagement.model import Message
from kanava.orders import service as orders
from kanava.orders.errors import ChangeExists, OrderNotOpen, TooManyUnits
from kanava.orders.requests import CancelOrder, LineCancellation
from kanava.orders.service import browsing
from kanava.orders.service.browsing import OrderQuestion, OrderSummary
from kanava.platform import clock
from kanava.platform.auth import Actor
from kanava.platform.db import Connection
from kanava.platform.errors import Conflict, InvalidInput, KanavaError
from kanava.platform.http import AnyRequest, database_of
from kanava.platform.ids import uuid7
from kanava.web.common.errors import N, words_for
from kanava.web.common.order_view import OrderView, view_order
from kanava.web.common.pages import see_other
from kanava.web.common.sessions import requires_staff, staff_of
from kanava.web.common.transfers import SVG, transfer_code, transfer_of
from kanava.web.shop.layout import ShopSettings
from kanava.web.store import counter_words
from kanava.web.store import words as work_words
from kanava.web.store.collecting import QR
from kanava.web.store.counter import articles, config_of, translator
from kanava.web.store.forms import fields_of, units_of
from kanava.web.store.shell import Shift, carry_out, store_page

FOUND_MAX = 25
MESSAGES_MAX = 20
CAN_READ = [requires_staff("orders:read")]
CAN_CHANGE = [requires_staff("orders:write")]
FULFILMENT_NUMBER = re.compile(r"#?\s*(\d{4,18})-\d{1,3}")
SEARCHED_BY = frozenset({"number", "email", "phone"})
Form = RequestEncodingType.URL_ENCODED
SAID = {
    "placed": N("The order is placed."),
    "cancelled": N("Cancelled. What it was reserved for is free again."),
    "sent": N("The message is being sent again."),
    "sending": N("The message is on its way already."),
}
REFUSED: dict[type[KanavaError], str] = {
    InvalidInput: N("Choose how many of what are to be cancelled."),
    OrderNotOpen: N("The order is over: nothing of it can be cancelled any more."),
    TooManyUnits: N("That is more than is still open. Here is how it stands now."),
}


class CancelForm(msgspec.Struct, frozen=True):
    """Why; which units stand in fields of their own. The id makes a second press the same cancellation."""

    cancellation_id: UUID
    reason: Annotated[str, msgspec.Meta(max_length=200)] = ""
    everything: Annotated[str, msgspec.Meta(max_length=10)] = ""


@get("/orders", guards=CAN_READ)
async def find_page(
    request: AnyRequest, shift: Shift, code: Annotated[str, msgspec.Meta(max_length=200)] = ""
) -> Response[Any]:
    """Find orders; one that is alone is shown at once, and a collection code leads to its hand-over."""
    text = code.strip()
    if scanned := QR.match(text.lower()):
        return see_other(f"/store/tasks/{scanned[1]}/hand-over")
    whole = FULFILMENT_NUMBER.fullmatch(text)
    asked = whole[1] if whole else text
    kind = browsing.kind_of(asked)
    found: list[OrderSummary] = []
    if kind in SEARCHED_BY:
        async with database_of(request).connection() as connection:
            answer = await browsing.browse(connection, OrderQuestion(asked), FOUND_MAX, 0, counted=False)
        found = answer.items
    if len(found) == 1:
        return see_other(f"/store/orders/{found[0].order_id}")
    return store_page(
        request, shift, "store/find.html", "orders", code=text, kind=kind, found=found, words=counter_words
    )


@get("/orders/{order_id:uuid}", guards=CAN_READ)
async def show_order(request: AnyRequest, shift: Shift, order_id: UUID) -> Response[str]:
    """Show an order."""
    return await _shown(request, shift, order_id, "store/order.html")


@get("/orders/{order_id:uuid}/receipt", guards=CAN_READ)
async def receipt_page(request: AnyRequest, shift: Shift, order_id: UUID) -> Response[str]:
    """Show what the customer gets on paper."""
    return await _shown(request, shift, order_id, "store/order_receipt.html")


@get("/orders/{order_id:uuid}/transfer-code", guards=CAN_READ, media_type=SVG)
async def receipt_transfer_code(request: AnyRequest, order_id: UUID) -> Response[bytes]:
    """Give what is to be transferred as a picture that apps of banks read, as long as it is unpaid."""
    async with database_of(request).connection() as connection:
        order = await orders.get_order(connection, order_id)
        shop: ShopSettings = await request.app.state.shop.current(connection)
    return transfer_code(transfer_of(order, shop.accounts))


@get("/orders/{order_id:uuid}/cancel", guards=CAN_CHANGE)
async def cancel_page(request: AnyRequest, shift: Shift, order_id: UUID) -> Response[str]:
    """Ask what is to be cancelled."""
    return await _shown(request, shift, order_id, "store/order_cancel.html")


@post("/orders/{order_id:uuid}/cancel", guards=CAN_CHANGE)
async def cancel_order(
    request: AnyRequest, shift: Shift, order_id: UUID, data: Annotated[CancelForm, Body(media_type=Form)]
) -> Response[Any]:
    """Cancel everything that is open, or the units chosen."""
    fields = await fields_of(request)
    try:
        wanted = _wanted(data, fields)
        await carry_out(request, lambda tx, actor, now: _cancel(request, tx, actor, order_id, wanted, now))
    except ChangeExists:
        pass  # Another press of the button was quicker.
    except (Conflict, InvalidInput) as error:
        text = translator(shift)(REFUSED.get(type(error), "")) or words_for(error.status, shift.language)
        return await _shown(
            request, shift, order_id, "store/order_cancel.html", refusal=text, typed=fields, status=error.status
        )
    return see_other(f"/store/orders/{order_id}?said=cancelled")


def _wanted(form: CancelForm, fields: dict[str, str]) -> CancelOrder:
    units = {} if form.everything else units_of(fields, "units_")
    if not form.everything and not units:
        raise InvalidInput("Say what is to be cancelled.", field="lines")
    lines = [LineCancellation(number, quantity) for number, quantity in units.items()]
    return CancelOrder(form.reason.strip(), lines, form.cancellation_id)


async def _cancel(
    request: AnyRequest, tx: Connection, actor: Actor, order_id: UUID, wanted: CancelOrder, now: datetime
) -> None:
    await orders.cancel(tx, actor, orders.Target(order_id, await config_of(request, tx)), wanted, now)


@post("/orders/{order_id:uuid}/messages/{message_id:uuid}", guards=CAN_CHANGE)
async def send_again(request: AnyRequest, order_id: UUID, message_id: UUID) -> Response[Any]:
    """Send the customer a message of this order once more."""
    said = "sent"
    try:
        async with database_of(request).transaction() as tx:
            told = await engagement.list_messages(tx, order_id, None, None, MESSAGES_MAX)
            if message_id not in {each.message_id for each in told.items if each.audience == "customer"}:
                raise MessageNotFound("This order has no such message.", field="message_id")
            await engagement.send_again(tx, staff_of(request), message_id, clock.now())
    except MessageUnderWay:
        said = "sending"
    return see_other(f"/store/orders/{order_id}?said={said}")


async def _shown(
    request: AnyRequest,
    shift: Shift,
    order_id: UUID,
    template: str,
    *,
    refusal: str = "",
    typed: dict[str, str] | None = None,
    status: int = 200,
) -> Response[str]:
    async with database_of(request).connection() as connection:
        view = await view_order(connection, order_id, shift.languages)
        shop: ShopSettings = await request.app.state.shop.current(connection)
        reached = await orders.reaches(connection, shift.actor, order_id)
        named = await articles(connection, shift, [line.sku for line in view.order.lines])
        told = await engagement.list_messages(connection, order_id, None, None, MESSAGES_MAX)
    said = SAID.get(request.query_params.get("said", ""))
    return store_page(
        request,
        shift,
        template,
        "orders",
        status=status,
        view=view,
        order=view.order,
        may_change=reached and shift.may("orders:write"),
        transfer=transfer_of(view.order, shop.accounts),
        articles=named,
        ready_message=_ready_message(told.items),
        promised=_promised(view),
        said=said,
        refusal=refusal,
        typed=typed or {},
        cancellation_id=uuid7(),
        words=counter_words,
        work_words=work_words,
    )


def _ready_message(told: list[Message]) -> Message | None:
    """Give the newest message that says that goods wait for the customer."""
    return next((each for each in told if each.kind == "ready_to_collect" and each.audience == "customer"), None)


def _promised(view: OrderView) -> dict[int, Any]:
    """Give what the customer was told of each line."""
    return {line_no: each for each in view.order.promises for line_no in each.line_nos}


routes: list[Any] = [
    find_page,
    show_order,
    receipt_page,
    receipt_transfer_code,
    cancel_page,
    cancel_order,
    send_again,
]
