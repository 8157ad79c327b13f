"""What callers ask of an order after it was placed."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec
from msgspec import UNSET, UnsetType

from kanava.orders.model import (
    LINES_MAX,
    PAYMENTS_MAX,
    AmountMinor,
    ChosenDelivery,
    Code,
    Customer,
    Fulfilment,
    LineNo,
    NewLine,
    NewPayment,
    PositiveMinor,
    PostalAddress,
    Quantity,
    ShortText,
)

Reason = Annotated[str, msgspec.Meta(max_length=500)]


class PlaceCart(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What an order needs beyond the cart's channel and lines. The order's id is the client's."""

    order_id: UUID
    customer: Customer = Customer()
    ship_to: PostalAddress | None = None
    payments: Annotated[list[NewPayment], msgspec.Meta(max_length=PAYMENTS_MAX)] = []
    external_reference: ShortText | None = None
    delivery: ChosenDelivery | None = None
    expected_total_minor: AmountMinor | None = None


class LineCancellation(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Open units of a line to cancel; without `quantity` all of them. `location`: those that come from there."""

    line_no: LineNo
    quantity: Quantity | None = None
    location: Code | None = None


class CancelOrder(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Cancel what is still open: the whole order, or the lines named. The id makes a retry the same cancellation."""

    reason: Reason = ""
    lines: Annotated[list[LineCancellation], msgspec.Meta(max_length=LINES_MAX)] = []
    cancellation_id: UUID | None = None


class LineChange(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What becomes of a line: `quantity` is what shall stand, fulfilled units included (0 removes the line)."""

    line_no: LineNo
    quantity: Annotated[int, msgspec.Meta(ge=0, le=100_000)] | None = None
    fulfilment: Fulfilment | None = None


class ContactChange(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How to reach the customer; a field that is left out stays, null empties it."""

    email: ShortText | None | UnsetType = UNSET
    name: ShortText | None | UnsetType = UNSET
    phone: ShortText | None | UnsetType = UNSET


class AmendOrder(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Changes of one order that happen together or not at all. The id is the client's.

    Units that were bought keep their price. Added units cost what they cost now, counted together with the rest of
    the variant for quantity breaks; when that differs from the line's price they stand on a line of their own. Units
    whose hand-over changes keep their price, their tax rate follows the place.
    """

    amendment_id: UUID
    lines: Annotated[list[LineChange], msgspec.Meta(max_length=LINES_MAX)] = []
    add: Annotated[list[NewLine], msgspec.Meta(max_length=LINES_MAX)] = []
    ship_to: PostalAddress | UnsetType = UNSET
    customer: ContactChange | UnsetType = UNSET
    reason: Reason = ""


class HoldOrder(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Keep an order from being fulfilled."""

    reason: Annotated[str, msgspec.Meta(min_length=1, max_length=500)]


class FulfilledLine(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Units of a line that leave; `location` is needed when a part of a split line leaves."""

    line_no: LineNo
    quantity: Quantity
    location: Code | None = None


class FulfilOrder(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Goods handed over or shipped. The id is the client's."""

    fulfilment_id: UUID
    lines: Annotated[list[FulfilledLine], msgspec.Meta(min_length=1, max_length=LINES_MAX)]


class CapturePayment(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Money taken of what is authorised; without an amount, all of the rest. The id makes a retry the same capture."""

    amount_minor: PositiveMinor | None = None
    capture_id: UUID | None = None


class VoidPayment(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Authorised money that will not be taken; without an amount, all of the rest."""

    amount_minor: PositiveMinor | None = None
    void_id: UUID | None = None


class RefundPayment(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Captured money given back. The id is the client's: a retry does not refund twice."""

    refund_id: UUID
    amount_minor: PositiveMinor
    reason: Reason = ""


class OrderFilter(msgspec.Struct, frozen=True):
    """Which orders to list; None leaves a fact open. `location` is where units of a line come from."""

    channel: str | None = None
    status: str | None = None
    number: int | None = None
    email: str | None = None
    external_reference: str | None = None
    location: str | None = None
    placed_from: datetime | None = None
    placed_until: datetime | None = None


class TimelineEntry(msgspec.Struct, frozen=True):
    """Something that happened to an order: an event, or who did it (audit)."""

    occurred_at: datetime
    source: Literal["event", "audit"]
    type: str
    actor: str | None
    detail: Any
