"""Facts of an order that are computed, never stored, and choices among its reservations and payments. Pure."""

from collections.abc import Iterable, Sequence
from uuid import UUID

import msgspec

from kanava.orders.model import FulfilmentStatus, Method, Order, PaymentStatus, Status


def payment_status_of(
    total_minor: int,
    authorised_minor: int,
    captured_minor: int,
    refunded_minor: int,
    *,
    voided_minor: int = 0,
    cancelled: bool = False,
) -> PaymentStatus:
    """Say how far an order is paid; `authorised_minor` includes what is captured and leaves out what is voided."""
    if refunded_minor:
        return "refunded" if refunded_minor >= captured_minor else "partly_refunded"
    if not captured_minor and not authorised_minor and (voided_minor or cancelled):
        return "voided" if voided_minor else "unpaid"
    if captured_minor >= total_minor:
        return "paid"
    return "partly_paid" if captured_minor else _authorised_status(total_minor, authorised_minor)


def _authorised_status(total_minor: int, authorised_minor: int) -> PaymentStatus:
    if authorised_minor >= total_minor:
        return "authorised"
    return "partly_authorised" if authorised_minor else "unpaid"


def refund_due_of(total_minor: int, captured_minor: int, refunded_minor: int) -> int:
    """Say how much was captured beyond the total and has not been given back."""
    return max(0, captured_minor - refunded_minor - total_minor)


class Tender(msgspec.Struct, frozen=True):
    """What is known of a payment, in minor units."""

    method: Method
    authorised_minor: int
    captured_minor: int
    voided_minor: int
    refunded_minor: int


def transfer_due_of(total_minor: int, status: Status, tenders: Sequence[Tender]) -> int:
    """Say how much is still to be transferred for an order that is, or in part, to be paid by bank transfer.

    What a bank has only been told of is still awaited; other tenders count once they are authorised.
    """
    if status == "cancelled" or not any(each.method == "bank_transfer" for each in tenders):
        return 0
    covered = 0
    for each in tenders:
        transferred = each.method == "bank_transfer"
        covered += each.captured_minor if transferred else each.authorised_minor - each.voided_minor
        covered -= each.refunded_minor
    return max(0, total_minor - covered)


def transfer_due(order: Order) -> int:
    """Say the same of an order as everybody sees it."""
    tenders = [
        Tender(
            each.method,
            each.authorised.amount_minor,
            each.captured.amount_minor,
            each.voided.amount_minor,
            each.refunded.amount_minor,
        )
        for each in order.payments
    ]
    return transfer_due_of(order.total.amount_minor, order.status, tenders)


def fulfilment_status_of(lines: Iterable[tuple[int, int, int]]) -> FulfilmentStatus:
    """Say how far an order is fulfilled, of its lines' (quantity, cancelled, fulfilled)."""
    wanted = done = 0
    for quantity, cancelled, fulfilled in lines:
        wanted += quantity - cancelled
        done += fulfilled
    if not wanted:
        return "cancelled"
    if done >= wanted:
        return "fulfilled"
    return "partly_fulfilled" if done else "unfulfilled"


def status_after(status: Status, open_units: int, fulfilled_units: int) -> Status:
    """Say what an order's status becomes: once nothing is open it is completed, or cancelled when nothing left."""
    if open_units:
        return status
    return "completed" if fulfilled_units else "cancelled"


def units_to_end(left: Sequence[tuple[UUID, int]], units: int) -> dict[UUID, int]:
    """Choose where `units` are given up: the smallest reservations first, so that a split order needs fewer parcels.

    `left` is (reservation_id, units); the answer adds up to `units`, or to all there is.
    """
    chosen: dict[UUID, int] = {}
    for reservation_id, there in sorted(left, key=lambda entry: (entry[1], entry[0])):
        taken = min(there, units)
        if taken:
            chosen[reservation_id] = taken
            units -= taken
    return chosen


def fence_share(quantity: int, from_ring_fence: int, split_off: int, *, leaves: bool) -> int:
    """Say how many of the units split off a reservation came out of the channel's ring-fence.

    Units that leave the house use up the ring-fence first; units that go back are the common ones first.
    """
    return min(from_ring_fence, split_off) if leaves else max(0, from_ring_fence - (quantity - split_off))


def rests_to_void(total_minor: int, payments: Sequence[tuple[UUID, int, int]]) -> dict[UUID, int]:
    """Say what to void once nothing is open: authorised money that the total does not need, the last tender first.

    `payments` is (payment_id, authorised without voided, captured), in the order in which they were recorded.
    """
    needed = max(0, total_minor - sum(captured for _, _, captured in payments))
    voids: dict[UUID, int] = {}
    for payment_id, authorised, captured in payments:
        rest = authorised - captured
        kept = min(rest, needed)
        needed -= kept
        if rest > kept:
            voids[payment_id] = rest - kept
    return voids
