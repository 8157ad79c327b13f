-- migrate:up
SET LOCAL lock_timeout = '5s';

-- A question to a table of the console that somebody asks again: filters, order and columns, as the page's own query.
CREATE TABLE saved_view (
    saved_view_id uuid PRIMARY KEY,
    staff_id bigint NOT NULL REFERENCES staff,
    table_name text NOT NULL,
    name text NOT NULL,
    question text NOT NULL,
    -- Everybody sees it; only its owner may remove it.
    shared boolean NOT NULL DEFAULT false,
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT saved_view_name_length CHECK (length(name) BETWEEN 1 AND 100),
    CONSTRAINT saved_view_question_length CHECK (length(question) <= 2000)
);
COMMENT ON TABLE saved_view IS 'reference';
CREATE UNIQUE INDEX saved_view_own_name ON saved_view (staff_id, table_name, name);
CREATE INDEX saved_view_of_table ON saved_view (table_name);

-- People write the same number in many ways: the last eight digits find it. Only orders with a number are in it.
CREATE INDEX sales_order_customer_phone ON sales_order (right(regexp_replace(customer_phone, '\D', '', 'g'), 8))
    WHERE customer_phone IS NOT NULL;

-- Everybody's changes, the newest first, whatever they were about.
CREATE INDEX audit_entry_action ON audit_entry (action, occurred_at DESC);

-- Where safety stock is kept; selling never changes what is in it.
CREATE INDEX stock_level_safety_stock ON stock_level (variant_id, location_id) WHERE safety_stock > 0;

-- migrate:down
