"""Records of the stock ledger."""

from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

import msgspec

Key = tuple[int, int]
"""(variant_id, location_id)"""

MovementKind = Literal[
    "receipt",
    "adjustment",
    "sync",
    "count",
    "sale",
    "reserve",
    "release",
    "transfer_out",
    "transfer_in",
    "return",
    "purchase",
]
ReservationState = Literal["held", "awaited", "committed", "fulfilled", "released", "expired"]
FulfilmentKind = Literal["ship", "pickup", "curbside", "carry_out"]
StepCode = Literal[
    "on_hand",
    "reserved",
    "expired_holds",
    "ring_fence",
    "own_ring_fence",
    "safety_stock",
    "suppressed",
    "threshold",
    "never_below_zero",
    "incoming",
    "awaited",
    "channel_inactive",
    "not_sold",
    "not_listed",
    "not_serving",
    "location_excluded",
]

QUANTITY_MAX = 1_000_000
"""Largest quantity of one stock change or line, in units."""

MESSAGE_ROWS_MAX = 10_000
"""Most levels that one message of an outside system may name."""

SourceCode = Annotated[str, msgspec.Meta(min_length=1, max_length=100)]
MessageSequence = Annotated[int, msgspec.Meta(ge=0, le=9_223_372_036_854_775_807)]


class Level(msgspec.Struct, frozen=True, gc=False):
    """The counters of one variant at one location, in units."""

    variant_id: int
    location_id: int
    on_hand: int
    reserved: int
    safety_stock: int
    ring_fenced: int

    @property
    def free(self) -> int:
        """Units neither reserved nor ring-fenced; safety stock and thresholds still to be taken off."""
        return self.on_hand - self.reserved - self.ring_fenced


class LevelChange(msgspec.Struct, gc=False):
    """What one transaction does to one level, and the free units it needs to find there.

    `need` counts for takers that may go down to nothing, `need_above_safety` for those that leave the safety stock;
    both are compared with `free` as it is at the moment of the change. None: no condition.
    """

    variant_id: int
    location_id: int
    on_hand_delta: int = 0
    reserved_delta: int = 0
    incoming_delta: int = 0
    ring_fenced_delta: int = 0
    need: int | None = None
    need_above_safety: int | None = None


class ChangedLevel(msgspec.Struct, frozen=True, gc=False):
    """A level after a change."""

    variant_id: int
    location_id: int
    on_hand: int
    reserved: int
    safety_stock: int
    incoming: int


class Movement(msgspec.Struct, frozen=True, gc=False):
    """A row to be written to the ledger."""

    variant_id: int
    location_id: int
    movement_id: UUID
    kind: MovementKind
    on_hand_delta: int = 0
    reserved_delta: int = 0
    incoming_delta: int = 0
    reference: str | None = None
    reason: str | None = None


class Reservation(msgspec.Struct, frozen=True, gc=False):
    """Units of a variant at one location that belong to a cart or an order line.

    `expected_on`: when awaited units are expected; None when nobody knows, and for all others.
    """

    variant_id: int
    reservation_id: UUID
    location_id: int
    quantity: int
    state: ReservationState
    channel_id: int
    from_ring_fence: int = 0
    cart_id: UUID | None = None
    order_id: UUID | None = None
    line_no: int | None = None
    fulfilment_kind: str | None = None
    expires_at: datetime | None = None
    expected_on: date | None = None


class Incoming(msgspec.Struct, frozen=True, gc=False):
    """Units that come to a location on a day and that nobody awaits yet."""

    variant_id: int
    location_id: int
    available_on: date
    units: int


class RingFence(msgspec.Struct, frozen=True, gc=False):
    """Units of a level that only one channel may sell."""

    variant_id: int
    location_id: int
    channel_id: int
    remaining: int


class Threshold(msgspec.Struct, frozen=True, gc=False):
    """The last units that a channel may not sell; location_id 0 means at every location."""

    variant_id: int
    channel_id: int
    location_id: int
    threshold: int


class UpdateRow(msgspec.Struct, frozen=True, forbid_unknown_fields=True, gc=False):
    """What an outside system says of one level: either `on_hand` (absolute) or `delta`, in units.

    `expected_on_hand`: apply only if this is what is on hand now. `sequence`: the message's unless given.
    """

    sku: str
    location: str
    on_hand: int | None = None
    delta: int | None = None
    expected_on_hand: int | None = None
    safety_stock: int | None = None
    sequence: int | None = None


class StockUpdate(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One message of an outside system; a later message has a higher sequence."""

    source: SourceCode
    sequence: MessageSequence
    rows: Annotated[list[UpdateRow], msgspec.Meta(min_length=1, max_length=MESSAGE_ROWS_MAX)]


class RowResult(msgspec.Struct, frozen=True):
    """Why a row was not applied; `row` counts from 0, `field` is the row's own."""

    row: int
    outcome: Literal["stale", "repeated", "refused"]
    field: str
    reason: str


class StockUpdateReport(msgspec.Struct, frozen=True):
    """What became of a message: counts of rows, and the first 1,000 rows that were not applied."""

    source: str
    sequence: int
    applied: int
    stale: int
    repeated: int
    refused: int
    results: list[RowResult]


class LevelView(msgspec.Struct, frozen=True):
    """A level by its public names, in units; `awaited` units of `incoming` are sold, `suppressed` ones not promised."""

    sku: str
    location: str
    on_hand: int
    reserved: int
    safety_stock: int
    incoming: int
    ring_fenced: int
    shortfall: int
    awaited: int
    suppressed: int


class MovementView(msgspec.Struct, frozen=True):
    """A row of the ledger by its public names."""

    movement_id: UUID
    sku: str
    location: str
    kind: MovementKind
    on_hand_delta: int
    reserved_delta: int
    incoming_delta: int
    reference: str | None
    reason: str | None
    source: str | None
    sequence: int | None
    actor: str
    recorded_at: datetime
