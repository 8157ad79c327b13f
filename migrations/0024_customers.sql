-- migrate:up
SET LOCAL lock_timeout = '5s';

-- Somebody who has proven that an e-mail address is hers. Orders do not name her: they name the address.
CREATE TABLE customer (
    customer_id uuid PRIMARY KEY,
    email text NOT NULL,
    name text NOT NULL DEFAULT '',
    phone text,
    language text NOT NULL,
    created_at timestamptz NOT NULL,
    CONSTRAINT customer_email_length CHECK (length(email) BETWEEN 3 AND 200),
    CONSTRAINT customer_name_length CHECK (length(name) <= 200),
    CONSTRAINT customer_phone_length CHECK (phone IS NULL OR length(phone) <= 40)
);
COMMENT ON TABLE customer IS 'distributed by customer_id';

-- Whose an address is, in one spelling: this is what makes it unique.
CREATE TABLE customer_email (
    email text PRIMARY KEY,
    customer_id uuid NOT NULL
);
COMMENT ON TABLE customer_email IS 'reference';

-- Where she has goods sent to; the one that she preferred last comes first.
CREATE TABLE customer_address (
    customer_id uuid NOT NULL REFERENCES customer ON DELETE CASCADE,
    address_id uuid NOT NULL,
    country text NOT NULL,
    name text NOT NULL,
    street text NOT NULL,
    postal_code text NOT NULL,
    city text NOT NULL,
    preferred_at timestamptz NOT NULL,
    CONSTRAINT customer_address_pkey PRIMARY KEY (customer_id, address_id)
);
COMMENT ON TABLE customer_address IS 'distributed by customer_id';

-- A browser in which she is signed in. The token names the customer too, so that one place is asked.
CREATE TABLE customer_session (
    customer_id uuid NOT NULL REFERENCES customer ON DELETE CASCADE,
    token_hash bytea NOT NULL,
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    CONSTRAINT customer_session_pkey PRIMARY KEY (customer_id, token_hash)
);
COMMENT ON TABLE customer_session IS 'distributed by customer_id';
CREATE INDEX customer_session_ends ON customer_session (expires_at);

-- A sign-in under way. The code itself is kept nowhere: it is made of the id and the secret of the installation.
CREATE TABLE sign_in_code (
    sign_in_id uuid PRIMARY KEY,
    email text NOT NULL,
    language text NOT NULL,
    tries smallint NOT NULL DEFAULT 0,
    expires_at timestamptz NOT NULL
);
COMMENT ON TABLE sign_in_code IS 'distributed by sign_in_id';
CREATE INDEX sign_in_code_of_email ON sign_in_code (email);
CREATE INDEX sign_in_code_ends ON sign_in_code (expires_at);

-- migrate:down
