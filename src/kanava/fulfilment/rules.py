"""Pure decisions about fulfilments: what is cut when units go, and what state remains."""

from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from datetime import datetime
from typing import Literal, Protocol, get_args

import msgspec

from kanava.fulfilment.model import TO_PICK, Kind, RejectReason, State
from kanava.sourcing.promise.model import Promise

REASONS: tuple[str, ...] = get_args(RejectReason)

Units = Mapping[tuple[int, str, int], int]
"""(location_id, kind, line_no) -> units."""


class Cut(msgspec.Struct, frozen=True):
    """How many units of a line are given up: not yet picked, picked but not packed, packed but still here."""

    unpicked: int
    picked: int
    packed: int

    @property
    def units(self) -> int:
        """All of them."""
        return self.unpicked + self.picked + self.packed


class LineUnits(Protocol):
    """What these rules read of a line."""

    @property
    def to_pick(self) -> int: ...
    @property
    def here(self) -> int: ...
    @property
    def quantity_picked(self) -> int: ...
    @property
    def quantity_packed(self) -> int: ...
    @property
    def quantity_done(self) -> int: ...


class Promised(msgspec.Struct, frozen=True):
    """What the customer was told of what one place does: when she has it, by when the place is done, who carries it."""

    promised_by: datetime | None
    work_by: datetime | None
    carrier_service: str | None = None


def differences(committed: Units, here: Units) -> dict[tuple[int, str, int], int]:
    """Say how many units each place has to do more (positive) or less than it knows of."""
    keys = sorted({*committed, *here})
    changes = {key: committed.get(key, 0) - here.get(key, 0) for key in keys}
    return {key: units for key, units in changes.items() if units}


def cut_of(units: int, to_pick: int, picked: int, packed: int) -> Cut:
    """Choose which units of a line are given up: the least worked on first.

    `to_pick`: not picked yet; `picked`: picked and not packed; `packed`: packed and still here. Gives up to `units`.
    """
    unpicked = min(units, to_pick)
    loose = min(units - unpicked, picked)
    return Cut(unpicked, loose, min(units - unpicked - loose, packed))


def state_after(state: State, kind: Kind, lines: Iterable[LineUnits]) -> State:
    """Say what state a fulfilment has once units were picked, given up or have left.

    A shipped fulfilment is packed when all that the place still has to give is in parcels.
    """
    counted = list(lines)
    units_to_pick = sum(line.to_pick for line in counted)
    here = sum(line.here for line in counted)
    done = sum(line.quantity_done for line in counted)
    packed = sum(line.quantity_packed for line in counted) - done
    if not here:
        if not done:
            return "cancelled"
        return "shipped" if kind == "ship" else "collected"
    if state in ("open", "picking", "picked") and kind == "ship" and packed == here:
        return "packed"
    if state in TO_PICK and not units_to_pick:
        return "picked"
    if units_to_pick and state == "picked":
        return "picking"
    return state


def cut_first(rows: Iterable[tuple[bool, State, int]]) -> list[int]:
    """Order fulfilments (stuck, state, position) by which gives units up first: the stuck, then the least worked on."""
    progress: Sequence[State] = ("open", "picking", "picked", "packed", "ready")
    ranked = sorted(rows, key=lambda row: (not row[0], progress.index(row[1]), -row[2]))
    return [position for _, _, position in ranked]


def promised_of(promises: Sequence[Promise], kind: str, place: str, line_nos: AbstractSet[int]) -> Promised:
    """Find what was promised of lines that a place hands over in one way.

    Of several the last counts for her, for she has them all by then, and the first for the place.
    """
    fitting = [
        each
        for each in promises
        if each.kind == kind
        and each.location in (None, place)
        and (place in each.work_by or not each.work_by)
        and not line_nos.isdisjoint(each.line_nos)
    ]
    promised = [each.promised_by for each in fitting if each.promised_by is not None]
    return Promised(
        max(promised) if promised and len(promised) == len(fitting) else None,
        min((each.work_by[place] for each in fitting if place in each.work_by), default=None),
        next((each.carrier_service for each in fitting if each.carrier_service), None),
    )


def missing_units(on_hand: int, reserved: int, suppressed: int, stuck: int) -> int:
    """Say how many units of a level are promised to fulfilments that do not know yet that they are not there.

    `stuck` are reserved units of fulfilments that were given up already.
    """
    return max(0, reserved + suppressed - on_hand - stuck)


ClosedHow = Literal["switched_off", "not_online", "no_service", "hours"]


def why_closed(
    *, active: bool, fulfils_online: bool, offers: bool, opens_at: datetime, work_by: datetime, latest: datetime
) -> ClosedHow | None:
    """Say why a place cannot do work that it has; None when it can.

    `opens_at`: when it is open next. `work_by`: when the work has to be done. `latest`: what is late already waits
    for the next opening, but no longer than until then.
    """
    if not active:
        return "switched_off"
    if not fulfils_online:
        return "not_online"
    if not offers:
        return "no_service"
    return "hours" if opens_at > max(work_by, latest) else None
