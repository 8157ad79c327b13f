-- migrate:up
SET LOCAL lock_timeout = '5s';

-- Goods ordered from a supplier: what is ordered and has not arrived stands as incoming at its location.
CREATE TABLE purchase_order (
    purchase_order_id uuid PRIMARY KEY,
    supplier_location_id bigint NOT NULL REFERENCES location,
    location_id bigint NOT NULL REFERENCES location,
    state text NOT NULL,
    -- NULL: the supplier has named no day; nothing is promised of it.
    expected_on date,
    reference text NOT NULL DEFAULT '',
    created_at timestamptz NOT NULL DEFAULT now(),
    ordered_at timestamptz,
    received_at timestamptz,
    version bigint NOT NULL DEFAULT 1,
    CONSTRAINT purchase_order_state_known CHECK (state IN ('draft', 'ordered', 'received', 'cancelled')),
    CONSTRAINT purchase_order_comes_from_elsewhere CHECK (supplier_location_id <> location_id)
);
COMMENT ON TABLE purchase_order IS 'reference';

CREATE TABLE purchase_order_line (
    purchase_order_id uuid NOT NULL REFERENCES purchase_order,
    variant_id bigint NOT NULL,
    quantity integer NOT NULL,
    quantity_received integer NOT NULL DEFAULT 0,
    -- Ordered units that will not arrive, and why.
    quantity_missing integer NOT NULL DEFAULT 0,
    difference_reason text,
    CONSTRAINT purchase_order_line_pkey PRIMARY KEY (purchase_order_id, variant_id),
    CONSTRAINT purchase_order_line_quantity_positive CHECK (quantity > 0),
    CONSTRAINT purchase_order_line_received_not_negative CHECK (quantity_received >= 0 AND quantity_missing >= 0),
    CONSTRAINT purchase_order_line_received_within_ordered CHECK (quantity_received + quantity_missing <= quantity)
);
COMMENT ON TABLE purchase_order_line IS 'reference';

-- One arrival of a purchase order: the same one told twice counts once.
CREATE TABLE purchase_order_arrival (
    purchase_order_id uuid NOT NULL REFERENCES purchase_order,
    arrival_id uuid NOT NULL,
    arrived_at timestamptz NOT NULL,
    CONSTRAINT purchase_order_arrival_pkey PRIMARY KEY (purchase_order_id, arrival_id)
);
COMMENT ON TABLE purchase_order_arrival IS 'reference';

-- What is on its way of a variant.
CREATE INDEX purchase_order_line_open ON purchase_order_line (variant_id)
    WHERE quantity > quantity_received + quantity_missing;
CREATE INDEX transfer_line_open ON transfer_line (variant_id) WHERE quantity > quantity_received + quantity_missing;

-- Units sold before they are there (sum of the awaited reservations).
ALTER TABLE stock_level ADD COLUMN awaited integer NOT NULL DEFAULT 0
    CONSTRAINT stock_level_awaited_not_negative CHECK (awaited >= 0);

-- Awaited units: when they are expected; NULL when nothing that comes has a date for them.
ALTER TABLE reservation ADD COLUMN expected_on date;
-- First come, first served.
CREATE INDEX reservation_awaited ON reservation (variant_id, location_id, created_at) WHERE state = 'awaited';

ALTER TABLE channel ADD COLUMN sells_incoming boolean NOT NULL DEFAULT false;

CREATE OR REPLACE VIEW invariant_line_is_reserved AS
SELECT l.order_id, l.line_no, l.quantity - l.quantity_cancelled - l.quantity_fulfilled AS open_quantity,
       coalesce(r.quantity, 0) AS reserved
FROM order_line l
LEFT JOIN (SELECT order_id, line_no, sum(quantity) AS quantity FROM reservation
           WHERE state IN ('committed', 'awaited') AND order_id IS NOT NULL
           GROUP BY order_id, line_no) r USING (order_id, line_no)
WHERE l.quantity - l.quantity_cancelled - l.quantity_fulfilled <> coalesce(r.quantity, 0);

CREATE VIEW invariant_awaited_equals_reservations AS
SELECT coalesce(l.variant_id, r.variant_id) AS variant_id, coalesce(l.location_id, r.location_id) AS location_id,
       l.awaited, r.quantity AS reservations
FROM stock_level l
FULL JOIN (SELECT variant_id, location_id, sum(quantity) AS quantity FROM reservation
           WHERE state = 'awaited' GROUP BY variant_id, location_id) r USING (variant_id, location_id)
WHERE coalesce(l.awaited, 0) <> coalesce(r.quantity, 0);

-- A date is only told for units that are on their way; awaited units without a date are for people (`kanava doctor`).
CREATE VIEW invariant_awaited_within_incoming AS
SELECT l.variant_id, l.location_id, l.incoming, r.quantity AS dated
FROM stock_level l
JOIN (SELECT variant_id, location_id, sum(quantity) AS quantity FROM reservation
      WHERE state = 'awaited' AND expected_on IS NOT NULL GROUP BY variant_id, location_id) r
     USING (variant_id, location_id)
WHERE r.quantity > l.incoming;

-- migrate:down
