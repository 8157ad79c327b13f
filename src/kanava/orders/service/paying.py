"""Payments as recorded tenders: authorised, captured, voided, refunded. Nothing outside is called."""

from collections.abc import Awaitable, Mapping
from datetime import datetime
from uuid import UUID

import asyncpg

from kanava.orders.errors import CaptureExceedsAuthorised, PaymentExists, PaymentNotFound, RefundExceedsCaptured
from kanava.orders.model import PAYMENTS_MAX, NewPayment, Order
from kanava.orders.requests import CapturePayment, RefundPayment, VoidPayment
from kanava.orders.service import reading
from kanava.orders.service.change import OrderChange, Target
from kanava.orders.store import payments as sql
from kanava.orders.store.reading import PaymentRow
from kanava.platform.auth import Actor
from kanava.platform.db import Connection
from kanava.platform.errors import InvalidInput, KanavaError
from kanava.pricing.errors import CurrencyMismatch

PAYMENTS_OF_ORDER_MAX = 5 * PAYMENTS_MAX


async def record_payment(tx: Connection, actor: Actor, target: Target, request: NewPayment, now: datetime) -> Order:
    """Record a tender, also one that comes late. The same again is a repeat; another under its id is PaymentExists.

    Captured money may have grown since it was recorded, so a repeat may name less than is captured by now.
    """
    change = await OrderChange.open(tx, actor, target, now)
    currency = change.row.currency
    if request.currency is not None and request.currency != currency:
        raise CurrencyMismatch(f"The order is in {currency}, the payment in {request.currency}.", field="currency")
    if request.captured_minor > request.authorised_minor:
        raise CaptureExceedsAuthorised("More is captured than authorised.", field="captured_minor")
    known = await sql.PAYMENT.one_or_none(tx, order_id=target.order_id, payment_id=request.payment_id)
    if known is not None:
        if not _same(known, request):
            raise PaymentExists(
                f"The payment id {request.payment_id} stands for another payment of this order.", field="payment_id"
            )
        return await reading.get_order(tx, target.order_id)
    await change.begin(None, "payment", request)
    if await sql.PAYMENT_COUNT.one(tx, order_id=target.order_id) >= PAYMENTS_OF_ORDER_MAX:
        raise InvalidInput(f"An order has at most {PAYMENTS_OF_ORDER_MAX} payments.", field="payment_id")
    await sql.INSERT_PAYMENT.run(
        tx,
        order_id=target.order_id,
        payment_id=request.payment_id,
        method=request.method,
        currency=currency,
        authorised_minor=request.authorised_minor,
        captured_minor=request.captured_minor,
        external_reference=request.external_reference,
        now=now,
    )
    facts = {
        "payment_id": request.payment_id,
        "method": request.method,
        "authorised": change.money(request.authorised_minor),
        "captured": change.money(request.captured_minor),
    }
    change.happened("payment.recorded", facts)
    return await change.finish("record_payment", _plain(facts))


def _same(known: PaymentRow, request: NewPayment) -> bool:
    return (
        known.method == request.method
        and known.authorised_minor == request.authorised_minor
        and known.captured_minor >= request.captured_minor
        and known.external_reference == request.external_reference
    )


async def capture(
    tx: Connection, actor: Actor, target: Target, payment_id: UUID, request: CapturePayment, now: datetime
) -> Order:
    """Take authorised money: an amount, or all of the rest. CaptureExceedsAuthorised, PaymentNotFound."""
    change = await OrderChange.open(tx, actor, target, now)
    if await change.begin(request.capture_id, "capture", [payment_id, request]):
        return await reading.get_order(tx, target.order_id)
    before = await _payment(change, payment_id)
    after = await _guarded(
        sql.CAPTURE.one(tx, order_id=target.order_id, payment_id=payment_id, amount_minor=request.amount_minor),
        _exceeds_authorised(before),
    )
    facts = {"payment_id": payment_id, "amount": change.money(after.captured_minor - before.captured_minor)}
    change.happened("payment.captured", facts)
    return await change.finish("capture_payment", _plain(facts))


async def void(
    tx: Connection, actor: Actor, target: Target, payment_id: UUID, request: VoidPayment, now: datetime
) -> Order:
    """Give up authorised money: an amount, or all of the rest. CaptureExceedsAuthorised, PaymentNotFound."""
    change = await OrderChange.open(tx, actor, target, now)
    if await change.begin(request.void_id, "void", [payment_id, request]):
        return await reading.get_order(tx, target.order_id)
    before = await _payment(change, payment_id)
    after = await _guarded(
        sql.VOID.one(tx, order_id=target.order_id, payment_id=payment_id, amount_minor=request.amount_minor),
        _exceeds_authorised(before),
    )
    facts = {"payment_id": payment_id, "amount": change.money(after.voided_minor - before.voided_minor)}
    change.happened("payment.voided", facts)
    return await change.finish("void_payment", _plain(facts))


async def refund(
    tx: Connection, actor: Actor, target: Target, payment_id: UUID, request: RefundPayment, now: datetime
) -> Order:
    """Give captured money back, once per refund id. RefundExceedsCaptured, PaymentNotFound, ChangeExists."""
    change = await OrderChange.open(tx, actor, target, now)
    if await change.begin(request.refund_id, "refund", [payment_id, request]):
        return await reading.get_order(tx, target.order_id)
    before = await _payment(change, payment_id)
    rest = before.captured_minor - before.refunded_minor
    refusal = RefundExceedsCaptured(
        f"{rest} minor units of {before.currency} are captured and not yet refunded.",
        field="amount_minor",
        rest_minor=rest,
    )
    await _guarded(
        sql.REFUND.one(tx, order_id=target.order_id, payment_id=payment_id, amount_minor=request.amount_minor), refusal
    )
    await sql.INSERT_REFUND.run(
        tx,
        order_id=target.order_id,
        refund_id=request.refund_id,
        payment_id=payment_id,
        amount_minor=request.amount_minor,
        reason=request.reason,
        now=now,
    )
    facts = {
        "payment_id": payment_id,
        "refund_id": request.refund_id,
        "amount": change.money(request.amount_minor),
        "reason": request.reason,
    }
    change.happened("payment.refunded", facts)
    return await change.finish("refund_payment", _plain(facts))


async def _payment(change: OrderChange, payment_id: UUID) -> PaymentRow:
    found = await sql.PAYMENT.one_or_none(change.tx, order_id=change.row.order_id, payment_id=payment_id)
    if found is None:
        raise PaymentNotFound(f"The order has no payment {payment_id}.", field="payment_id")
    return found


async def _guarded(statement: Awaitable[PaymentRow], refusal: KanavaError) -> PaymentRow:
    """Run a statement that the CHECKs of `payment` guard; what they refuse is `refusal`."""
    try:
        return await statement
    except asyncpg.CheckViolationError as error:
        if error.constraint_name in ("payment_captured_within_authorised", "payment_refunded_within_captured"):
            raise refusal from error
        raise


def _rest(payment: PaymentRow) -> int:
    return payment.authorised_minor - payment.captured_minor - payment.voided_minor


def _exceeds_authorised(payment: PaymentRow) -> CaptureExceedsAuthorised:
    rest = _rest(payment)
    return CaptureExceedsAuthorised(
        f"{rest} minor units of {payment.currency} are authorised and not yet captured or voided.",
        field="amount_minor",
        rest_minor=rest,
    )


def _plain(facts: Mapping[str, object]) -> dict[str, object]:
    return {name: str(value) if isinstance(value, UUID) else value for name, value in facts.items()}
