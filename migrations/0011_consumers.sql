-- migrate:up
SET LOCAL lock_timeout = '5s';

-- How far each reader of the event feed has come. Its row is locked while it works: one worker at a time serves it.
CREATE TABLE event_consumer (
    name text PRIMARY KEY,
    tx_id xid8 NOT NULL,
    event_id uuid NOT NULL,
    updated_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE event_consumer IS 'local';

-- An event that a consumer could not take, however often it tried alone: kept here, so that the others go on.
CREATE TABLE event_consumer_failure (
    consumer text NOT NULL,
    event_id uuid NOT NULL,
    tx_id xid8 NOT NULL,
    error text NOT NULL,
    failed_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT event_consumer_failure_pkey PRIMARY KEY (consumer, event_id)
);
COMMENT ON TABLE event_consumer_failure IS 'local';

-- migrate:down
