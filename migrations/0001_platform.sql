-- migrate:up
-- The platform's own tables: they know no retail.
-- Each table says how it is placed on several nodes: `reference` (a copy on each node), `distributed by COLUMN`,
-- or `local` (on the coordinator). A test holds that primary keys contain the distribution column.
SET LOCAL lock_timeout = '5s';

CREATE EXTENSION IF NOT EXISTS btree_gist;
CREATE EXTENSION IF NOT EXISTS pg_trgm;

-- One row. Triggers on the tables of settings raise it, so that a process can ask in the transaction it is in
-- whether the settings it holds in memory are the ones in force.
CREATE TABLE config_version (
    singleton boolean PRIMARY KEY DEFAULT true,
    version bigint NOT NULL DEFAULT 1,
    CONSTRAINT config_version_is_one_row CHECK (singleton)
);
COMMENT ON TABLE config_version IS 'reference';
INSERT INTO config_version DEFAULT VALUES;

CREATE FUNCTION raise_config_version() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE config_version SET version = version + 1;
    RETURN NULL;
END $$;

-- Events, written in the transaction that made them happen. `tx_id` makes the feed gap-free: a reader stops before
-- the oldest transaction still in flight.
CREATE TABLE outbox_event (
    tx_id xid8 NOT NULL DEFAULT pg_current_xact_id(),
    event_id uuid NOT NULL,
    type text NOT NULL,
    aggregate text NOT NULL,
    aggregate_id text NOT NULL,
    data jsonb NOT NULL,
    occurred_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT outbox_event_pkey PRIMARY KEY (tx_id, event_id)
);
COMMENT ON TABLE outbox_event IS 'local';
CREATE INDEX outbox_event_aggregate ON outbox_event (aggregate, aggregate_id, tx_id);

CREATE TABLE idempotency_record (
    actor text NOT NULL,
    idempotency_key text NOT NULL,
    request_hash bytea NOT NULL,
    response_status smallint,
    response_body bytea,
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT idempotency_record_pkey PRIMARY KEY (actor, idempotency_key)
);
COMMENT ON TABLE idempotency_record IS 'local';
CREATE INDEX idempotency_record_created_at ON idempotency_record USING brin (created_at);

CREATE TABLE api_key (
    api_key_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name text NOT NULL,
    prefix text NOT NULL,
    secret_hash bytea NOT NULL,
    scopes text[] NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz,
    revoked_at timestamptz,
    CONSTRAINT api_key_prefix_unique UNIQUE (prefix),
    CONSTRAINT api_key_name_length CHECK (length(name) BETWEEN 1 AND 200)
);
COMMENT ON TABLE api_key IS 'reference';

CREATE TABLE staff (
    staff_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    email text NOT NULL,
    name text NOT NULL,
    password_hash text NOT NULL,
    language text NOT NULL DEFAULT 'en',
    active boolean NOT NULL DEFAULT true,
    failed_attempts integer NOT NULL DEFAULT 0,
    locked_until timestamptz,
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT staff_email_unique UNIQUE (email),
    CONSTRAINT staff_email_lower CHECK (email = lower(email))
);
COMMENT ON TABLE staff IS 'reference';

-- location_id 0 means every location.
CREATE TABLE staff_role (
    staff_id bigint NOT NULL REFERENCES staff,
    role text NOT NULL,
    location_id bigint NOT NULL DEFAULT 0,
    CONSTRAINT staff_role_pkey PRIMARY KEY (staff_id, role, location_id)
);
COMMENT ON TABLE staff_role IS 'reference';

CREATE TABLE staff_session (
    token_hash bytea PRIMARY KEY,
    staff_id bigint NOT NULL REFERENCES staff,
    created_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz NOT NULL
);
COMMENT ON TABLE staff_session IS 'reference';
CREATE INDEX staff_session_staff ON staff_session (staff_id);

CREATE TABLE audit_entry (
    audit_entry_id uuid PRIMARY KEY,
    occurred_at timestamptz NOT NULL DEFAULT now(),
    actor text NOT NULL,
    action text NOT NULL,
    subject text NOT NULL,
    subject_id text NOT NULL,
    detail jsonb NOT NULL DEFAULT '{}'
);
COMMENT ON TABLE audit_entry IS 'local';
CREATE INDEX audit_entry_subject ON audit_entry (subject, subject_id, occurred_at DESC);
CREATE INDEX audit_entry_actor ON audit_entry (actor, occurred_at DESC);

-- migrate:down
