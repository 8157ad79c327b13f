"""20,000 open orders looked at again, and moved where that saves money: what the worker does every night."""

from collections.abc import Callable
from datetime import timedelta
from time import perf_counter

from kanava.bench import retailer
from kanava.bench.model import Advance, BenchContext, Measure, at_most, figure
from kanava.fulfilment.service.rerouting import move
from kanava.platform import clock
from kanava.platform.db import Database
from kanava.sourcing.routing.rerouting import reroute

OPEN_ORDERS = 20_000
OPEN_ORDERS_QUICK = 1_000
SECONDS_MAX = 300.0
DEAR_SHARE = 10
"""Of a hundred orders, how many lie at a place that was the best choice once and is dear now."""

# Orders of two shipped lines, written as placing and the consumer of fulfilments would have: reserved and open.
ORDERS = f"""
WITH numbered AS (
    SELECT n, gen_random_uuid() AS order_id, gen_random_uuid() AS fulfilment_id,
           (SELECT location_id FROM location WHERE code = CASE WHEN n % 100 < {DEAR_SHARE}
            THEN 'S-' || lpad((20 + n % 5)::text, 2, '0') ELSE 'W-01' END) AS location_id
    FROM generate_series(1, {{count}}) n
), orders AS (
    INSERT INTO sales_order (order_id, number, channel_id, currency, tax_inclusive, net_minor, tax_minor, total_minor,
                             ship_to, placed_at)
    SELECT order_id, 900000 + n, channel_id, 'EUR', true, 1998, 440, 2438,
           '{{{{"country": "SI", "postal_code": "1000"}}}}', now() FROM numbered, channel
), lines AS (
    INSERT INTO order_line (order_id, line_no, variant_id, sku, quantity, fulfilment_kind, unit_price_minor, net_minor,
                            tax_minor, total_minor, tax_rate_basis_points)
    SELECT order_id, line_no, v.variant_id, v.sku, 1, 'ship', 1219, 999, 220, 1219, 2200
    FROM numbered CROSS JOIN generate_series(1, 2) line_no
    JOIN variant v ON v.sku = 'SKU-' || lpad(((n * 7 + line_no * 13) % {retailer.VARIANTS} + 1)::text, 6, '0')
    RETURNING order_id, line_no, variant_id, sku
), reservations AS (
    INSERT INTO reservation (variant_id, reservation_id, location_id, quantity, state, channel_id, order_id, line_no,
                             fulfilment_kind)
    SELECT l.variant_id, gen_random_uuid(), n.location_id, 1, 'committed', c.channel_id, l.order_id, l.line_no, 'ship'
    FROM lines l JOIN numbered n USING (order_id) CROSS JOIN channel c
    RETURNING variant_id, location_id
), fulfilments AS (
    INSERT INTO fulfilment (order_id, fulfilment_id, order_number, sequence_no, location_id, channel_id, kind, work_by,
                            units_to_pick)
    SELECT order_id, fulfilment_id, 900000 + n, 1, location_id, channel_id, 'ship', now() + interval '3 days', 2
    FROM numbered, channel
), fulfilment_lines AS (
    INSERT INTO fulfilment_line (order_id, fulfilment_id, line_no, variant_id, sku, quantity)
    SELECT l.order_id, n.fulfilment_id, l.line_no, l.variant_id, l.sku, 1
    FROM lines l JOIN numbered n USING (order_id)
)
SELECT count(*) FROM reservations
"""

LEVELS = (
    """
    UPDATE stock_level l SET reserved = l.reserved + r.units
    FROM (SELECT variant_id, location_id, sum(quantity) AS units FROM reservation
          WHERE state = 'committed' GROUP BY 1, 2) r
    WHERE l.variant_id = r.variant_id AND l.location_id = r.location_id
    """,
    """
    INSERT INTO stock_movement (variant_id, movement_id, location_id, kind, reserved_delta, reference, actor)
    SELECT variant_id, reservation_id, location_id, 'reserve', quantity, 'order:' || order_id, 'system:0'
    FROM reservation WHERE state = 'committed'
    """,
    # Work that waits costs nothing here: the figure is of the money that other places save.
    "UPDATE location SET pick_capacity_per_hour = 100000",
)


async def run(context: BenchContext) -> list[Measure]:
    """Look at the orders twice: only saying what would be moved, then moving it."""
    count = OPEN_ORDERS_QUICK if context.quick else OPEN_ORDERS
    async with context.installation() as installation:
        with context.step(f"{count:,} open orders"):
            await retailer.seed(installation)
            await installation.run(ORDERS.format(count=count), *LEVELS)
            await installation.settle()
        db = await Database.open(installation.url, pool_size=4, application_name="kanava-bench")
        try:
            now = clock.now() + timedelta(seconds=1)
            with context.step("dry run", count) as advance:
                trial = await reroute(db, now, None, progress=_steps(advance), clock=perf_counter)
            with context.step("moving", count) as advance:
                done = await reroute(db, now, move, progress=_steps(advance), clock=perf_counter)
        finally:
            await db.close()
    context.note(
        f"{done.orders:,} open orders of two lines, {done.moved:,} moved, {done.failed:,} could not be; saved "
        f"{done.saved_minor:,} of {done.cost_before_minor:,} minor units ({trial.saved_minor:,} in the dry run)."
    )
    return [
        at_most("reroute", f"looking at {count:,} open orders and moving", done.seconds, "s", goal=SECONDS_MAX),
        figure("reroute", "only looking at them", trial.seconds, "s"),
        figure("reroute", "orders moved", done.moved, "orders"),
        figure(
            "reroute", "saved, of what the orders cost", 100 * done.saved_minor / max(1, done.cost_before_minor), "%"
        ),
    ]


def _steps(advance: Advance) -> Callable[[int, int], None]:
    seen = 0

    def progress(done: int, _total: int) -> None:
        nonlocal seen
        advance(done - seen)
        seen = done

    return progress
