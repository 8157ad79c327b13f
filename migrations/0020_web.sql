-- migrate:up
SET LOCAL lock_timeout = '5s';

-- What the links that we give out are signed with; made at first use. Whoever can read it can make such links.
CREATE TABLE installation_secret (
    name text PRIMARY KEY,
    secret bytea NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT installation_secret_long_enough CHECK (octet_length(secret) >= 32)
);
COMMENT ON TABLE installation_secret IS 'reference';

-- How often somebody tried something that a stranger may try: `who` is a digest of an e-mail or network address, so
-- that the table tells nobody who came. A row counts until `ends_at`.
CREATE TABLE attempt_count (
    purpose text NOT NULL,
    who bytea NOT NULL,
    attempts integer NOT NULL,
    ends_at timestamptz NOT NULL,
    CONSTRAINT attempt_count_pkey PRIMARY KEY (purpose, who),
    CONSTRAINT attempt_count_positive CHECK (attempts > 0)
);
COMMENT ON TABLE attempt_count IS 'local';
CREATE INDEX attempt_count_ends ON attempt_count (ends_at);

-- What a unit cost when the customer last looked at the line and changed it, in the currency of the cart: so that she
-- is told when it costs something else. NULL: she has not seen a price yet.
ALTER TABLE cart_line ADD COLUMN seen_price_minor bigint;

-- migrate:down
