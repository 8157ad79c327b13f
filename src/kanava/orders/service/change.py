"""One change of one order: everything is read under the lock of the order's row and written back at the end."""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg
import msgspec

from kanava.inventory import service as inventory
from kanava.inventory.model import ChangedLevel, Reservation
from kanava.inventory.service import portions
from kanava.orders import rules
from kanava.orders.errors import ChangeExists, LineUnknown, OrderNotOpen, TooManyUnits, UnitsAwaited, UnitsMissing
from kanava.orders.model import Order
from kanava.orders.service import reading
from kanava.orders.store import changing as sql
from kanava.orders.store import payments as payments_sql
from kanava.orders.store import reading as reading_sql
from kanava.orders.store.reading import LineRow, OrderRow
from kanava.platform import audit
from kanava.platform.auth import Actor
from kanava.platform.db import Connection
from kanava.platform.errors import InvalidInput, PreconditionFailed
from kanava.platform.outbox import Event, publish
from kanava.pricing.model import CartLine, CartToPrice, PricePoint
from kanava.pricing.service import price_cart
from kanava.sourcing.model import ChannelRules, RoutingConfig
from kanava.sourcing.routing import service as routing
from kanava.sourcing.routing.costing import OrderFacts


class Target(msgspec.Struct, frozen=True):
    """Which order is changed, the version the caller believes it to have (None: any), and the settings in force."""

    order_id: UUID
    config: RoutingConfig
    expected_version: int | None = None


