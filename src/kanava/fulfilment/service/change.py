"""One change of one fulfilment: everything is read under the locks of order and fulfilment and written at the end."""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from kanava.fulfilment.errors import FulfilmentChangeExists, FulfilmentLineUnknown, FulfilmentOnHold, WrongState
from kanava.fulfilment.model import Fulfilment, State
from kanava.fulfilment.service import reading
from kanava.fulfilment.service.config import FulfilmentConfig, config_in_force
from kanava.fulfilment.store import changing as sql
from kanava.fulfilment.store import reading as reading_sql
from kanava.fulfilment.store.reading import FulfilmentRow, LineRow
from kanava.orders.service.change import OrderChange, Target
from kanava.platform import audit
from kanava.platform.auth import Actor
from kanava.platform.db import Connection
from kanava.platform.errors import PreconditionFailed
from kanava.platform.outbox import Event, publish


class FulfilmentChange:
    """A fulfilment under its locks: verbs change `row` and `lines` in place, `finish` writes them back.

    `order` is the order under its lock (`order.row` has its facts); verbs of orders that are called in the same
    transaction with `target` find it locked already.
    """

    def __init__(self, order: OrderChange, config: FulfilmentConfig, row: FulfilmentRow, lines: list[LineRow]) -> None:
        self.order, self.config, self.row = order, config, row
        self.tx, self.actor, self.now = order.tx, order.actor, order.now
        self.lines = {line.line_no: line for line in lines}
        self.events: list[Event] = []

    @property
    def target(self) -> Target:
        """The order as verbs of orders take it; any version, for its row is locked."""
        return Target(self.row.order_id, self.config.routing)

    @classmethod
    async def open(cls, tx: Connection, actor: Actor, fulfilment_id: UUID, now: datetime) -> "FulfilmentChange":
        """Lock the order, then the fulfilment; FulfilmentNotFound, OutOfReach."""
        found = await reading_sql.FULFILMENT.one_or_none(tx, fulfilment_id=fulfilment_id)
        if found is None:
            raise reading.fulfilment_not_found(fulfilment_id)
        reading.must_reach(actor, found.location_id)
        config = await config_in_force(tx)
        order = await OrderChange.open(tx, actor, Target(found.order_id, config.routing), now)
        row = await reading_sql.LOCK_FULFILMENT.one(tx, order_id=found.order_id, fulfilment_id=fulfilment_id)
        lines = await reading_sql.LINES_OF.all(tx, order_ids=[found.order_id], fulfilment_ids=[fulfilment_id])
        return cls(order, config, row, lines)

    async def begin(
        self, change_id: UUID | None, kind: str, request: object, expected_version: int | None = None
    ) -> bool:
        """Say whether this change was carried out before (then nothing is left to do); else check the version.

        FulfilmentChangeExists: the id was used for another change. PreconditionFailed: it has another version.
        """
        row = self.row
        digest = hashlib.blake2b(msgspec.json.encode([kind, row.fulfilment_id, request]), digest_size=16).digest()
        if change_id is not None:
            known = await sql.CHANGE.one_or_none(self.tx, order_id=row.order_id, change_id=change_id)
            if known is not None:
                if known.digest != digest:
                    raise FulfilmentChangeExists(
                        f"The id {change_id} was used for another {known.kind}.", field=f"{kind}_id"
                    )
                return True
        if expected_version is not None and expected_version != row.version:
            raise PreconditionFailed(f"The fulfilment has the version {row.version} now.", field="If-Match")
        if change_id is not None:
            await sql.INSERT_CHANGE.run(
                self.tx,
                order_id=row.order_id,
                change_id=change_id,
                fulfilment_id=row.fulfilment_id,
                kind=kind,
                digest=digest,
                actor=self.actor.label,
                now=self.now,
            )
        return False

    def must_be(self, *states: State) -> None:
        """Raise WrongState unless the fulfilment is in one of the states, FulfilmentOnHold when the order is held."""
        if self.row.state not in states:
            raise WrongState(
                f"{self.row.fulfilment_number} is {self.row.state}; this takes {' or '.join(states)}.",
                state=self.row.state,
            )
        if self.row.on_hold:
            raise FulfilmentOnHold(
                f"Order {self.row.order_number} is on hold: {self.order.row.hold_reason}.",
                hold_reason=self.order.row.hold_reason,
            )

    def line(self, line_no: int, field: str) -> LineRow:
        """Give a line; FulfilmentLineUnknown names the field."""
        line = self.lines.get(line_no)
        if line is None:
            raise FulfilmentLineUnknown(f"{self.row.fulfilment_number} has no line {line_no}.", field=field)
        return line

    def assign(self, actor: Actor | None) -> None:
        """Give the work to somebody, or to nobody."""
        self.row.assigned_to = None if actor is None else actor.label
        self.row.assigned_name = None if actor is None else actor.name
        if actor is None:
            self.row.wave_id = None

    def unstick(self) -> None:
        """Forget that nobody could do it."""
        self.row.stuck_since = self.row.stuck_reason = self.row.stuck_answer = None

    def happened(self, kind: str, facts: Mapping[str, object] | None = None) -> None:
        """Add an event of this fulfilment; the facts that every event has are added."""
        self.events.append(event_of(kind, self.row, facts or {}))

    async def finish(self, action: str, detail: dict[str, Any]) -> Fulfilment:
        """Write everything, tell everybody, and give the fulfilment as it now is."""
        await self.write(action, detail)
        return await reading.get_fulfilment(self.tx, self.actor, self.row.fulfilment_id)

    async def write_units(self) -> None:
        """Write the fulfilment and its lines as they are in memory, for what reads them within this transaction."""
        await write_back(self.tx, [self.row], list(self.lines.values()), self.now)

    async def write(self, action: str, detail: dict[str, Any]) -> None:
        """Write everything and tell everybody; `action` stands in the audit log as `fulfilment.ACTION`."""
        await self.write_units()
        await publish(self.tx, self.events)
        await audit.record(
            self.tx,
            self.actor,
            f"fulfilment.{action}",
            "order",
            str(self.row.order_id),
            {
                "fulfilment_id": str(self.row.fulfilment_id),
                "fulfilment_number": self.row.fulfilment_number,
                "location": self.row.location,
                **detail,
            },
        )


