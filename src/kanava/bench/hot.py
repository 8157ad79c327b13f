"""Orders that all want one variant, against orders of any variants; and its last units, sold exactly."""

from kanava.bench import orders, retailer
from kanava.bench.installation import Api, Installation
from kanava.bench.load import Outcome
from kanava.bench.model import BenchContext, Measure, at_least, compared, figure, median
from kanava.platform.refusal import CannotRun

SCARCE = "SCARCE"
UNITS = 3_000
UNITS_QUICK = 300
BUYERS_TOO_MANY = 1.25
"""Orders sent for each unit there is."""


async def run(context: BenchContext) -> list[Measure]:
    """Measure cold and hot orders in turns, then sell a scarce variant out."""
    cold: list[Outcome] = []
    hot: list[Outcome] = []
    async with context.installation() as installation:
        await orders.prepare(context, installation)
        async with installation.api() as api:
            await orders.one_round(context, installation, api, 0)
            for number in range(1, context.rounds + 1):
                with context.step(f"round {number}: any variants"):
                    cold.append(await orders.one_round(context, installation, api, number))
                with context.step(f"round {number}: one variant"):
                    hot.append(await orders.one_round(context, installation, api, number, hot_sku=retailer.sku(1)))
                rates = f"{hot[-1].per_second:,.0f} hot orders/s, {cold[-1].per_second:,.0f} cold"
                context.note(f"Round {number}: {rates}.")
            sold = await _sell_out(context, installation, api)
        await orders.check(context, installation)
    rate, reference = median([load.per_second for load in hot]), median([load.per_second for load in cold])
    return [
        compared("hot", "orders for one variant", rate, "/s", reference="orders for any variants",
                 reference_value=reference, at_least=0.8),
        figure("hot", "time of an order, p99", median([load.p99_ms for load in hot]), "ms"),
        at_least("hot", "sold of the units there were", sold, "of 1", goal=1.0),
    ]  # fmt: skip


async def _sell_out(context: BenchContext, installation: Installation, api: Api) -> float:
    """Let more buyers come than there are units; gives sold over stock, CannotRun when it is not exactly 1."""
    units = UNITS_QUICK if context.quick else UNITS
    await _stock(installation, units)
    count = round(units * BUYERS_TOO_MANY)
    with context.step(f"{count:,} buyers of {units:,} units"):
        requests = retailer.order_requests(installation.api_key, count, hot_sku=SCARCE, seed_=99)
        outcome = await orders.place(installation, api, requests, seconds=300, refusals_allowed=True)
    sold = await installation.value(
        f"SELECT coalesce(sum(l.reserved), 0) FROM stock_level l JOIN variant USING (variant_id) WHERE sku = '{SCARCE}'"
    )
    refused = outcome.statuses.get(409, 0)
    context.note(f"{count:,} buyers of {units:,} units at three places: {sold:,} sold, {refused:,} refused with 409.")
    if sold != units or outcome.accepted != units or refused != count - units:
        raise CannotRun(f"{units} units, {sold} reserved, answers {outcome.statuses}: not sold exactly.")
    return sold / units


async def _stock(installation: Installation, units: int) -> None:
    first = units - 2 * (units // 4)
    await installation.run(
        f"""
        WITH v AS (INSERT INTO variant (product_id, sku) SELECT min(product_id), '{SCARCE}' FROM product
                   RETURNING variant_id),
             p AS (INSERT INTO price (price_list_id, variant_id, amount_minor)
                   SELECT price_list_id, variant_id, 4999 FROM price_list, v),
             k AS (SELECT v.variant_id, location_id, CASE code WHEN 'W-01' THEN {first} ELSE {units // 4} END AS units
                   FROM v, location WHERE code IN ('W-01', 'S-03', 'S-04')),
             l AS (INSERT INTO stock_level (variant_id, location_id, on_hand) SELECT * FROM k)
        INSERT INTO stock_movement (variant_id, movement_id, location_id, kind, on_hand_delta, actor)
        SELECT variant_id, gen_random_uuid(), location_id, 'receipt', units, 'system:0' FROM k
        """
    )
