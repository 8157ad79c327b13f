"""What head office does to an order: hold, cancel, amend, money, an answer where no place can."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec
from litestar import Response, post

from kanava.fulfilment.model import ResolveStuck
from kanava.fulfilment.service import rejecting
from kanava.inventory.attempts import until_settled
from kanava.orders import service as orders
from kanava.orders.model import PostalAddress
from kanava.orders.requests import (
    AmendOrder,
    CancelOrder,
    CapturePayment,
    ContactChange,
    HoldOrder,
    LineCancellation,
    RefundPayment,
    VoidPayment,
)
from kanava.platform import clock
from kanava.platform.auth import Actor
from kanava.platform.db import Connection
from kanava.platform.errors import InvalidInput, KanavaError, NotFound
from kanava.platform.http import AnyRequest, database_of
from kanava.platform.money import EXPONENTS
from kanava.web.common.pages import see_other
from kanava.web.console.forms import FORM, Choices, listed, read_id
from kanava.web.console.order_view import show_order
from kanava.web.console.shell import BASE, Desk, may, refused

Text = Annotated[str, msgspec.Meta(max_length=200)]
Reason = Annotated[str, msgspec.Meta(max_length=500)]
Id = Annotated[str, msgspec.Meta(max_length=36)]
OrderVerb = Callable[[Connection, Actor, orders.Target, datetime], Awaitable[object]]
ONE = "/console/orders/{order_id:uuid}"
MINOR_MAX = 10**15


class HoldForm(msgspec.Struct, frozen=True):
    """Why an order is held."""

    reason: Reason = ""


class CancelForm(msgspec.Struct, frozen=True):
    """How many units of each line are cancelled; the two lists go together."""

    change_id: Id = ""
    line_no: Choices = ""
    line: Choices = ""
    reason: Reason = ""


class AmendForm(msgspec.Struct, frozen=True):
    """How to reach the customer, and where the parcel goes."""

    change_id: Id = ""
    name: Text = ""
    email: Text = ""
    phone: Text = ""
    to_name: Text | None = None
    street: Text = ""
    postal_code: Text = ""
    city: Text = ""


class MoneyForm(msgspec.Struct, frozen=True):
    """An amount of a payment, as people write it."""

    payment_id: Id = ""
    change_id: Id = ""
    amount: Annotated[str, msgspec.Meta(max_length=30)] = ""
    reason: Reason = ""


class ResolveForm(msgspec.Struct, frozen=True):
    """What the customer says where no place can."""

    fulfilment_id: Id = ""
    resolution_id: Id = ""
    answer: Literal["wait", "cancel", "move_to"] = "wait"
    location: Text = ""
    note: Reason = ""


def read_amount(text: str, currency: str) -> int:
    """Give an amount in minor units from `1234,50` or `1234.50`; InvalidInput when it is none."""
    tidy = "".join(text.split()).replace(",", ".")
    # More decimals than the currency has may be thousands: 24,400 is nobody's 24.40.
    if len(tidy.partition(".")[2]) > EXPONENTS[currency]:
        raise InvalidInput(f"{text[:30]!r} is no amount of {currency}.", field="amount")
    try:
        amount = Decimal(tidy).scaleb(EXPONENTS[currency])
    except InvalidOperation as error:
        raise InvalidInput(f"{text[:30]!r} is no amount.", field="amount") from error
    if not amount.is_finite() or amount != amount.to_integral_value() or not 0 < amount < MINOR_MAX:
        raise InvalidInput(f"{text[:30]!r} is no amount of {currency}.", field="amount")
    return int(amount)


async def _change(request: AnyRequest, desk: Desk, order_id: UUID, verb: OrderVerb) -> Response[Any]:
    """Run a verb on an order and show it again; what is refused is said on its page."""

    async def attempt() -> None:
        async with database_of(request).transaction() as tx:
            config = await request.app.state.order_placer.config(tx)
            await verb(tx, desk.actor, orders.Target(order_id, config), clock.now())

    try:
        await until_settled(attempt)
    except NotFound:
        raise
    except KanavaError as error:
        return await show_order(request, desk, order_id, refused(desk, error), error.status)
    return see_other(f"{BASE}/orders/{order_id}")


@post(f"{ONE}/hold", guards=may("orders:write", everywhere=True))
async def hold(request: AnyRequest, desk: Desk, order_id: UUID, data: Annotated[HoldForm, FORM]) -> Response[Any]:
    """Keep an order from being worked on."""

    async def verb(tx: Connection, actor: Actor, target: orders.Target, now: datetime) -> object:
        if not data.reason.strip():
            raise InvalidInput("Say why the order is held.", field="reason")
        return await orders.hold(tx, actor, target, HoldOrder(data.reason.strip()), now)

    return await _change(request, desk, order_id, verb)


@post(f"{ONE}/release-hold", guards=may("orders:write", everywhere=True))
async def release_hold(request: AnyRequest, desk: Desk, order_id: UUID) -> Response[Any]:
    """Let an order go on."""
    return await _change(request, desk, order_id, orders.release_hold)


@post(f"{ONE}/cancel", guards=may("orders:write", everywhere=True))
async def cancel(request: AnyRequest, desk: Desk, order_id: UUID, data: Annotated[CancelForm, FORM]) -> Response[Any]:
    """Cancel units of lines."""

    async def verb(tx: Connection, actor: Actor, target: orders.Target, now: datetime) -> object:
        lines = _cancelled(data)
        if not lines:
            raise InvalidInput("Say how many units are cancelled.", field="line")
        asked = CancelOrder(data.reason.strip(), lines, read_id(data.change_id, "change_id"))
        return await orders.cancel(tx, actor, target, asked, now)

    return await _change(request, desk, order_id, verb)


def _cancelled(form: CancelForm) -> list[LineCancellation]:
    lines = []
    for number, units in zip(listed(form.line_no), listed(form.line), strict=False):
        if not (number.isdigit() and units.isdigit() and len(number) <= 5 and len(units) <= 6):
            raise InvalidInput("A quantity is a whole number.", field="line")
        if int(units):
            lines.append(LineCancellation(int(number), int(units)))
    return lines


@post(f"{ONE}/amend", guards=may("orders:write", everywhere=True))
async def amend(request: AnyRequest, desk: Desk, order_id: UUID, data: Annotated[AmendForm, FORM]) -> Response[Any]:
    """Change how the customer is reached and where the parcel goes."""

    async def verb(tx: Connection, actor: Actor, target: orders.Target, now: datetime) -> object:
        order = await orders.get_order(tx, order_id)
        contact = ContactChange(data.email.strip() or None, data.name.strip() or None, data.phone.strip() or None)
        ship_to: PostalAddress | msgspec.UnsetType = msgspec.UNSET
        if order.ship_to is not None and data.to_name is not None:
            ship_to = msgspec.structs.replace(
                order.ship_to,
                name=data.to_name.strip(),
                street=data.street.strip(),
                postal_code=data.postal_code.strip(),
                city=data.city.strip(),
            )
        asked = AmendOrder(read_id(data.change_id, "change_id"), ship_to=ship_to, customer=contact)
        return await orders.amend(tx, actor, target, asked, now)

    return await _change(request, desk, order_id, verb)


async def _money(
    request: AnyRequest,
    desk: Desk,
    order_id: UUID,
    form: MoneyForm,
    run: Callable[..., Awaitable[object]],
    asked: Callable[[UUID, int], object],
) -> Response[Any]:
    """Do a verb of payments; `asked` makes its request of the id of the change and the amount."""

    async def verb(tx: Connection, actor: Actor, target: orders.Target, now: datetime) -> object:
        order = await orders.get_order(tx, order_id)
        payment, change = read_id(form.payment_id, "payment_id"), read_id(form.change_id, "change_id")
        return await run(tx, actor, target, payment, asked(change, read_amount(form.amount, order.currency)), now)

    return await _change(request, desk, order_id, verb)


@post(f"{ONE}/capture", guards=may("orders:write", everywhere=True))
async def capture(request: AnyRequest, desk: Desk, order_id: UUID, data: Annotated[MoneyForm, FORM]) -> Response[Any]:
    """Take authorised money."""
    return await _money(
        request, desk, order_id, data, orders.capture, lambda change, amount: CapturePayment(amount, change)
    )


@post(f"{ONE}/void", guards=may("orders:write", everywhere=True))
async def void(request: AnyRequest, desk: Desk, order_id: UUID, data: Annotated[MoneyForm, FORM]) -> Response[Any]:
    """Give up authorised money."""
    return await _money(request, desk, order_id, data, orders.void, lambda change, amount: VoidPayment(amount, change))


@post(f"{ONE}/refund", guards=may("orders:write", everywhere=True))
async def refund(request: AnyRequest, desk: Desk, order_id: UUID, data: Annotated[MoneyForm, FORM]) -> Response[Any]:
    """Give money back."""
    reason = data.reason.strip()
    return await _money(
        request, desk, order_id, data, orders.refund, lambda change, amount: RefundPayment(change, amount, reason)
    )


@post(f"{ONE}/resolve", guards=may("fulfilment:write", everywhere=True))
async def resolve(request: AnyRequest, desk: Desk, order_id: UUID, data: Annotated[ResolveForm, FORM]) -> Response[Any]:
    """Do what the customer says where no place can."""

    async def verb(tx: Connection, actor: Actor, _target: orders.Target, now: datetime) -> object:
        answer = ResolveStuck(
            read_id(data.resolution_id, "resolution_id"), data.answer, data.location.strip() or None, data.note.strip()
        )
        return await rejecting.resolve(tx, actor, read_id(data.fulfilment_id, "fulfilment_id"), answer, now)

    return await _change(request, desk, order_id, verb)


routes = [hold, release_hold, cancel, amend, capture, void, refund, resolve]