def event_of(kind: str, row: FulfilmentRow, facts: Mapping[str, object]) -> Event:
    """Make an event of a fulfilment, in the order's own sequence of events."""
    known = {
        "order_id": row.order_id,
        "number": row.order_number,
        "channel": row.channel,
        "fulfilment_id": row.fulfilment_id,
        "fulfilment_number": row.fulfilment_number,
        "location": row.location,
        "kind": row.kind,
    }
    return Event(kind, "order", str(row.order_id), {**known, **facts})


def lines_told(lines: Sequence[tuple[LineRow, int]]) -> list[dict[str, object]]:
    """Name lines with units as events carry them."""
    return [{"line_no": line.line_no, "sku": line.sku, "quantity": units} for line, units in lines]


async def write_back(tx: Connection, rows: Sequence[FulfilmentRow], lines: Sequence[LineRow], now: datetime) -> None:
    """Write fulfilments and their lines as they are in memory; `units_to_pick` follows from the lines given."""
    to_pick: dict[UUID, int] = {}
    for line in lines:
        to_pick[line.fulfilment_id] = to_pick.get(line.fulfilment_id, 0) + line.to_pick
    for row in rows:
        row.units_to_pick = to_pick.get(row.fulfilment_id, row.units_to_pick)
    await sql.UPDATE_FULFILMENTS.run(tx, now=now, **sql.columns_of(rows))
    if lines:
        await sql.UPDATE_LINES.run(
            tx,
            order_ids=[line.order_id for line in lines],
            fulfilment_ids=[line.fulfilment_id for line in lines],
            line_nos=[line.line_no for line in lines],
            quantities=[line.quantity for line in lines],
            picked=[line.quantity_picked for line in lines],
            packed=[line.quantity_packed for line in lines],
            done=[line.quantity_done for line in lines],
            ended=[line.quantity_ended for line in lines],
        )
