"""Placing a whole group of orders in one transaction: read, decide in memory, write set-based."""

from collections.abc import Sequence
from datetime import datetime
from functools import partial
from typing import Any, cast
from uuid import UUID

import asyncpg

from kanava.carriers import service as carriers
from kanava.carriers.model import UNKNOWN_WEIGHT_GRAMS
from kanava.channels import service as channels
from kanava.inventory import service as inventory
from kanava.inventory.errors import LevelsMoved
from kanava.inventory.model import Key, Level, Reservation
from kanava.orders.errors import CartChanged, CartPlaced
from kanava.orders.placing import decide, prepare
from kanava.orders.placing.callers import confirm_callers
from kanava.orders.placing.prepare import Prepared, Sellable
from kanava.orders.placing.repeats import without_repeats
from kanava.orders.placing.request import Outcome, Placed, Placing
from kanava.orders.placing.rows import GroupRows
from kanava.orders.placing.waiting import Short, wait_for_incoming
from kanava.orders.store import placing as sql
from kanava.platform import clock, outbox
from kanava.platform.db import Connection, Database, LateTransaction, Writes, few_rows, write_all
from kanava.platform.errors import KanavaError, Overloaded
from kanava.platform.group_commit import GroupCommit
from kanava.platform.snapshot import Snapshot
from kanava.sourcing.awaiting import Awaited, take_awaited
from kanava.sourcing.model import Place, Plan, RoutingConfig
from kanava.sourcing.planning import Wanted, needs_of, plan_wanted, short_lines, take_planned
from kanava.sourcing.promise.model import Terms
from kanava.sourcing.promise.terms import load_terms
from kanava.sourcing.routing import service as routing
from kanava.sourcing.routing.costing import NOTHING_SHIPPED, Setting
from kanava.sourcing.routing.decisions import Decision, decision_of
from kanava.sourcing.stock import WorkingStock

ATTEMPTS_MAX = 20
NUMBERS_PER_BLOCK = 100
"""Order numbers that one `nextval` reserves (the sequence increments by as many)."""


class OrderPlacer:
    """The one way into sales_order: a queue in front of group transactions."""

    def __init__(self, db: Database, *, queue_max: int = 5_000, lanes: int = 1) -> None:
        self.db = db
        self._terms: Snapshot[Terms] = Snapshot(load_terms)
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
                async with self.db.late_transaction() as late:
                    return await _Group(self, late, group, clock.now()).place()
            except (LevelsMoved, asyncpg.DeadlockDetectedError, asyncpg.UniqueViolationError):
                # Another process was quicker with a level, a key or an order id: read again, decide anew.
                continue
        raise Overloaded("Others took the same stock at the same time, again and again; nothing was written.")

    async def config(self, tx: Connection, version: int | None = None) -> RoutingConfig:
        """Give the settings in force; `version` when it was read in this transaction already."""
        return (await self.terms(tx, version)).config

    async def terms(self, tx: Connection, version: int | None = None) -> Terms:
        """Give the settings in force with what promises are made of; `version` when it was read already."""
        return await (self._terms.current(tx) if version is None else self._terms.at_version(tx, version))

    async def presumed(self, tx: Connection) -> tuple[int, Terms]:
        """Give the settings held, with their version: in force only when what is read with them says the same."""
        return self._terms.held or await self._terms.loaded(tx)

    async def number(self, tx: Connection) -> int:
        """Give the next order number; blocks are reserved, so numbers may be left out but never given twice."""
        if not self._numbers:
            first = await sql.NEXT_NUMBERS.one(tx)
            self._numbers = list(range(first + NUMBERS_PER_BLOCK - 1, first - 1, -1))
        return self._numbers.pop()


