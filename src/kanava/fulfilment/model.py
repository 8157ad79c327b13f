"""Fulfilments as people see them."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

import msgspec

Code = Annotated[str, msgspec.Meta(min_length=1, max_length=100)]
ShortText = Annotated[str, msgspec.Meta(max_length=200)]
Note = Annotated[str, msgspec.Meta(max_length=500)]
LineNo = Annotated[int, msgspec.Meta(ge=1, le=32_767)]
Quantity = Annotated[int, msgspec.Meta(ge=1, le=100_000)]

Kind = Literal["ship", "pickup", "curbside"]
State = Literal[
    "open",
    "picking",
    "picked",
    "packed",
    "ready",
    "shipped",
    "delivered",
    "failed",
    "returned",
    "collected",
    "expired",
    "cancelled",
]
RejectReason = Literal["not_found", "damaged", "display_piece", "no_capacity", "closed", "other"]
Answer = Literal["wait", "cancel", "move_to"]

ON_BOARD: tuple[State, ...] = ("open", "picking", "picked", "packed", "ready")
"""States in which a place still has something to do; their units are committed at its location."""
TO_PICK: tuple[State, ...] = ("open", "picking")
LINES_MAX = 500

REFUSED, NOT_COLLECTED = "refused at the counter", "not collected in time"
"""How the reasons begin for which an order's units that were staged are cancelled."""


class FulfilmentLine(msgspec.Struct, frozen=True):
    """Units of an order line at one place; `quantity_to_pick` of them are a task.

    Of `quantity`: `picked` were found, `packed` of those are in a parcel or staged, `done` of those have left the
    house; `ended` were given up here (moved elsewhere, cancelled, refused, not collected).
    """

    line_no: int
    sku: str
    quantity: int
    quantity_to_pick: int
    quantity_picked: int
    quantity_packed: int
    quantity_done: int
    quantity_ended: int


class Fulfilment(msgspec.Struct, frozen=True):
    """What one place does of one order in one way. People say its `fulfilment_number`: 100123-2."""

    fulfilment_id: UUID
    fulfilment_number: str
    order_id: UUID
    order_number: int
    channel: str
    location: str
    kind: Kind
    state: State
    on_hold: bool
    promised_by: datetime | None
    first_promised_by: datetime | None
    work_by: datetime
    settled_at: datetime | None
    units_to_pick: int
    wave_id: UUID | None
    assigned_to: str | None
    assigned_name: str | None
    bay: str | None
    ready_at: datetime | None
    collect_by: datetime | None
    on_my_way_at: datetime | None
    arrived_at: datetime | None
    parking_bay: str | None
    stuck_since: datetime | None
    stuck_reason: str | None
    stuck_answer: str | None
    created_at: datetime
    updated_at: datetime
    version: int
    lines: list[FulfilmentLine]


class BoardEntry(msgspec.Struct, frozen=True):
    """A fulfilment on a place's board.

    `late`: it should have been worked on by now. `stuck`: nobody can do it, the customer is asked.
    `waiting_seconds`: how long she has been waiting in her car; null when she is not.
    """

    fulfilment: Fulfilment
    late: bool
    stuck: bool
    waiting_seconds: int | None


class PickListLine(msgspec.Struct, frozen=True):
    """Units of one variant to fetch in one walk, and which fulfilments they are for."""

    sku: str
    quantity_to_pick: int
    fulfilment_numbers: list[str]


class Wave(msgspec.Struct, frozen=True):
    """Work that somebody took in one walk through a place."""

    wave_id: UUID
    location: str
    state: Literal["open", "done"]
    actor: str
    created_at: datetime
    pick_list: list[PickListLine]
    fulfilments: list[Fulfilment]


class TakeWave(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Take the most urgent open work of a place. The id is the client's: sent again it is the same wave."""

    wave_id: UUID
    fulfilments_max: Annotated[int, msgspec.Meta(ge=1, le=100)] = 10
    kind: Kind | None = None


class TakeFulfilment(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Take one fulfilment; `take_over` takes it from whoever has it."""

    take_over: bool = False


class PickUnits(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Units found on the shelf. `code` is what was scanned (a GTIN) or typed (a sku). The id is the client's."""

    pick_id: UUID
    code: Code
    quantity: Quantity = 1
    line_no: LineNo | None = None


class RejectedLine(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Units of a line that the place cannot give; without `quantity` all that are not picked."""

    line_no: LineNo
    quantity: Quantity | None = None


class RejectUnits(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Units that the place cannot give, and why; without lines all that are not picked. The id is the client's."""

    rejection_id: UUID
    reason: RejectReason
    lines: Annotated[list[RejectedLine], msgspec.Meta(max_length=LINES_MAX)] = []
    note: Note = ""


class ResolveStuck(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the customer says when nobody can do it: wait, cancel these units, or fetch them at another place."""

    resolution_id: UUID
    answer: Answer
    location: Code | None = None
    note: Note = ""
