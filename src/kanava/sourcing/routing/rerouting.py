"""Orders that nobody has begun to pick, looked at again: moved where that saves money and keeps the promise."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from typing import Protocol
from uuid import UUID

import msgspec

from kanava.carriers.model import UNKNOWN_WEIGHT_GRAMS
from kanava.inventory.errors import LevelsMoved
from kanava.platform.db import Connection, Database
from kanava.platform.errors import KanavaError
from kanava.sourcing.routing import decisions, service
from kanava.sourcing.routing.book import Book, variants_of
from kanava.sourcing.routing.costing import Router, Setting
from kanava.sourcing.routing.decisions import Decision, decision_of
from kanava.sourcing.routing.model import Need, Plan, ScarcityPrices
from kanava.sourcing.routing.rules import route
from kanava.sourcing.routing.service import ServedChannel, World
from kanava.sourcing.routing.simulating import facts_of
from kanava.sourcing.routing.store import orders as orders_sql
from kanava.sourcing.routing.store.orders import OpenOrder

BATCH = 500
ORDERS_MAX = 200_000
SAVING_LEAST_MINOR = 100
"""A parcel that was begun elsewhere is work lost and a mail to nobody's use: smaller savings are left."""
MOVES_SHOWN = 1_000


class UnitsMoved(msgspec.Struct, frozen=True):
    """Units of a line of one fulfilment that shall come from another place."""

    fulfilment_id: UUID
    line_no: int
    from_location_id: int
    to_location_id: int
    quantity: int


class Mover(Protocol):
    """Who carries a move out, under the order's lock; NotMoved when that cannot be any more."""

    def __call__(self, tx: Connection, moves: Sequence[UnitsMoved], reason: str, now: datetime) -> Awaitable[None]:
        """Move all of them, or raise."""


class Rerouted(msgspec.Struct, frozen=True):
    """An order that comes, or would come, from elsewhere."""

    order_id: UUID
    number: int
    from_locations: list[str]
    to_locations: list[str]
    saved_minor: int


class Report(msgspec.Struct, frozen=True):
    """What looking again gave; money in minor units of the retailer's currency."""

    dry_run: bool
    orders: int
    moved: int
    failed: int
    saved_minor: int
    cost_before_minor: int
    seconds: float
    moves: list[Rerouted]


class _Better(msgspec.Struct, frozen=True):
    order: OpenOrder
    moves: list[UnitsMoved]
    decision: Decision
    before_minor: int
    saved_minor: int


async def reroute(
    db: Database,
    now: datetime,
    mover: Mover | None,
    *,
    order_ids: Sequence[UUID] | None = None,
    saving_least_minor: int = SAVING_LEAST_MINOR,
    progress: Callable[[int, int], object] = lambda _done, _all: None,
    clock: Callable[[], float] = lambda: 0.0,
) -> Report:
    """Look at every open order, or at some; without a mover it only says what would be moved. `clock` gives seconds."""
    started = clock()
    async with db.connection() as connection:
        world = await service.load_world(connection, [await service.live_ruleset(connection)], now)
        if order_ids is None:
            order_ids = await orders_sql.OPEN_ORDER_IDS.all(connection, limit=ORDERS_MAX)
    codes = {location_id: row.code for location_id, row in world.locations.items()}
    looking = _Looking(world, now, saving_least_minor)
    moved: list[Rerouted] = []
    saved = before = failed = 0
    for start in range(0, len(order_ids), BATCH):
        async with db.connection() as connection:
            orders = await orders_sql.OPEN_ORDERS.all(
                connection, order_ids=list(order_ids[start : start + BATCH]), unknown_grams=UNKNOWN_WEIGHT_GRAMS
            )
            found = await looking.better(connection, orders)
        before += looking.cost_minor
        for better in found:
            if mover is not None and not await _carry_out(db, mover, better, now):
                failed += 1
                looking.take_back(better)
                continue
            saved += better.saved_minor
            moved.append(_told(better, codes))
        progress(min(start + BATCH, len(order_ids)), len(order_ids))
    return Report(
        mover is None,
        len(order_ids),
        len(moved),
        failed,
        saved,
        before,
        round(clock() - started, 3),
        moved[:MOVES_SHOWN],
    )


async def _carry_out(db: Database, mover: Mover, better: _Better, now: datetime) -> bool:
    """Move one order in a transaction of its own; False when somebody was quicker."""
    try:
        async with db.transaction() as tx:
            reason = f"routing: saves {better.saved_minor}"
            await mover(tx, better.moves, reason, now)
            await decisions.record(tx, better.order.order_id, "rerouted", better.decision, now)
        return True
    except (LevelsMoved, KanavaError):
        return False


def _told(better: _Better, codes: dict[int, str]) -> Rerouted:
    return Rerouted(
        better.order.order_id,
        better.order.number,
        sorted({codes[move.from_location_id] for move in better.moves}),
        sorted({codes[move.to_location_id] for move in better.moves}),
        better.saved_minor,
    )


