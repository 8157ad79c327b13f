-- migrate:up
SET LOCAL lock_timeout = '5s';

-- An outside system that reports stock (ERP, WMS, POS).
CREATE TABLE stock_source (
    stock_source_id smallint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    code text NOT NULL,
    -- Once true, its absolutes are checked for newer deltas.
    sends_deltas boolean NOT NULL DEFAULT false,
    CONSTRAINT stock_source_code_unique UNIQUE (code)
);
COMMENT ON TABLE stock_source IS 'reference';

-- The running total of stock_ledger. No index may name a counter: that would end heap-only updates.
-- Half of each page is left free: a bulk update writes a new version of every row, and one that fits on its page
-- costs no new entry in the primary key (measured: 6 µs a row instead of 10).
-- No foreign keys to variant and location: a bulk load would spend most of its time on them, both are never deleted,
-- and `invariant_stock_orphan` watches.
CREATE TABLE stock_level (
    variant_id bigint NOT NULL,
    location_id bigint NOT NULL,
    on_hand integer NOT NULL DEFAULT 0,
    reserved integer NOT NULL DEFAULT 0,
    safety_stock integer NOT NULL DEFAULT 0,
    incoming integer NOT NULL DEFAULT 0,
    -- Units kept for one channel (sum of stock_ring_fence.remaining): the others do not see them.
    ring_fenced integer NOT NULL DEFAULT 0,
    -- Reserved units that a count did not find. Only counts and bulk updates raise it.
    shortfall integer NOT NULL DEFAULT 0,
    -- The outside source whose absolute message this level follows, and the sequence of the last one applied.
    stock_source_id smallint,
    sequence bigint,
    -- What on_hand was before the last bulk change: RETURNING gives new values only, and the ledger needs both.
    on_hand_before integer NOT NULL DEFAULT 0,
    CONSTRAINT stock_level_pkey PRIMARY KEY (variant_id, location_id),
    CONSTRAINT stock_level_on_hand_not_negative CHECK (on_hand >= 0),
    CONSTRAINT stock_level_reserved_not_negative CHECK (reserved >= 0),
    CONSTRAINT stock_level_never_oversold CHECK (reserved <= on_hand + shortfall),
    CONSTRAINT stock_level_safety_stock_not_negative CHECK (safety_stock >= 0),
    CONSTRAINT stock_level_incoming_not_negative CHECK (incoming >= 0),
    CONSTRAINT stock_level_ring_fenced_not_negative CHECK (ring_fenced >= 0)
) WITH (fillfactor = 50);
COMMENT ON TABLE stock_level IS 'distributed by variant_id';

-- What stock_level has no room for: the last absolute of a source that another source has overtaken since, and the
-- newest delta of a source (an older absolute that comes late is applied underneath it). Rare beside stock_level.
CREATE TABLE stock_source_mark (
    variant_id bigint NOT NULL,
    location_id bigint NOT NULL,
    stock_source_id smallint NOT NULL,
    absolute_sequence bigint,
    delta_sequence bigint,
    CONSTRAINT stock_source_mark_pkey PRIMARY KEY (variant_id, location_id, stock_source_id)
);
COMMENT ON TABLE stock_source_mark IS 'distributed by variant_id';

-- Append-only. The deltas of all rows of a level, here and in stock_sync, add up to its counters.
CREATE TABLE stock_movement (
    variant_id bigint NOT NULL,
    movement_id uuid NOT NULL,
    location_id bigint NOT NULL,
    kind text NOT NULL,
    on_hand_delta integer NOT NULL DEFAULT 0,
    reserved_delta integer NOT NULL DEFAULT 0,
    incoming_delta integer NOT NULL DEFAULT 0,
    -- What caused it: an order, a transfer, a receipt, a count …
    reference text,
    reason text,
    stock_source_id smallint,
    sequence bigint,
    actor text NOT NULL,
    recorded_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT stock_movement_pkey PRIMARY KEY (variant_id, movement_id),
    CONSTRAINT stock_movement_kind_known CHECK (kind IN ('receipt', 'adjustment', 'sync', 'count', 'sale', 'reserve',
        'release', 'transfer_out', 'transfer_in', 'return', 'purchase'))
);
COMMENT ON TABLE stock_movement IS 'distributed by variant_id';

