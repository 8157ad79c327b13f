-- migrate:up
SET LOCAL lock_timeout = '5s';

-- Units that somebody could not find or found broken: not promised to anybody until they are counted.
ALTER TABLE stock_level ADD COLUMN suppressed integer NOT NULL DEFAULT 0
    CONSTRAINT stock_level_suppressed_not_negative CHECK (suppressed >= 0);

-- What one place does of one order in one way: the unit of work on a store's board. Its units are reserved at its
-- location, always: reservations are the truth, fulfilments follow them (events of orders make them agree).
CREATE TABLE fulfilment (
    order_id uuid NOT NULL,
    fulfilment_id uuid NOT NULL,
    -- People say ORDER-NUMBER-SEQUENCE: 100123-2.
    order_number bigint NOT NULL,
    sequence_no smallint NOT NULL,
    location_id bigint NOT NULL REFERENCES location,
    channel_id bigint NOT NULL REFERENCES channel,
    kind text NOT NULL,
    state text NOT NULL DEFAULT 'open',
    -- The order is on hold: nothing of it is worked on.
    on_hold boolean NOT NULL DEFAULT false,
    carrier_service_id bigint,
    -- What the customer was told first, and what holds now: delivered by (ship), ready by (pickup, curbside).
    first_promised_by timestamptz,
    promised_by timestamptz,
    -- When the place has to be done so that the promise can be kept; boards sort by it.
    work_by timestamptz NOT NULL,
    -- When what was promised happened: delivered, or ready for collection.
    settled_at timestamptz,
    units_to_pick integer NOT NULL,
    wave_id uuid,
    -- Who has it (`staff:3`), and how people call her.
    assigned_to text,
    assigned_name text,
    -- Where the goods wait for the customer.
    bay text,
    ready_at timestamptz,
    collect_by timestamptz,
    reminders_sent smallint NOT NULL DEFAULT 0,
    collection_code text,
    -- What the links in the customer's messages carry, so that she can say that she is coming.
    collection_token text,
    code_attempts smallint NOT NULL DEFAULT 0,
    code_locked_until timestamptz,
    on_my_way_at timestamptz,
    expected_at timestamptz,
    arrived_at timestamptz,
    parking_bay text,
    -- No other place can do it and this one cannot: the customer is asked.
    stuck_since timestamptz,
    stuck_reason text,
    -- What the customer said when she was asked: wait.
    stuck_answer text,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    version bigint NOT NULL DEFAULT 1,
    CONSTRAINT fulfilment_pkey PRIMARY KEY (order_id, fulfilment_id),
    CONSTRAINT fulfilment_sequence_unique UNIQUE (order_id, sequence_no),
    CONSTRAINT fulfilment_kind_known CHECK (kind IN ('ship', 'pickup', 'curbside')),
    -- open → picking → picked → packed → shipped → delivered | failed → returned
    --                  picked → ready → collected | expired;   any before shipped or collected → cancelled (also: moved)
    CONSTRAINT fulfilment_state_known CHECK (state IN ('open', 'picking', 'picked', 'packed', 'ready', 'shipped',
        'delivered', 'failed', 'returned', 'collected', 'expired', 'cancelled')),
    CONSTRAINT fulfilment_units_to_pick_not_negative CHECK (units_to_pick >= 0),
    CONSTRAINT fulfilment_stuck_has_reason CHECK ((stuck_since IS NULL) = (stuck_reason IS NULL))
);
COMMENT ON TABLE fulfilment IS 'distributed by order_id';
-- People and devices know a fulfilment by its own id.
CREATE INDEX fulfilment_id ON fulfilment (fulfilment_id);
CREATE INDEX fulfilment_wave ON fulfilment (wave_id) WHERE wave_id IS NOT NULL;
-- The board of a place: what is being worked on, most urgent first.
CREATE INDEX fulfilment_board ON fulfilment (location_id, work_by)
    WHERE state IN ('open', 'picking', 'picked', 'packed', 'ready');
-- Those that wait for a customer: reminders and expiry.
CREATE INDEX fulfilment_waiting ON fulfilment (collect_by) WHERE state = 'ready';
-- On their way: those that changed lately.
CREATE INDEX fulfilment_shipped ON fulfilment (updated_at) WHERE state = 'shipped';
CREATE INDEX fulfilment_stuck ON fulfilment (stuck_since) WHERE stuck_since IS NOT NULL;
CREATE INDEX fulfilment_curbside ON fulfilment (location_id, arrived_at) WHERE arrived_at IS NOT NULL AND state = 'ready';

