-- migrate:up
SET LOCAL lock_timeout = '5s';

-- What people are told: written in the transaction of the event that is its reason, sent by the worker.
-- The facts are kept and not the text: what is sent is rendered from them at the moment of sending.
CREATE TABLE message (
    message_id uuid PRIMARY KEY,
    -- One reason tells one person once, however often the event is looked at.
    once_key text NOT NULL,
    kind text NOT NULL,
    audience text NOT NULL,
    recipient text NOT NULL,
    language text NOT NULL,
    order_id uuid,
    location_id bigint,
    facts jsonb NOT NULL,
    state text NOT NULL DEFAULT 'waiting',
    due_at timestamptz NOT NULL,
    attempts smallint NOT NULL DEFAULT 0,
    subject text,
    error text,
    created_at timestamptz NOT NULL,
    sent_at timestamptz,
    CONSTRAINT message_once_key_unique UNIQUE (once_key),
    CONSTRAINT message_audience_known CHECK (audience IN ('customer', 'staff')),
    CONSTRAINT message_state_known CHECK (state IN ('waiting', 'sending', 'sent', 'failed'))
);
COMMENT ON TABLE message IS 'local';
CREATE INDEX message_due ON message (due_at) WHERE state IN ('waiting', 'sending');
CREATE INDEX message_work ON message (location_id, recipient, created_at) WHERE kind = 'work_arrived';
CREATE INDEX message_order ON message (order_id, created_at) WHERE order_id IS NOT NULL;
CREATE INDEX message_failed ON message (created_at) WHERE state = 'failed';

-- migrate:down
