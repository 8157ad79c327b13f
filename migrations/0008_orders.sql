-- migrate:up
SET LOCAL lock_timeout = '5s';

-- A process takes 100 numbers at a time.
CREATE SEQUENCE order_number START 100001 INCREMENT 100;

CREATE TABLE sales_order (
    order_id uuid PRIMARY KEY,
    number bigint NOT NULL,
    channel_id bigint NOT NULL REFERENCES channel,
    cart_id uuid,
    external_reference text,
    status text NOT NULL DEFAULT 'placed',
    hold_reason text,
    currency text NOT NULL,
    tax_inclusive boolean NOT NULL,
    net_minor bigint NOT NULL,
    tax_minor bigint NOT NULL,
    total_minor bigint NOT NULL,
    customer_email text,
    customer_name text,
    customer_phone text,
    customer_group text,
    ship_to jsonb,
    placed_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL DEFAULT now(),
    version bigint NOT NULL DEFAULT 1,
    -- What was promised when the order was placed, as it was told; what became of it stands with the fulfilments.
    promises jsonb NOT NULL DEFAULT '[]',
    -- The delivery that the customer chose and pays: a service of a carrier, maybe to a pickup point.
    carrier_service text,
    pickup_point text,
    delivery_net_minor bigint NOT NULL DEFAULT 0,
    delivery_tax_minor bigint NOT NULL DEFAULT 0,
    delivery_total_minor bigint NOT NULL DEFAULT 0,
    delivery_tax_rate_basis_points integer NOT NULL DEFAULT 0,
    CONSTRAINT sales_order_delivery_adds_up CHECK (delivery_net_minor + delivery_tax_minor = delivery_total_minor),
    CONSTRAINT sales_order_delivery_not_negative CHECK (delivery_total_minor >= 0),
    CONSTRAINT sales_order_pickup_point_has_service CHECK (pickup_point IS NULL OR carrier_service IS NOT NULL),
    CONSTRAINT sales_order_status_known CHECK (status IN ('placed', 'on_hold', 'completed', 'cancelled')),
    CONSTRAINT sales_order_total_adds_up CHECK (net_minor + tax_minor = total_minor)
);
COMMENT ON TABLE sales_order IS 'distributed by order_id';
CREATE INDEX sales_order_number ON sales_order (number);
-- Not order_id too: while the table is small, a lookup by order_id would be planned on this index and keep that plan.
CREATE INDEX sales_order_placed_at ON sales_order (placed_at);
CREATE INDEX sales_order_external_reference ON sales_order (channel_id, external_reference)
    WHERE external_reference IS NOT NULL;
CREATE INDEX sales_order_customer_email ON sales_order (lower(customer_email), placed_at)
    WHERE customer_email IS NOT NULL;

CREATE TABLE order_line (
    order_id uuid NOT NULL REFERENCES sales_order,
    line_no smallint NOT NULL,
    variant_id bigint NOT NULL,
    sku text NOT NULL,
    quantity integer NOT NULL,
    quantity_cancelled integer NOT NULL DEFAULT 0,
    quantity_fulfilled integer NOT NULL DEFAULT 0,
    fulfilment_kind text NOT NULL,
    location_id bigint,
    unit_price_minor bigint NOT NULL,
    net_minor bigint NOT NULL,
    tax_minor bigint NOT NULL,
    total_minor bigint NOT NULL,
    tax_rate_basis_points integer NOT NULL,
    CONSTRAINT order_line_pkey PRIMARY KEY (order_id, line_no),
    CONSTRAINT order_line_quantity_range CHECK (quantity BETWEEN 1 AND 100000),
    CONSTRAINT order_line_quantities_fit CHECK (quantity_cancelled >= 0 AND quantity_fulfilled >= 0
        AND quantity_cancelled + quantity_fulfilled <= quantity),
    CONSTRAINT order_line_fulfilment_known CHECK (fulfilment_kind IN ('ship', 'pickup', 'curbside', 'carry_out')),
    CONSTRAINT order_line_total_adds_up CHECK (net_minor + tax_minor = total_minor)
);
COMMENT ON TABLE order_line IS 'distributed by order_id';

CREATE TABLE payment (
    order_id uuid NOT NULL REFERENCES sales_order,
    payment_id uuid NOT NULL,
    method text NOT NULL,
    currency text NOT NULL,
    authorised_minor bigint NOT NULL,
    captured_minor bigint NOT NULL DEFAULT 0,
    voided_minor bigint NOT NULL DEFAULT 0,
    refunded_minor bigint NOT NULL DEFAULT 0,
    external_reference text,
    recorded_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT payment_pkey PRIMARY KEY (order_id, payment_id),
    CONSTRAINT payment_method_known CHECK (method IN
        ('cash', 'card', 'bank_transfer', 'gift_card', 'on_delivery', 'wallet', 'marketplace', 'other')),
    CONSTRAINT payment_amounts_not_negative CHECK (authorised_minor >= 0 AND captured_minor >= 0
        AND voided_minor >= 0 AND refunded_minor >= 0),
    CONSTRAINT payment_captured_within_authorised CHECK (captured_minor + voided_minor <= authorised_minor),
    CONSTRAINT payment_refunded_within_captured CHECK (refunded_minor <= captured_minor)
);
COMMENT ON TABLE payment IS 'distributed by order_id';

-- Changes with an id of the client's: sent again they are repeats. `digest` tells a repeat from another change.
CREATE TABLE order_change (
    order_id uuid NOT NULL REFERENCES sales_order,
    change_id uuid NOT NULL,
    kind text NOT NULL,
    digest bytea NOT NULL,
    actor text NOT NULL,
    recorded_at timestamptz NOT NULL,
    CONSTRAINT order_change_pkey PRIMARY KEY (order_id, change_id),
    CONSTRAINT order_change_kind_known CHECK (kind IN
        ('amendment', 'cancellation', 'fulfilment', 'payment', 'capture', 'void', 'refund'))
);
COMMENT ON TABLE order_change IS 'distributed by order_id';

CREATE TABLE payment_refund (
    order_id uuid NOT NULL,
    refund_id uuid NOT NULL,
    payment_id uuid NOT NULL,
    amount_minor bigint NOT NULL,
    reason text NOT NULL DEFAULT '',
    recorded_at timestamptz NOT NULL,
    CONSTRAINT payment_refund_pkey PRIMARY KEY (order_id, refund_id),
    CONSTRAINT payment_refund_of_payment FOREIGN KEY (order_id, payment_id) REFERENCES payment,
    CONSTRAINT payment_refund_positive CHECK (amount_minor > 0)
);
COMMENT ON TABLE payment_refund IS 'distributed by order_id';

CREATE VIEW invariant_refunds_add_up AS
SELECT p.order_id, p.payment_id, p.refunded_minor, coalesce(r.amount_minor, 0) AS refunds_minor
FROM payment p
LEFT JOIN (SELECT order_id, payment_id, sum(amount_minor) AS amount_minor FROM payment_refund
           GROUP BY order_id, payment_id) r USING (order_id, payment_id)
WHERE p.refunded_minor <> coalesce(r.amount_minor, 0);

-- migrate:down
