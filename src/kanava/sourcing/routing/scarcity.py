"""What the last units at a place are worth there: duals of a small linear program, worked out a few times a day.

For each variant: a place sells unit after unit until it is replenished; the k-th unit is worth the margin times the
chance that at least k are asked for there (Poisson, by the sales of the last weeks). Shipped orders take what they are
expected to take, from whichever shipping places lose least by it. The price of a unit at a place is the dual of its
stock: what one unit less would lose.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from math import exp

import msgspec

from kanava.platform.db import Connection, Database
from kanava.sourcing.routing.service import sites_of
from kanava.sourcing.routing.store import goods as goods_sql
from kanava.sourcing.routing.store import rulesets as rulesets_sql
from kanava.stores import service as stores

DAYS_LOOKED_AT = 28
REPLENISHED_AFTER_DAYS = 7
"""Where no transfer with a date is on its way."""
MARGIN_BASIS_POINTS = 4_000
"""What a sale is worth, of its price: a sale that a place misses loses the margin, not the price."""
CHANCE_LEAST = 0.01
SEGMENTS_MAX = 40
PRICE_LEAST_MINOR = 10
VARIANTS_AT_ONCE = 200
BATCHES_MAX = 10_000


class Shelf(msgspec.Struct, frozen=True):
    """Units of a variant at a place, what the place expects to sell itself, and what a sale is worth."""

    location_id: int
    units: int
    expected: float
    worth_minor: int
    ships: bool


class Market(msgspec.Struct, frozen=True):
    """One variant: where it lies, and how many units shipped orders are expected to want."""

    variant_id: int
    shelves: Sequence[Shelf]
    shipped: float


def chances(expected: float, units: int) -> list[float]:
    """Give the chance that at least 1, 2, … units are asked for, down to CHANCE_LEAST, `units` long at most."""
    found: list[float] = []
    at_most = term = exp(-min(expected, 500.0))
    for count in range(1, min(units, SEGMENTS_MAX) + 1):
        chance = 1.0 - at_most
        if chance < CHANCE_LEAST:
            break
        found.append(chance)
        term *= expected / count
        at_most += term
    return found


def prices_of(markets: Sequence[Market]) -> dict[tuple[int, int], int]:
    """Solve markets as one program; gives prices above PRICE_LEAST_MINOR by (variant_id, location_id)."""
    import highspy
    import numpy as np

    rows: list[tuple[int, int]] = []
    row_upper: list[float] = []
    row_lower: list[float] = []
    costs: list[float] = []
    upper: list[float] = []
    starts, indexes = [0], list[int]()

    def column(cost: float, most: float, *at: int) -> None:
        costs.append(cost)
        upper.append(most)
        indexes.extend(at)
        starts.append(len(indexes))

    infinity = highspy.kHighsInf
    for market in markets:
        demand_row = len(rows)
        room = sum([shelf.units for shelf in market.shelves if shelf.ships])
        rows.append((0, 0))
        # A little less than all, so that it can always be met.
        row_lower.append(min(market.shipped, max(0.0, room * 0.999 - 0.5 * len(market.shelves))))
        row_upper.append(infinity)
        for shelf in market.shelves:
            row = len(rows)
            rows.append((market.variant_id, shelf.location_id))
            row_lower.append(-infinity)
            # Half a unit less: the dual is then what the last unit is worth, not something between it and the next.
            row_upper.append(shelf.units - 0.5)
            for chance in chances(shelf.expected, shelf.units):
                column(-chance * shelf.worth_minor, 1.0, row)
            if shelf.ships:
                column(0.0, float(shelf.units), demand_row, row)
    if not costs:
        return {}
    program = highspy.HighsLp()
    program.num_col_, program.num_row_ = len(costs), len(rows)
    program.col_cost_, program.col_lower_ = np.array(costs), np.zeros(len(costs))
    program.col_upper_ = np.array(upper)
    program.row_lower_, program.row_upper_ = np.array(row_lower), np.array(row_upper)
    program.a_matrix_.format_ = highspy.MatrixFormat.kColwise
    program.a_matrix_.start_ = np.array(starts, dtype=np.int32)
    program.a_matrix_.index_ = np.array(indexes, dtype=np.int32)
    program.a_matrix_.value_ = np.ones(len(indexes))
    solver = highspy.Highs()  # type: ignore[no-untyped-call]
    solver.silent()
    solver.setOptionValue("threads", 1)
    solver.passModel(program)
    solver.run()
    if solver.getModelStatus() != highspy.HighsModelStatus.kOptimal:
        return {}
    duals = solver.getSolution().row_dual
    found = {}
    for (variant_id, location_id), dual in zip(rows, duals, strict=True):
        price = round(-dual)
        if variant_id and price >= PRICE_LEAST_MINOR:
            found[(variant_id, location_id)] = price
    return found


async def price_scarcity(db: Database, currency: str, now: datetime) -> int:
    """Work out every scarcity price anew, some variants at a time; gives how many there are."""
    since = now - timedelta(days=DAYS_LOOKED_AT)
    after = priced = 0
    async with db.connection() as connection:
        ships = {site.location_id for site in sites_of(await stores.all_for_routing(connection))}
        had_any = await goods_sql.ANY_SCARCITY.one(connection)
    for _ in range(BATCHES_MAX):
        async with db.connection() as connection:
            variant_ids = await goods_sql.SOLD_VARIANTS.all(
                connection, after=after, since=since, limit=VARIANTS_AT_ONCE
            )
            if not variant_ids:
                break
            markets = await _markets(connection, variant_ids, ships, currency, now)
        after = variant_ids[-1]
        found = prices_of(markets)
        priced += len(found)
        async with db.transaction() as tx:
            await _write(tx, found, now)
    async with db.transaction() as tx:
        await goods_sql.FORGET_SCARCITY.run(tx, before=now)
        if had_any != bool(priced):
            await rulesets_sql.SETTINGS_CHANGED.run(tx)
    return priced


async def _markets(
    connection: Connection, variant_ids: Sequence[int], ships: set[int], currency: str, now: datetime
) -> list[Market]:
    since = now - timedelta(days=DAYS_LOOKED_AT)
    rows = await goods_sql.SOLD.all(connection, variant_ids=variant_ids, since=since, currency=currency, now=now)
    arriving = {
        (row.variant_id, row.location_id): (row.expected_on - now.date()).days
        for row in await goods_sql.ARRIVING.all(connection, variant_ids=variant_ids)
    }
    shelves: dict[int, list[Shelf]] = {}
    shipped: dict[int, float] = {}
    for row in rows:
        days = max(1, min(arriving.get((row.variant_id, row.location_id), REPLENISHED_AFTER_DAYS), DAYS_LOOKED_AT))
        own = max(0, row.sold - row.shipped) * days / DAYS_LOOKED_AT
        shipped[row.variant_id] = shipped.get(row.variant_id, 0.0) + row.shipped * days / DAYS_LOOKED_AT
        if row.free > 0:
            worth = (row.price_minor or 0) * MARGIN_BASIS_POINTS // 10_000
            shelf = Shelf(row.location_id, row.free, own, worth, row.location_id in ships)
            shelves.setdefault(row.variant_id, []).append(shelf)
    return [Market(variant_id, each, shipped[variant_id]) for variant_id, each in shelves.items()]


async def _write(tx: Connection, prices: Mapping[tuple[int, int], int], now: datetime) -> None:
    if prices:
        await goods_sql.REPLACE_SCARCITY.run(
            tx,
            variant_ids=[key[0] for key in prices],
            location_ids=[key[1] for key in prices],
            prices_minor=list(prices.values()),
            now=now,
        )