-- A pick task is a line here with quantity − quantity_ended − quantity_picked left.
CREATE TABLE fulfilment_line (
    order_id uuid NOT NULL,
    fulfilment_id uuid NOT NULL,
    line_no smallint NOT NULL,
    variant_id bigint NOT NULL,
    sku text NOT NULL,
    quantity integer NOT NULL,
    quantity_picked integer NOT NULL DEFAULT 0,
    -- In a parcel (ship) or staged (pickup).
    quantity_packed integer NOT NULL DEFAULT 0,
    -- Left the house: shipped or handed over.
    quantity_done integer NOT NULL DEFAULT 0,
    -- Given up here: rejected and moved to another place, cancelled, refused, not collected.
    quantity_ended integer NOT NULL DEFAULT 0,
    CONSTRAINT fulfilment_line_pkey PRIMARY KEY (order_id, fulfilment_id, line_no),
    CONSTRAINT fulfilment_line_of FOREIGN KEY (order_id, fulfilment_id) REFERENCES fulfilment,
    CONSTRAINT fulfilment_line_quantity_positive CHECK (quantity > 0),
    CONSTRAINT fulfilment_line_in_order CHECK (quantity_done >= 0 AND quantity_ended >= 0
        AND quantity_done <= quantity_packed AND quantity_packed <= quantity_picked
        AND quantity_picked + quantity_ended <= quantity)
);
COMMENT ON TABLE fulfilment_line IS 'distributed by order_id';

-- Changes with an id of the client's: sent again they are repeats. `digest` tells a repeat from another change.
CREATE TABLE fulfilment_change (
    order_id uuid NOT NULL,
    change_id uuid NOT NULL,
    fulfilment_id uuid NOT NULL,
    kind text NOT NULL,
    digest bytea NOT NULL,
    actor text NOT NULL,
    recorded_at timestamptz NOT NULL,
    CONSTRAINT fulfilment_change_pkey PRIMARY KEY (order_id, change_id),
    CONSTRAINT fulfilment_change_of FOREIGN KEY (order_id, fulfilment_id) REFERENCES fulfilment
);
COMMENT ON TABLE fulfilment_change IS 'distributed by order_id';

-- Work that somebody takes in one walk through a place.
CREATE TABLE wave (
    wave_id uuid PRIMARY KEY,
    location_id bigint NOT NULL REFERENCES location,
    state text NOT NULL DEFAULT 'open',
    actor text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT wave_state_known CHECK (state IN ('open', 'done'))
);
COMMENT ON TABLE wave IS 'reference';

-- Units that a place said it cannot give. The id is the client's: told twice is once.
CREATE TABLE fulfilment_rejection (
    order_id uuid NOT NULL,
    rejection_id uuid NOT NULL,
    fulfilment_id uuid NOT NULL,
    line_no smallint NOT NULL,
    variant_id bigint NOT NULL,
    location_id bigint NOT NULL,
    quantity integer NOT NULL,
    reason text NOT NULL,
    note text NOT NULL DEFAULT '',
    -- moved: another place does it; stuck: nobody can; cancelled: the customer gave it up.
    outcome text NOT NULL,
    actor text NOT NULL,
    recorded_at timestamptz NOT NULL,
    CONSTRAINT fulfilment_rejection_pkey PRIMARY KEY (order_id, rejection_id, line_no),
    CONSTRAINT fulfilment_rejection_reason_known CHECK (reason IN
        ('not_found', 'damaged', 'display_piece', 'no_capacity', 'closed', 'other')),
    CONSTRAINT fulfilment_rejection_outcome_known CHECK (outcome IN ('moved', 'stuck', 'cancelled'))
);
COMMENT ON TABLE fulfilment_rejection IS 'distributed by order_id';
CREATE INDEX fulfilment_rejection_location ON fulfilment_rejection (location_id, recorded_at);