class OrderChange:
    """An order under its row lock, with the units that this change ends and the events it makes."""

    def __init__(self, tx: Connection, actor: Actor, target: Target, row: OrderRow, now: datetime) -> None:
        self.tx, self.actor, self.target, self.row, self.now = tx, actor, target, row, now
        self.config = target.config
        self.customer = (row.customer_email, row.customer_name, row.customer_phone)
        self.ship_to: dict[str, Any] | None = row.ship_to
        self.status = row.status
        self.hold_reason = row.hold_reason
        self.totals = (row.net_minor, row.tax_minor, row.total_minor)
        self.delivery = (row.delivery_net_minor, row.delivery_tax_minor, row.delivery_total_minor)
        self.lines: dict[int, LineRow] = {}
        self.reserved: dict[UUID, Reservation] = {}
        self.left: dict[UUID, int] = {}
        self.ending: dict[UUID, int] = {}
        self.changed: dict[tuple[int, int], ChangedLevel] = {}
        self.events: list[Event] = []

    @classmethod
    async def open(cls, tx: Connection, actor: Actor, target: Target, now: datetime) -> "OrderChange":
        """Lock the order; OrderNotFound, Forbidden for who is bound to places that it does not concern."""
        row = await reading_sql.LOCK_ORDER.one_or_none(tx, order_id=target.order_id)
        if row is None:
            raise reading.order_not_found(target.order_id)
        await reading.must_reach(tx, actor, target.order_id)
        return cls(tx, actor, target, row, now)

    async def begin(self, change_id: UUID | None, kind: str, request: object) -> bool:
        """Say whether this change was carried out before (then nothing is left to do); else check the version.

        ChangeExists: the id was used for another change. PreconditionFailed: the order has another version.
        """
        digest = hashlib.blake2b(msgspec.json.encode([kind, request]), digest_size=16).digest()
        if change_id is not None:
            known = await sql.CHANGE.one_or_none(self.tx, order_id=self.row.order_id, change_id=change_id)
            if known is not None:
                if known.digest != digest:
                    raise ChangeExists(f"The id {change_id} was used for another {known.kind}.", field=f"{kind}_id")
                return True
        expected = self.target.expected_version
        if expected is not None and expected != self.row.version:
            raise PreconditionFailed(f"The order has the version {self.row.version} now.", field="If-Match")
        if change_id is not None:
            await sql.INSERT_CHANGE.run(
                self.tx,
                order_id=self.row.order_id,
                change_id=change_id,
                kind=kind,
                digest=digest,
                actor=self.actor.label,
                now=self.now,
            )
        return False

    async def load_units(self) -> None:
        """Read lines and reservations of an order that can still be changed; OrderNotOpen."""
        if self.status not in ("placed", "on_hold"):
            raise OrderNotOpen(f"The order is {self.status}.", order_status=self.status)
        order_ids = [self.row.order_id]
        self.lines = {row.line_no: row for row in await reading_sql.LINES_OF.all(self.tx, order_ids=order_ids)}
        for row in await inventory.reservations_of_orders(self.tx, order_ids):
            if row.state in ("committed", "awaited"):
                self.reserved[row.reservation_id] = row
                self.left[row.reservation_id] = row.quantity

    def line(self, line_no: int, field: str) -> LineRow:
        """Give a line; LineUnknown names the field."""
        line = self.lines.get(line_no)
        if line is None:
            raise LineUnknown(f"The order has no line {line_no}.", field=field)
        return line

    def reserved_for(self, line_no: int, location_id: int | None = None, *, arrived: bool = False) -> list[Reservation]:
        """Give the line's reservations that have units left in this change, at one location or at all.

        `arrived`: only units that are there, not those that are awaited.
        """
        return [
            row
            for row in self.reserved.values()
            if row.line_no == line_no
            and self.left[row.reservation_id]
            and location_id in (None, row.location_id)
            and not (arrived and row.state == "awaited")
        ]

    def open_at(self, line_no: int, location_id: int) -> int:
        """Give the units of a line that are open at a location."""
        return sum(self.left[row.reservation_id] for row in self.reserved_for(line_no, location_id))

    def location_id(self, code: str, field: str) -> int:
        """Give the id of a location named in a request; InvalidInput names the field."""
        found = self.config.location_ids.get(code)
        if found is None:
            raise InvalidInput(f"No location has the code {code!r}.", field=field)
        return found

    def end_units(self, line: LineRow, units: int, field: str, location_id: int | None = None) -> dict[int, int]:
        """Choose units of a line that `end` will release; gives the units by location. TooManyUnits.

        Awaited units go first; where a location is named, those that are there: somebody speaks of goods.
        """
        there = self.reserved_for(line.line_no, location_id)
        awaited = [row for row in there if row.state == "awaited"]
        arrived = [row for row in there if row.state != "awaited"]
        first, then = (awaited, arrived) if location_id is None else (arrived, awaited)
        available = sum(self.left[row.reservation_id] for row in there)
        if available < units:
            raise _too_many(line, available, field)
        by_location = self._choose(first, units)
        for location, quantity in self._choose(then, units - sum(by_location.values())).items():
            by_location[location] = by_location.get(location, 0) + quantity
        return by_location

    def take_away(self, line: LineRow, units: int, field: str, location_id: int | None = None) -> dict[int, int]:
        """Choose units that are there, to be fulfilled or moved; gives them by location. TooManyUnits, UnitsAwaited."""
        there = self.reserved_for(line.line_no, location_id, arrived=True)
        available = sum(self.left[row.reservation_id] for row in there)
        if available < units:
            awaited = [row for row in self.reserved_for(line.line_no, location_id) if row.state == "awaited"]
            if available + sum(self.left[row.reservation_id] for row in awaited) >= units:
                raise _not_there(line, available, awaited, field)
            raise _too_many(line, available, field)
        return self._choose(there, units)

    def _choose(self, rows: Sequence[Reservation], units: int) -> dict[int, int]:
        by_location: dict[int, int] = {}
        left = [(row.reservation_id, self.left[row.reservation_id]) for row in rows]
        for reservation_id, quantity in rules.units_to_end(left, units).items():
            self.ending[reservation_id] = self.ending.get(reservation_id, 0) + quantity
            self.left[reservation_id] -= quantity
            location = self.reserved[reservation_id].location_id
            by_location[location] = by_location.get(location, 0) + quantity
        return by_location

    def ending_portions(self, *, leaves: bool = False) -> list[portions.Portion]:
        """Give the units chosen as portions of their reservations."""
        pieces = []
        for reservation_id, units in self.ending.items():
            row = self.reserved[reservation_id]
            share = rules.fence_share(row.quantity, row.from_ring_fence, units, leaves=leaves)
            pieces.append(portions.Portion(row, units, share))
        return pieces

    async def facts(self, channel: ChannelRules) -> OrderFacts:
        """Give what the rules of routing ask of the order as it is now; the delivery is no part of its value."""
        country = str(self.ship_to["country"]) if self.ship_to else channel.country
        value_minor = self.totals[2] - self.delivery[2]
        facts = msgspec.structs.replace(channel.facts(country, self.ship_to), value_minor=value_minor)
        variant_ids = [line.variant_id for line in self.lines.values() if line.standing]
        return await routing.with_categories(self.tx, self.config.router, facts, variant_ids)

    async def end(self, state: str) -> None:
        """Release or fulfil the units chosen; the rest of their reservations stays as it is."""
        if not self.ending:
            return
        pieces = self.ending_portions(leaves=state == "fulfilled")
        ended = await portions.split_off(self.tx, pieces, self.now)
        try:
            changed = await inventory.end_reservations(
                self.tx, ended, "fulfilled" if state == "fulfilled" else "released", self.actor.label, self.now
            )
        except asyncpg.CheckViolationError as error:
            if error.constraint_name == "stock_level_on_hand_not_negative":
                raise UnitsMissing("The units are reserved, but fewer are on hand.", field="lines") from error
            raise
        self.note_levels(changed)
        self.ending.clear()

    def note_levels(self, changed: Sequence[ChangedLevel]) -> None:
        """Remember levels to tell channels of; the last state counts."""
        self.changed.update({(row.variant_id, row.location_id): row for row in changed})

    def happened(self, kind: str, facts: Mapping[str, object]) -> None:
        """Add an event of this order."""
        row = self.row
        known = {"order_id": row.order_id, "number": row.number, "channel": row.channel}
        self.events.append(Event(kind, "order", str(row.order_id), {**known, **facts}))

    def reprice(self) -> None:
        """Compute lines and totals from the units that stand and the unit prices that were agreed."""
        standing = [line for line in self.lines.values() if line.standing]
        priced = price_cart(
            CartToPrice(
                self.row.currency,
                self.row.tax_inclusive,
                tuple(
                    CartLine(
                        line.line_no,
                        line.line_no,
                        line.standing,
                        (PricePoint(1, line.unit_price_minor),),
                        line.tax_rate_basis_points,
                    )
                    for line in standing
                ),
            )
        )
        for line in self.lines.values():
            line.net_minor = line.tax_minor = line.total_minor = 0
        for line, money in zip(standing, priced.lines, strict=True):
            line.net_minor, line.tax_minor, line.total_minor = money.net_minor, money.tax_minor, money.total_minor
        if not any(line.fulfilment_kind == "ship" for line in standing):
            # What is not brought is not charged; once something was, the delivery stands.
            self.delivery = (0, 0, 0)
        net, tax, total = self.delivery
        self.totals = (priced.net_minor + net, priced.tax_minor + tax, priced.total_minor + total)

    async def close_if_done(self) -> None:
        """Complete or cancel the order when nothing is open, and void what was authorised and is not needed."""
        lines = self.lines.values()
        after = rules.status_after(
            self.status, sum(line.open for line in lines), sum(line.quantity_fulfilled for line in lines)
        )
        if after == self.status:
            return
        self.status, self.hold_reason = after, None
        self.happened(f"order.{after}", {"total": self.money(self.totals[2])})
        payments = await reading_sql.PAYMENTS_OF.all(self.tx, order_ids=[self.row.order_id])
        voids = rules.rests_to_void(
            self.totals[2], [(p.payment_id, p.authorised_minor - p.voided_minor, p.captured_minor) for p in payments]
        )
        if voids:
            await payments_sql.VOID_MANY.run(
                self.tx, order_id=self.row.order_id, payment_ids=list(voids), amounts_minor=list(voids.values())
            )
        for payment_id, amount in voids.items():
            self.happened("payment.voided", {"payment_id": payment_id, "amount": self.money(amount)})

    def money(self, amount_minor: int) -> dict[str, object]:
        """Give an amount as events carry it."""
        return {"amount_minor": amount_minor, "currency": self.row.currency}

    async def finish(self, action: str, detail: dict[str, Any]) -> Order:
        """Write everything, tell everybody, and give the order as it now is."""
        row = self.row
        await sql.UPDATE_ORDER.run(
            self.tx,
            order_id=row.order_id,
            status=self.status,
            hold_reason=self.hold_reason,
            net_minor=self.totals[0],
            tax_minor=self.totals[1],
            total_minor=self.totals[2],
            delivery_net_minor=self.delivery[0],
            delivery_tax_minor=self.delivery[1],
            delivery_total_minor=self.delivery[2],
            customer_email=self.customer[0],
            customer_name=self.customer[1],
            customer_phone=self.customer[2],
            ship_to=self.ship_to,
            now=self.now,
        )
        if self.lines:
            await self._write_lines()
        skus = {line.variant_id: line.sku for line in self.lines.values()}
        stock = inventory.levels_changed(list(self.changed.values()), skus, self.config.location_codes)
        await publish(self.tx, [*self.events, *stock])
        await audit.record(self.tx, self.actor, action, "order", str(row.order_id), detail)
        return await reading.get_order(self.tx, row.order_id)

    async def _write_lines(self) -> None:
        lines = list(self.lines.values())
        await sql.WRITE_LINES.run(
            self.tx,
            order_id=self.row.order_id,
            line_nos=[line.line_no for line in lines],
            variant_ids=[line.variant_id for line in lines],
            skus=[line.sku for line in lines],
            quantities=[line.quantity for line in lines],
            quantities_cancelled=[line.quantity_cancelled for line in lines],
            quantities_fulfilled=[line.quantity_fulfilled for line in lines],
            fulfilment_kinds=[line.fulfilment_kind for line in lines],
            location_ids=[line.location_id for line in lines],
            unit_prices=[line.unit_price_minor for line in lines],
            nets=[line.net_minor for line in lines],
            taxes=[line.tax_minor for line in lines],
            totals=[line.total_minor for line in lines],
            tax_rates=[line.tax_rate_basis_points for line in lines],
        )


def _too_many(line: LineRow, available: int, field: str) -> TooManyUnits:
    return TooManyUnits(
        f"Line {line.line_no} has {available} open units there.", field=field, line_no=line.line_no, open=available
    )


def _not_there(line: LineRow, available: int, awaited: Sequence[Reservation], field: str) -> UnitsAwaited:
    days = [row.expected_on for row in awaited]
    known = [day for day in days if day is not None]
    expected_on = max(known) if len(known) == len(days) else None
    when = f"expected on {expected_on}" if expected_on else "and nobody knows when they come"
    return UnitsAwaited(
        f"Only {available} units of line {line.line_no} are there; the others are awaited, {when}.",
        field=field,
        line_no=line.line_no,
        open=available,
        expected_on=expected_on,
    )
