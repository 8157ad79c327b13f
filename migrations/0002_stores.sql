-- migrate:up
SET LOCAL lock_timeout = '5s';

CREATE TABLE location (
    location_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    code text NOT NULL,
    kind text NOT NULL,
    name text NOT NULL,
    street text NOT NULL DEFAULT '',
    city text NOT NULL DEFAULT '',
    region text NOT NULL DEFAULT '',
    postal_code text NOT NULL DEFAULT '',
    country text NOT NULL,
    latitude double precision,
    longitude double precision,
    time_zone text NOT NULL,
    phone text NOT NULL DEFAULT '',
    opening_hours text NOT NULL DEFAULT '',
    keeps_public_holidays boolean NOT NULL DEFAULT true,
    services text[] NOT NULL DEFAULT '{}',
    handling_minutes integer NOT NULL DEFAULT 60,
    pick_capacity_per_hour integer NOT NULL DEFAULT 20,
    -- What a parcel from here costs us, in the minor unit of the retailer's own currency (setting `currency`).
    parcel_cost_domestic_minor bigint NOT NULL DEFAULT 400,
    parcel_cost_abroad_minor bigint NOT NULL DEFAULT 1200,
    active boolean NOT NULL DEFAULT true,
    fulfils_online boolean NOT NULL DEFAULT true,
    version bigint NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT location_code_unique UNIQUE (code),
    CONSTRAINT location_kind_known CHECK (kind IN ('store', 'warehouse', 'supplier')),
    CONSTRAINT location_country_is_iso CHECK (country ~ '^[A-Z]{2}$'),
    CONSTRAINT location_position_on_earth CHECK (
        (latitude IS NULL AND longitude IS NULL)
        OR (latitude BETWEEN -90 AND 90 AND longitude BETWEEN -180 AND 180)),
    CONSTRAINT location_services_known CHECK (services <@ '{pickup,curbside,ship_from_store,returns}'),
    CONSTRAINT location_handling_minutes_range CHECK (handling_minutes BETWEEN 0 AND 20160),
    CONSTRAINT location_pick_capacity_range CHECK (pick_capacity_per_hour BETWEEN 0 AND 100000),
    CONSTRAINT location_parcel_cost_range CHECK (parcel_cost_domestic_minor >= 0 AND parcel_cost_abroad_minor >= 0)
);
COMMENT ON TABLE location IS 'reference';

-- Nearest first without reading every store. A position is a point on a globe of radius 1: the distance of two such
-- points orders as the distance on earth does, near the poles and across the date line too; degrees do not.
CREATE EXTENSION IF NOT EXISTS cube;
CREATE FUNCTION globe_point(latitude double precision, longitude double precision) RETURNS cube
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN cube(ARRAY[cos(radians(latitude)) * cos(radians(longitude)),
                      cos(radians(latitude)) * sin(radians(longitude)),
                      sin(radians(latitude))]);
CREATE INDEX location_position ON location USING gist (globe_point(latitude, longitude));

-- A day that differs from the weekly hours. Empty hours mean closed all day.
CREATE TABLE location_hours_exception (
    location_id bigint NOT NULL REFERENCES location,
    on_date date NOT NULL,
    opening_hours text NOT NULL DEFAULT '',
    reason text NOT NULL DEFAULT '',
    CONSTRAINT location_hours_exception_pkey PRIMARY KEY (location_id, on_date)
);
COMMENT ON TABLE location_hours_exception IS 'reference';

CREATE TRIGGER location_changed AFTER INSERT OR UPDATE OR DELETE ON location
    FOR EACH STATEMENT EXECUTE FUNCTION raise_config_version();
CREATE TRIGGER location_hours_exception_changed AFTER INSERT OR UPDATE OR DELETE ON location_hours_exception
    FOR EACH STATEMENT EXECUTE FUNCTION raise_config_version();

-- migrate:down
