-- migrate:up
SET LOCAL lock_timeout = '5s';

-- Screens and tills that a member of staff has enrolled: the token in their browser stands for a place and a channel.
CREATE TABLE device (
    device_id uuid PRIMARY KEY,
    kind text NOT NULL,
    name text NOT NULL,
    token_hash bytea NOT NULL,
    location_id bigint NOT NULL REFERENCES location,
    channel_id bigint NOT NULL REFERENCES channel,
    enrolled_by text NOT NULL,
    enrolled_at timestamptz NOT NULL DEFAULT now(),
    last_seen_at timestamptz,
    revoked_at timestamptz,
    CONSTRAINT device_token_unique UNIQUE (token_hash),
    CONSTRAINT device_kind_known CHECK (kind IN ('kiosk', 'till')),
    CONSTRAINT device_name_length CHECK (length(name) BETWEEN 1 AND 100)
);
COMMENT ON TABLE device IS 'reference';
CREATE INDEX device_of_location ON device (location_id, kind);

-- A cart on its way from a kiosk to a phone. The link to it is signed, ends soon and is good once.
CREATE TABLE cart_hand_over (
    hand_over_id uuid PRIMARY KEY,
    cart_id uuid NOT NULL,
    expires_at timestamptz NOT NULL,
    taken_at timestamptz
);
COMMENT ON TABLE cart_hand_over IS 'distributed by hand_over_id';
CREATE INDEX cart_hand_over_of_cart ON cart_hand_over (cart_id);
CREATE INDEX cart_hand_over_ends ON cart_hand_over (expires_at);

-- migrate:down
