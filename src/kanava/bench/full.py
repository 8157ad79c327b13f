"""Orders on a database that holds a million already, against an empty one on the same server."""

from kanava.bench import orders, retailer
from kanava.bench.installation import Installation
from kanava.bench.load import Outcome
from kanava.bench.model import BenchContext, Measure, compared, figure, median

ORDERS = 1_000_000
ORDERS_QUICK = 50_000

# Delivered orders of the last months: two lines each, with all that a placed and fulfilled order leaves behind. Events
# and stored answers have the texts of a real order. Foreign keys are right by construction and not checked again.
FILL = (
    "SET session_replication_role = replica",
    """
    CREATE TEMPORARY TABLE filled AS
    SELECT n, uuidv7(make_interval(secs => (n - {orders}) * 5)) AS order_id,
           now() + make_interval(secs => (n - {orders}) * 5) AS placed_at
    FROM generate_series(1, {orders}) n
    """,
    """
    CREATE TEMPORARY TABLE filled_line AS
    SELECT f.n, f.order_id, line_no, f.placed_at, 1 + (random() * ({variants} - 1))::bigint AS variant_id,
           1 + (random() * ({places} - 1))::bigint AS location_id, uuidv7(f.placed_at - now()) AS id
    FROM filled f, generate_series(1, 2) line_no
    """,
    """
    INSERT INTO sales_order (order_id, number, channel_id, status, currency, tax_inclusive, net_minor, tax_minor,
                             total_minor, customer_email, customer_name, customer_phone, ship_to, placed_at, updated_at)
    SELECT f.order_id, f.n, o.channel_id, 'completed', o.currency, true, 1640, 360, 2000, o.customer_email,
           o.customer_name, o.customer_phone, o.ship_to, f.placed_at, f.placed_at
    FROM filled f, (SELECT * FROM sales_order LIMIT 1) o ORDER BY f.n
    """,
    """
    INSERT INTO order_line (order_id, line_no, variant_id, sku, quantity, quantity_fulfilled, fulfilment_kind,
                            unit_price_minor, net_minor, tax_minor, total_minor, tax_rate_basis_points)
    SELECT order_id, line_no, variant_id, 'SKU-' || lpad(variant_id::text, 6, '0'), 1, 1, 'ship', 1000, 820, 180, 1000,
           2200
    FROM filled_line ORDER BY n, line_no
    """,
    """
    INSERT INTO reservation (variant_id, reservation_id, location_id, quantity, state, channel_id, order_id, line_no,
                             fulfilment_kind, created_at, changed_at)
    SELECT variant_id, id, location_id, 1, 'fulfilled', 1, order_id, line_no, 'ship', placed_at, placed_at
    FROM filled_line ORDER BY n, line_no
    """,
    """
    INSERT INTO stock_movement (variant_id, movement_id, location_id, kind, on_hand_delta, reserved_delta, reference,
                                actor, recorded_at)
    SELECT variant_id, uuidv7(placed_at - now()), location_id, kind, -(kind = 'sale')::int,
           CASE kind WHEN 'sale' THEN -1 ELSE 1 END, 'order:' || order_id, 'api_key:1', placed_at
    FROM filled_line, unnest('{{reserve,sale}}'::text[]) kind ORDER BY n, line_no
    """,
    """
    UPDATE stock_level l SET on_hand = on_hand - s.units
    FROM (SELECT variant_id, location_id, count(*)::int AS units FROM filled_line GROUP BY 1, 2) s
    WHERE l.variant_id = s.variant_id AND l.location_id = s.location_id
    """,
    """
    INSERT INTO outbox_event (tx_id, event_id, type, aggregate, aggregate_id, data, occurred_at)
    SELECT '3'::xid8, uuidv7(f.placed_at - now()), e.type, e.aggregate, f.order_id::text, e.data, f.placed_at
    FROM filled f, (SELECT * FROM outbox_event WHERE type = 'order.placed' LIMIT 1) e ORDER BY f.n
    """,
    """
    INSERT INTO idempotency_record (actor, idempotency_key, request_hash, response_status, response_body, created_at)
    SELECT i.actor, f.order_id::text, i.request_hash, 201, i.response_body, f.placed_at
    FROM filled f, (SELECT * FROM idempotency_record LIMIT 1) i ORDER BY f.n
    """,
    "DROP TABLE filled, filled_line",
    "RESET session_replication_role",
)


async def run(context: BenchContext) -> list[Measure]:
    """Measure orders on the empty and on the full database in turns; each has an API process."""
    empty: list[Outcome] = []
    full: list[Outcome] = []
    async with context.installation() as installation:
        await orders.prepare(context, installation)
        second = await installation.copy("kanava_full")
        async with installation.api() as api, second.api() as full_api:
            await orders.one_round(context, installation, api, 0)
            await orders.one_round(context, second, full_api, 0)
            await _fill(context, second)
            for number in range(1, context.rounds + 1):
                with context.step(f"round {number}: empty"):
                    empty.append(await orders.one_round(context, installation, api, number))
                with context.step(f"round {number}: full"):
                    full.append(await orders.one_round(context, second, full_api, number))
                rates = f"{full[-1].per_second:,.0f} orders/s full, {empty[-1].per_second:,.0f} empty"
                context.note(f"Round {number}: {rates}.")
        await orders.check(context, second)
    rate, reference = median([load.per_second for load in full]), median([load.per_second for load in empty])
    return [
        compared("full", "orders placed", rate, "/s", reference="the same on an empty database",
                 reference_value=reference, at_least=0.9),
        figure("full", "time of an order, p99", median([load.p99_ms for load in full]), "ms"),
    ]  # fmt: skip


async def _fill(context: BenchContext, installation: Installation) -> None:
    count = ORDERS_QUICK if context.quick else ORDERS
    values = {"orders": count, "variants": retailer.VARIANTS, "places": retailer.STORES + retailer.WAREHOUSES}
    connection = await installation.connect()
    try:
        with context.step(f"{count:,} orders, set-based", total=len(FILL)) as advance:
            for statement in FILL:
                await connection.execute(statement.format(**values))
                advance(1)
        with context.step("vacuum and checkpoint"):
            await installation.settle()
        size = await connection.fetchval("SELECT pg_database_size(current_database())")
    finally:
        await connection.close()
    held = f"{size / 2**30:.1f} GiB with lines, ledger, events and answers"
    context.note(f"{count:,} delivered orders were there: {held}.")
