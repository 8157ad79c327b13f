-- migrate:up
SET LOCAL lock_timeout = '5s';

-- What was promised when the order was placed, as it was told; what became of it stands with the fulfilments.
-- The delivery is what the customer chose and pays: a service of a carrier, maybe to a pickup point.
ALTER TABLE sales_order
    ADD COLUMN promises jsonb NOT NULL DEFAULT '[]',
    ADD COLUMN carrier_service text,
    ADD COLUMN pickup_point text,
    ADD COLUMN delivery_net_minor bigint NOT NULL DEFAULT 0,
    ADD COLUMN delivery_tax_minor bigint NOT NULL DEFAULT 0,
    ADD COLUMN delivery_total_minor bigint NOT NULL DEFAULT 0,
    ADD COLUMN delivery_tax_rate_basis_points integer NOT NULL DEFAULT 0,
    ADD CONSTRAINT sales_order_delivery_adds_up CHECK (delivery_net_minor + delivery_tax_minor = delivery_total_minor),
    ADD CONSTRAINT sales_order_delivery_not_negative CHECK (delivery_total_minor >= 0),
    ADD CONSTRAINT sales_order_pickup_point_has_service CHECK (pickup_point IS NULL OR carrier_service IS NOT NULL);

CREATE OR REPLACE VIEW invariant_order_total AS
SELECT o.order_id, o.total_minor, sum(l.total_minor) AS lines_minor
FROM sales_order o LEFT JOIN order_line l USING (order_id)
GROUP BY o.order_id
HAVING o.total_minor <> coalesce(sum(l.total_minor), 0) + o.delivery_total_minor
    OR o.tax_minor <> coalesce(sum(l.tax_minor), 0) + o.delivery_tax_minor;

-- migrate:down
