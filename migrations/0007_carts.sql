-- migrate:up
SET LOCAL lock_timeout = '5s';

CREATE TABLE cart (
    cart_id uuid PRIMARY KEY,
    channel_id bigint NOT NULL REFERENCES channel,
    customer_email text,
    customer_group text,
    ship_country text,
    order_id uuid,
    -- When the last hold ends or ended; NULL when nothing was held since the units were given back.
    hold_expires_at timestamptz,
    -- What the cart was made with, so that making it again is a repeat and not a second cart.
    request_digest bytea NOT NULL DEFAULT '',
    version bigint NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE cart IS 'distributed by cart_id';

CREATE TABLE cart_line (
    cart_id uuid NOT NULL REFERENCES cart,
    line_no smallint NOT NULL,
    variant_id bigint NOT NULL,
    quantity integer NOT NULL,
    fulfilment_kind text NOT NULL,
    location_id bigint,
    CONSTRAINT cart_line_pkey PRIMARY KEY (cart_id, line_no),
    CONSTRAINT cart_line_quantity_range CHECK (quantity BETWEEN 1 AND 100000),
    CONSTRAINT cart_line_fulfilment_known CHECK (fulfilment_kind IN ('ship', 'pickup', 'curbside', 'carry_out')),
    CONSTRAINT cart_line_place_named CHECK ((fulfilment_kind = 'ship') = (location_id IS NULL))
);
COMMENT ON TABLE cart_line IS 'distributed by cart_id';
-- The same goods handed over in the same way are one line.
CREATE UNIQUE INDEX cart_line_merged
    ON cart_line (cart_id, variant_id, fulfilment_kind, coalesce(location_id, 0));

-- migrate:down