-- Append-only too: the movements that the absolutes of one message made of one variant, side by side. A row and an index
-- entry for each of them were two thirds of what a message of 10,000 levels cost.
CREATE TABLE stock_sync (
    variant_id bigint NOT NULL,
    stock_sync_id uuid NOT NULL,
    location_ids bigint[] NOT NULL,
    on_hand_deltas integer[] NOT NULL,
    stock_source_id smallint NOT NULL,
    sequence bigint NOT NULL,
    actor text NOT NULL,
    recorded_at timestamptz NOT NULL,
    CONSTRAINT stock_sync_pkey PRIMARY KEY (variant_id, stock_sync_id),
    CONSTRAINT stock_sync_delta_of_each CHECK (cardinality(location_ids) = cardinality(on_hand_deltas))
);
COMMENT ON TABLE stock_sync IS 'distributed by variant_id';

-- The whole ledger, a row for each movement. What came in one message of one variant shares all of its id but the end.
CREATE VIEW stock_ledger AS
SELECT variant_id, movement_id, location_id, kind, on_hand_delta, reserved_delta, incoming_delta, reference, reason,
       stock_source_id, sequence, actor, recorded_at
FROM stock_movement
UNION ALL
SELECT s.variant_id, (left(s.stock_sync_id::text, 24) || lpad(to_hex(m.location_id), 12, '0'))::uuid, m.location_id,
       'sync', m.on_hand_delta, 0, 0, NULL, NULL, s.stock_source_id, s.sequence, s.actor, s.recorded_at
FROM stock_sync s, unnest(s.location_ids, s.on_hand_deltas) AS m (location_id, on_hand_delta);

CREATE TABLE reservation (
    variant_id bigint NOT NULL,
    reservation_id uuid NOT NULL,
    location_id bigint NOT NULL,
    quantity integer NOT NULL,
    state text NOT NULL,
    channel_id bigint NOT NULL,
    -- Units of this quantity that came out of the channel's ring-fence.
    from_ring_fence integer NOT NULL DEFAULT 0,
    cart_id uuid,
    order_id uuid,
    line_no smallint,
    fulfilment_kind text,
    expires_at timestamptz,
    created_at timestamptz NOT NULL DEFAULT now(),
    changed_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT reservation_pkey PRIMARY KEY (variant_id, reservation_id),
    CONSTRAINT reservation_quantity_positive CHECK (quantity > 0),
    CONSTRAINT reservation_state_known CHECK
        (state IN ('held', 'awaited', 'committed', 'fulfilled', 'released', 'expired')),
    CONSTRAINT reservation_awaited_is_an_orders CHECK (state <> 'awaited' OR order_id IS NOT NULL),
    CONSTRAINT reservation_held_expires CHECK (state <> 'held' OR expires_at IS NOT NULL)
);
COMMENT ON TABLE reservation IS 'distributed by variant_id';
CREATE INDEX reservation_order ON reservation (order_id) WHERE order_id IS NOT NULL;
CREATE INDEX reservation_cart ON reservation (cart_id) WHERE cart_id IS NOT NULL;
-- Holds made through the API are found by their id alone; those of carts and orders pay nothing for it.
CREATE INDEX reservation_hold ON reservation (reservation_id) WHERE order_id IS NULL AND cart_id IS NULL;
CREATE INDEX reservation_held ON reservation (variant_id, expires_at) WHERE state = 'held';

