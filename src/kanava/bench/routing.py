"""Routing of one order against the exact optimum: the same costs as a mixed-integer program, solved by HiGHS."""

import json
import random
from collections.abc import Callable, Sequence
from math import dist
from pathlib import Path
from time import perf_counter

import highspy
import msgspec
import numpy as np

from kanava.bench.model import BenchContext, Measure, at_most, compared, figure, median
from kanava.sourcing.routing.model import NOT_SHIPPED, Need, Place, Places, Tariff, Terms
from kanava.sourcing.routing.rules import route

STORES_FILE = Path("/work/shared/data/stores.json")
CARTS = 500
CARTS_QUICK = 50
LINES_MAX = 8
SIZES = (26, 1_565)
DESTINATIONS = 12
TERMS = Terms(split_penalty_minor=120)
WEIGHTS_MAX = (1_000, 5_000, 15_000, 40_000)
# What a parcel of each class costs into each zone, near to far.
RATES = ((390, 450, 620, 990), (430, 520, 760, 1_290), (490, 640, 980, 1_690), (590, 820, 1_290, 2_290))
ZONE_DEGREES = (3.0, 10.0, 22.0)
SOLVER_SECONDS_MAX = 60.0
P99_MS_MAX = 10.0
ABOVE_OPTIMUM_MAX = 1.01


class Cart(msgspec.Struct, frozen=True):
    """One order to route."""

    needs: list[Need]
    places: Places
    zones: list[int]
    units: dict[tuple[int, int], int]
    scarcity: dict[tuple[int, int], int]


class Destination(msgspec.Struct, frozen=True):
    """Where parcels go: what places cost to it is made once, as for a postal zone in placing."""

    places: Places
    zones: list[int]


async def run(context: BenchContext) -> list[Measure]:
    """Route seeded carts of 1 to 8 lines over each number of places, and let HiGHS solve the same."""
    measures = []
    for count in SIZES:
        destinations = _destinations(count)
        carts = CARTS_QUICK if context.quick else CARTS
        chance = random.Random(count)
        route_ = [_cart(chance, count, chance.choice(destinations)) for _ in range(carts)]
        measures += _measure(context, count, route_)
    context.note(f"HiGHS, one thread, gap 0, at most {SOLVER_SECONDS_MAX:.0f} s a cart.")
    return measures


def _measure(context: BenchContext, count: int, carts: Sequence[Cart]) -> list[Measure]:
    for cart in carts[:100]:  # What an API process has worked out by then.
        route(cart.needs, cart.places, cart.units, TERMS, cart.scarcity)
    ours, best, times, solver_times = 0, 0, [], []
    worse = unsolved = unfilled = split = 0
    with context.step(f"{len(carts)} carts, {count:,} places", len(carts)) as advance:
        for cart in carts:
            started = perf_counter()
            plan = route(cart.needs, cart.places, cart.units, TERMS, cart.scarcity)
            times.append(perf_counter() - started)
            if plan.short:
                unfilled += 1
            else:
                split += len({part.location_id for part in plan.parts}) > 1
                started = perf_counter()
                optimum = _optimum(cart)
                solver_times.append(perf_counter() - started)
                if optimum is None:
                    unsolved += 1
                else:
                    ours, best = ours + plan.cost_minor, best + optimum
                    worse += plan.cost_minor > optimum
            advance(1)
    context.note(
        f"{count:,} places: {split} of {len(carts)} carts were split, {unfilled} could not be filled, "
        f"{worse} cost more than the optimum, {unsolved} were not solved in time."
    )
    times.sort()
    p99 = times[min(len(times) - 1, int(len(times) * 0.99))]
    name = f"{count:,} places"
    return [
        compared(
            "routing",
            f"cost of all carts, {name}",
            ours,
            "minor",
            reference="HiGHS, exact",
            reference_value=best,
            at_most=ABOVE_OPTIMUM_MAX,
        ),
        at_most("routing", f"one cart, p99, {name}", p99 * 1e3, "ms", goal=P99_MS_MAX),
        figure("routing", f"one cart, median, {name}", median(times) * 1e3, "ms"),
        figure("routing", f"one cart by HiGHS, median, {name}", median(solver_times) * 1e3, "ms"),
    ]


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


