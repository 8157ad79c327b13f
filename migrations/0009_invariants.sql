-- migrate:up
-- Each of these views must be empty, always. `kanava db check` and the tests read them.
CREATE VIEW invariant_level_equals_ledger AS
SELECT coalesce(l.variant_id, m.variant_id) AS variant_id, coalesce(l.location_id, m.location_id) AS location_id,
       l.on_hand, m.on_hand AS ledger_on_hand, l.reserved, m.reserved AS ledger_reserved,
       l.incoming, m.incoming AS ledger_incoming
FROM stock_level l
FULL JOIN (SELECT variant_id, location_id, sum(on_hand_delta) AS on_hand, sum(reserved_delta) AS reserved,
                  sum(incoming_delta) AS incoming
           FROM stock_ledger GROUP BY variant_id, location_id) m USING (variant_id, location_id)
WHERE coalesce(l.on_hand, 0) <> coalesce(m.on_hand, 0) OR coalesce(l.reserved, 0) <> coalesce(m.reserved, 0)
   OR coalesce(l.incoming, 0) <> coalesce(m.incoming, 0);

CREATE VIEW invariant_reserved_equals_reservations AS
SELECT coalesce(l.variant_id, r.variant_id) AS variant_id, coalesce(l.location_id, r.location_id) AS location_id,
       l.reserved, r.quantity AS reservations
FROM stock_level l
FULL JOIN (SELECT variant_id, location_id, sum(quantity) AS quantity FROM reservation
           WHERE state IN ('held', 'committed') GROUP BY variant_id, location_id) r USING (variant_id, location_id)
WHERE coalesce(l.reserved, 0) <> coalesce(r.quantity, 0);

CREATE VIEW invariant_reserved_within_on_hand AS
SELECT variant_id, location_id, on_hand, reserved, shortfall FROM stock_level
WHERE reserved < 0 OR reserved > on_hand + shortfall OR shortfall <> greatest(0, reserved - on_hand);

CREATE VIEW invariant_ring_fence_sum AS
SELECT l.variant_id, l.location_id, l.ring_fenced, f.remaining
FROM stock_level l
LEFT JOIN (SELECT variant_id, location_id, sum(remaining) AS remaining FROM stock_ring_fence
           GROUP BY variant_id, location_id) f USING (variant_id, location_id)
WHERE l.ring_fenced <> coalesce(f.remaining, 0);

CREATE VIEW invariant_stock_orphan AS
SELECT l.variant_id, l.location_id FROM stock_level l
LEFT JOIN variant v USING (variant_id) LEFT JOIN location p USING (location_id)
WHERE v.variant_id IS NULL OR p.location_id IS NULL;

CREATE VIEW invariant_order_total AS
SELECT o.order_id, o.total_minor, sum(l.total_minor) AS lines_minor
FROM sales_order o LEFT JOIN order_line l USING (order_id)
GROUP BY o.order_id
HAVING o.total_minor <> coalesce(sum(l.total_minor), 0) + o.delivery_total_minor
    OR o.tax_minor <> coalesce(sum(l.tax_minor), 0) + o.delivery_tax_minor;

-- Every unit of a line that is neither cancelled nor fulfilled is reserved somewhere.
CREATE VIEW invariant_line_is_reserved AS
SELECT l.order_id, l.line_no, l.quantity - l.quantity_cancelled - l.quantity_fulfilled AS open_quantity,
       coalesce(r.quantity, 0) AS reserved
FROM order_line l
LEFT JOIN (SELECT order_id, line_no, sum(quantity) AS quantity FROM reservation
           WHERE state = 'committed' AND order_id IS NOT NULL GROUP BY order_id, line_no) r USING (order_id, line_no)
WHERE l.quantity - l.quantity_cancelled - l.quantity_fulfilled <> coalesce(r.quantity, 0);

CREATE VIEW invariant_payment_amounts AS
SELECT order_id, payment_id FROM payment
WHERE captured_minor + voided_minor > authorised_minor OR refunded_minor > captured_minor;

CREATE VIEW invariant_idempotency_complete AS
SELECT actor, idempotency_key FROM idempotency_record WHERE response_status IS NULL;

-- migrate:down
