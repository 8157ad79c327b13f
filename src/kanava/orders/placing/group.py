"""Placing a whole group of orders in one transaction: read, decide in memory, write set-based."""

from collections.abc import Sequence
from datetime import datetime
from typing import cast
from uuid import UUID

import asyncpg
import msgspec

from kanava.channels import service as channels
from kanava.inventory import service as inventory
from kanava.inventory.errors import LevelsMoved
from kanava.inventory.model import Key, Level, Reservation
from kanava.orders.errors import CartChanged, CartPlaced, OrderExists
from kanava.orders.placing import decide, prepare
from kanava.orders.placing.prepare import LineOffer, Prepared, Sellable
from kanava.orders.placing.request import Placed, Placing
from kanava.orders.placing.rows import GroupRows
from kanava.orders.store import placing as sql
from kanava.platform import auth, clock, outbox
from kanava.platform.db import Connection, Database, write_all
from kanava.platform.errors import KanavaError, Overloaded
from kanava.platform.group_commit import GroupCommit
from kanava.platform.idempotency import IdempotencyKeyReused
from kanava.platform.snapshot import Snapshot
from kanava.pricing import service as pricing
from kanava.sourcing import service as sourcing
from kanava.sourcing.model import Plan, RoutingConfig
from kanava.sourcing.planning import Wanted, keys_of, plan_wanted, short_lines, take_planned
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

    async def config(self, tx: Connection, version: int | None = None) -> RoutingConfig:
        """Give the settings in force; `version` when it was read in this transaction already."""
        return await (self._config.current(tx) if version is None else self._config.at_version(tx, version))

    async def number(self, tx: Connection) -> int:
        """Give the next order number; blocks are reserved, so numbers may be left out but never given twice."""
        if not self._numbers:
            first = await sql.NEXT_NUMBERS.one(tx)
            self._numbers = list(range(first + NUMBERS_PER_BLOCK - 1, first - 1, -1))
        return self._numbers.pop()