def _cart(chance: random.Random, count: int, to: Destination) -> Cart:
    needs, units, scarcity = [], {}, {}
    for line in range(1, chance.randint(1, LINES_MAX) + 1):
        needs.append(Need(line, line, chance.choice((1, 1, 1, 1, 1, 1, 1, 2, 2, 3)), None, chance.randint(100, 3_000)))
        spread, in_warehouse = chance.choice((0.05, 0.15, 0.3, 0.6)), chance.random() < 0.6
        for number in range(count):
            if chance.random() < spread or (number < 2 and in_warehouse):
                there = 50 if number < 2 else chance.choice((1, 1, 2, 2, 3, 4, 6))
                units[(line, number)] = there
                if there < 3 and chance.random() < 0.7:
                    scarcity[(line, number)] = chance.randint(30, 900) // there
    return Cart(needs, to.places, to.zones, units, scarcity)


def _rates(zone: int) -> Callable[[int], int | None]:
    def quote(grams: int) -> int | None:
        return next((rate for limit, rate in zip(WEIGHTS_MAX, RATES[zone], strict=True) if grams <= limit), None)

    return quote


class _Program:
    """Columns and rows of a mixed-integer program, growing."""

    def __init__(self) -> None:
        self.costs: list[float] = []
        self.upper: list[float] = []
        self.starts = [0]
        self.indexes: list[int] = []
        self.values: list[float] = []
        self.row_lower: list[float] = []
        self.row_upper: list[float] = []

    def row(self, lower: float, upper: float) -> int:
        """Add a row; gives its number."""
        self.row_lower.append(lower)
        self.row_upper.append(upper)
        return len(self.row_lower) - 1

    def column(self, cost: float, upper: float, *entries: tuple[int, float]) -> None:
        """Add a whole-numbered column."""
        self.costs.append(cost)
        self.upper.append(upper)
        for index, value in entries:
            self.indexes.append(index)
            self.values.append(value)
        self.starts.append(len(self.indexes))


def _optimum(cart: Cart) -> int | None:
    """Give the least cost by HiGHS; None when it took too long."""
    program = _Program()
    infinity = highspy.kHighsInf
    wanted = {need.variant_id: program.row(need.quantity, need.quantity) for need in cart.needs}
    weights = {need.variant_id: need.weight_grams for need in cart.needs}
    quantities = {need.variant_id: need.quantity for need in cart.needs}
    for place in cart.places.ordered:
        at = place.location_id
        held = {v: min(cart.units[(v, at)], quantities[v]) for v in wanted if cart.units.get((v, at))}
        if not held:
            continue
        weight_row = program.row(-infinity, 0.0)
        one_row = program.row(-infinity, 1.0)
        rows = {variant_id: program.row(-infinity, 0.0) for variant_id in held}
        for variant_id, units in held.items():
            each = place.unit_cost_minor + cart.scarcity.get((variant_id, at), 0)
            weighs = (weight_row, float(weights[variant_id]))
            program.column(each, units, (wanted[variant_id], 1.0), weighs, (rows[variant_id], 1.0))
        for limit, rate in zip(WEIGHTS_MAX, RATES[cart.zones[at]], strict=True):
            cost = place.parcel_cost_minor + rate + TERMS.split_penalty_minor
            links = [(rows[variant_id], -float(units)) for variant_id, units in held.items()]
            program.column(cost, 1.0, (one_row, 1.0), (weight_row, -float(limit)), *links)
    return _solve(program)


def _solve(program: _Program) -> int | None:
    model = highspy.HighsLp()
    model.num_col_, model.num_row_ = len(program.costs), len(program.row_lower)
    model.col_cost_, model.col_lower_ = np.array(program.costs, dtype=np.float64), np.zeros(len(program.costs))
    model.col_upper_ = np.array(program.upper, dtype=np.float64)
    model.row_lower_, model.row_upper_ = np.array(program.row_lower), np.array(program.row_upper)
    model.a_matrix_.format_ = highspy.MatrixFormat.kColwise
    model.a_matrix_.start_ = np.array(program.starts, dtype=np.int32)
    model.a_matrix_.index_ = np.array(program.indexes, dtype=np.int32)
    model.a_matrix_.value_ = np.array(program.values, dtype=np.float64)
    model.integrality_ = [highspy.HighsVarType.kInteger] * len(program.costs)
    solver = highspy.Highs()  # type: ignore[no-untyped-call]
    solver.silent()
    for option, value in (("threads", 1), ("mip_rel_gap", 0.0), ("time_limit", SOLVER_SECONDS_MAX)):
        solver.setOptionValue(option, value)
    solver.passModel(model)
    solver.run()
    if solver.getModelStatus() != highspy.HighsModelStatus.kOptimal:
        return None
    cost = round(solver.getObjectiveValue()) - TERMS.split_penalty_minor
    return cost if cost < NOT_SHIPPED else None
