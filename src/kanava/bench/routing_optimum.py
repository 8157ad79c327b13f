"""The exact optimum of a cart by HiGHS, and what a plan costs by the figures of the benchmark alone."""

from collections.abc import Collection

import highspy
import msgspec
import numpy as np

from kanava.sourcing.routing.model import NOT_SHIPPED, Need, Places, Plan, Terms

TERMS = Terms(split_penalty_minor=120)
WEIGHTS_MAX = (1_000, 5_000, 15_000, 40_000)
# What a parcel of each class costs into each zone, near to far: never less when further or heavier.
RATES = ((390, 450, 620, 990), (430, 520, 760, 1_290), (490, 640, 980, 1_690), (590, 820, 1_290, 2_290))
SOLVER_SECONDS_MAX = 60.0


class Cart(msgspec.Struct, frozen=True):
    """One order to route."""

    needs: list[Need]
    places: Places
    zones: list[int]
    units: dict[tuple[int, int], int]
    scarcity: dict[tuple[int, int], int]


def cost_of(cart: Cart, plan: Plan) -> int:
    """Give what a plan costs; ValueError when it cannot be carried out. Nothing of the router is used."""
    wanted = {need.variant_id: need for need in cart.needs}
    sent: dict[tuple[int, int], int] = {}
    for part in plan.parts:
        key = (part.variant_id, part.location_id)
        sent[key] = sent.get(key, 0) + part.quantity
    for variant_id, need in wanted.items():
        if sum([units for (of, _), units in sent.items() if of == variant_id]) != need.quantity:
            raise ValueError(f"the plan does not send what is wanted of {variant_id}")
    if any(units > cart.units.get(key, 0) for key, units in sent.items()):
        raise ValueError("the plan takes more than there is")
    grams: dict[int, int] = {}
    cost = 0
    for (variant_id, at), units in sent.items():
        grams[at] = grams.get(at, 0) + units * wanted[variant_id].weight_grams
        place = cart.places.ordered[cart.places.index[at]]
        cost += units * (place.unit_cost_minor + cart.scarcity.get((variant_id, at), 0))
    for at, weight in grams.items():
        rates = RATES[cart.zones[at]]
        cost += cart.places.ordered[cart.places.index[at]].parcel_cost_minor
        cost += next(rate for limit, rate in zip(WEIGHTS_MAX, rates, strict=True) if weight <= limit)
    return cost + TERMS.split_penalty_minor * (len(grams) - 1)


def places_that_matter(cart: Cart, known_minor: int) -> frozenset[int]:
    """Give places among which there is an optimal plan, where some plan costs `known_minor`.

    Each parcel costs at least the cheapest place's lightest one, so an optimal plan has no more than `parcels_max`.
    A place is left out when that many others, earlier in an order of all, are no dearer in any zone, class or unit and
    hold no less of anything it holds: a plan with it has room to exchange it for one of those, at no more cost. Doing
    so ends, since it leads to earlier and earlier places.
    """
    ids = np.array([place.location_id for place in cart.places.ordered])
    fixed = np.array([place.parcel_cost_minor for place in cart.places.ordered])
    zones = np.array(cart.zones)[ids]
    units = sum([need.quantity for need in cart.needs])
    handling = cart.places.unit_cost_least_minor * units
    parcel_least = int(fixed.min()) + RATES[0][0] + TERMS.split_penalty_minor
    parcels_max = min(units, (known_minor + TERMS.split_penalty_minor - handling) // parcel_least)
    keys = [[(need.variant_id, at) for at in ids.tolist()] for need in cart.needs]
    holds = np.array(
        [
            [min(cart.units.get(key, 0), need.quantity) for key in row]
            for row, need in zip(keys, cart.needs, strict=True)
        ]
    )
    rare = np.array([[cart.scarcity.get(key, 0) for key in row] for row in keys])
    order = np.lexsort((fixed, zones))
    ids, fixed, holds, rare = ids[order], fixed[order], holds[:, order], rare[:, order]
    matter = []
    for number in np.flatnonzero(holds.any(axis=0)).tolist():
        has = holds[:, number] > 0
        better = fixed[:number] <= fixed[number]
        better &= (holds[has, :number] >= holds[has, number, None]).all(axis=0)
        better &= (rare[has, :number] <= rare[has, number, None]).all(axis=0)
        if np.count_nonzero(better) < parcels_max:
            matter.append(int(ids[number]))
    return frozenset(matter)


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


def optimum(cart: Cart, among: Collection[int]) -> int | None:
    """Give the least cost of shipping from places by HiGHS; None when it took too long."""
    program = _Program()
    infinity = highspy.kHighsInf
    wanted = {need.variant_id: program.row(need.quantity, need.quantity) for need in cart.needs}
    weights = {need.variant_id: need.weight_grams for need in cart.needs}
    quantities = {need.variant_id: need.quantity for need in cart.needs}
    for place in cart.places.ordered:
        at = place.location_id
        if at not in among:
            continue
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
