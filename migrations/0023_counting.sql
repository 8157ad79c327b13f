-- migrate:up
SET LOCAL lock_timeout = '5s';

-- What people have counted of a shelf so far. Several may count on one sheet; booking makes it a count, once.
CREATE TABLE count_sheet (
    count_sheet_id uuid PRIMARY KEY,
    location_id bigint NOT NULL REFERENCES location,
    name text NOT NULL DEFAULT '',
    -- Who counts does not see what is expected.
    blind boolean NOT NULL DEFAULT false,
    actor text NOT NULL,
    started_at timestamptz NOT NULL,
    booked_at timestamptz,
    CONSTRAINT count_sheet_name_length CHECK (length(name) <= 100)
);
COMMENT ON TABLE count_sheet IS 'reference';
CREATE INDEX count_sheet_open ON count_sheet (location_id, started_at) WHERE booked_at IS NULL;

-- Append-only; the same entry twice is one. `on_hand` is what the level said at that moment.
CREATE TABLE count_sheet_entry (
    count_sheet_id uuid NOT NULL REFERENCES count_sheet,
    entry_id uuid NOT NULL,
    variant_id bigint NOT NULL REFERENCES variant,
    units integer NOT NULL,
    on_hand integer NOT NULL,
    actor text NOT NULL,
    person text NOT NULL,
    recorded_at timestamptz NOT NULL,
    CONSTRAINT count_sheet_entry_pkey PRIMARY KEY (count_sheet_id, entry_id)
);
COMMENT ON TABLE count_sheet_entry IS 'reference';

-- What is to be counted at a place because somebody did not find it; few rows at any time.
CREATE INDEX stock_level_suppressed ON stock_level (location_id) WHERE suppressed > 0;

-- migrate:down
