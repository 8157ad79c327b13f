-- migrate:up
SET LOCAL lock_timeout = '5s';

-- What a retailer tells the customers of a country: its terms, how it uses their data. `body` is CommonMark.
CREATE TABLE policy (
    country text NOT NULL,
    kind text NOT NULL,
    language text NOT NULL,
    title text NOT NULL,
    body text NOT NULL,
    version bigint NOT NULL DEFAULT 1,
    updated_at timestamptz NOT NULL,
    CONSTRAINT policy_pkey PRIMARY KEY (country, kind, language),
    CONSTRAINT policy_country_is_iso CHECK (country ~ '^[A-Z]{2}$'),
    CONSTRAINT policy_kind_known CHECK (kind IN ('terms', 'privacy', 'returns', 'shipping', 'legal_notice')),
    CONSTRAINT policy_language_length CHECK (length(language) BETWEEN 2 AND 35),
    CONSTRAINT policy_title_length CHECK (length(title) BETWEEN 1 AND 200),
    CONSTRAINT policy_body_length CHECK (length(body) BETWEEN 1 AND 100000)
);
COMMENT ON TABLE policy IS 'reference';

CREATE TRIGGER policy_changed AFTER INSERT OR UPDATE OR DELETE ON policy
    FOR EACH STATEMENT EXECUTE FUNCTION raise_config_version();

-- migrate:down