-- location_id 0: every location. The most specific threshold wins:
-- variant + location, variant, channel + location (channel_location), channel.
CREATE TABLE stock_threshold (
    variant_id bigint NOT NULL,
    channel_id bigint NOT NULL,
    location_id bigint NOT NULL DEFAULT 0,
    threshold integer NOT NULL,
    CONSTRAINT stock_threshold_pkey PRIMARY KEY (variant_id, channel_id, location_id),
    CONSTRAINT stock_threshold_not_negative CHECK (threshold >= 0)
);
COMMENT ON TABLE stock_threshold IS 'distributed by variant_id';
-- So that placing knows without a round trip whether there is any.
CREATE TRIGGER stock_threshold_changed AFTER INSERT OR UPDATE OR DELETE ON stock_threshold
    FOR EACH STATEMENT EXECUTE FUNCTION raise_config_version();

CREATE TABLE stock_ring_fence (
    variant_id bigint NOT NULL,
    location_id bigint NOT NULL,
    channel_id bigint NOT NULL,
    remaining integer NOT NULL,
    CONSTRAINT stock_ring_fence_pkey PRIMARY KEY (variant_id, location_id, channel_id),
    CONSTRAINT stock_ring_fence_not_negative CHECK (remaining >= 0)
);
COMMENT ON TABLE stock_ring_fence IS 'distributed by variant_id';

-- Receipts, adjustments, counts and returns under the ids that their senders made: the same one twice is one.
CREATE TABLE stock_document (
    stock_document_id uuid PRIMARY KEY,
    kind text NOT NULL,
    location_id bigint NOT NULL REFERENCES location,
    request_hash bytea NOT NULL,
    answer jsonb NOT NULL DEFAULT '{}',
    actor text NOT NULL,
    recorded_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT stock_document_kind_known CHECK (kind IN ('receipt', 'adjustment', 'count', 'return'))
);
COMMENT ON TABLE stock_document IS 'distributed by stock_document_id';
CREATE INDEX stock_document_location ON stock_document (location_id, recorded_at);

CREATE TABLE transfer (
    transfer_id uuid PRIMARY KEY,
    from_location_id bigint NOT NULL REFERENCES location,
    to_location_id bigint NOT NULL REFERENCES location,
    state text NOT NULL,
    expected_on date,
    reference text NOT NULL DEFAULT '',
    created_at timestamptz NOT NULL DEFAULT now(),
    shipped_at timestamptz,
    received_at timestamptz,
    version bigint NOT NULL DEFAULT 1,
    CONSTRAINT transfer_state_known CHECK (state IN ('draft', 'in_transit', 'received', 'cancelled')),
    CONSTRAINT transfer_goes_elsewhere CHECK (from_location_id <> to_location_id)
);
COMMENT ON TABLE transfer IS 'reference';

CREATE TABLE transfer_line (
    transfer_id uuid NOT NULL REFERENCES transfer,
    variant_id bigint NOT NULL,
    quantity integer NOT NULL,
    quantity_received integer NOT NULL DEFAULT 0,
    -- Shipped units that will not arrive, and why: damaged, lost, miscounted …
    quantity_missing integer NOT NULL DEFAULT 0,
    difference_reason text,
    CONSTRAINT transfer_line_pkey PRIMARY KEY (transfer_id, variant_id),
    CONSTRAINT transfer_line_quantity_positive CHECK (quantity > 0),
    CONSTRAINT transfer_line_received_not_negative CHECK (quantity_received >= 0 AND quantity_missing >= 0)
);
COMMENT ON TABLE transfer_line IS 'reference';

-- One arrival of a transfer: the same one told twice counts once.
CREATE TABLE transfer_arrival (
    transfer_id uuid NOT NULL REFERENCES transfer,
    arrival_id uuid NOT NULL,
    arrived_at timestamptz NOT NULL,
    CONSTRAINT transfer_arrival_pkey PRIMARY KEY (transfer_id, arrival_id)
);
COMMENT ON TABLE transfer_arrival IS 'reference';

-- migrate:down
