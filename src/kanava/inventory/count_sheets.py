"""Count sheets as callers send and see them."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

import msgspec
from msgspec import Meta

from kanava.inventory.messages import Code, StockDocument
from kanava.inventory.model import QUANTITY_MAX


class NewCountSheet(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A sheet that several people may count on; the id is the client's. `blind`: who counts sees no expected units."""

    count_sheet_id: UUID
    location: Code
    name: Annotated[str, Meta(max_length=100)] = ""
    blind: bool = False


class Tally(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Units found; the same entry twice counts once. `absolute`: so many in all, instead of so many more (or less)."""

    entry_id: UUID
    sku: Code
    units: Annotated[int, Meta(ge=-QUANTITY_MAX, le=QUANTITY_MAX)] = 1
    absolute: bool = False


class CountedLine(msgspec.Struct, frozen=True):
    """What was counted of a variant; `expected_on_hand` was on hand when it was counted first, `on_hand` is now."""

    sku: str
    counted: int
    expected_on_hand: int
    on_hand: int
    reserved: int
    people: list[str]


class CountSheet(msgspec.Struct, frozen=True):
    """A sheet with its lines, the last counted first; `document` is what booking it did."""

    count_sheet_id: UUID
    location: str
    name: str
    blind: bool
    started_at: datetime
    booked_at: datetime | None
    lines: list[CountedLine]
    document: StockDocument | None = None


class ToCount(msgspec.Struct, frozen=True):
    """A level of which units are suppressed until somebody counts."""

    sku: str
    on_hand: int
    reserved: int
    suppressed: int