class _Group:
    """One attempt at one group."""

    def __init__(self, placer: OrderPlacer, late: LateTransaction, group: Sequence[Placing], now: datetime) -> None:
        self.placer, self.late, self.group, self.now = placer, late, list(group), now
        self.tx = late.connection
        self.outcomes: list[Outcome | None] = [None] * len(group)
        self.same_as: dict[int, int] = {}
        self.stock = WorkingStock()
        self.holds: dict[UUID, list[Reservation]] = {}
        self.holds_used: list[Reservation] = []
        self.widened: set[int] = set()
        self.expired_for: set[int] = set()
        self.prepared: dict[int, Prepared] = {}
        self.refused: dict[int, KanavaError] = {}
        self.near: dict[int, Sequence[Place]] = {}
        self.scarcity: dict[Key, int] = {}
        self.weights: dict[int, int] = {}
        self.categories: dict[int, frozenset[str]] = {}
        self.terms: Terms
        self.config: RoutingConfig

    async def place(self) -> Sequence[Outcome]:
        """Answer every request of the group; what is accepted is written when the transaction commits."""
        found = await self._read()
        prepared = await self._fresh(found)
        if prepared:
            await self._read_carts(prepared)
            sellable = await self._sellable(prepared, found)
            rows = GroupRows()
            for position, order in prepared.items():
                await self._place_one(position, order, sellable, rows)
            if rows.orders:
                await self._write_rows(rows)
        for position, first in self.same_as.items():
            self.outcomes[position] = self.outcomes[first]
        return cast("list[Outcome]", self.outcomes)

    async def _read(self) -> Sequence[sql.PriceOrLevel]:
        """Read what the orders need with the settings and callers as they are presumed, again when that was wrong."""
        for _ in range(ATTEMPTS_MAX):
            version, self.terms = await self.placer.presumed(self.tx)
            self.config = self.terms.config
            await routing.observe(self.tx, self.config.router, self.now)
            self._prepare()
            found = await self._look_up()
            if found[0].config_version != version:
                await self.placer.terms(self.tx, found[0].config_version)
            elif not await confirm_callers(self.tx, self.group, self.outcomes, found[0].access_version, self.now):
                return found
        raise LevelsMoved

    async def _look_up(self) -> Sequence[sql.PriceOrLevel]:
        pairs: set[tuple[int, str]] = set()
        spots: set[tuple[str, int]] = set()
        for position, order in self.prepared.items():
            near = self.near[position] = decide.places_looked_at(order, self.config)
            for line, spot in zip(order.placing.order.lines, order.spots, strict=True):
                pairs.update([(price_list.price_list_id, line.sku) for price_list in order.price_lists])
                there = near if spot is None else (spot,)
                spots.update([(line.sku, place.location_id) for place in there])
        return await sql.PRICES_AND_LEVELS.all(
            self.tx,
            **self._names(),
            price_list_ids=[pair[0] for pair in pairs],
            skus=[pair[1] for pair in pairs],
            level_skus=[pair[0] for pair in spots],
            location_ids=[pair[1] for pair in spots],
            now=self.now,
        )

    def _names(self) -> dict[str, Any]:
        return {
            "actors": [placing.actor.label for placing in self.group],
            "idempotency_keys": [placing.idempotency_key for placing in self.group],
            "order_ids": [placing.order.order_id for placing in self.group],
        }

    async def _fresh(self, found: Sequence[sql.PriceOrLevel]) -> dict[int, Prepared]:
        """Give the requests that are to be placed; the others are answered."""
        earlier = {}
        if found[0].any_earlier:
            earlier = {row.position - 1: row for row in await sql.EARLIER.all(self.tx, **self._names())}
        fresh, self.same_as = without_repeats(self.group, self.outcomes, earlier)
        for position in fresh:
            self.outcomes[position] = self.refused.get(position)
        return {position: self.prepared[position] for position in fresh if position in self.prepared}

    def _prepare(self) -> None:
        self.prepared.clear()
        self.refused.clear()
        for position, placing in enumerate(self.group):
            try:
                self.prepared[position] = prepare.prepare(placing, self.config, self.now)
            except KanavaError as error:
                self.refused[position] = error

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

    async def _sellable(self, prepared: dict[int, Prepared], found: Sequence[sql.PriceOrLevel]) -> Sellable:
        """Take in prices and levels, and read what hangs on them where there is any."""
        prices, levels = {}, {}
        for row in found:
            if row.location_id:
                levels[row.variant_id, row.location_id] = row.level()
            elif row.sku is not None:
                prices[row.price_list_id, row.sku] = row.price()
        sellable = Sellable(prices, set())
        variant_ids = list({price.variant_id for price in prices.values()})
        if any(order.channel.assortment == "listed" for order in prepared.values()):
            sellable.listed = await channels.listed_pairs(self.tx, variant_ids)
        held = {(hold.variant_id, hold.location_id) for holds in self.holds.values() for hold in holds}
        if held:
            levels |= await inventory.levels_at(self.tx, held)
        await self._add_levels(levels)
        if self.config.any_threshold:
            self.stock.set_thresholds(await inventory.thresholds_of(self.tx, variant_ids))
        if self.config.any_scarcity:
            self.scarcity = await routing.scarcity_of(self.tx, variant_ids)
        if self.config.router.carriers is not None:
            self.weights = {
                price.variant_id: UNKNOWN_WEIGHT_GRAMS if price.weight_grams is None else price.weight_grams
                for price in prices.values()
            }
        if points := decide.points_named(prepared.values(), self.terms.carriers):
            sellable.points = await carriers.countries_of_points(self.tx, points)
        if self.config.router.needs_categories:
            self.categories = await routing.categories_of(self.tx, variant_ids)
        return sellable

    async def _add_levels(self, levels: dict[Key, Level]) -> None:
        fenced = self.stock.add_levels(levels)
        if fenced:
            self.stock.set_fences(await inventory.ring_fences_at(self.tx, fenced))

    async def _place_one(self, position: int, order: Prepared, sellable: Sellable, rows: GroupRows) -> None:
        holds = self.holds.get(order.placing.cart_id, []) if order.placing.cart_id is not None else []
        for hold in holds:
            self.stock.lend((hold.variant_id, hold.location_id), hold.channel_id, hold.quantity, hold.from_ring_fence)
        try:
            offers = prepare.resolve_lines(order, sellable)
            priced = decide.price(order, offers, self.config, self.now.date())
            wanted = decide.wanted_of(order, offers)
            setting = self._setting(order, wanted, priced.total_minor)
            chosen, units = self._plan(order, wanted, setting, known=self.near[position])
            if not chosen.proven:
                await self._look_wider(wanted)
                chosen, units = self._plan(order, wanted, setting)
            if chosen.short:
                await self._look_wider(wanted)
                await self._expire_holds(wanted)
                chosen, units = self._plan(order, wanted, setting)
            awaited = Awaited(())
            if chosen.short:
                short = Short(order, wanted, short_lines(wanted, units, chosen.short), setting)
                chosen, awaited = await wait_for_incoming(self.tx, short, partial(self._plan, order), self.now)
            promises = decide.promise(order, offers, [*chosen.parts, *awaited.parts], self.terms, self.now)
            decide.refuse_unready(order, promises, self.terms)
            delivery = decide.delivery_charge(order, priced, promises, self.terms.carriers, sellable.points)
            decide.refuse_other_total(order, priced, delivery)
            # Nothing refuses the order from here on: what is taken out of the working stock stays taken.
            fences = take_planned(order.channel, wanted, chosen, self.stock)
            if awaited.parts:
                await take_awaited(await self.late.begin(), awaited, self.now)
            decision = self._decision(chosen, wanted, setting)
            number = await self.placer.number(self.tx)
            decided = decide.Decided(
                order, offers, priced, chosen.parts, fences, promises, delivery, decision, awaited.parts
            )
            self.outcomes[position] = Placed(rows.add(decided, number, self.config.spots, self.now))
            self.holds_used += holds
        except KanavaError as error:
            self.outcomes[position] = error
            for hold in holds:
                self.stock.lend(
                    (hold.variant_id, hold.location_id), hold.channel_id, -hold.quantity, -hold.from_ring_fence
                )

    def _setting(self, order: Prepared, wanted: Sequence[Wanted], value_minor: int) -> Setting:
        """Give what the order is routed with; nothing ships when every line has its place."""
        if all(want.location_id is not None for want in wanted):
            return NOTHING_SHIPPED
        categories = frozenset[str]().union(*[self.categories.get(want.variant_id, ()) for want in wanted])
        facts = decide.facts_of(order, value_minor, categories)
        return self.config.router.setting(order.channel.thresholds, facts, self.now)

    def _plan(
        self,
        order: Prepared,
        wanted: Sequence[Wanted],
        setting: Setting,
        known: Sequence[Place] | None = None,
    ) -> tuple[Plan, dict[Key, int]]:
        return plan_wanted(order.channel, wanted, self.stock, setting, self.scarcity, known=known, weights=self.weights)

    def _decision(self, chosen: Plan, wanted: Sequence[Wanted], setting: Setting) -> Decision | None:
        """Put where the goods come from into words, for whoever asks why."""
        if setting is NOTHING_SHIPPED:
            return None
        number, codes = self.config.router.ruleset.number, self.config.location_codes
        return decision_of(chosen, needs_of(wanted, self.weights), setting, number, codes, self.scarcity)

    async def _look_wider(self, wanted: Sequence[Wanted]) -> None:
        """Read every place of what is shipped: another place may cost less, or hold what the cheapest lack."""
        unseen = {want.variant_id for want in wanted if want.location_id is None} - self.widened
        if unseen:
            self.widened |= unseen
            await self._add_levels(await inventory.levels_of(self.tx, list(unseen)))

    async def _expire_holds(self, wanted: Sequence[Wanted]) -> None:
        """End holds whose time is over, before saying that there is no stock."""
        if unchecked := {want.variant_id for want in wanted} - self.expired_for:
            self.expired_for |= unchecked
            await self.late.begin()
            if await inventory.expire_holds_of(self.tx, list(unchecked), self.now):
                levels = await inventory.levels_of(self.tx, list(unchecked))
                self.stock.renew(levels)
                self.stock.set_fences(await inventory.ring_fences_at(self.tx, levels))

    async def _write_rows(self, rows: GroupRows) -> None:
        skus = {cast("int", line[2]): cast("str", line[3]) for line in rows.lines}
        changes, codes = self.stock.changes(), self.config.location_codes
        events = outbox.rows_of(rows.events)
        writes: Writes = [
            (sql.INSERT_ORDERS, rows.orders),
            (sql.INSERT_LINES, rows.lines),
            inventory.reservation_rows(rows.reservations),
            inventory.movement_rows(rows.movements, rows.movement_actors),
            (sql.INSERT_PAYMENTS, rows.payments),
            (outbox.INSERT_EVENTS, events),
            (sql.INSERT_ANSWERS, rows.answers),
        ]
        nothing_else = not (self.late.begun or self.holds_used or self.stock.fences_used or rows.carts)
        if nothing_else and few_rows(writes):
            await inventory.apply_changes_and_write(self.tx, changes, skus, codes, writes)
            return
        tx = await self.late.begin()
        if self.holds_used:
            then = [(change.variant_id, change.location_id) for change in changes]
            await inventory.end_reservations(tx, self.holds_used, "released", "system:carts", self.now, then=then)
        changed = await inventory.apply_changes(tx, changes)
        if self.stock.fences_used:
            await inventory.use_ring_fences(tx, self.stock.fences_used)
        if rows.carts:
            await self._mark_carts(tx, rows)
        events += outbox.rows_of(inventory.levels_changed(changed, skus, codes))
        await write_all(tx, writes)

    async def _mark_carts(self, tx: Connection, rows: GroupRows) -> None:
        marked = await sql.MARK_CARTS_PLACED.all(
            tx,
            now=self.now,
            cart_ids=[row[0] for row in rows.carts],
            order_ids=[row[1] for row in rows.carts],
            versions=[row[2] for row in rows.carts],
        )
        if len(marked) != len(rows.carts):
            raise LevelsMoved  # Somebody placed or changed one of the carts: the next attempt sees it.