CREATE TABLE parcel (
    order_id uuid NOT NULL,
    parcel_id uuid NOT NULL,
    fulfilment_id uuid NOT NULL,
    carrier_service_id bigint,
    -- carrier, service, tracking_url: as they were when it was packed or shipped; carrier alone where no service is
    -- named (handed to a courier by hand).
    carrier text NOT NULL DEFAULT '',
    service text NOT NULL DEFAULT '',
    tracking_number text,
    tracking_url text,
    weight_grams integer,
    state text NOT NULL DEFAULT 'packed',
    -- When the newest carrier event that counts happened; older ones never move the state back.
    state_at timestamptz NOT NULL,
    packed_at timestamptz NOT NULL,
    shipped_at timestamptz,
    delivered_at timestamptz,
    -- The stock document that took back what came back to the sender.
    return_id uuid,
    CONSTRAINT parcel_pkey PRIMARY KEY (order_id, parcel_id),
    CONSTRAINT parcel_of FOREIGN KEY (order_id, fulfilment_id) REFERENCES fulfilment,
    CONSTRAINT parcel_state_known CHECK (state IN
        ('packed', 'shipped', 'in_transit', 'out_for_delivery', 'delivered', 'failed', 'returned', 'cancelled')),
    CONSTRAINT parcel_weight_positive CHECK (weight_grams > 0)
);
COMMENT ON TABLE parcel IS 'distributed by order_id';
CREATE INDEX parcel_tracking ON parcel (tracking_number) WHERE tracking_number IS NOT NULL;
CREATE INDEX parcel_by_id ON parcel (parcel_id);
CREATE INDEX parcel_fulfilment ON parcel (order_id, fulfilment_id);
-- Came back and nobody has looked at it yet.
CREATE INDEX parcel_returned ON parcel (state_at) WHERE state = 'returned' AND return_id IS NULL;
CREATE INDEX parcel_failed ON parcel (state_at) WHERE state = 'failed';

CREATE TABLE parcel_line (
    order_id uuid NOT NULL,
    parcel_id uuid NOT NULL,
    line_no smallint NOT NULL,
    quantity integer NOT NULL,
    CONSTRAINT parcel_line_pkey PRIMARY KEY (order_id, parcel_id, line_no),
    CONSTRAINT parcel_line_of FOREIGN KEY (order_id, parcel_id) REFERENCES parcel,
    CONSTRAINT parcel_line_quantity_positive CHECK (quantity > 0)
);
COMMENT ON TABLE parcel_line IS 'distributed by order_id';

-- What carriers say, once for each of their ids, in whatever order it arrives. order_id NULL: no parcel of ours.
CREATE TABLE carrier_event (
    carrier text NOT NULL,
    carrier_event_id text NOT NULL,
    tracking_number text NOT NULL,
    kind text NOT NULL,
    occurred_at timestamptz NOT NULL,
    received_at timestamptz NOT NULL,
    order_id uuid,
    parcel_id uuid,
    -- Whether it moved the parcel's state; late and repeated news do not.
    applied boolean NOT NULL,
    detail text NOT NULL DEFAULT '',
    CONSTRAINT carrier_event_pkey PRIMARY KEY (carrier, carrier_event_id),
    CONSTRAINT carrier_event_kind_known CHECK (kind IN
        ('accepted', 'in_transit', 'out_for_delivery', 'delivered', 'failed', 'returned'))
);
COMMENT ON TABLE carrier_event IS 'reference';
CREATE INDEX carrier_event_unknown ON carrier_event (received_at) WHERE order_id IS NULL;
CREATE INDEX carrier_event_unknown_number ON carrier_event (tracking_number) WHERE order_id IS NULL;
CREATE INDEX carrier_event_received_at ON carrier_event (received_at);
CREATE INDEX carrier_event_parcel ON carrier_event (parcel_id) WHERE parcel_id IS NOT NULL;

-- Goods given to a customer at a counter or a car, against the code or a look at an identity card.
CREATE TABLE hand_over (
    order_id uuid NOT NULL,
    hand_over_id uuid NOT NULL,
    fulfilment_id uuid NOT NULL,
    proof text NOT NULL,
    lines jsonb NOT NULL,
    refused jsonb NOT NULL DEFAULT '[]',
    actor text NOT NULL,
    recorded_at timestamptz NOT NULL,
    CONSTRAINT hand_over_pkey PRIMARY KEY (order_id, hand_over_id),
    CONSTRAINT hand_over_of FOREIGN KEY (order_id, fulfilment_id) REFERENCES fulfilment,
    CONSTRAINT hand_over_proof_known CHECK (proof IN ('code', 'id_check'))
);
COMMENT ON TABLE hand_over IS 'distributed by order_id';

