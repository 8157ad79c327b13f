-- migrate:up
SET LOCAL lock_timeout = '5s';

-- Equality on a carrier and nearness on the globe in one index.
CREATE EXTENSION IF NOT EXISTS btree_gist;

-- Carriers and services are switched off, never deleted: parcels of the past refer to them.
CREATE TABLE carrier (
    carrier_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    code text NOT NULL,
    name text NOT NULL,
    -- With {tracking_number} in it; empty: no page to follow a parcel on.
    tracking_url text NOT NULL DEFAULT '',
    active boolean NOT NULL DEFAULT true,
    version bigint NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT carrier_code_unique UNIQUE (code),
    CONSTRAINT carrier_code_length CHECK (length(code) BETWEEN 1 AND 100),
    CONSTRAINT carrier_name_length CHECK (length(name) BETWEEN 1 AND 200)
);
COMMENT ON TABLE carrier IS 'reference';

CREATE TABLE carrier_service (
    carrier_service_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    carrier_id bigint NOT NULL REFERENCES carrier,
    code text NOT NULL,
    name text NOT NULL,
    kind text NOT NULL,
    weight_grams_max integer NOT NULL,
    -- Weekdays, cut-offs, zones and rates: replaced as a whole, read as a whole (`carriers.model.ServiceTerms`).
    terms jsonb NOT NULL,
    active boolean NOT NULL DEFAULT true,
    version bigint NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    -- An order names its service by this code alone.
    CONSTRAINT carrier_service_code_unique UNIQUE (code),
    CONSTRAINT carrier_service_code_length CHECK (length(code) BETWEEN 1 AND 100),
    CONSTRAINT carrier_service_name_length CHECK (length(name) BETWEEN 1 AND 200),
    CONSTRAINT carrier_service_kind_known CHECK (kind IN ('address', 'pickup_point')),
    CONSTRAINT carrier_service_weight_positive CHECK (weight_grams_max > 0),
    CONSTRAINT carrier_service_terms_are_an_object CHECK (jsonb_typeof(terms) = 'object')
);
COMMENT ON TABLE carrier_service IS 'reference';
CREATE INDEX carrier_service_of_carrier ON carrier_service (carrier_id, code);

-- Parcel lockers and counters of a carrier: where its services of kind pickup_point leave parcels.
CREATE TABLE pickup_point (
    carrier_id bigint NOT NULL REFERENCES carrier,
    code text NOT NULL,
    name text NOT NULL,
    street text NOT NULL DEFAULT '',
    city text NOT NULL DEFAULT '',
    postal_code text NOT NULL DEFAULT '',
    country text NOT NULL,
    latitude double precision NOT NULL,
    longitude double precision NOT NULL,
    opening_hours text NOT NULL DEFAULT '',
    active boolean NOT NULL DEFAULT true,
    CONSTRAINT pickup_point_pkey PRIMARY KEY (carrier_id, code),
    CONSTRAINT pickup_point_code_length CHECK (length(code) BETWEEN 1 AND 100),
    CONSTRAINT pickup_point_country_is_iso CHECK (country ~ '^[A-Z]{2}$'),
    CONSTRAINT pickup_point_position_on_earth CHECK (latitude BETWEEN -90 AND 90 AND longitude BETWEEN -180 AND 180)
);
COMMENT ON TABLE pickup_point IS 'reference';
CREATE INDEX pickup_point_position ON pickup_point
    USING gist (carrier_id, country, globe_point(latitude, longitude)) WHERE active;
-- Where only a postal code is known, the points beside it say where that is.
-- Byte by byte: then the code that has most of its beginning in common with another is its neighbour.
CREATE INDEX pickup_point_postal_code ON pickup_point (country, postal_code COLLATE "C") WHERE active;

CREATE TRIGGER carrier_changed AFTER INSERT OR UPDATE OR DELETE ON carrier
    FOR EACH STATEMENT EXECUTE FUNCTION raise_config_version();
CREATE TRIGGER carrier_service_changed AFTER INSERT OR UPDATE OR DELETE ON carrier_service
    FOR EACH STATEMENT EXECUTE FUNCTION raise_config_version();
CREATE TRIGGER pickup_point_changed AFTER INSERT OR UPDATE OR DELETE ON pickup_point
    FOR EACH STATEMENT EXECUTE FUNCTION raise_config_version();

-- migrate:down
