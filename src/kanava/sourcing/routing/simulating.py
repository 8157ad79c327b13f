"""Past orders routed again under a draft and under the live ruleset, on the levels as they are now; none is written."""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from datetime import datetime, timedelta
from uuid import UUID

import msgspec

from kanava.carriers.model import UNKNOWN_WEIGHT_GRAMS
from kanava.platform.db import Connection
from kanava.sourcing.routing import service
from kanava.sourcing.routing.book import Book, variants_of
from kanava.sourcing.routing.costing import OrderFacts, Router
from kanava.sourcing.routing.model import Need, Plan
from kanava.sourcing.routing.rules import route
from kanava.sourcing.routing.ruleset import LiveRuleset
from kanava.sourcing.routing.service import ServedChannel, World
from kanava.sourcing.routing.store import orders as orders_sql
from kanava.sourcing.routing.store.orders import PastOrder

BATCH = 500
LOCATIONS_SHOWN = 20


class Outcome(msgspec.Struct, frozen=True):
    """What a ruleset makes of the orders; costs in minor units of the retailer's currency, load in units."""

    ruleset: int
    cost_minor: int
    cost_per_order_minor: float
    parcels: int
    split_orders: int
    split_rate: float
    late_orders: int
    late_rate: float
    load: dict[str, int]


class Simulation(msgspec.Struct, frozen=True):
    """Both side by side. `unfilled` orders are left out: under one of the rulesets nobody could fill them now."""

    days: int
    orders: int
    unfilled: int
    live: Outcome
    draft: Outcome


class _Tally:
    def __init__(self, router: Router) -> None:
        self.router = router
        self.cost = self.parcels = self.split = self.late = 0
        self.load: dict[int, int] = {}

    def add(self, plan: Plan) -> None:
        places = {part.location_id for part in plan.parts}
        self.cost += plan.cost_minor
        self.parcels += len(places)
        self.split += len(places) > 1
        self.late += any(self.router.conditions.late_days.get(place) for place in places)
        for part in plan.parts:
            self.load[part.location_id] = self.load.get(part.location_id, 0) + part.quantity

    def outcome(self, orders: int, codes: Mapping[int, str]) -> Outcome:
        of = max(1, orders)
        load = sorted(self.load.items(), key=lambda entry: (-entry[1], entry[0]))
        return Outcome(
            self.router.ruleset.number,
            self.cost,
            round(self.cost / of, 2),
            self.parcels,
            self.split,
            round(self.split / of, 4),
            self.late,
            round(self.late / of, 4),
            {codes[location_id]: units for location_id, units in load},
        )


async def simulate(
    connection: Connection,
    number: int,
    days: int,
    now: datetime,
    progress: Callable[[int, int], object] = lambda _done, _all: None,
) -> Simulation:
    """Route the orders of the last days under ruleset `number` and under the live one; RulesetNotFound.

    Each order sees the levels as they are now, whatever the others take.
    """
    draft = await service.get_ruleset(connection, number)
    rulesets = [await service.live_ruleset(connection), LiveRuleset(draft.number, draft.costs, tuple(draft.rules))]
    world = await service.load_world(connection, rulesets, now)
    since = now - timedelta(days=days)
    total = await orders_sql.COUNT_ORDERS.one(connection, since=since)
    book = Book(with_categories=any(router.needs_categories for router in world.routers))
    tallies = [_Tally(router) for router in world.routers]
    routed = unfilled = seen = 0
    async for orders in _pages(connection, since):
        await book.read(connection, variants_of(order.variant_ids or () for order in orders))
        for order in orders:
            plans = _plans(order, world, book, now)
            if plans is None:
                continue
            if any(plan.short for plan in plans):
                unfilled += 1
                continue
            routed += 1
            for tally, plan in zip(tallies, plans, strict=True):
                tally.add(plan)
        seen += len(orders)
        progress(seen, total)
    codes = {location_id: row.code for location_id, row in world.locations.items()}
    live, drafted = [tally.outcome(routed, codes) for tally in tallies]
    return Simulation(days, routed, unfilled, live, drafted)


async def _pages(connection: Connection, since: datetime) -> AsyncIterator[Sequence[PastOrder]]:
    at, order_id = since, UUID(int=0)
    while True:
        rows = await orders_sql.PAST_ORDERS.all(
            connection, since=since, after_at=at, after_id=order_id, limit=BATCH, unknown_grams=UNKNOWN_WEIGHT_GRAMS
        )
        if rows:
            yield rows
            at, order_id = rows[-1].placed_at, rows[-1].order_id
        if len(rows) < BATCH:
            return


def _plans(order: PastOrder, world: World, book: Book, now: datetime) -> list[Plan] | None:
    """Route an order under each ruleset; None when it ships nothing or its channel is gone."""
    channel = world.channels.get(order.channel)
    if channel is None or not order.variant_ids:
        return None
    needs = [
        Need(line_no, variant_id, quantity, None, weight)
        for line_no, variant_id, quantity, weight in zip(
            order.line_nos, order.variant_ids, order.quantities, order.weights, strict=True
        )
    ]
    variants = set(order.variant_ids)
    facts = facts_of(order, channel, book)
    units, scarcity = book.units(channel, variants), book.scarcity(variants)
    plans = []
    for router in world.routers:
        setting = router.setting(channel.shipping, facts, now)
        plans.append(route(needs, setting.places, units, setting.terms, scarcity))
    return plans


def facts_of(order: PastOrder | orders_sql.OpenOrder, channel: ServedChannel, book: Book) -> OrderFacts:
    """Give what rules ask of an order."""
    return OrderFacts(
        channel.code,
        order.country or channel.country,
        order.region or "",
        order.postal_code or "",
        order.value_minor,
        book.categories_of(order.variant_ids) if book.with_categories else frozenset(),
        channel.currency,
    )