-- How much work each place has, kept by the triggers below alone. In shares: whoever changes the work of a place takes
-- a share that nobody holds, or begins another one. So nobody waits for somebody else's transaction to end, and two
-- that move work to and fro between two places never wait for each other.
CREATE TABLE location_load_share (
    location_id bigint NOT NULL,
    units_to_pick bigint NOT NULL,
    share_id bigint GENERATED ALWAYS AS IDENTITY,
    CONSTRAINT location_load_share_pkey PRIMARY KEY (location_id, share_id)
);
COMMENT ON TABLE location_load_share IS 'reference';

-- Promise and routing read it by the dozen.
CREATE VIEW location_load AS
SELECT location_id, sum(units_to_pick)::bigint AS units_to_pick FROM location_load_share GROUP BY location_id;

CREATE FUNCTION add_location_load(location_ids bigint[], units bigint[]) RETURNS void LANGUAGE sql AS $$
    WITH free AS MATERIALIZED (
        SELECT d.location_id, d.units, s.share_id
        FROM unnest(location_ids, units) AS d (location_id, units)
        LEFT JOIN LATERAL (
            SELECT l.share_id FROM location_load_share l WHERE l.location_id = d.location_id
            ORDER BY l.share_id LIMIT 1 FOR UPDATE SKIP LOCKED
        ) s ON true
    ), added AS (
        UPDATE location_load_share l SET units_to_pick = l.units_to_pick + f.units
        FROM free f WHERE l.location_id = f.location_id AND l.share_id = f.share_id
    )
    INSERT INTO location_load_share (location_id, units_to_pick)
    SELECT location_id, units FROM free WHERE share_id IS NULL
$$;

CREATE FUNCTION fulfilment_counts(state text, units integer) RETURNS bigint LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN CASE WHEN state IN ('open', 'picking') THEN units ELSE 0 END;

CREATE FUNCTION keep_location_load_of_new() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM add_location_load(array_agg(d.location_id), array_agg(d.units)) FROM (
        SELECT location_id, sum(fulfilment_counts(state, units_to_pick))::bigint AS units FROM new_rows
        GROUP BY location_id
    ) d WHERE d.units <> 0;
    RETURN NULL;
END $$;

CREATE FUNCTION keep_location_load() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM add_location_load(array_agg(d.location_id), array_agg(d.units)) FROM (
        SELECT location_id, sum(units)::bigint AS units FROM (
            SELECT location_id, fulfilment_counts(state, units_to_pick) AS units FROM new_rows
            UNION ALL
            SELECT location_id, -fulfilment_counts(state, units_to_pick) FROM old_rows
        ) c GROUP BY location_id
    ) d WHERE d.units <> 0;
    RETURN NULL;
END $$;

CREATE TRIGGER fulfilment_load_inserted AFTER INSERT ON fulfilment REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION keep_location_load_of_new();
CREATE TRIGGER fulfilment_load_updated AFTER UPDATE ON fulfilment REFERENCING NEW TABLE AS new_rows OLD TABLE AS old_rows
    FOR EACH STATEMENT EXECUTE FUNCTION keep_location_load();

CREATE VIEW invariant_location_load AS
SELECT location_id, l.units_to_pick AS counted, f.units AS there
FROM location_load l
FULL JOIN (SELECT location_id, sum(fulfilment_counts(state, units_to_pick)) AS units FROM fulfilment
           GROUP BY location_id) f USING (location_id)
WHERE coalesce(l.units_to_pick, 0) <> coalesce(f.units, 0);

CREATE VIEW invariant_fulfilment_units_to_pick AS
SELECT order_id, fulfilment_id, f.units_to_pick, l.units
FROM fulfilment f
JOIN (SELECT order_id, fulfilment_id, sum(quantity - quantity_ended - quantity_picked) AS units FROM fulfilment_line
      GROUP BY order_id, fulfilment_id) l USING (order_id, fulfilment_id)
WHERE f.units_to_pick <> l.units;

-- migrate:down
