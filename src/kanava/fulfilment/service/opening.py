"""Fulfilments follow reservations: what orders have committed at a place is what the place has to do."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import cast
from uuid import UUID

import msgspec

from kanava.fulfilment import rules
from kanava.fulfilment.model import ON_BOARD, TO_PICK, Kind
from kanava.fulfilment.service.change import event_of, lines_told, write_back
from kanava.fulfilment.service.config import FulfilmentConfig, config_in_force
from kanava.fulfilment.service.promising import Carried
from kanava.fulfilment.store import changing as changing_sql
from kanava.fulfilment.store import opening as sql
from kanava.fulfilment.store import reading as reading_sql
from kanava.fulfilment.store.opening import CommittedUnits, OrderFacts
from kanava.fulfilment.store.reading import FulfilmentRow, LineRow
from kanava.platform.db import Connection, write_all
from kanava.platform.ids import uuid7
from kanava.platform.outbox import Event, StoredEvent, publish
from kanava.sourcing.promise.model import Promise

ORDER_EVENTS = (
    "order.placed",
    "order.amended",
    "order.cancelled",
    "order.line_cancelled",
    "order.held",
    "order.hold_released",
    "order.fulfilled",
    "order.stock_arrived",
)


class Agreed(msgspec.Struct, frozen=True):
    """What was done: fulfilments that were opened and those that got more units, with their lines."""

    opened: list[tuple[FulfilmentRow, list[LineRow]]]
    grown: list[FulfilmentRow]


async def follow_orders(tx: Connection, events: Sequence[StoredEvent], now: datetime) -> None:
    """Make fulfilments agree with the orders that events tell of (the consumer `fulfilment`)."""
    reasons = {UUID(e.aggregate_id): str(e.data.get("reason") or "") for e in events}
    await agree(tx, list(reasons), now, reasons=reasons)


async def agree(
    tx: Connection,
    order_ids: Sequence[UUID],
    now: datetime,
    *,
    reasons: Mapping[UUID, str] | None = None,
    carried: Mapping[int, Carried] | None = None,
) -> Agreed:
    """Make the fulfilments of orders agree with what they have committed, and tell what was opened, grown and cut.

    `reasons`: why units are gone. `carried`: for units that have moved, by their new place.
    """
    orders = await sql.LOCK_ORDERS.all(tx, order_ids=list(order_ids))
    if not orders:
        return Agreed([], [])
    ids = [order.order_id for order in orders]
    config = await config_in_force(tx)
    committed: dict[UUID, list[CommittedUnits]] = defaultdict(list)
    for units in await sql.COMMITTED.all(tx, order_ids=ids):
        committed[units.order_id].append(units)
    rows: dict[UUID, list[FulfilmentRow]] = defaultdict(list)
    lines: dict[UUID, list[LineRow]] = defaultdict(list)
    left: dict[tuple[UUID, int], int] = {}
    known = await reading_sql.OF_ORDERS.all(tx, order_ids=ids)
    if known:
        for row in known:
            rows[row.order_id].append(row)
        fulfilment_ids = [row.fulfilment_id for row in known]
        for line in await reading_sql.LINES_OF.all(tx, order_ids=ids, fulfilment_ids=fulfilment_ids):
            lines[line.fulfilment_id].append(line)
        left = {(each.order_id, each.line_no): each.quantity for each in await sql.LEFT.all(tx, order_ids=ids)}
    group = _Group(config, carried or {}, now)
    for order in orders:
        each = _Order(group, order, rows[order.order_id], lines)
        each.left = {line_no: units for (order_id, line_no), units in left.items() if order_id == order.order_id}
        each.reason = (reasons or {}).get(order.order_id, "")
        each.agree(committed[order.order_id])
    return await group.write(tx)


class _Group:
    """What all orders of a group change together."""

    def __init__(self, config: FulfilmentConfig, carried: Mapping[int, Carried], now: datetime) -> None:
        self.config, self.carried, self.now = config, carried, now
        self.opened: list[tuple[FulfilmentRow, list[LineRow]]] = []
        self.opened_ids: set[UUID] = set()
        self.grown: list[FulfilmentRow] = []
        self.added_lines: list[LineRow] = []
        self.touched: dict[UUID, tuple[FulfilmentRow, list[LineRow]]] = {}
        self.events: list[Event] = []

    async def write(self, tx: Connection) -> Agreed:
        """Write everything, set-based."""
        new_rows = [row for row, _ in self.opened]
        new_lines = [*(line for _, lines in self.opened for line in lines), *self.added_lines]
        await write_all(
            tx,
            [
                (
                    changing_sql.INSERT_FULFILMENTS,
                    [changing_sql.values_of(changing_sql.INSERT_FULFILMENTS, r) for r in new_rows],
                ),
                (
                    changing_sql.INSERT_LINES,
                    [changing_sql.values_of(changing_sql.INSERT_LINES, line) for line in new_lines],
                ),
            ],
        )
        if self.touched:
            touched = list(self.touched.values())
            await write_back(
                tx, [row for row, _ in touched], [each for _, lines in touched for each in lines], self.now
            )
        await publish(tx, self.events)
        return Agreed(self.opened, self.grown)


class _Order:
    """One order of a group."""

    def __init__(
        self, group: _Group, order: OrderFacts, rows: list[FulfilmentRow], lines: Mapping[UUID, list[LineRow]]
    ) -> None:
        self.group, self.order, self.rows, self.lines = group, order, rows, lines
        self.left: dict[int, int] = {}
        self.reason = ""
        self.grew: dict[UUID, list[tuple[LineRow, int]]] = defaultdict(list)
        self.shrank: dict[UUID, list[tuple[LineRow, int]]] = defaultdict(list)
        self.gone: dict[UUID, int] = defaultdict(int)

    def agree(self, committed: Sequence[CommittedUnits]) -> None:
        """Change what does not agree."""
        facts = {(each.location_id, each.kind, each.line_no): each for each in committed}
        here: dict[tuple[int, str, int], int] = defaultdict(int)
        for row in self.rows:
            if row.state in ON_BOARD:
                for line in self.lines[row.fulfilment_id]:
                    here[row.location_id, row.kind, line.line_no] += line.here
        missing: dict[tuple[int, str], list[tuple[CommittedUnits, int]]] = defaultdict(list)
        for key, units in rules.differences({key: each.quantity for key, each in facts.items()}, here).items():
            if units < 0:
                self._cut(key, -units)
            else:
                missing[key[0], key[1]].append((facts[key], units))
        for (location_id, kind), wanted in missing.items():
            self._add(location_id, cast("Kind", kind), wanted)
        self._hold()
        self._tell()

    def _touch(self, row: FulfilmentRow) -> None:
        if row.fulfilment_id not in self.group.opened_ids:
            self.group.touched[row.fulfilment_id] = (row, self.lines[row.fulfilment_id])

    def _cut(self, key: tuple[int, str, int], units: int) -> None:
        """Take units off the fulfilments of a place; those that have left by another way count as done."""
        location_id, kind, line_no = key
        there = [
            (row, line)
            for row in self.rows
            if row.location_id == location_id and row.kind == kind and row.state in ON_BOARD
            for line in self.lines[row.fulfilment_id]
            if line.line_no == line_no and line.here
        ]
        order = rules.cut_first((row.stuck_since is not None, row.state, i) for i, (row, _) in enumerate(there))
        done = sum(
            line.quantity_done for row in self.rows for line in self.lines[row.fulfilment_id] if line.line_no == line_no
        )
        otherwise = min(units, max(0, self.left.get(line_no, 0) - done))
        for position in order if not otherwise else reversed(order):
            row, line = there[position]
            gone = min(otherwise, line.here)
            if gone:
                line.quantity_done += gone
                line.quantity_packed = max(line.quantity_packed, line.quantity_done)
                line.quantity_picked = max(line.quantity_picked, line.quantity_packed)
                self.gone[row.fulfilment_id] += gone
                otherwise -= gone
                units -= gone
                self._touch(row)
        for position in order:
            row, line = there[position]
            cut = rules.cut_of(
                units,
                line.to_pick,
                line.quantity_picked - line.quantity_packed,
                line.quantity_packed - line.quantity_done,
            )
            if cut.units:
                line.quantity_picked -= cut.picked + cut.packed
                line.quantity_packed -= cut.packed
                line.quantity_ended += cut.units
                units -= cut.units
                self.shrank[row.fulfilment_id].append((line, cut.units))
                self._touch(row)

    def _add(self, location_id: int, kind: Kind, wanted: Sequence[tuple[CommittedUnits, int]]) -> None:
        """Give a place more to do: in a fulfilment that is still being picked, else in a new one."""
        for row in self.rows:
            fits = row.location_id == location_id and row.kind == kind and row.state in TO_PICK
            if fits and row.stuck_since is None:
                for units, quantity in wanted:
                    self._grow(row, units, quantity)
                self._promise_also(row)
                self.group.grown.append(row)
                return
        self._open(location_id, kind, wanted)

    def _promise_also(self, row: FulfilmentRow) -> None:
        """Let a fulfilment that gets units of another one keep what was told of both: its parcel has them all."""
        carried = self.group.carried.get(row.location_id)
        if carried is not None and carried.promised_by is not None:
            row.promised_by = max(row.promised_by or carried.promised_by, carried.promised_by)
            row.work_by = min(row.work_by, carried.work_by)

    def _grow(self, row: FulfilmentRow, units: CommittedUnits, quantity: int) -> None:
        for line in self.lines[row.fulfilment_id]:
            if line.line_no == units.line_no:
                line.quantity += quantity
                self.grew[row.fulfilment_id].append((line, quantity))
                self._touch(row)
                return
        line = _line(units, row.fulfilment_id, quantity)
        self.lines[row.fulfilment_id].append(line)
        self.group.added_lines.append(msgspec.structs.replace(line))
        self.grew[row.fulfilment_id].append((line, quantity))
        self._touch(row)

    def _open(self, location_id: int, kind: Kind, wanted: Sequence[tuple[CommittedUnits, int]]) -> None:
        group, order = self.group, self.order
        place = group.config.places[location_id]
        carried = group.carried.get(location_id)
        promises = msgspec.convert(order.promises, list[Promise])
        told = rules.promised_of(promises, kind, place.code, {units.line_no for units, _ in wanted})
        # What moves or is added later starts now; what was placed started when it was placed.
        ready = place.ready_after(group.now if self.rows or carried else order.placed_at)
        row = FulfilmentRow(
            order_id=order.order_id,
            fulfilment_id=uuid7(),
            order_number=order.number,
            sequence_no=max((each.sequence_no for each in self.rows), default=0) + 1,
            location_id=location_id,
            location=place.code,
            channel_id=order.channel_id,
            channel=order.channel,
            kind=kind,
            state="open",
            on_hold=order.status == "on_hold",
            carrier_service_id=carried.carrier_service_id if carried else group.config.service_id(told.carrier_service),
            first_promised_by=carried.first_promised_by if carried else told.promised_by,
            promised_by=carried.promised_by if carried else told.promised_by,
            work_by=carried.work_by if carried else told.work_by or ready,
            settled_at=None,
            units_to_pick=sum(quantity for _, quantity in wanted),
            wave_id=None,
            assigned_to=None,
            assigned_name=None,
            bay=None,
            ready_at=None,
            collect_by=None,
            reminders_sent=0,
            collection_code=None,
            code_attempts=0,
            code_locked_until=None,
            on_my_way_at=None,
            arrived_at=None,
            parking_bay=None,
            stuck_since=None,
            stuck_reason=None,
            stuck_answer=None,
            created_at=group.now,
            updated_at=group.now,
            version=1,
        )
        lines = [_line(units, row.fulfilment_id, quantity) for units, quantity in wanted]
        self.rows.append(row)
        cast("dict[UUID, list[LineRow]]", self.lines)[row.fulfilment_id] = lines
        group.opened.append((row, lines))
        group.opened_ids.add(row.fulfilment_id)
        group.events.append(
            event_of(
                "fulfilment.opened",
                row,
                {
                    "lines": lines_told([(line, line.quantity) for line in lines]),
                    "promised_by": row.promised_by,
                    "work_by": row.work_by,
                },
            )
        )

    def _hold(self) -> None:
        """Stop or go on with the order: what was held starts anew when it may go on."""
        held = self.order.status == "on_hold"
        for row in self.rows:
            if row.on_hold != held and row.state in ON_BOARD:
                row.on_hold = held
                if not held and row.promised_by is None:
                    place = self.group.config.places[row.location_id]
                    row.work_by = max(row.work_by, place.ready_after(self.group.now))
                self.grew[row.fulfilment_id] += []
                self._touch(row)

    def _tell(self) -> None:
        for row in self.rows:
            if row.fulfilment_id not in self.group.touched:
                continue
            lines = self.lines[row.fulfilment_id]
            row.state = rules.state_after(row.state, row.kind, lines)
            shrank, grew = self.shrank[row.fulfilment_id], self.grew.get(row.fulfilment_id)
            state = {"state": row.state, "on_hold": row.on_hold}
            if shrank:
                told = {"lines": lines_told(shrank), "reason": self.reason, **state}
                self.group.events.append(event_of("fulfilment.cancelled", row, told))
            if grew is not None or self.gone[row.fulfilment_id]:
                self.group.events.append(
                    event_of("fulfilment.changed", row, {"lines": lines_told(grew or []), **state})
                )


def _line(units: CommittedUnits, fulfilment_id: UUID, quantity: int) -> LineRow:
    return LineRow(units.order_id, fulfilment_id, units.line_no, units.variant_id, units.sku, quantity, 0, 0, 0, 0)
