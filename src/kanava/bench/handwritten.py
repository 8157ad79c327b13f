"""The reference of the order benchmarks: the transaction that a careful engineer would write by hand for pgbench.

It writes the same rows to the same tables as an order of two lines: the order, 2 lines, 2 guarded level updates, 2
reservations, 2 movements, 2 events, 1 idempotency record; it reads the 2 prices. Rows of one table go in one statement,
statements are prepared, keys are time-ordered, levels are taken in the order of their keys so that no two wait in a
circle. The texts (answer, events) are those of a real order, so that the sizes are the same. It validates nothing.
"""

from pathlib import Path

import asyncpg

from kanava.bench import retailer
from kanava.bench.installation import Installation

SCRIPT = """
\\set v1 random(1, {variants} / 2)
\\set v2 random({variants} / 2 + 1, {variants})
\\set l1 random(1, {places})
\\set l2 random(1, {places})
BEGIN;
SELECT uuidv7() AS order_id, nextval('order_number') AS number,
       max(amount_minor) FILTER (WHERE variant_id = :v1) AS price1,
       max(amount_minor) FILTER (WHERE variant_id = :v2) AS price2
FROM price WHERE price_list_id = 1 AND variant_id IN (:v1, :v2) \\gset
UPDATE stock_level SET reserved = reserved + 1 WHERE variant_id = :v1 AND location_id = :l1
    AND on_hand - reserved - ring_fenced - safety_stock >= 1;
UPDATE stock_level SET reserved = reserved + 1 WHERE variant_id = :v2 AND location_id = :l2
    AND on_hand - reserved - ring_fenced - safety_stock >= 1;
INSERT INTO sales_order (order_id, number, channel_id, currency, tax_inclusive, net_minor, tax_minor, total_minor,
                         customer_email, customer_name, customer_phone, ship_to, placed_at)
VALUES (:order_id::uuid, :number::bigint, 1, 'EUR', true, :price1::bigint + :price2::bigint - 360, 360,
        :price1::bigint + :price2::bigint, 'ana.novak@example.com', 'Ana Novak', '+38640123456', '{ship_to}', now());
INSERT INTO order_line (order_id, line_no, variant_id, sku, quantity, fulfilment_kind, location_id, unit_price_minor,
                        net_minor, tax_minor, total_minor, tax_rate_basis_points)
VALUES (:order_id::uuid, 1, :v1::bigint, 'SKU-000001', 1, 'ship', NULL, :price1::bigint, :price1::bigint - 180, 180,
        :price1::bigint, 2200),
       (:order_id::uuid, 2, :v2::bigint, 'SKU-000002', 1, 'ship', NULL, :price2::bigint, :price2::bigint - 180, 180,
        :price2::bigint, 2200);
INSERT INTO reservation (variant_id, reservation_id, location_id, quantity, state, channel_id, order_id, line_no,
                         fulfilment_kind)
VALUES (:v1::bigint, uuidv7(), :l1::bigint, 1, 'committed', 1, :order_id::uuid, 1, 'ship'),
       (:v2::bigint, uuidv7(), :l2::bigint, 1, 'committed', 1, :order_id::uuid, 2, 'ship');
INSERT INTO stock_movement (variant_id, movement_id, location_id, kind, reserved_delta, reference, actor)
VALUES (:v1::bigint, uuidv7(), :l1::bigint, 'reserve', 1, 'order:' || :order_id::uuid::text, 'api_key:1'),
       (:v2::bigint, uuidv7(), :l2::bigint, 'reserve', 1, 'order:' || :order_id::uuid::text, 'api_key:1');
INSERT INTO outbox_event (event_id, type, aggregate, aggregate_id, data)
VALUES (uuidv7(), 'order.placed', 'order', :order_id::uuid::text, '{order_event}'),
       (uuidv7(), 'stock.changed', 'stock', 'levels', '{stock_event}');
INSERT INTO idempotency_record (actor, idempotency_key, request_hash, response_status, response_body)
VALUES ('api_key:1', :order_id::uuid::text, '\\x00112233445566778899aabbccddeeff', 201, '\\x{answer}');
COMMIT;
"""


async def write_script(installation: Installation) -> tuple[Path, int]:
    """Write the script with the texts of the newest real order; gives its path and the size of the answer in bytes."""
    connection = await installation.connect()
    try:
        row = await connection.fetchrow(
            """
            SELECT o.ship_to::text, i.response_body, p.data::text AS order_event,
                   (SELECT jsonb_build_object('columns', jsonb_object_agg(
                               c.key, jsonb_path_query_array(c.value, '$[0 to 1]')))::text
                    FROM outbox_event s, jsonb_each(s.data -> 'columns') c
                    WHERE s.type = 'stock.changed' AND s.tx_id = p.tx_id) AS stock_event
            FROM sales_order o
            JOIN idempotency_record i ON i.idempotency_key = o.order_id::text
            JOIN outbox_event p ON p.type = 'order.placed' AND p.aggregate_id = o.order_id::text
            ORDER BY o.order_id DESC LIMIT 1
            """
        )
    finally:
        await connection.close()
    text = SCRIPT.format(
        variants=retailer.VARIANTS,
        places=retailer.STORES + retailer.WAREHOUSES,
        ship_to=_literal(row, "ship_to"),
        order_event=_literal(row, "order_event"),
        stock_event=_literal(row, "stock_event"),
        answer=row["response_body"].hex(),
    )
    path = installation.folder / "order.sql"
    path.write_text(text)
    return path, len(row["response_body"])


def _literal(row: asyncpg.Record, name: str) -> str:
    # A colon before a name would be a variable to pgbench; a space after it is not, and JSON does not mind.
    return str(row[name] or "{}").replace("'", "''")
