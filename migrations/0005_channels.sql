-- migrate:up
SET LOCAL lock_timeout = '5s';

CREATE TABLE channel (
    channel_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    code text NOT NULL,
    kind text NOT NULL,
    name text NOT NULL,
    country text NOT NULL,
    currency text NOT NULL,
    language text NOT NULL,
    price_list_id bigint NOT NULL REFERENCES price_list,
    -- all: every active variant; listed: only variants with a row in `listing`.
    assortment text NOT NULL DEFAULT 'all',
    -- The last units of a variant at a location that this channel may not sell.
    threshold integer NOT NULL DEFAULT 0,
    hold_seconds integer NOT NULL DEFAULT 900,
    fee_basis_points integer NOT NULL DEFAULT 0,
    fee_fixed_minor bigint NOT NULL DEFAULT 0,
    active boolean NOT NULL DEFAULT true,
    -- Where customers transfer money to; '' when the channel has no account. The IBAN has no spaces.
    bank_holder text NOT NULL DEFAULT '',
    bank_iban text NOT NULL DEFAULT '',
    bank_bic text NOT NULL DEFAULT '',
    version bigint NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT channel_code_unique UNIQUE (code),
    CONSTRAINT channel_code_length CHECK (length(code) BETWEEN 1 AND 100),
    CONSTRAINT channel_name_length CHECK (length(name) BETWEEN 1 AND 200),
    CONSTRAINT channel_kind_known CHECK (kind IN
        ('web', 'app', 'store', 'kiosk', 'call_centre', 'marketplace', 'social', 'ads', 'agent')),
    CONSTRAINT channel_country_is_iso CHECK (country ~ '^[A-Z]{2}$'),
    CONSTRAINT channel_currency_is_iso CHECK (currency ~ '^[A-Z]{3}$'),
    CONSTRAINT channel_assortment_known CHECK (assortment IN ('all', 'listed')),
    CONSTRAINT channel_threshold_not_negative CHECK (threshold >= 0),
    CONSTRAINT channel_hold_seconds_range CHECK (hold_seconds BETWEEN 1 AND 604800),
    CONSTRAINT channel_fee_range CHECK (fee_basis_points BETWEEN 0 AND 10000 AND fee_fixed_minor >= 0),
    CONSTRAINT channel_bank_whole CHECK ((bank_holder = '') = (bank_iban = '') AND (bank_bic = '' OR bank_iban <> '')),
    CONSTRAINT channel_bank_length CHECK (length(bank_holder) <= 70 AND length(bank_iban) <= 34 AND length(bank_bic) <= 11)
);
COMMENT ON TABLE channel IS 'reference';

-- Which locations serve a channel. threshold NULL: the channel's own.
CREATE TABLE channel_location (
    channel_id bigint NOT NULL REFERENCES channel,
    location_id bigint NOT NULL REFERENCES location,
    threshold integer,
    CONSTRAINT channel_location_pkey PRIMARY KEY (channel_id, location_id),
    CONSTRAINT channel_location_threshold_not_negative CHECK (threshold >= 0)
);
COMMENT ON TABLE channel_location IS 'reference';

CREATE TABLE listing (
    channel_id bigint NOT NULL REFERENCES channel,
    variant_id bigint NOT NULL REFERENCES variant,
    CONSTRAINT listing_pkey PRIMARY KEY (variant_id, channel_id)
);
COMMENT ON TABLE listing IS 'reference';
-- A page of one channel's listings.
CREATE INDEX listing_of_channel ON listing (channel_id, variant_id);

CREATE TRIGGER channel_changed AFTER INSERT OR UPDATE OR DELETE ON channel
    FOR EACH STATEMENT EXECUTE FUNCTION raise_config_version();
CREATE TRIGGER channel_location_changed AFTER INSERT OR UPDATE OR DELETE ON channel_location
    FOR EACH STATEMENT EXECUTE FUNCTION raise_config_version();

-- migrate:down