class _Group:
    """One attempt at one group."""

    def __init__(self, placer: OrderPlacer, tx: Connection, group: Sequence[Placing], now: datetime) -> None:
        self.placer, self.tx, self.group, self.now = placer, tx, list(group), now
        self.outcomes: list[Outcome | None] = [None] * len(group)
        self.same_as: dict[int, int] = {}
        self.stock = WorkingStock()
        self.wanted: dict[UUID, list[Wanted]] = {}
        self.holds: dict[UUID, list[Reservation]] = {}
        self.holds_used: list[Reservation] = []
        self.widened: set[int] = set()
        self.expired_for: set[int] = set()
        self.config: RoutingConfig

    async def place(self) -> Sequence[Outcome]:
        """Answer every request of the group; what is accepted is written when the transaction commits."""
        await self._confirm_actors()
        fresh = self._without_repeats(await self._earlier())
        prepared = self._prepare(fresh)
        if prepared:
            await self._read_carts(prepared)
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

    async def _confirm_actors(self) -> None:
        """Refuse callers whose key or session has ended or lost the scope since it was last seen."""
        tokens = {placing.token for placing in self.group if placing.token is not None}
        if not tokens:
            return
        actors = await auth.look_up(self.tx, tokens)
        for position, placing in enumerate(self.group):
            if placing.token is None:
                continue
            actor = actors.get(placing.token)
            if actor is None:
                self.outcomes[position] = auth.unknown_token()
                continue
            if actor != placing.actor:
                self.group[position] = msgspec.structs.replace(placing, actor=actor)
            try:
                auth.check_scope(actor, "orders:write")
            except KanavaError as error:
                self.outcomes[position] = error

    async def _earlier(self) -> dict[int, sql.Earlier]:
        """Look up what is known of the requests, and in the same round trip the version of the settings."""
        found = await sql.EARLIER.all(
            self.tx,
            actors=[placing.actor.label for placing in self.group],
            idempotency_keys=[placing.idempotency_key for placing in self.group],
            order_ids=[placing.order.order_id for placing in self.group],
        )
        self.config = await self.placer.config(self.tx, found[0].config_version)
        return {row.position - 1: row for row in found if row.position is not None}

    def _without_repeats(self, earlier: dict[int, sql.Earlier]) -> list[int]:
        """Answer what was answered before; of requests that came twice in this group, keep the first."""
        fresh = []
        keys: dict[tuple[str, str], int] = {}
        order_ids: dict[object, int] = {}
        for position, placing in enumerate(self.group):
            if self.outcomes[position] is not None:
                continue
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

    async def _read_carts(self, prepared: dict[int, Prepared]) -> None:
        """Refuse carts that were placed or changed meanwhile, and learn what the others hold."""
        wanted = {p.placing.cart_id: position for position, p in prepared.items() if p.placing.cart_id is not None}
        if not wanted:
            return
        states = {row.cart_id: row for row in await sql.CARTS.all(self.tx, cart_ids=list(wanted))}
        for position, order in list(prepared.items()):
            cart_id = order.placing.cart_id
            if cart_id is None:
                continue
            state = states.get(cart_id)
            if state is None or state.order_id is not None or wanted[cart_id] != position:
                self.outcomes[position] = CartPlaced(f"The cart {cart_id} was placed as an order already.")
                del prepared[position]
            elif state.version != order.placing.cart_version:
                self.outcomes[position] = CartChanged(f"The cart {cart_id} was changed in the meantime.")
                del prepared[position]
        for hold in await inventory.live_holds_of_carts(self.tx, list(wanted), self.now):
            self.holds.setdefault(cast("UUID", hold.cart_id), []).append(hold)

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
        keys = {(hold.variant_id, hold.location_id) for holds in self.holds.values() for hold in holds}
        for order, offers in rows_of.values():
            wanted = self.wanted[order.placing.order.order_id] = decide.wanted_of(order, offers)
            keys |= keys_of(wanted, decide.places_looked_at(order, self.config, wide=False))
        if not keys:
            return
        await self._add_levels(await inventory.levels_at(self.tx, keys))
        if self.config.any_threshold:
            self.stock.set_thresholds(await inventory.thresholds_of(self.tx, list({key[0] for key in keys})))

    async def _add_levels(self, levels: dict[Key, Level]) -> None:
        fenced = self.stock.add_levels(levels)
        if fenced:
            self.stock.set_fences(await inventory.ring_fences_at(self.tx, fenced))

    async def _place_one(self, position: int, order: Prepared, offers: list[LineOffer], rows: GroupRows) -> None:
        holds = self.holds.get(order.placing.cart_id, []) if order.placing.cart_id is not None else []
        for hold in holds:
            self.stock.lend((hold.variant_id, hold.location_id), hold.channel_id, hold.quantity, hold.from_ring_fence)
        try:
            priced = decide.price(order, offers, self.config, self.now.date())
            wanted = self.wanted[order.placing.order.order_id]
            chosen, units = self._plan(order, wanted, wide=False)
            if chosen.short:
                await self._look_further(order, wanted)
                chosen, units = self._plan(order, wanted, wide=True)
            if chosen.short:
                raise decide.shortage(order, short_lines(wanted, units, chosen.short))
            fences = take_planned(order.channel, wanted, chosen, self.stock)
            number = await self.placer.number(self.tx)
            decided = decide.Decided(order, offers, priced, chosen.parts, fences)
            self.outcomes[position] = Placed(rows.add(decided, number, self.config.spots, self.now))
            self.holds_used += holds
        except KanavaError as error:
            self.outcomes[position] = error
            for hold in holds:
                self.stock.lend(
                    (hold.variant_id, hold.location_id), hold.channel_id, -hold.quantity, -hold.from_ring_fence
                )

    def _plan(self, order: Prepared, wanted: Sequence[Wanted], *, wide: bool) -> tuple[Plan, dict[Key, int]]:
        places = decide.places_looked_at(order, self.config, wide=wide)
        return plan_wanted(order.channel, wanted, self.stock, places)

    async def _look_further(self, order: Prepared, wanted: Sequence[Wanted]) -> None:
        """Read every place that ships, and end holds whose time is over, before saying that there is no stock."""
        variant_ids = {want.variant_id for want in wanted}
        if decide.places_looked_at(order, self.config, wide=True) and (unseen := variant_ids - self.widened):
            self.widened |= unseen
            await self._add_levels(await inventory.levels_of(self.tx, list(unseen)))
        if unchecked := variant_ids - self.expired_for:
            self.expired_for |= unchecked
            if await inventory.expire_holds_of(self.tx, list(unchecked), self.now):
                levels = await inventory.levels_of(self.tx, list(unchecked))
                self.stock.renew(levels)
                self.stock.set_fences(await inventory.ring_fences_at(self.tx, levels))

    async def _write_rows(self, rows: GroupRows) -> None:
        tx = self.tx
        if self.holds_used:
            await inventory.end_reservations(tx, self.holds_used, "released", "system:carts", self.now)
        changed = await inventory.apply_changes(tx, self.stock.changes())
        if self.stock.fences_used:
            await inventory.use_ring_fences(tx, self.stock.fences_used)
        if rows.carts:
            marked = await sql.MARK_CARTS_PLACED.all(
                tx,
                now=self.now,
                cart_ids=[row[0] for row in rows.carts],
                order_ids=[row[1] for row in rows.carts],
                versions=[row[2] for row in rows.carts],
            )
            if len(marked) != len(rows.carts):
                raise LevelsMoved  # Somebody placed or changed one of the carts: the next attempt sees it.
        skus = {cast("int", line[2]): cast("str", line[3]) for line in rows.lines}
        events = [*rows.events, *inventory.levels_changed(changed, skus, self.config.location_codes)]
        await write_all(
            tx,
            [
                (sql.INSERT_ORDERS, rows.orders),
                (sql.INSERT_LINES, rows.lines),
                inventory.reservation_rows(rows.reservations),
                inventory.movement_rows(rows.movements, rows.movement_actors),
                (sql.INSERT_PAYMENTS, rows.payments),
                (outbox.INSERT_EVENTS, outbox.rows_of(events)),
                (sql.INSERT_ANSWERS, rows.answers),
            ],
        )


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