class _Looking:
    """The orders of one run, against stock that is kept in step with what the run itself moves."""

    def __init__(self, world: World, now: datetime, saving_least_minor: int) -> None:
        self.world, self.now, self.saving_least = world, now, saving_least_minor
        self.router: Router = world.routers[0]
        self.codes = {location_id: row.code for location_id, row in world.locations.items()}
        self.book = Book(with_categories=self.router.needs_categories)
        self.cost_minor = 0

    async def better(self, connection: Connection, orders: Sequence[OpenOrder]) -> list[_Better]:
        """Give the orders of a batch that come cheaper from elsewhere; `cost_minor` is what all of it costs now."""
        self.cost_minor = 0
        self.book.forget()
        await self.book.read(connection, variants_of(order.variant_ids for order in orders))
        found = []
        for order in orders:
            channel = self.world.channels.get(order.channel)
            better = None if channel is None else self._better(order, channel)
            if better is not None:
                for move in better.moves:
                    variant_id = order.variant_ids[order.line_nos.index(move.line_no)]
                    self.book.move(variant_id, move.to_location_id, move.quantity)
                    self.book.move(variant_id, move.from_location_id, -move.quantity)
                found.append(better)
        return found

    def take_back(self, better: _Better) -> None:
        """Undo in the book what was not carried out."""
        order = better.order
        for move in better.moves:
            variant_id = order.variant_ids[order.line_nos.index(move.line_no)]
            self.book.move(variant_id, move.to_location_id, -move.quantity)
            self.book.move(variant_id, move.from_location_id, move.quantity)

    def _better(self, order: OpenOrder, channel: ServedChannel) -> _Better | None:
        setting = self.router.setting(channel.shipping, facts_of(order, channel, self.book), self.now)
        variants = set(order.variant_ids)
        units, scarcity = self.book.units(channel, variants), self.book.scarcity(variants)
        needs: dict[int, Need] = {}
        lies: dict[tuple[int, int], int] = {}
        for line_no, variant_id, quantity, weight, at in zip(
            order.line_nos, order.variant_ids, order.quantities, order.weights, order.location_ids, strict=True
        ):
            known = needs.get(line_no)
            together = quantity + (known.quantity if known else 0)
            needs[line_no] = Need(line_no, variant_id, together, None, weight)
            lies[(line_no, at)] = lies.get((line_no, at), 0) + quantity
            # Its own units are there for it, whatever else a channel has to leave.
            key = (variant_id, at)
            units[key] = max(0, units.get(key, 0)) + quantity
        before = _cost_as_it_lies(order, setting, scarcity)
        if before is None:
            return None
        self.cost_minor += before
        wanted = list(needs.values())
        plan = route(wanted, setting.places, units, setting.terms, scarcity)
        saved = before - plan.cost_minor
        if plan.short or saved < self.saving_least or not self._keeps_promise(order, plan):
            return None
        moves = _moves(lies, dict(zip(order.location_ids, order.fulfilment_ids, strict=True)), plan)
        decision = decision_of(plan, wanted, setting, self.router.ruleset.number, self.codes, scarcity)
        if not moves or decision is None:
            return None
        return _Better(order, moves, decision, before, saved)

    def _keeps_promise(self, order: OpenOrder, plan: Plan) -> bool:
        """Say whether every parcel leaves no later than by what was promised, or than it would where it lies now."""
        late = self.router.conditions.late_days
        now_leaves = max(late.get(location_id, 0) for location_id in order.location_ids)
        by = min(order.work_by)
        return all(
            late.get(part.location_id, 0) <= now_leaves
            or (self.now + timedelta(days=late.get(part.location_id, 0))).date() <= by.date()
            for part in plan.parts
        )


def _cost_as_it_lies(order: OpenOrder, setting: Setting, scarcity: ScarcityPrices) -> int | None:
    """Say what an order costs from where it lies; None when a rule no longer lets one of these places ship it."""
    places, cost = setting.places, 0
    grams: dict[int, int] = {}
    for variant_id, quantity, weight, at in zip(
        order.variant_ids, order.quantities, order.weights, order.location_ids, strict=True
    ):
        index = places.index.get(at)
        if index is None:
            return None
        grams[at] = grams.get(at, 0) + quantity * weight
        cost += quantity * (places.ordered[index].unit_cost_minor + scarcity.get((variant_id, at), 0))
    for at, weight in grams.items():
        place = places.ordered[places.index[at]]
        cost += place.parcel_cost_minor + (place.tariff.cost_of(weight) if place.tariff is not None else 0)
    return cost + setting.terms.split_penalty_minor * (len(grams) - 1)


def _moves(lies: dict[tuple[int, int], int], fulfilments: dict[int, UUID], plan: Plan) -> list[UnitsMoved]:
    """Say which units go from where to where so that they lie as planned; what may stay stays."""
    goal: dict[tuple[int, int], int] = {}
    for part in plan.parts:
        key = (part.line_no, part.location_id)
        goal[key] = goal.get(key, 0) + part.quantity
    leaving = [[*key, units - goal.get(key, 0)] for key, units in lies.items() if units > goal.get(key, 0)]
    coming = [[*key, units - lies.get(key, 0)] for key, units in goal.items() if units > lies.get(key, 0)]
    moves = []
    for entry in coming:
        line_no, to, missing = entry
        for other in leaving:
            taken = min(missing, other[2]) if other[0] == line_no else 0
            if taken:
                moves.append(UnitsMoved(fulfilments[other[1]], line_no, other[1], to, taken))
                other[2] -= taken
                missing -= taken
    return moves
