-- migrate:up
SET LOCAL lock_timeout = '5s';

-- Where somebody wants events sent to.
CREATE TABLE webhook_endpoint (
    endpoint_id uuid PRIMARY KEY,
    url text NOT NULL,
    description text NOT NULL DEFAULT '',
    -- Empty: every type.
    event_types text[] NOT NULL DEFAULT '{}',
    active boolean NOT NULL DEFAULT true,
    disabled_at timestamptz,
    disabled_reason text,
    -- The first failure since the last success, and how many there were since.
    failing_since timestamptz,
    failures_in_row integer NOT NULL DEFAULT 0,
    -- To ten seconds: not every delivery writes here.
    last_success_at timestamptz,
    last_failure_at timestamptz,
    version bigint NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT webhook_endpoint_url_length CHECK (length(url) BETWEEN 1 AND 2000),
    CONSTRAINT webhook_endpoint_disabled_has_reason CHECK (active = (disabled_at IS NULL)
        AND active = (disabled_reason IS NULL)),
    CONSTRAINT webhook_endpoint_failures_not_negative CHECK (failures_in_row >= 0)
);
COMMENT ON TABLE webhook_endpoint IS 'local';

-- What signs. Kept as it is, because signing needs it; the one without an end is the newest.
CREATE TABLE webhook_secret (
    endpoint_id uuid NOT NULL REFERENCES webhook_endpoint ON DELETE CASCADE,
    secret_no bigint GENERATED ALWAYS AS IDENTITY,
    secret text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz,
    CONSTRAINT webhook_secret_pkey PRIMARY KEY (endpoint_id, secret_no)
);
COMMENT ON TABLE webhook_secret IS 'local';
CREATE UNIQUE INDEX webhook_secret_one_newest ON webhook_secret (endpoint_id) WHERE expires_at IS NULL;

-- One event for one endpoint. What is sent is read from outbox_event: whoever prunes that table leaves there what is
-- not delivered yet. The order is that of the feed: (tx_id, event_id).
CREATE TABLE webhook_delivery (
    endpoint_id uuid NOT NULL REFERENCES webhook_endpoint ON DELETE CASCADE,
    event_id uuid NOT NULL,
    tx_id xid8 NOT NULL,
    type text NOT NULL,
    aggregate text NOT NULL,
    aggregate_id text NOT NULL,
    -- pending: not tried yet; failed: tried, and tried again at next_attempt_at.
    state text NOT NULL DEFAULT 'pending',
    attempts smallint NOT NULL DEFAULT 0,
    created_at timestamptz NOT NULL DEFAULT now(),
    first_attempt_at timestamptz,
    last_attempt_at timestamptz,
    next_attempt_at timestamptz,
    -- When it was delivered or given up.
    settled_at timestamptz,
    -- What came back at the last attempt: the beginning of the answer, or why there was none.
    response_status smallint,
    response_body text,
    error text,
    duration_ms integer,
    CONSTRAINT webhook_delivery_pkey PRIMARY KEY (endpoint_id, event_id),
    CONSTRAINT webhook_delivery_state_known CHECK (state IN ('pending', 'failed', 'delivered', 'dead')),
    CONSTRAINT webhook_delivery_settled_has_time CHECK ((state IN ('delivered', 'dead')) = (settled_at IS NOT NULL))
);
COMMENT ON TABLE webhook_delivery IS 'local';
-- What a lane has still to send, in order.
CREATE INDEX webhook_delivery_open ON webhook_delivery (endpoint_id, aggregate, aggregate_id, tx_id, event_id)
    WHERE settled_at IS NULL;
-- The list of what is not delivered, by state.
CREATE INDEX webhook_delivery_state ON webhook_delivery (endpoint_id, state, event_id) WHERE state <> 'delivered';
CREATE INDEX webhook_delivery_settled_at ON webhook_delivery (settled_at) WHERE settled_at IS NOT NULL;

-- An aggregate with something to send to an endpoint: its deliveries go one after the other, so that one row is all
-- that dispatchers need to claim. Whoever adds a delivery or settles one holds the row meanwhile; it goes away with the
-- last open delivery.
CREATE TABLE webhook_lane (
    endpoint_id uuid NOT NULL REFERENCES webhook_endpoint ON DELETE CASCADE,
    aggregate text NOT NULL,
    aggregate_id text NOT NULL,
    -- When it is the lane's turn; while it is claimed, when another dispatcher may take it.
    due_at timestamptz NOT NULL,
    claim_id uuid,
    CONSTRAINT webhook_lane_pkey PRIMARY KEY (endpoint_id, aggregate, aggregate_id)
) WITH (fillfactor = 70, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000);
COMMENT ON TABLE webhook_lane IS 'local';
CREATE INDEX webhook_lane_due ON webhook_lane (endpoint_id, due_at);

-- Every delivery that waits has a lane that will come to it.
CREATE VIEW invariant_open_delivery_has_lane AS
    SELECT d.endpoint_id, d.event_id FROM webhook_delivery d
    WHERE d.settled_at IS NULL AND NOT EXISTS (
        SELECT 1 FROM webhook_lane w
        WHERE w.endpoint_id = d.endpoint_id AND w.aggregate = d.aggregate AND w.aggregate_id = d.aggregate_id);

-- migrate:down
