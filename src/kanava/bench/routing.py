"""Routing of one order against the exact optimum: the same costs as a mixed-integer program, solved by HiGHS."""

import gc
import json
import multiprocessing
import random
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import cache
from math import dist
from pathlib import Path
from time import perf_counter

import msgspec

from kanava.bench.model import BenchContext, Measure, at_most, compared, figure, median
from kanava.bench.routing_optimum import (
    RATES,
    SOLVER_SECONDS_MAX,
    TERMS,
    WEIGHTS_MAX,
    Cart,
    cost_of,
    optimum,
    places_that_matter,
)
from kanava.sourcing.routing.model import Need, Place, Places, Plan, Tariff
from kanava.sourcing.routing.rules import route

STORES_FILE = Path("/work/shared/data/stores.json")
CARTS = 1_000
CARTS_QUICK = 50
WARM_UP_CARTS = 100
LINES_MAX = 8
SIZES = (26, 1_565)
DESTINATIONS = 12
ZONE_DEGREES = (3.0, 10.0, 22.0)
SOLVERS = 2
P99_MS_MAX = 10.0
ABOVE_OPTIMUM_MAX = 1.01


class Destination(msgspec.Struct, frozen=True):
    """Where parcels go: what places cost to it is made once, as for a postal zone in placing."""

    places: Places
    zones: list[int]


class Solved(msgspec.Struct, frozen=True):
    """What HiGHS says of a cart; no cost when it took too long."""

    cost_minor: int | None
    seconds: float


async def run(context: BenchContext) -> list[Measure]:
    """Route seeded carts of 1 to 8 lines over each number of places, alone on the machine; then HiGHS solves them."""
    measures = []
    for count in SIZES:
        measures += _measure(context, count, CARTS_QUICK if context.quick else CARTS)
    context.note(
        f"HiGHS, {SOLVERS} processes of one thread, gap 0, at most {SOLVER_SECONDS_MAX:.0f} s a cart; without places "
        "that others can stand in for at no more cost. Costs of plans are counted anew, not taken from the router."
    )
    return measures


def _measure(context: BenchContext, count: int, carts: int) -> list[Measure]:
    for cart in _carts(count, min(carts, WARM_UP_CARTS)):  # What an API process has worked out by then.
        _route(cart)
    gc.collect()
    gc.freeze()
    rounds: list[list[float]] = []
    plans: list[Plan] = []
    with context.step(f"{carts:,} carts, {count:,} places", carts * context.rounds) as advance:
        for _ in range(context.rounds):
            times, plans = [], []
            for cart in _carts(count, carts):
                started = perf_counter()
                plan = _route(cart)
                times.append(perf_counter() - started)
                plans.append(plan)
                advance(1)
            rounds.append(sorted(times))
    gc.unfreeze()
    costs = [
        None if plan.short else cost_of(cart, plan) for cart, plan in zip(_carts(count, carts), plans, strict=True)
    ]
    filled = [(number, cost) for number, cost in enumerate(costs) if cost is not None]
    with context.step(f"the same by HiGHS, {count:,} places", len(filled)) as advance:
        solved = _solve_all(count, filled, advance)
    both = [
        (cost, each.cost_minor) for (_, cost), each in zip(filled, solved, strict=True) if each.cost_minor is not None
    ]
    split = sum(len({part.location_id for part in plan.parts}) > 1 for plan in plans)
    above, below = sum(cost > best for cost, best in both), sum(cost < best for cost, best in both)
    context.note(
        f"{count:,} places: {split} of {carts:,} carts were split, {carts - len(filled)} could not be filled, "
        f"{above} cost more than the optimum, {below} less (an error), {len(filled) - len(both)} were not solved in "
        f"time; {sum(plan.proven for plan in plans)} plans were proven by the router itself."
    )
    p99 = median([times[min(len(times) - 1, int(len(times) * 0.99))] for times in rounds])
    name = f"{count:,} places"
    return [
        compared(
            "routing",
            f"cost of all carts, {name}",
            sum(cost for cost, _ in both),
            "minor",
            reference="HiGHS, exact",
            reference_value=sum(best for _, best in both),
            at_most=ABOVE_OPTIMUM_MAX,
        ),
        at_most("routing", f"one cart, p99, {name}", p99 * 1e3, "ms", goal=P99_MS_MAX),
        figure("routing", f"one cart, median, {name}", median([median(times) for times in rounds]) * 1e3, "ms"),
        figure("routing", f"one cart by HiGHS, median, {name}", median([each.seconds for each in solved]) * 1e3, "ms"),
    ]


