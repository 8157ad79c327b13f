"""Placing a whole group of orders in one transaction: read, decide in memory, write set-based."""

from collections.abc import Sequence
from datetime import datetime
from typing import cast

import asyncpg

from kanava.channels import service as channels
from kanava.inventory import service as inventory
from kanava.inventory.errors import LevelsMoved
from kanava.orders.errors import CartPlaced, OrderExists
from kanava.orders.placing import decide, prepare
from kanava.orders.placing.prepare import LineOffer, Prepared, Sellable
from kanava.orders.placing.request import Placed, Placing
from kanava.orders.placing.rows import GroupRows
from kanava.orders.store import placing as sql
from kanava.platform import clock, outbox
from kanava.platform.db import Connection, Database
from kanava.platform.errors import KanavaError, Overloaded
from kanava.platform.group_commit import GroupCommit
from kanava.platform.idempotency import IdempotencyKeyReused
from kanava.platform.snapshot import Snapshot
from kanava.pricing import service as pricing
from kanava.sourcing import service as sourcing
from kanava.sourcing.model import RoutingConfig
from kanava.sourcing.stock import WorkingStock

ATTEMPTS_MAX = 20
NUMBERS_PER_BLOCK = 100
"""Order numbers that one `nextval` reserves (the sequence increments by as many)."""

Outcome = Placed | Exception


class OrderPlacer:
    """The one way into sales_order: a queue in front of group transactions."""

    def __init__(self, db: Database, *, queue_max: int = 5_000, lanes: int = 1) -> None:
        self.db = db
        self._config: Snapshot[RoutingConfig] = Snapshot(sourcing.load_config)
        self._numbers: list[int] = []
        self._groups: GroupCommit[Placing, Placed] = GroupCommit(
            "orders", self._write, queue_max=queue_max, lanes=lanes
        )

    async def place(self, placing: Placing) -> Placed:
        """Place one order with whatever else is waiting; raises its own condition."""
        return await self._groups.submit(placing)

    async def close(self) -> None:
        """Write what is waiting, then take nothing more."""
        await self._groups.close()

    async def _write(self, group: Sequence[Placing]) -> Sequence[Outcome]:
        for _ in range(ATTEMPTS_MAX):
            try:
                async with self.db.transaction() as tx:
                    return await _Group(self, tx, group, clock.now()).place()
            except (LevelsMoved, asyncpg.DeadlockDetectedError, asyncpg.UniqueViolationError):
                # Another process was quicker with a level, a key or an order id: read again, decide anew.
                continue
        raise Overloaded("Others took the same stock at the same time, again and again; nothing was written.")

    async def config(self, tx: Connection) -> RoutingConfig:
        """Give the settings in force."""
        return await self._config.current(tx)

    async def number(self, tx: Connection) -> int:
        """Give the next order number; blocks are reserved, so numbers may be left out but never given twice."""
        if not self._numbers:
            first = await sql.NEXT_NUMBERS.one(tx)
            self._numbers = list(range(first + NUMBERS_PER_BLOCK - 1, first - 1, -1))
        return self._numbers.pop()