def _route(cart: Cart) -> Plan:
    return route(cart.needs, cart.places, cart.units, TERMS, cart.scarcity)


def _solve_all(count: int, filled: Sequence[tuple[int, int]], advance: Callable[[float], None]) -> list[Solved]:
    """Solve carts by number, each with what our plan costs, in processes of their own."""
    fresh = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(SOLVERS, mp_context=fresh) as pool:
        found = []
        for solved in pool.map(_solve_one, [(count, number, cost) for number, cost in filled], chunksize=4):
            found.append(solved)
            advance(1)
    return found


def _solve_one(asked: tuple[int, int, int]) -> Solved:
    count, number, known_minor = asked
    cart = _cart(count, number)
    started = perf_counter()
    return Solved(optimum(cart, places_that_matter(cart, known_minor)), perf_counter() - started)


def _carts(count: int, carts: int) -> Iterator[Cart]:
    """Give the seeded carts one by one, as a process meets them: just read."""
    return (_cart(count, number) for number in range(carts))


@cache
def _destinations(count: int) -> list[Destination]:
    chance = random.Random(count)
    if STORES_FILE.exists():
        rows = json.loads(STORES_FILE.read_text())
        positions = [(float(row["location"]["lat"]), float(row["location"]["lon"])) for row in rows]
    else:
        positions = [(chance.uniform(26, 48), chance.uniform(-123, -70)) for _ in range(1_565)]
    chosen = positions if count >= len(positions) else chance.sample(positions, count)
    # The first two are warehouses.
    fixed = [80 if number < 2 else 150 + chance.choice((0, 0, 0, 10, 20, 100, 200)) for number in range(len(chosen))]
    tariffs = [Tariff(_rates(zone)) for zone in range(len(RATES))]
    found = []
    for home in chance.sample(chosen, DESTINATIONS):
        zones = [sum(dist(home, position) > limit for limit in ZONE_DEGREES) for position in chosen]
        places = Places(
            Place(number, cost, 20, tariffs[zone]) for number, (cost, zone) in enumerate(zip(fixed, zones, strict=True))
        )
        found.append(Destination(places, zones))
    return found


def _cart(count: int, number: int) -> Cart:
    chance = random.Random(f"{count}/{number}")
    to = chance.choice(_destinations(count))
    needs, units, scarcity = [], {}, {}
    for line in range(1, chance.randint(1, LINES_MAX) + 1):
        needs.append(Need(line, line, chance.choice((1, 1, 1, 1, 1, 1, 1, 2, 2, 3)), None, chance.randint(100, 3_000)))
        spread, in_warehouse = chance.choice((0.05, 0.15, 0.3, 0.6)), chance.random() < 0.6
        for at in range(count):
            if chance.random() < spread or (at < 2 and in_warehouse):
                there = 50 if at < 2 else chance.choice((1, 1, 2, 2, 3, 4, 6))
                units[(line, at)] = there
                if there < 3 and chance.random() < 0.7:
                    scarcity[(line, at)] = chance.randint(30, 900) // there
    return Cart(needs, to.places, to.zones, units, scarcity)


def _rates(zone: int) -> Callable[[int], int | None]:
    def quote(grams: int) -> int | None:
        return next((rate for limit, rate in zip(WEIGHTS_MAX, RATES[zone], strict=True) if grams <= limit), None)

    return quote