class _Group:
    """One attempt at one group."""

    def __init__(self, placer: OrderPlacer, tx: Connection, group: Sequence[Placing], now: datetime) -> None:
        self.placer, self.tx, self.group, self.now = placer, tx, group, now
        self.outcomes: list[Outcome | None] = [None] * len(group)
        self.same_as: dict[int, int] = {}
        self.stock = WorkingStock()
        self.widened: set[int] = set()
        self.expired_for: set[int] = set()
        self.config: RoutingConfig

    async def place(self) -> Sequence[Outcome]:
        """Answer every request of the group; what is accepted is written when the transaction commits."""
        self.config = await self.placer.config(self.tx)
        fresh = self._without_repeats(await self._earlier())
        prepared = self._prepare(fresh)
        if prepared:
            await self._release_cart_holds(prepared)
            rows_of = await self._resolve(prepared)
            await self._read_stock(rows_of)
            rows = GroupRows()
            for position, (order, found) in rows_of.items():
                await self._place_one(position, order, found, rows)
            if rows.orders:
                await self._write_rows(rows)
        for position, first in self.same_as.items():
            self.outcomes[position] = self.outcomes[first]
        return cast("list[Outcome]", self.outcomes)

    async def _earlier(self) -> dict[int, sql.Earlier]:
        found = await sql.EARLIER.all(
            self.tx,
            actors=[placing.actor.label for placing in self.group],
            idempotency_keys=[placing.idempotency_key for placing in self.group],
            order_ids=[placing.order.order_id for placing in self.group],
        )
        return {row.position - 1: row for row in found}

    def _without_repeats(self, earlier: dict[int, sql.Earlier]) -> list[int]:
        """Answer what was answered before; of requests that came twice in this group, keep the first."""
        fresh = []
        keys: dict[tuple[str, str], int] = {}
        order_ids: dict[object, int] = {}
        for position, placing in enumerate(self.group):
            known = earlier.get(position)
            if known is not None:
                self.outcomes[position] = _earlier_outcome(placing, known)
                continue
            key = (placing.actor.label, placing.idempotency_key)
            first = keys.setdefault(key, position)
            if first != position:
                if self.group[first].request_hash == placing.request_hash:
                    self.same_as[position] = first
                else:
                    self.outcomes[position] = _key_reused()
            elif order_ids.setdefault(placing.order.order_id, position) != position:
                self.outcomes[position] = _order_exists(placing)
            else:
                fresh.append(position)
        return fresh

    def _prepare(self, fresh: Sequence[int]) -> dict[int, Prepared]:
        prepared = {}
        for position in fresh:
            try:
                prepared[position] = prepare.prepare(self.group[position], self.config, self.now)
            except KanavaError as error:
                self.outcomes[position] = error
        return prepared

    async def _release_cart_holds(self, prepared: dict[int, Prepared]) -> None:
        """Holds of carts become free in this transaction only, and the cart's own order takes them again."""
        cart_ids = [p.placing.cart_id for p in prepared.values() if p.placing.cart_id is not None]
        if not cart_ids:
            return
        placed = {row.cart_id: row.order_id for row in await sql.CARTS_PLACED.all(self.tx, cart_ids=cart_ids)}
        seen = set()
        for position, order in list(prepared.items()):
            cart_id = order.placing.cart_id
            if cart_id is not None and (cart_id in placed or cart_id in seen):
                self.outcomes[position] = CartPlaced(f"The cart {cart_id} was placed as an order already.")
                del prepared[position]
            seen.add(cart_id)
        await inventory.release_cart_holds(self.tx, cart_ids, "system:carts", self.now)

    async def _resolve(self, prepared: dict[int, Prepared]) -> dict[int, tuple[Prepared, list[LineOffer]]]:
        wanted = {
            (price_list.price_list_id, line.sku)
            for order in prepared.values()
            for line in order.placing.order.lines
            for price_list in order.price_lists
        }
        pairs = sorted(wanted)
        found = await pricing.prices_in_force(self.tx, [p[0] for p in pairs], [p[1] for p in pairs], self.now)
        sellable = Sellable({(row.price_list_id, row.sku): row for row in found}, set())
        variant_ids = list({row.variant_id for row in found})
        if any(order.channel.assortment == "listed" for order in prepared.values()):
            sellable.listed = await channels.listed_pairs(self.tx, variant_ids)
        rows_of = {}
        for position, order in prepared.items():
            try:
                rows_of[position] = (order, prepare.resolve_lines(order, sellable))
            except KanavaError as error:
                self.outcomes[position] = error
        return rows_of

    async def _read_stock(self, rows_of: dict[int, tuple[Prepared, list[LineOffer]]]) -> None:
        keys = {key for order, rows in rows_of.values() for key in prepare.keys_to_read(order, rows, self.config)}
        variant_ids = list({key[0] for key in keys})
        if not keys:
            return
        fenced = self.stock.add_levels(await inventory.levels_at(self.tx, keys))
        self.stock.set_thresholds(await inventory.thresholds_of(self.tx, variant_ids))
        if fenced:
            self.stock.set_fences(await inventory.ring_fences_at(self.tx, fenced))

    async def _place_one(self, position: int, order: Prepared, found: list[LineOffer], rows: GroupRows) -> None:
        try:
            priced = decide.price(order, found, self.config, self.now.date())
            chosen = decide.plan(order, found, self.stock, decide.places_looked_at(order, self.config, wide=False))
            if chosen.short:
                chosen = await self._plan_again(order, found)
            if chosen.short:
                raise decide.shortage(order, found, chosen.short)
            fences = decide.take(order, chosen, self.stock)
            number = await self.placer.number(self.tx)
            decided = decide.Decided(order, found, priced, chosen.parts, fences)
            self.outcomes[position] = Placed(rows.add(decided, number, self.config.spots, self.now))
        except KanavaError as error:
            self.outcomes[position] = error

    async def _plan_again(self, order: Prepared, found: list[LineOffer]) -> decide.Plan:
        """Look at every place that ships, and end holds whose time is over, before saying that there is no stock."""
        variant_ids = {row.variant_id for row in found}
        everywhere = decide.places_looked_at(order, self.config, wide=True)
        if everywhere and (unseen := variant_ids - self.widened):
            self.widened |= unseen
            fenced = self.stock.add_levels(await inventory.levels_of(self.tx, list(unseen)))
            if fenced:
                self.stock.set_fences(await inventory.ring_fences_at(self.tx, fenced))
        if unchecked := variant_ids - self.expired_for:
            self.expired_for |= unchecked
            if await inventory.expire_holds_of(self.tx, list(unchecked), self.now):
                levels = await inventory.levels_of(self.tx, list(unchecked))
                self.stock.renew(levels)
                self.stock.set_fences(await inventory.ring_fences_at(self.tx, levels))
        return decide.plan(order, found, self.stock, everywhere)

    async def _write_rows(self, rows: GroupRows) -> None:
        tx = self.tx
        changed = await inventory.apply_changes(tx, self.stock.changes())
        if self.stock.fences_used:
            await inventory.use_ring_fences(tx, self.stock.fences_used)
        await sql.INSERT_ORDERS.write(tx, rows.orders)
        await sql.INSERT_LINES.write(tx, rows.lines)
        await inventory.write_reservations(tx, rows.reservations)
        await inventory.write_movements(tx, rows.movements, rows.movement_actors)
        await sql.INSERT_PAYMENTS.write(tx, rows.payments)
        if rows.carts:
            marked = await sql.MARK_CARTS_PLACED.all(
                tx, now=self.now, cart_ids=[row[0] for row in rows.carts], order_ids=[row[1] for row in rows.carts]
            )
            if len(marked) != len(rows.carts):
                raise LevelsMoved  # Another process placed one of the carts: the next attempt finds its order.
        skus = {cast("int", line[2]): cast("str", line[3]) for line in rows.lines}
        await outbox.publish(tx, [*rows.events, *inventory.levels_changed(changed, skus, self.config.location_codes)])
        await sql.INSERT_ANSWERS.write(tx, rows.answers)


def _earlier_outcome(placing: Placing, known: sql.Earlier) -> Outcome:
    if known.request_hash is None:
        return _order_exists(placing)
    if known.request_hash != placing.request_hash:
        return _key_reused()
    return Placed(known.response_body or b"", repeated=True)


def _key_reused() -> Exception:
    return IdempotencyKeyReused("The key was used before with another body or path.", field="Idempotency-Key")


def _order_exists(placing: Placing) -> Exception:
    return OrderExists(f"The order id {placing.order.order_id} was used before.", field="order_id")
