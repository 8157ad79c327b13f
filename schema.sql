-- Made by `kanava db schema` from migrations/. Do not edit.

CREATE EXTENSION IF NOT EXISTS btree_gist WITH SCHEMA public;

COMMENT ON EXTENSION btree_gist IS 'support for indexing common datatypes in GiST';

CREATE EXTENSION IF NOT EXISTS cube WITH SCHEMA public;

COMMENT ON EXTENSION cube IS 'data type for multidimensional cubes';

CREATE EXTENSION IF NOT EXISTS pg_trgm WITH SCHEMA public;

COMMENT ON EXTENSION pg_trgm IS 'text similarity measurement and index searching based on trigrams';

CREATE TYPE public.pgqueuer_status AS ENUM (
    'queued',
    'picked',
    'successful',
    'exception',
    'canceled',
    'deleted',
    'failed'
);

CREATE FUNCTION public.add_location_load(location_ids bigint[], units bigint[]) RETURNS void
    LANGUAGE sql
    AS $$
    WITH free AS MATERIALIZED (
        SELECT d.location_id, d.units, s.share_id
        FROM unnest(location_ids, units) AS d (location_id, units)
        LEFT JOIN LATERAL (
            SELECT l.share_id FROM location_load_share l WHERE l.location_id = d.location_id
            ORDER BY l.share_id LIMIT 1 FOR UPDATE SKIP LOCKED
        ) s ON true
    ), added AS (
        UPDATE location_load_share l SET units_to_pick = l.units_to_pick + f.units
        FROM free f WHERE l.location_id = f.location_id AND l.share_id = f.share_id
    )
    INSERT INTO location_load_share (location_id, units_to_pick)
    SELECT location_id, units FROM free WHERE share_id IS NULL
$$;

CREATE FUNCTION public.barcode_names_a_variant() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    IF EXISTS (SELECT FROM added a LEFT JOIN variant v USING (variant_id) WHERE v.variant_id IS NULL) THEN
        RAISE foreign_key_violation USING MESSAGE = 'a barcode names a variant that is not there',
            CONSTRAINT = 'barcode_variant_id_fkey';
    END IF;
    RETURN NULL;
END $$;

CREATE FUNCTION public.fn_pgqueuer_changed() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
DECLARE
    to_emit BOOLEAN := false;  -- Flag to decide whether to emit a notification
BEGIN
    -- Check operation type and set the emit flag accordingly
    IF TG_OP = 'UPDATE' AND OLD IS DISTINCT FROM NEW THEN
        to_emit := true;
    ELSIF TG_OP = 'DELETE' THEN
        to_emit := true;
    ELSIF TG_OP = 'INSERT' THEN
        to_emit := true;
    ELSIF TG_OP = 'TRUNCATE' THEN
        to_emit := true;
    END IF;

    -- Perform notification if the emit flag is set
    IF to_emit THEN
        PERFORM pg_notify(
            'ch_pgqueuer',
            json_build_object(
                'channel', 'ch_pgqueuer',
                'operation', lower(TG_OP),
                'sent_at', NOW(),
                'table', TG_TABLE_NAME,
                'type', 'table_changed_event'
            )::text
        );
    END IF;

    -- Return appropriate value based on the operation
    IF TG_OP IN ('INSERT', 'UPDATE') THEN
        RETURN NEW;
    ELSIF TG_OP = 'DELETE' THEN
        RETURN OLD;
    ELSE
        RETURN NULL; -- For TRUNCATE and other non-row-specific contexts
    END IF;

END;
$$;

CREATE FUNCTION public.fulfilment_counts(state text, units integer) RETURNS bigint
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN CASE WHEN (state = ANY (ARRAY['open'::text, 'picking'::text])) THEN units ELSE 0 END;

CREATE FUNCTION public.globe_point(latitude double precision, longitude double precision) RETURNS public.cube
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN public.cube(ARRAY[(cos(radians(latitude)) * cos(radians(longitude))), (cos(radians(latitude)) * sin(radians(longitude))), sin(radians(latitude))]);

CREATE FUNCTION public.keep_location_load() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    PERFORM add_location_load(array_agg(d.location_id), array_agg(d.units)) FROM (
        SELECT location_id, sum(units)::bigint AS units FROM (
            SELECT location_id, fulfilment_counts(state, units_to_pick) AS units FROM new_rows
            UNION ALL
            SELECT location_id, -fulfilment_counts(state, units_to_pick) FROM old_rows
        ) c GROUP BY location_id
    ) d WHERE d.units <> 0;
    RETURN NULL;
END $$;

CREATE FUNCTION public.keep_location_load_of_new() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    PERFORM add_location_load(array_agg(d.location_id), array_agg(d.units)) FROM (
        SELECT location_id, sum(fulfilment_counts(state, units_to_pick))::bigint AS units FROM new_rows
        GROUP BY location_id
    ) d WHERE d.units <> 0;
    RETURN NULL;
END $$;

CREATE FUNCTION public.media_names_its_owner() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    IF EXISTS (SELECT FROM added a LEFT JOIN product p USING (product_id) WHERE p.product_id IS NULL)
       OR EXISTS (SELECT FROM added a LEFT JOIN variant v ON v.variant_id = a.variant_id AND v.product_id = a.product_id
                  WHERE a.variant_id IS NOT NULL AND v.variant_id IS NULL) THEN
        RAISE foreign_key_violation USING MESSAGE = 'a picture or model names a product or variant that is not there',
            CONSTRAINT = 'media_owner_fkey';
    END IF;
    RETURN NULL;
END $$;

CREATE FUNCTION public.raise_access_version() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    UPDATE config_version SET access_version = access_version + 1;
    RETURN NULL;
END $$;

CREATE FUNCTION public.raise_config_version() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    UPDATE config_version SET version = version + 1;
    RETURN NULL;
END $$;

CREATE FUNCTION public.refuse_deletion() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    RAISE EXCEPTION 'a % is archived, never deleted', TG_TABLE_NAME;
END $$;

CREATE FUNCTION public.variant_names_a_product() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    IF EXISTS (SELECT FROM added a LEFT JOIN product p USING (product_id) WHERE p.product_id IS NULL) THEN
        RAISE foreign_key_violation USING MESSAGE = 'a variant names a product that is not there',
            CONSTRAINT = 'variant_product_id_fkey';
    END IF;
    RETURN NULL;
END $$;

CREATE TABLE public.api_key (
    api_key_id bigint NOT NULL,
    name text NOT NULL,
    prefix text NOT NULL,
    secret_hash bytea NOT NULL,
    scopes text[] NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    expires_at timestamp with time zone,
    revoked_at timestamp with time zone,
    CONSTRAINT api_key_name_length CHECK (((length(name) >= 1) AND (length(name) <= 200)))
);

COMMENT ON TABLE public.api_key IS 'reference';

ALTER TABLE public.api_key ALTER COLUMN api_key_id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.api_key_api_key_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.attempt_count (
    purpose text NOT NULL,
    who bytea NOT NULL,
    attempts integer NOT NULL,
    ends_at timestamp with time zone NOT NULL,
    CONSTRAINT attempt_count_positive CHECK ((attempts > 0))
);

COMMENT ON TABLE public.attempt_count IS 'local';

CREATE TABLE public.attribute_family (
    attribute_family_id bigint NOT NULL,
    code text NOT NULL,
    attributes jsonb DEFAULT '{}'::jsonb NOT NULL
);

COMMENT ON TABLE public.attribute_family IS 'reference';

ALTER TABLE public.attribute_family ALTER COLUMN attribute_family_id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.attribute_family_attribute_family_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.audit_entry (
    audit_entry_id uuid NOT NULL,
    occurred_at timestamp with time zone DEFAULT now() NOT NULL,
    actor text NOT NULL,
    action text NOT NULL,
    subject text NOT NULL,
    subject_id text NOT NULL,
    detail jsonb DEFAULT '{}'::jsonb NOT NULL
);

COMMENT ON TABLE public.audit_entry IS 'local';

CREATE TABLE public.barcode (
    gtin text NOT NULL,
    variant_id bigint NOT NULL,
    CONSTRAINT barcode_is_gtin CHECK ((gtin ~ '^([0-9]{8}|[0-9]{12,14})$'::text))
);

COMMENT ON TABLE public.barcode IS 'reference';

CREATE TABLE public.brand (
    brand_id bigint NOT NULL,
    name text NOT NULL
);

COMMENT ON TABLE public.brand IS 'reference';

ALTER TABLE public.brand ALTER COLUMN brand_id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.brand_brand_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.carrier (
    carrier_id bigint NOT NULL,
    code text NOT NULL,
    name text NOT NULL,
    tracking_url text DEFAULT ''::text NOT NULL,
    active boolean DEFAULT true NOT NULL,
    version bigint DEFAULT 1 NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT carrier_code_length CHECK (((length(code) >= 1) AND (length(code) <= 100))),
    CONSTRAINT carrier_name_length CHECK (((length(name) >= 1) AND (length(name) <= 200)))
);

COMMENT ON TABLE public.carrier IS 'reference';

ALTER TABLE public.carrier ALTER COLUMN carrier_id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.carrier_carrier_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.carrier_event (
    carrier text NOT NULL,
    carrier_event_id text NOT NULL,
    tracking_number text NOT NULL,
    kind text NOT NULL,
    occurred_at timestamp with time zone NOT NULL,
    received_at timestamp with time zone NOT NULL,
    order_id uuid,
    parcel_id uuid,
    applied boolean NOT NULL,
    detail text DEFAULT ''::text NOT NULL,
    CONSTRAINT carrier_event_kind_known CHECK ((kind = ANY (ARRAY['accepted'::text, 'in_transit'::text, 'out_for_delivery'::text, 'delivered'::text, 'failed'::text, 'returned'::text])))
);

COMMENT ON TABLE public.carrier_event IS 'reference';

CREATE TABLE public.carrier_service (
    carrier_service_id bigint NOT NULL,
    carrier_id bigint NOT NULL,
    code text NOT NULL,
    name text NOT NULL,
    kind text NOT NULL,
    weight_grams_max integer NOT NULL,
    terms jsonb NOT NULL,
    active boolean DEFAULT true NOT NULL,
    version bigint DEFAULT 1 NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT carrier_service_code_length CHECK (((length(code) >= 1) AND (length(code) <= 100))),
    CONSTRAINT carrier_service_kind_known CHECK ((kind = ANY (ARRAY['address'::text, 'pickup_point'::text]))),
    CONSTRAINT carrier_service_name_length CHECK (((length(name) >= 1) AND (length(name) <= 200))),
    CONSTRAINT carrier_service_terms_are_an_object CHECK ((jsonb_typeof(terms) = 'object'::text)),
    CONSTRAINT carrier_service_weight_positive CHECK ((weight_grams_max > 0))
);

COMMENT ON TABLE public.carrier_service IS 'reference';

ALTER TABLE public.carrier_service ALTER COLUMN carrier_service_id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.carrier_service_carrier_service_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.cart (
    cart_id uuid NOT NULL,
    channel_id bigint NOT NULL,
    customer_email text,
    customer_group text,
    ship_country text,
    order_id uuid,
    hold_expires_at timestamp with time zone,
    request_digest bytea DEFAULT '\x'::bytea NOT NULL,
    version bigint DEFAULT 1 NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL
);

COMMENT ON TABLE public.cart IS 'distributed by cart_id';

CREATE TABLE public.cart_hand_over (
    hand_over_id uuid NOT NULL,
    cart_id uuid NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    taken_at timestamp with time zone
);

COMMENT ON TABLE public.cart_hand_over IS 'distributed by hand_over_id';

CREATE TABLE public.cart_line (
    cart_id uuid NOT NULL,
    line_no smallint NOT NULL,
    variant_id bigint NOT NULL,
    quantity integer NOT NULL,
    fulfilment_kind text NOT NULL,
    location_id bigint,
    seen_price_minor bigint,
    CONSTRAINT cart_line_fulfilment_known CHECK ((fulfilment_kind = ANY (ARRAY['ship'::text, 'pickup'::text, 'curbside'::text, 'carry_out'::text]))),
    CONSTRAINT cart_line_place_named CHECK (((fulfilment_kind = 'ship'::text) = (location_id IS NULL))),
    CONSTRAINT cart_line_quantity_range CHECK (((quantity >= 1) AND (quantity <= 100000)))
);

COMMENT ON TABLE public.cart_line IS 'distributed by cart_id';

CREATE TABLE public.category (
    category_id bigint NOT NULL,
    code text NOT NULL,
    parent_id bigint,
    "position" integer DEFAULT 0 NOT NULL,
    names jsonb DEFAULT '{}'::jsonb NOT NULL,
    CONSTRAINT category_not_its_own_parent CHECK ((parent_id <> category_id))
);

COMMENT ON TABLE public.category IS 'reference';

ALTER TABLE public.category ALTER COLUMN category_id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.category_category_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.channel (
    channel_id bigint NOT NULL,
    code text NOT NULL,
    kind text NOT NULL,
    name text NOT NULL,
    country text NOT NULL,
    currency text NOT NULL,
    language text NOT NULL,
    price_list_id bigint NOT NULL,
    assortment text DEFAULT 'all'::text NOT NULL,
    threshold integer DEFAULT 0 NOT NULL,
    hold_seconds integer DEFAULT 900 NOT NULL,
    fee_basis_points integer DEFAULT 0 NOT NULL,
    fee_fixed_minor bigint DEFAULT 0 NOT NULL,
    active boolean DEFAULT true NOT NULL,
    bank_holder text DEFAULT ''::text NOT NULL,
    bank_iban text DEFAULT ''::text NOT NULL,
    bank_bic text DEFAULT ''::text NOT NULL,
    version bigint DEFAULT 1 NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    sells_incoming boolean DEFAULT false NOT NULL,
    CONSTRAINT channel_assortment_known CHECK ((assortment = ANY (ARRAY['all'::text, 'listed'::text]))),
    CONSTRAINT channel_bank_length CHECK (((length(bank_holder) <= 70) AND (length(bank_iban) <= 34) AND (length(bank_bic) <= 11))),
    CONSTRAINT channel_bank_whole CHECK ((((bank_holder = ''::text) = (bank_iban = ''::text)) AND ((bank_bic = ''::text) OR (bank_iban <> ''::text)))),
    CONSTRAINT channel_code_length CHECK (((length(code) >= 1) AND (length(code) <= 100))),
    CONSTRAINT channel_country_is_iso CHECK ((country ~ '^[A-Z]{2}$'::text)),
    CONSTRAINT channel_currency_is_iso CHECK ((currency ~ '^[A-Z]{3}$'::text)),
    CONSTRAINT channel_fee_range CHECK ((((fee_basis_points >= 0) AND (fee_basis_points <= 10000)) AND (fee_fixed_minor >= 0))),
    CONSTRAINT channel_hold_seconds_range CHECK (((hold_seconds >= 1) AND (hold_seconds <= 604800))),
    CONSTRAINT channel_kind_known CHECK ((kind = ANY (ARRAY['web'::text, 'app'::text, 'store'::text, 'kiosk'::text, 'call_centre'::text, 'marketplace'::text, 'social'::text, 'ads'::text, 'agent'::text]))),
    CONSTRAINT channel_name_length CHECK (((length(name) >= 1) AND (length(name) <= 200))),
    CONSTRAINT channel_threshold_not_negative CHECK ((threshold >= 0))
);

COMMENT ON TABLE public.channel IS 'reference';

ALTER TABLE public.channel ALTER COLUMN channel_id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.channel_channel_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.channel_location (
    channel_id bigint NOT NULL,
    location_id bigint NOT NULL,
    threshold integer,
    CONSTRAINT channel_location_threshold_not_negative CHECK ((threshold >= 0))
);

COMMENT ON TABLE public.channel_location IS 'reference';

CREATE TABLE public.config_version (
    singleton boolean DEFAULT true NOT NULL,
    version bigint DEFAULT 1 NOT NULL,
    access_version bigint DEFAULT 1 NOT NULL,
    CONSTRAINT config_version_is_one_row CHECK (singleton)
);

COMMENT ON TABLE public.config_version IS 'reference';

CREATE TABLE public.count_sheet (
    count_sheet_id uuid NOT NULL,
    location_id bigint NOT NULL,
    name text DEFAULT ''::text NOT NULL,
    blind boolean DEFAULT false NOT NULL,
    actor text NOT NULL,
    started_at timestamp with time zone NOT NULL,
    booked_at timestamp with time zone,
    CONSTRAINT count_sheet_name_length CHECK ((length(name) <= 100))
);

COMMENT ON TABLE public.count_sheet IS 'reference';

CREATE TABLE public.count_sheet_entry (
    count_sheet_id uuid NOT NULL,
    entry_id uuid NOT NULL,
    variant_id bigint NOT NULL,
    units integer NOT NULL,
    on_hand integer NOT NULL,
    actor text NOT NULL,
    person text NOT NULL,
    recorded_at timestamp with time zone NOT NULL
);

COMMENT ON TABLE public.count_sheet_entry IS 'reference';

CREATE TABLE public.customer (
    customer_id uuid NOT NULL,
    email text NOT NULL,
    name text DEFAULT ''::text NOT NULL,
    phone text,
    language text NOT NULL,
    created_at timestamp with time zone NOT NULL,
    CONSTRAINT customer_email_length CHECK (((length(email) >= 3) AND (length(email) <= 200))),
    CONSTRAINT customer_name_length CHECK ((length(name) <= 200)),
    CONSTRAINT customer_phone_length CHECK (((phone IS NULL) OR (length(phone) <= 40)))
);

COMMENT ON TABLE public.customer IS 'distributed by customer_id';

CREATE TABLE public.customer_address (
    customer_id uuid NOT NULL,
    address_id uuid NOT NULL,
    country text NOT NULL,
    name text NOT NULL,
    street text NOT NULL,
    postal_code text NOT NULL,
    city text NOT NULL,
    preferred_at timestamp with time zone NOT NULL
);

COMMENT ON TABLE public.customer_address IS 'distributed by customer_id';

CREATE TABLE public.customer_email (
    email text NOT NULL,
    customer_id uuid NOT NULL
);

COMMENT ON TABLE public.customer_email IS 'reference';

CREATE TABLE public.customer_session (
    customer_id uuid NOT NULL,
    token_hash bytea NOT NULL,
    created_at timestamp with time zone NOT NULL,
    expires_at timestamp with time zone NOT NULL
);

COMMENT ON TABLE public.customer_session IS 'distributed by customer_id';

CREATE TABLE public.device (
    device_id uuid NOT NULL,
    kind text NOT NULL,
    name text NOT NULL,
    token_hash bytea NOT NULL,
    location_id bigint NOT NULL,
    channel_id bigint NOT NULL,
    enrolled_by text NOT NULL,
    enrolled_at timestamp with time zone DEFAULT now() NOT NULL,
    last_seen_at timestamp with time zone,
    revoked_at timestamp with time zone,
    CONSTRAINT device_kind_known CHECK ((kind = ANY (ARRAY['kiosk'::text, 'till'::text]))),
    CONSTRAINT device_name_length CHECK (((length(name) >= 1) AND (length(name) <= 100)))
);

COMMENT ON TABLE public.device IS 'reference';

CREATE TABLE public.event_consumer (
    name text NOT NULL,
    tx_id xid8 NOT NULL,
    event_id uuid NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL
);

COMMENT ON TABLE public.event_consumer IS 'local';

CREATE TABLE public.event_consumer_failure (
    consumer text NOT NULL,
    event_id uuid NOT NULL,
    tx_id xid8 NOT NULL,
    error text NOT NULL,
    failed_at timestamp with time zone DEFAULT now() NOT NULL
);

COMMENT ON TABLE public.event_consumer_failure IS 'local';

CREATE TABLE public.fulfilment (
    order_id uuid NOT NULL,
    fulfilment_id uuid NOT NULL,
    order_number bigint NOT NULL,
    sequence_no smallint NOT NULL,
    location_id bigint NOT NULL,
    channel_id bigint NOT NULL,
    kind text NOT NULL,
    state text DEFAULT 'open'::text NOT NULL,
    on_hold boolean DEFAULT false NOT NULL,
    carrier_service_id bigint,
    first_promised_by timestamp with time zone,
    promised_by timestamp with time zone,
    work_by timestamp with time zone NOT NULL,
    settled_at timestamp with time zone,
    units_to_pick integer NOT NULL,
    wave_id uuid,
    assigned_to text,
    assigned_name text,
    bay text,
    ready_at timestamp with time zone,
    collect_by timestamp with time zone,
    reminders_sent smallint DEFAULT 0 NOT NULL,
    collection_code text,
    collection_token text,
    code_attempts smallint DEFAULT 0 NOT NULL,
    code_locked_until timestamp with time zone,
    on_my_way_at timestamp with time zone,
    expected_at timestamp with time zone,
    arrived_at timestamp with time zone,
    parking_bay text,
    stuck_since timestamp with time zone,
    stuck_reason text,
    stuck_answer text,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    version bigint DEFAULT 1 NOT NULL,
    CONSTRAINT fulfilment_kind_known CHECK ((kind = ANY (ARRAY['ship'::text, 'pickup'::text, 'curbside'::text]))),
    CONSTRAINT fulfilment_state_known CHECK ((state = ANY (ARRAY['open'::text, 'picking'::text, 'picked'::text, 'packed'::text, 'ready'::text, 'shipped'::text, 'delivered'::text, 'failed'::text, 'returned'::text, 'collected'::text, 'expired'::text, 'cancelled'::text]))),
    CONSTRAINT fulfilment_stuck_has_reason CHECK (((stuck_since IS NULL) = (stuck_reason IS NULL))),
    CONSTRAINT fulfilment_units_to_pick_not_negative CHECK ((units_to_pick >= 0))
);

COMMENT ON TABLE public.fulfilment IS 'distributed by order_id';

CREATE TABLE public.fulfilment_change (
    order_id uuid NOT NULL,
    change_id uuid NOT NULL,
    fulfilment_id uuid NOT NULL,
    kind text NOT NULL,
    digest bytea NOT NULL,
    actor text NOT NULL,
    recorded_at timestamp with time zone NOT NULL
);

COMMENT ON TABLE public.fulfilment_change IS 'distributed by order_id';

CREATE TABLE public.fulfilment_line (
    order_id uuid NOT NULL,
    fulfilment_id uuid NOT NULL,
    line_no smallint NOT NULL,
    variant_id bigint NOT NULL,
    sku text NOT NULL,
    quantity integer NOT NULL,
    quantity_picked integer DEFAULT 0 NOT NULL,
    quantity_packed integer DEFAULT 0 NOT NULL,
    quantity_done integer DEFAULT 0 NOT NULL,
    quantity_ended integer DEFAULT 0 NOT NULL,
    CONSTRAINT fulfilment_line_in_order CHECK (((quantity_done >= 0) AND (quantity_ended >= 0) AND (quantity_done <= quantity_packed) AND (quantity_packed <= quantity_picked) AND ((quantity_picked + quantity_ended) <= quantity))),
    CONSTRAINT fulfilment_line_quantity_positive CHECK ((quantity > 0))
);

COMMENT ON TABLE public.fulfilment_line IS 'distributed by order_id';

CREATE TABLE public.fulfilment_rejection (
    order_id uuid NOT NULL,
    rejection_id uuid NOT NULL,
    fulfilment_id uuid NOT NULL,
    line_no smallint NOT NULL,
    variant_id bigint NOT NULL,
    location_id bigint NOT NULL,
    quantity integer NOT NULL,
    reason text NOT NULL,
    note text DEFAULT ''::text NOT NULL,
    outcome text NOT NULL,
    actor text NOT NULL,
    recorded_at timestamp with time zone NOT NULL,
    CONSTRAINT fulfilment_rejection_outcome_known CHECK ((outcome = ANY (ARRAY['moved'::text, 'stuck'::text, 'cancelled'::text]))),
    CONSTRAINT fulfilment_rejection_reason_known CHECK ((reason = ANY (ARRAY['not_found'::text, 'damaged'::text, 'display_piece'::text, 'no_capacity'::text, 'closed'::text, 'other'::text])))
);

COMMENT ON TABLE public.fulfilment_rejection IS 'distributed by order_id';

CREATE TABLE public.hand_over (
    order_id uuid NOT NULL,
    hand_over_id uuid NOT NULL,
    fulfilment_id uuid NOT NULL,
    proof text NOT NULL,
    lines jsonb NOT NULL,
    refused jsonb DEFAULT '[]'::jsonb NOT NULL,
    actor text NOT NULL,
    recorded_at timestamp with time zone NOT NULL,
    CONSTRAINT hand_over_proof_known CHECK ((proof = ANY (ARRAY['code'::text, 'id_check'::text])))
);

COMMENT ON TABLE public.hand_over IS 'distributed by order_id';

CREATE TABLE public.idempotency_record (
    actor text NOT NULL,
    idempotency_key text NOT NULL,
    request_hash bytea NOT NULL,
    response_status smallint,
    response_body bytea,
    created_at timestamp with time zone DEFAULT now() NOT NULL
);

COMMENT ON TABLE public.idempotency_record IS 'local';

CREATE TABLE public.import_error (
    import_run_id uuid NOT NULL,
    error_no integer NOT NULL,
    row_no bigint NOT NULL,
    column_name text NOT NULL,
    reason text NOT NULL,
    value text DEFAULT ''::text NOT NULL
);

COMMENT ON TABLE public.import_error IS 'local';

CREATE TABLE public.import_run (
    import_run_id uuid NOT NULL,
    file_name text NOT NULL,
    fingerprint text NOT NULL,
    format text NOT NULL,
    layout text NOT NULL,
    dry_run boolean DEFAULT false NOT NULL,
    status text DEFAULT 'running'::text NOT NULL,
    failure text,
    "position" bigint DEFAULT 0 NOT NULL,
    rows_read bigint DEFAULT 0 NOT NULL,
    rows_rejected bigint DEFAULT 0 NOT NULL,
    products_created bigint DEFAULT 0 NOT NULL,
    products_updated bigint DEFAULT 0 NOT NULL,
    variants_created bigint DEFAULT 0 NOT NULL,
    variants_updated bigint DEFAULT 0 NOT NULL,
    error_count bigint DEFAULT 0 NOT NULL,
    columns_ignored text[] DEFAULT '{}'::text[] NOT NULL,
    actor text NOT NULL,
    started_at timestamp with time zone NOT NULL,
    finished_at timestamp with time zone,
    CONSTRAINT import_run_status_known CHECK ((status = ANY (ARRAY['running'::text, 'completed'::text, 'failed'::text])))
);

COMMENT ON TABLE public.import_run IS 'local';

CREATE TABLE public.installation_secret (
    name text NOT NULL,
    secret bytea NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT installation_secret_long_enough CHECK ((octet_length(secret) >= 32))
);

COMMENT ON TABLE public.installation_secret IS 'reference';

CREATE TABLE public.reservation (
    variant_id bigint NOT NULL,
    reservation_id uuid NOT NULL,
    location_id bigint NOT NULL,
    quantity integer NOT NULL,
    state text NOT NULL,
    channel_id bigint NOT NULL,
    from_ring_fence integer DEFAULT 0 NOT NULL,
    cart_id uuid,
    order_id uuid,
    line_no smallint,
    fulfilment_kind text,
    expires_at timestamp with time zone,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    changed_at timestamp with time zone DEFAULT now() NOT NULL,
    expected_on date,
    CONSTRAINT reservation_awaited_is_an_orders CHECK (((state <> 'awaited'::text) OR (order_id IS NOT NULL))),
    CONSTRAINT reservation_held_expires CHECK (((state <> 'held'::text) OR (expires_at IS NOT NULL))),
    CONSTRAINT reservation_quantity_positive CHECK ((quantity > 0)),
    CONSTRAINT reservation_state_known CHECK ((state = ANY (ARRAY['held'::text, 'awaited'::text, 'committed'::text, 'fulfilled'::text, 'released'::text, 'expired'::text])))
);

COMMENT ON TABLE public.reservation IS 'distributed by variant_id';

CREATE TABLE public.stock_level (
    variant_id bigint NOT NULL,
    location_id bigint NOT NULL,
    on_hand integer DEFAULT 0 NOT NULL,
    reserved integer DEFAULT 0 NOT NULL,
    safety_stock integer DEFAULT 0 NOT NULL,
    incoming integer DEFAULT 0 NOT NULL,
    ring_fenced integer DEFAULT 0 NOT NULL,
    shortfall integer DEFAULT 0 NOT NULL,
    stock_source_id smallint,
    sequence bigint,
    on_hand_before integer DEFAULT 0 NOT NULL,
    suppressed integer DEFAULT 0 NOT NULL,
    awaited integer DEFAULT 0 NOT NULL,
    CONSTRAINT stock_level_awaited_not_negative CHECK ((awaited >= 0)),
    CONSTRAINT stock_level_incoming_not_negative CHECK ((incoming >= 0)),
    CONSTRAINT stock_level_never_oversold CHECK ((reserved <= (on_hand + shortfall))),
    CONSTRAINT stock_level_on_hand_not_negative CHECK ((on_hand >= 0)),
    CONSTRAINT stock_level_reserved_not_negative CHECK ((reserved >= 0)),
    CONSTRAINT stock_level_ring_fenced_not_negative CHECK ((ring_fenced >= 0)),
    CONSTRAINT stock_level_safety_stock_not_negative CHECK ((safety_stock >= 0)),
    CONSTRAINT stock_level_suppressed_not_negative CHECK ((suppressed >= 0))
)
WITH (fillfactor='50');

COMMENT ON TABLE public.stock_level IS 'distributed by variant_id';

CREATE VIEW public.invariant_awaited_equals_reservations AS
 SELECT COALESCE(l.variant_id, r.variant_id) AS variant_id,
    COALESCE(l.location_id, r.location_id) AS location_id,
    l.awaited,
    r.quantity AS reservations
   FROM (public.stock_level l
     FULL JOIN ( SELECT reservation.variant_id,
            reservation.location_id,
            sum(reservation.quantity) AS quantity
           FROM public.reservation
          WHERE (reservation.state = 'awaited'::text)
          GROUP BY reservation.variant_id, reservation.location_id) r USING (variant_id, location_id))
  WHERE (COALESCE(l.awaited, 0) <> COALESCE(r.quantity, (0)::bigint));

CREATE VIEW public.invariant_awaited_within_incoming AS
 SELECT l.variant_id,
    l.location_id,
    l.incoming,
    r.quantity AS dated
   FROM (public.stock_level l
     JOIN ( SELECT reservation.variant_id,
            reservation.location_id,
            sum(reservation.quantity) AS quantity
           FROM public.reservation
          WHERE ((reservation.state = 'awaited'::text) AND (reservation.expected_on IS NOT NULL))
          GROUP BY reservation.variant_id, reservation.location_id) r USING (variant_id, location_id))
  WHERE (r.quantity > l.incoming);

CREATE VIEW public.invariant_fulfilment_units_to_pick AS
 SELECT f.order_id,
    f.fulfilment_id,
    f.units_to_pick,
    l.units
   FROM (public.fulfilment f
     JOIN ( SELECT fulfilment_line.order_id,
            fulfilment_line.fulfilment_id,
            sum(((fulfilment_line.quantity - fulfilment_line.quantity_ended) - fulfilment_line.quantity_picked)) AS units
           FROM public.fulfilment_line
          GROUP BY fulfilment_line.order_id, fulfilment_line.fulfilment_id) l USING (order_id, fulfilment_id))
  WHERE (f.units_to_pick <> l.units);

CREATE VIEW public.invariant_idempotency_complete AS
 SELECT actor,
    idempotency_key
   FROM public.idempotency_record
  WHERE (response_status IS NULL);

CREATE TABLE public.stock_movement (
    variant_id bigint NOT NULL,
    movement_id uuid NOT NULL,
    location_id bigint NOT NULL,
    kind text NOT NULL,
    on_hand_delta integer DEFAULT 0 NOT NULL,
    reserved_delta integer DEFAULT 0 NOT NULL,
    incoming_delta integer DEFAULT 0 NOT NULL,
    reference text,
    reason text,
    stock_source_id smallint,
    sequence bigint,
    actor text NOT NULL,
    recorded_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT stock_movement_kind_known CHECK ((kind = ANY (ARRAY['receipt'::text, 'adjustment'::text, 'sync'::text, 'count'::text, 'sale'::text, 'reserve'::text, 'release'::text, 'transfer_out'::text, 'transfer_in'::text, 'return'::text, 'purchase'::text])))
);

COMMENT ON TABLE public.stock_movement IS 'distributed by variant_id';

CREATE TABLE public.stock_sync (
    variant_id bigint NOT NULL,
    stock_sync_id uuid NOT NULL,
    location_ids bigint[] NOT NULL,
    on_hand_deltas integer[] NOT NULL,
    stock_source_id smallint NOT NULL,
    sequence bigint NOT NULL,
    actor text NOT NULL,
    recorded_at timestamp with time zone NOT NULL,
    CONSTRAINT stock_sync_delta_of_each CHECK ((cardinality(location_ids) = cardinality(on_hand_deltas)))
);

COMMENT ON TABLE public.stock_sync IS 'distributed by variant_id';

CREATE VIEW public.stock_ledger AS
 SELECT stock_movement.variant_id,
    stock_movement.movement_id,
    stock_movement.location_id,
    stock_movement.kind,
    stock_movement.on_hand_delta,
    stock_movement.reserved_delta,
    stock_movement.incoming_delta,
    stock_movement.reference,
    stock_movement.reason,
    stock_movement.stock_source_id,
    stock_movement.sequence,
    stock_movement.actor,
    stock_movement.recorded_at
   FROM public.stock_movement
UNION ALL
 SELECT s.variant_id,
    (("left"((s.stock_sync_id)::text, 24) || lpad(to_hex(m.location_id), 12, '0'::text)))::uuid AS movement_id,
    m.location_id,
    'sync'::text AS kind,
    m.on_hand_delta,
    0 AS reserved_delta,
    0 AS incoming_delta,
    NULL::text AS reference,
    NULL::text AS reason,
    s.stock_source_id,
    s.sequence,
    s.actor,
    s.recorded_at
   FROM public.stock_sync s,
    LATERAL UNNEST(s.location_ids, s.on_hand_deltas) m(location_id, on_hand_delta);

CREATE VIEW public.invariant_level_equals_ledger AS
 SELECT COALESCE(l.variant_id, m.variant_id) AS variant_id,
    COALESCE(l.location_id, m.location_id) AS location_id,
    l.on_hand,
    m.on_hand AS ledger_on_hand,
    l.reserved,
    m.reserved AS ledger_reserved,
    l.incoming,
    m.incoming AS ledger_incoming
   FROM (public.stock_level l
     FULL JOIN ( SELECT stock_ledger.variant_id,
            stock_ledger.location_id,
            sum(stock_ledger.on_hand_delta) AS on_hand,
            sum(stock_ledger.reserved_delta) AS reserved,
            sum(stock_ledger.incoming_delta) AS incoming
           FROM public.stock_ledger
          GROUP BY stock_ledger.variant_id, stock_ledger.location_id) m USING (variant_id, location_id))
  WHERE ((COALESCE(l.on_hand, 0) <> COALESCE(m.on_hand, (0)::bigint)) OR (COALESCE(l.reserved, 0) <> COALESCE(m.reserved, (0)::bigint)) OR (COALESCE(l.incoming, 0) <> COALESCE(m.incoming, (0)::bigint)));

CREATE TABLE public.order_line (
    order_id uuid NOT NULL,
    line_no smallint NOT NULL,
    variant_id bigint NOT NULL,
    sku text NOT NULL,
    quantity integer NOT NULL,
    quantity_cancelled integer DEFAULT 0 NOT NULL,
    quantity_fulfilled integer DEFAULT 0 NOT NULL,
    fulfilment_kind text NOT NULL,
    location_id bigint,
    unit_price_minor bigint NOT NULL,
    net_minor bigint NOT NULL,
    tax_minor bigint NOT NULL,
    total_minor bigint NOT NULL,
    tax_rate_basis_points integer NOT NULL,
    CONSTRAINT order_line_fulfilment_known CHECK ((fulfilment_kind = ANY (ARRAY['ship'::text, 'pickup'::text, 'curbside'::text, 'carry_out'::text]))),
    CONSTRAINT order_line_quantities_fit CHECK (((quantity_cancelled >= 0) AND (quantity_fulfilled >= 0) AND ((quantity_cancelled + quantity_fulfilled) <= quantity))),
    CONSTRAINT order_line_quantity_range CHECK (((quantity >= 1) AND (quantity <= 100000))),
    CONSTRAINT order_line_total_adds_up CHECK (((net_minor + tax_minor) = total_minor))
);

COMMENT ON TABLE public.order_line IS 'distributed by order_id';

CREATE VIEW public.invariant_line_is_reserved AS
 SELECT l.order_id,
    l.line_no,
    ((l.quantity - l.quantity_cancelled) - l.quantity_fulfilled) AS open_quantity,
    COALESCE(r.quantity, (0)::bigint) AS reserved
   FROM (public.order_line l
     LEFT JOIN ( SELECT reservation.order_id,
            reservation.line_no,
            sum(reservation.quantity) AS quantity
           FROM public.reservation
          WHERE ((reservation.state = ANY (ARRAY['committed'::text, 'awaited'::text])) AND (reservation.order_id IS NOT NULL))
          GROUP BY reservation.order_id, reservation.line_no) r USING (order_id, line_no))
  WHERE (((l.quantity - l.quantity_cancelled) - l.quantity_fulfilled) <> COALESCE(r.quantity, (0)::bigint));

CREATE TABLE public.location_load_share (
    location_id bigint NOT NULL,
    units_to_pick bigint NOT NULL,
    share_id bigint NOT NULL
);

COMMENT ON TABLE public.location_load_share IS 'reference';

CREATE VIEW public.location_load AS
 SELECT location_id,
    (sum(units_to_pick))::bigint AS units_to_pick
   FROM public.location_load_share
  GROUP BY location_id;

CREATE VIEW public.invariant_location_load AS
 SELECT location_id,
    l.units_to_pick AS counted,
    f.units AS there
   FROM (public.location_load l
     FULL JOIN ( SELECT fulfilment.location_id,
            sum(public.fulfilment_counts(fulfilment.state, fulfilment.units_to_pick)) AS units
           FROM public.fulfilment
          GROUP BY fulfilment.location_id) f USING (location_id))
  WHERE ((COALESCE(l.units_to_pick, (0)::bigint))::numeric <> COALESCE(f.units, (0)::numeric));

CREATE TABLE public.webhook_delivery (
    endpoint_id uuid NOT NULL,
    event_id uuid NOT NULL,
    tx_id xid8 NOT NULL,
    type text NOT NULL,
    aggregate text NOT NULL,
    aggregate_id text NOT NULL,
    state text DEFAULT 'pending'::text NOT NULL,
    attempts smallint DEFAULT 0 NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    first_attempt_at timestamp with time zone,
    last_attempt_at timestamp with time zone,
    next_attempt_at timestamp with time zone,
    settled_at timestamp with time zone,
    response_status smallint,
    response_body text,
    error text,
    duration_ms integer,
    CONSTRAINT webhook_delivery_settled_has_time CHECK (((state = ANY (ARRAY['delivered'::text, 'dead'::text])) = (settled_at IS NOT NULL))),
    CONSTRAINT webhook_delivery_state_known CHECK ((state = ANY (ARRAY['pending'::text, 'failed'::text, 'delivered'::text, 'dead'::text])))
);

COMMENT ON TABLE public.webhook_delivery IS 'local';

CREATE TABLE public.webhook_lane (
    endpoint_id uuid NOT NULL,
    aggregate text NOT NULL,
    aggregate_id text NOT NULL,
    due_at timestamp with time zone NOT NULL,
    claim_id uuid
)
WITH (fillfactor='70', autovacuum_vacuum_scale_factor='0', autovacuum_vacuum_threshold='5000');

COMMENT ON TABLE public.webhook_lane IS 'local';

CREATE VIEW public.invariant_open_delivery_has_lane AS
 SELECT endpoint_id,
    event_id
   FROM public.webhook_delivery d
  WHERE ((settled_at IS NULL) AND (NOT (EXISTS ( SELECT 1
           FROM public.webhook_lane w
          WHERE ((w.endpoint_id = d.endpoint_id) AND (w.aggregate = d.aggregate) AND (w.aggregate_id = d.aggregate_id))))));

CREATE VIEW public.invariant_order_total AS
SELECT
    NULL::uuid AS order_id,
    NULL::bigint AS total_minor,
    NULL::numeric AS lines_minor;

CREATE TABLE public.payment (
    order_id uuid NOT NULL,
    payment_id uuid NOT NULL,
    method text NOT NULL,
    currency text NOT NULL,
    authorised_minor bigint NOT NULL,
    captured_minor bigint DEFAULT 0 NOT NULL,
    voided_minor bigint DEFAULT 0 NOT NULL,
    refunded_minor bigint DEFAULT 0 NOT NULL,
    external_reference text,
    recorded_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT payment_amounts_not_negative CHECK (((authorised_minor >= 0) AND (captured_minor >= 0) AND (voided_minor >= 0) AND (refunded_minor >= 0))),
    CONSTRAINT payment_captured_within_authorised CHECK (((captured_minor + voided_minor) <= authorised_minor)),
    CONSTRAINT payment_method_known CHECK ((method = ANY (ARRAY['cash'::text, 'card'::text, 'bank_transfer'::text, 'gift_card'::text, 'on_delivery'::text, 'wallet'::text, 'marketplace'::text, 'other'::text]))),
    CONSTRAINT payment_refunded_within_captured CHECK ((refunded_minor <= captured_minor))
);

COMMENT ON TABLE public.payment IS 'distributed by order_id';

CREATE VIEW public.invariant_payment_amounts AS
 SELECT order_id,
    payment_id
   FROM public.payment
  WHERE (((captured_minor + voided_minor) > authorised_minor) OR (refunded_minor > captured_minor));

CREATE TABLE public.price (
    price_list_id bigint NOT NULL,
    variant_id bigint NOT NULL,
    quantity_from integer DEFAULT 1 NOT NULL,
    valid_from timestamp with time zone DEFAULT '-infinity'::timestamp with time zone NOT NULL,
    valid_until timestamp with time zone DEFAULT 'infinity'::timestamp with time zone NOT NULL,
    amount_minor bigint NOT NULL,
    CONSTRAINT price_amount_range CHECK (((amount_minor >= 0) AND (amount_minor <= '100000000000'::bigint))),
    CONSTRAINT price_quantity_from_range CHECK (((quantity_from >= 1) AND (quantity_from <= 1000000))),
    CONSTRAINT price_window_not_empty CHECK ((valid_from < valid_until))
);

COMMENT ON TABLE public.price IS 'reference';

CREATE VIEW public.invariant_price_windows_apart AS
 SELECT price_list_id,
    variant_id,
    quantity_from,
    valid_from,
    before_valid_until
   FROM ( SELECT price.price_list_id,
            price.variant_id,
            price.quantity_from,
            price.valid_from,
            lag(price.valid_until) OVER (PARTITION BY price.price_list_id, price.variant_id, price.quantity_from ORDER BY price.valid_from) AS before_valid_until
           FROM public.price) windows
  WHERE (before_valid_until > valid_from);

CREATE TABLE public.payment_refund (
    order_id uuid NOT NULL,
    refund_id uuid NOT NULL,
    payment_id uuid NOT NULL,
    amount_minor bigint NOT NULL,
    reason text DEFAULT ''::text NOT NULL,
    recorded_at timestamp with time zone NOT NULL,
    CONSTRAINT payment_refund_positive CHECK ((amount_minor > 0))
);

COMMENT ON TABLE public.payment_refund IS 'distributed by order_id';

CREATE VIEW public.invariant_refunds_add_up AS
 SELECT p.order_id,
    p.payment_id,
    p.refunded_minor,
    COALESCE(r.amount_minor, (0)::numeric) AS refunds_minor
   FROM (public.payment p
     LEFT JOIN ( SELECT payment_refund.order_id,
            payment_refund.payment_id,
            sum(payment_refund.amount_minor) AS amount_minor
           FROM public.payment_refund
          GROUP BY payment_refund.order_id, payment_refund.payment_id) r USING (order_id, payment_id))
  WHERE ((p.refunded_minor)::numeric <> COALESCE(r.amount_minor, (0)::numeric));

CREATE VIEW public.invariant_reserved_equals_reservations AS
 SELECT COALESCE(l.variant_id, r.variant_id) AS variant_id,
    COALESCE(l.location_id, r.location_id) AS location_id,
    l.reserved,
    r.quantity AS reservations
   FROM (public.stock_level l
     FULL JOIN ( SELECT reservation.variant_id,
            reservation.location_id,
            sum(reservation.quantity) AS quantity
           FROM public.reservation
          WHERE (reservation.state = ANY (ARRAY['held'::text, 'committed'::text]))
          GROUP BY reservation.variant_id, reservation.location_id) r USING (variant_id, location_id))
  WHERE (COALESCE(l.reserved, 0) <> COALESCE(r.quantity, (0)::bigint));

CREATE VIEW public.invariant_reserved_within_on_hand AS
 SELECT variant_id,
    location_id,
    on_hand,
    reserved,
    shortfall
   FROM public.stock_level
  WHERE ((reserved < 0) OR (reserved > (on_hand + shortfall)) OR (shortfall <> GREATEST(0, (reserved - on_hand))));

CREATE TABLE public.stock_ring_fence (
    variant_id bigint NOT NULL,
    location_id bigint NOT NULL,
    channel_id bigint NOT NULL,
    remaining integer NOT NULL,
    CONSTRAINT stock_ring_fence_not_negative CHECK ((remaining >= 0))
);

COMMENT ON TABLE public.stock_ring_fence IS 'distributed by variant_id';

CREATE VIEW public.invariant_ring_fence_sum AS
 SELECT l.variant_id,
    l.location_id,
    l.ring_fenced,
    f.remaining
   FROM (public.stock_level l
     LEFT JOIN ( SELECT stock_ring_fence.variant_id,
            stock_ring_fence.location_id,
            sum(stock_ring_fence.remaining) AS remaining
           FROM public.stock_ring_fence
          GROUP BY stock_ring_fence.variant_id, stock_ring_fence.location_id) f USING (variant_id, location_id))
  WHERE (l.ring_fenced <> COALESCE(f.remaining, (0)::bigint));

CREATE TABLE public.location (
    location_id bigint NOT NULL,
    code text NOT NULL,
    kind text NOT NULL,
    name text NOT NULL,
    street text DEFAULT ''::text NOT NULL,
    city text DEFAULT ''::text NOT NULL,
    region text DEFAULT ''::text NOT NULL,
    postal_code text DEFAULT ''::text NOT NULL,
    country text NOT NULL,
    latitude double precision,
    longitude double precision,
    time_zone text NOT NULL,
    phone text DEFAULT ''::text NOT NULL,
    opening_hours text DEFAULT ''::text NOT NULL,
    keeps_public_holidays boolean DEFAULT true NOT NULL,
    services text[] DEFAULT '{}'::text[] NOT NULL,
    handling_minutes integer DEFAULT 60 NOT NULL,
    pick_capacity_per_hour integer DEFAULT 20 NOT NULL,
    parcel_cost_domestic_minor bigint DEFAULT 400 NOT NULL,
    parcel_cost_abroad_minor bigint DEFAULT 1200 NOT NULL,
    active boolean DEFAULT true NOT NULL,
    fulfils_online boolean DEFAULT true NOT NULL,
    version bigint DEFAULT 1 NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT location_country_is_iso CHECK ((country ~ '^[A-Z]{2}$'::text)),
    CONSTRAINT location_handling_minutes_range CHECK (((handling_minutes >= 0) AND (handling_minutes <= 20160))),
    CONSTRAINT location_kind_known CHECK ((kind = ANY (ARRAY['store'::text, 'warehouse'::text, 'supplier'::text]))),
    CONSTRAINT location_parcel_cost_range CHECK (((parcel_cost_domestic_minor >= 0) AND (parcel_cost_abroad_minor >= 0))),
    CONSTRAINT location_pick_capacity_range CHECK (((pick_capacity_per_hour >= 0) AND (pick_capacity_per_hour <= 100000))),
    CONSTRAINT location_position_on_earth CHECK ((((latitude IS NULL) AND (longitude IS NULL)) OR (((latitude >= ('-90'::integer)::double precision) AND (latitude <= (90)::double precision)) AND ((longitude >= ('-180'::integer)::double precision) AND (longitude <= (180)::double precision))))),
    CONSTRAINT location_services_known CHECK ((services <@ '{pickup,curbside,ship_from_store,returns}'::text[]))
);

COMMENT ON TABLE public.location IS 'reference';

CREATE TABLE public.variant (
    variant_id bigint NOT NULL,
    product_id bigint NOT NULL,
    sku text NOT NULL,
    status text DEFAULT 'active'::text NOT NULL,
    option_values text[] DEFAULT '{}'::text[] NOT NULL,
    attributes jsonb DEFAULT '{}'::jsonb NOT NULL,
    weight_grams integer,
    length_mm integer,
    width_mm integer,
    height_mm integer,
    "position" integer DEFAULT 0 NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT variant_measures_not_negative CHECK (((weight_grams >= 0) AND (length_mm >= 0) AND (width_mm >= 0) AND (height_mm >= 0))),
    CONSTRAINT variant_sku_length CHECK (((length(sku) >= 1) AND (length(sku) <= 100))),
    CONSTRAINT variant_status_known CHECK ((status = ANY (ARRAY['active'::text, 'archived'::text])))
);

COMMENT ON TABLE public.variant IS 'reference';

CREATE VIEW public.invariant_stock_orphan AS
 SELECT l.variant_id,
    l.location_id
   FROM ((public.stock_level l
     LEFT JOIN public.variant v USING (variant_id))
     LEFT JOIN public.location p USING (location_id))
  WHERE ((v.variant_id IS NULL) OR (p.location_id IS NULL));

CREATE TABLE public.listing (
    channel_id bigint NOT NULL,
    variant_id bigint NOT NULL
);

COMMENT ON TABLE public.listing IS 'reference';

CREATE TABLE public.location_hours_exception (
    location_id bigint NOT NULL,
    on_date date NOT NULL,
    opening_hours text DEFAULT ''::text NOT NULL,
    reason text DEFAULT ''::text NOT NULL
);

COMMENT ON TABLE public.location_hours_exception IS 'reference';

ALTER TABLE public.location_load_share ALTER COLUMN share_id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.location_load_share_share_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

ALTER TABLE public.location ALTER COLUMN location_id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.location_location_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.media (
    media_id bigint NOT NULL,
    product_id bigint NOT NULL,
    variant_id bigint,
    kind text NOT NULL,
    url text NOT NULL,
    alt jsonb DEFAULT '{}'::jsonb NOT NULL,
    "position" integer DEFAULT 0 NOT NULL,
    CONSTRAINT media_kind_known CHECK ((kind = ANY (ARRAY['image'::text, 'model_3d'::text])))
);

COMMENT ON TABLE public.media IS 'reference';

ALTER TABLE public.media ALTER COLUMN media_id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.media_media_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.message (
    message_id uuid NOT NULL,
    once_key text NOT NULL,
    kind text NOT NULL,
    audience text NOT NULL,
    recipient text NOT NULL,
    language text NOT NULL,
    order_id uuid,
    location_id bigint,
    facts jsonb NOT NULL,
    state text DEFAULT 'waiting'::text NOT NULL,
    due_at timestamp with time zone NOT NULL,
    attempts smallint DEFAULT 0 NOT NULL,
    subject text,
    error text,
    created_at timestamp with time zone NOT NULL,
    sent_at timestamp with time zone,
    CONSTRAINT message_audience_known CHECK ((audience = ANY (ARRAY['customer'::text, 'staff'::text]))),
    CONSTRAINT message_state_known CHECK ((state = ANY (ARRAY['waiting'::text, 'sending'::text, 'sent'::text, 'failed'::text])))
);

COMMENT ON TABLE public.message IS 'local';

CREATE TABLE public.option_name (
    axis text NOT NULL,
    value text DEFAULT ''::text NOT NULL,
    names jsonb DEFAULT '{}'::jsonb NOT NULL
);

COMMENT ON TABLE public.option_name IS 'reference';

CREATE TABLE public.order_change (
    order_id uuid NOT NULL,
    change_id uuid NOT NULL,
    kind text NOT NULL,
    digest bytea NOT NULL,
    actor text NOT NULL,
    recorded_at timestamp with time zone NOT NULL,
    CONSTRAINT order_change_kind_known CHECK ((kind = ANY (ARRAY['amendment'::text, 'cancellation'::text, 'fulfilment'::text, 'payment'::text, 'capture'::text, 'void'::text, 'refund'::text])))
);

COMMENT ON TABLE public.order_change IS 'distributed by order_id';

CREATE SEQUENCE public.order_number
    START WITH 100001
    INCREMENT BY 100
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;

CREATE TABLE public.outbox_event (
    tx_id xid8 DEFAULT pg_current_xact_id() NOT NULL,
    event_id uuid NOT NULL,
    type text NOT NULL,
    aggregate text NOT NULL,
    aggregate_id text NOT NULL,
    data jsonb NOT NULL,
    occurred_at timestamp with time zone DEFAULT now() NOT NULL
);

COMMENT ON TABLE public.outbox_event IS 'local';

CREATE TABLE public.parcel (
    order_id uuid NOT NULL,
    parcel_id uuid NOT NULL,
    fulfilment_id uuid NOT NULL,
    carrier_service_id bigint,
    carrier text DEFAULT ''::text NOT NULL,
    service text DEFAULT ''::text NOT NULL,
    tracking_number text,
    tracking_url text,
    weight_grams integer,
    state text DEFAULT 'packed'::text NOT NULL,
    state_at timestamp with time zone NOT NULL,
    packed_at timestamp with time zone NOT NULL,
    shipped_at timestamp with time zone,
    delivered_at timestamp with time zone,
    return_id uuid,
    CONSTRAINT parcel_state_known CHECK ((state = ANY (ARRAY['packed'::text, 'shipped'::text, 'in_transit'::text, 'out_for_delivery'::text, 'delivered'::text, 'failed'::text, 'returned'::text, 'cancelled'::text]))),
    CONSTRAINT parcel_weight_positive CHECK ((weight_grams > 0))
);

COMMENT ON TABLE public.parcel IS 'distributed by order_id';

CREATE TABLE public.parcel_line (
    order_id uuid NOT NULL,
    parcel_id uuid NOT NULL,
    line_no smallint NOT NULL,
    quantity integer NOT NULL,
    CONSTRAINT parcel_line_quantity_positive CHECK ((quantity > 0))
);

COMMENT ON TABLE public.parcel_line IS 'distributed by order_id';

CREATE TABLE public.pgqueuer (
    id bigint NOT NULL,
    priority integer NOT NULL,
    queue_manager_id uuid,
    created timestamp with time zone DEFAULT now() NOT NULL,
    updated timestamp with time zone DEFAULT now() NOT NULL,
    heartbeat timestamp with time zone DEFAULT now() NOT NULL,
    execute_after timestamp with time zone DEFAULT now() NOT NULL,
    status public.pgqueuer_status NOT NULL,
    entrypoint text NOT NULL,
    dedupe_key text,
    payload bytea,
    headers jsonb,
    attempts integer DEFAULT 0 NOT NULL,
    slot bigint
);

COMMENT ON TABLE public.pgqueuer IS 'local';

CREATE SEQUENCE public.pgqueuer_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;

ALTER SEQUENCE public.pgqueuer_id_seq OWNED BY public.pgqueuer.id;

CREATE TABLE public.pgqueuer_log (
    id bigint NOT NULL,
    created timestamp with time zone DEFAULT now() NOT NULL,
    job_id bigint NOT NULL,
    status public.pgqueuer_status NOT NULL,
    priority integer NOT NULL,
    entrypoint text NOT NULL,
    traceback jsonb,
    aggregated boolean DEFAULT false
);

COMMENT ON TABLE public.pgqueuer_log IS 'local';

ALTER TABLE public.pgqueuer_log ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.pgqueuer_log_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.pgqueuer_schedules (
    id bigint NOT NULL,
    expression text NOT NULL,
    entrypoint text NOT NULL,
    heartbeat timestamp with time zone DEFAULT now() NOT NULL,
    created timestamp with time zone DEFAULT now() NOT NULL,
    updated timestamp with time zone DEFAULT now() NOT NULL,
    next_run timestamp with time zone DEFAULT now() NOT NULL,
    last_run timestamp with time zone,
    status public.pgqueuer_status DEFAULT 'queued'::public.pgqueuer_status
);

COMMENT ON TABLE public.pgqueuer_schedules IS 'local';

CREATE SEQUENCE public.pgqueuer_schedules_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;

ALTER SEQUENCE public.pgqueuer_schedules_id_seq OWNED BY public.pgqueuer_schedules.id;

CREATE TABLE public.pgqueuer_statistics (
    id bigint NOT NULL,
    created timestamp with time zone DEFAULT date_trunc('sec'::text, now()) NOT NULL,
    count bigint NOT NULL,
    priority integer NOT NULL,
    status public.pgqueuer_status NOT NULL,
    entrypoint text NOT NULL
);

COMMENT ON TABLE public.pgqueuer_statistics IS 'local';

CREATE SEQUENCE public.pgqueuer_statistics_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;

ALTER SEQUENCE public.pgqueuer_statistics_id_seq OWNED BY public.pgqueuer_statistics.id;

CREATE TABLE public.pickup_point (
    carrier_id bigint NOT NULL,
    code text NOT NULL,
    name text NOT NULL,
    street text DEFAULT ''::text NOT NULL,
    city text DEFAULT ''::text NOT NULL,
    postal_code text DEFAULT ''::text NOT NULL,
    country text NOT NULL,
    latitude double precision NOT NULL,
    longitude double precision NOT NULL,
    opening_hours text DEFAULT ''::text NOT NULL,
    active boolean DEFAULT true NOT NULL,
    CONSTRAINT pickup_point_code_length CHECK (((length(code) >= 1) AND (length(code) <= 100))),
    CONSTRAINT pickup_point_country_is_iso CHECK ((country ~ '^[A-Z]{2}$'::text)),
    CONSTRAINT pickup_point_position_on_earth CHECK ((((latitude >= ('-90'::integer)::double precision) AND (latitude <= (90)::double precision)) AND ((longitude >= ('-180'::integer)::double precision) AND (longitude <= (180)::double precision))))
);

COMMENT ON TABLE public.pickup_point IS 'reference';

CREATE TABLE public.policy (
    country text NOT NULL,
    kind text NOT NULL,
    language text NOT NULL,
    title text NOT NULL,
    body text NOT NULL,
    version bigint DEFAULT 1 NOT NULL,
    updated_at timestamp with time zone NOT NULL,
    CONSTRAINT policy_body_length CHECK (((length(body) >= 1) AND (length(body) <= 100000))),
    CONSTRAINT policy_country_is_iso CHECK ((country ~ '^[A-Z]{2}$'::text)),
    CONSTRAINT policy_kind_known CHECK ((kind = ANY (ARRAY['terms'::text, 'privacy'::text, 'returns'::text, 'shipping'::text, 'legal_notice'::text]))),
    CONSTRAINT policy_language_length CHECK (((length(language) >= 2) AND (length(language) <= 35))),
    CONSTRAINT policy_title_length CHECK (((length(title) >= 1) AND (length(title) <= 200)))
);

COMMENT ON TABLE public.policy IS 'reference';

CREATE TABLE public.price_list (
    price_list_id bigint NOT NULL,
    code text NOT NULL,
    name text NOT NULL,
    currency text NOT NULL,
    tax_inclusive boolean DEFAULT true NOT NULL,
    customer_group text,
    valid_from timestamp with time zone DEFAULT '-infinity'::timestamp with time zone NOT NULL,
    valid_until timestamp with time zone DEFAULT 'infinity'::timestamp with time zone NOT NULL,
    version bigint DEFAULT 1 NOT NULL,
    CONSTRAINT price_list_code_length CHECK (((length(code) >= 1) AND (length(code) <= 100))),
    CONSTRAINT price_list_currency_is_iso CHECK ((currency ~ '^[A-Z]{3}$'::text)),
    CONSTRAINT price_list_customer_group_length CHECK (((length(customer_group) >= 1) AND (length(customer_group) <= 100))),
    CONSTRAINT price_list_name_length CHECK (((length(name) >= 1) AND (length(name) <= 200))),
    CONSTRAINT price_list_window_not_empty CHECK ((valid_from < valid_until))
);

COMMENT ON TABLE public.price_list IS 'reference';

ALTER TABLE public.price_list ALTER COLUMN price_list_id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.price_list_price_list_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.product (
    product_id bigint NOT NULL,
    handle text NOT NULL,
    brand_id bigint,
    category_id bigint,
    attribute_family_id bigint,
    status text DEFAULT 'draft'::text NOT NULL,
    tax_category text DEFAULT 'standard'::text NOT NULL,
    tags text[] DEFAULT '{}'::text[] NOT NULL,
    option_axes text[] DEFAULT '{}'::text[] NOT NULL,
    attributes jsonb DEFAULT '{}'::jsonb NOT NULL,
    texts jsonb DEFAULT '{}'::jsonb NOT NULL,
    version bigint DEFAULT 1 NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT product_status_known CHECK ((status = ANY (ARRAY['draft'::text, 'active'::text, 'archived'::text])))
)
WITH (toast_tuple_target='8160');

COMMENT ON TABLE public.product IS 'reference';

CREATE TABLE public.product_import (
    product_id bigint NOT NULL,
    version bigint NOT NULL,
    import_run_id uuid NOT NULL,
    changes jsonb NOT NULL,
    recorded_at timestamp with time zone NOT NULL
);

COMMENT ON TABLE public.product_import IS 'local';

ALTER TABLE public.product ALTER COLUMN product_id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.product_product_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.purchase_order (
    purchase_order_id uuid NOT NULL,
    supplier_location_id bigint NOT NULL,
    location_id bigint NOT NULL,
    state text NOT NULL,
    expected_on date,
    reference text DEFAULT ''::text NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    ordered_at timestamp with time zone,
    received_at timestamp with time zone,
    version bigint DEFAULT 1 NOT NULL,
    CONSTRAINT purchase_order_comes_from_elsewhere CHECK ((supplier_location_id <> location_id)),
    CONSTRAINT purchase_order_state_known CHECK ((state = ANY (ARRAY['draft'::text, 'ordered'::text, 'received'::text, 'cancelled'::text])))
);

COMMENT ON TABLE public.purchase_order IS 'reference';

CREATE TABLE public.purchase_order_arrival (
    purchase_order_id uuid NOT NULL,
    arrival_id uuid NOT NULL,
    arrived_at timestamp with time zone NOT NULL
);

COMMENT ON TABLE public.purchase_order_arrival IS 'reference';

CREATE TABLE public.purchase_order_line (
    purchase_order_id uuid NOT NULL,
    variant_id bigint NOT NULL,
    quantity integer NOT NULL,
    quantity_received integer DEFAULT 0 NOT NULL,
    quantity_missing integer DEFAULT 0 NOT NULL,
    difference_reason text,
    CONSTRAINT purchase_order_line_quantity_positive CHECK ((quantity > 0)),
    CONSTRAINT purchase_order_line_received_not_negative CHECK (((quantity_received >= 0) AND (quantity_missing >= 0))),
    CONSTRAINT purchase_order_line_received_within_ordered CHECK (((quantity_received + quantity_missing) <= quantity))
);

COMMENT ON TABLE public.purchase_order_line IS 'reference';

CREATE TABLE public.routing_decision (
    order_id uuid NOT NULL,
    decision_id uuid NOT NULL,
    cause text NOT NULL,
    ruleset_number bigint NOT NULL,
    cost_minor bigint NOT NULL,
    chosen jsonb NOT NULL,
    runner_up jsonb,
    decided_at timestamp with time zone NOT NULL,
    CONSTRAINT routing_decision_cause_known CHECK ((cause = ANY (ARRAY['placed'::text, 'rejected'::text, 'rerouted'::text, 'closed'::text]))),
    CONSTRAINT routing_decision_chosen_is_a_list CHECK ((jsonb_typeof(chosen) = 'array'::text))
);

COMMENT ON TABLE public.routing_decision IS 'distributed by order_id';

CREATE TABLE public.routing_note (
    note_id uuid NOT NULL,
    skus text[] NOT NULL,
    locations text[] NOT NULL,
    noted_at timestamp with time zone NOT NULL
);

COMMENT ON TABLE public.routing_note IS 'local';

CREATE TABLE public.routing_ruleset (
    number bigint NOT NULL,
    state text DEFAULT 'draft'::text NOT NULL,
    name text NOT NULL,
    costs jsonb NOT NULL,
    rules jsonb NOT NULL,
    version bigint DEFAULT 1 NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    published_at timestamp with time zone,
    retired_at timestamp with time zone,
    CONSTRAINT routing_ruleset_name_length CHECK (((length(name) >= 1) AND (length(name) <= 200))),
    CONSTRAINT routing_ruleset_rules_are_a_list CHECK (((jsonb_typeof(rules) = 'array'::text) AND (jsonb_typeof(costs) = 'object'::text))),
    CONSTRAINT routing_ruleset_state_known CHECK ((state = ANY (ARRAY['draft'::text, 'live'::text, 'retired'::text])))
);

COMMENT ON TABLE public.routing_ruleset IS 'reference';

ALTER TABLE public.routing_ruleset ALTER COLUMN number ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.routing_ruleset_number_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.sales_order (
    order_id uuid NOT NULL,
    number bigint NOT NULL,
    channel_id bigint NOT NULL,
    cart_id uuid,
    external_reference text,
    status text DEFAULT 'placed'::text NOT NULL,
    hold_reason text,
    currency text NOT NULL,
    tax_inclusive boolean NOT NULL,
    net_minor bigint NOT NULL,
    tax_minor bigint NOT NULL,
    total_minor bigint NOT NULL,
    customer_email text,
    customer_name text,
    customer_phone text,
    customer_group text,
    ship_to jsonb,
    placed_at timestamp with time zone NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    version bigint DEFAULT 1 NOT NULL,
    promises jsonb DEFAULT '[]'::jsonb NOT NULL,
    carrier_service text,
    pickup_point text,
    delivery_net_minor bigint DEFAULT 0 NOT NULL,
    delivery_tax_minor bigint DEFAULT 0 NOT NULL,
    delivery_total_minor bigint DEFAULT 0 NOT NULL,
    delivery_tax_rate_basis_points integer DEFAULT 0 NOT NULL,
    CONSTRAINT sales_order_delivery_adds_up CHECK (((delivery_net_minor + delivery_tax_minor) = delivery_total_minor)),
    CONSTRAINT sales_order_delivery_not_negative CHECK ((delivery_total_minor >= 0)),
    CONSTRAINT sales_order_pickup_point_has_service CHECK (((pickup_point IS NULL) OR (carrier_service IS NOT NULL))),
    CONSTRAINT sales_order_status_known CHECK ((status = ANY (ARRAY['placed'::text, 'on_hold'::text, 'completed'::text, 'cancelled'::text]))),
    CONSTRAINT sales_order_total_adds_up CHECK (((net_minor + tax_minor) = total_minor))
);

COMMENT ON TABLE public.sales_order IS 'distributed by order_id';

CREATE TABLE public.saved_view (
    saved_view_id uuid NOT NULL,
    staff_id bigint NOT NULL,
    table_name text NOT NULL,
    name text NOT NULL,
    question text NOT NULL,
    shared boolean DEFAULT false NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT saved_view_name_length CHECK (((length(name) >= 1) AND (length(name) <= 100))),
    CONSTRAINT saved_view_question_length CHECK ((length(question) <= 2000))
);

COMMENT ON TABLE public.saved_view IS 'reference';

CREATE TABLE public.scarcity_price (
    variant_id bigint NOT NULL,
    location_id bigint NOT NULL,
    price_minor bigint NOT NULL,
    priced_at timestamp with time zone NOT NULL,
    CONSTRAINT scarcity_price_positive CHECK ((price_minor > 0))
);

COMMENT ON TABLE public.scarcity_price IS 'distributed by variant_id';

CREATE TABLE public.search_document (
    product_id bigint NOT NULL,
    language text NOT NULL,
    title text NOT NULL,
    title_key text NOT NULL,
    words tsvector NOT NULL,
    names tsvector NOT NULL
)
WITH (fillfactor='85');
ALTER TABLE ONLY public.search_document ALTER COLUMN words SET STORAGE EXTERNAL;

COMMENT ON TABLE public.search_document IS 'distributed by product_id';

CREATE TABLE public.search_facet_value (
    facet_value_id integer NOT NULL,
    facet text NOT NULL,
    value text NOT NULL
);

COMMENT ON TABLE public.search_facet_value IS 'reference';

ALTER TABLE public.search_facet_value ALTER COLUMN facet_value_id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.search_facet_value_facet_value_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.search_product (
    product_id bigint NOT NULL,
    changed_in bigint NOT NULL,
    written_in bigint NOT NULL,
    category_id bigint,
    created_at timestamp with time zone NOT NULL,
    variant_ids bigint[] NOT NULL,
    value_ids integer[] NOT NULL,
    value_variants smallint[] NOT NULL,
    CONSTRAINT search_product_values_pair CHECK ((cardinality(value_ids) = cardinality(value_variants)))
);

COMMENT ON TABLE public.search_product IS 'distributed by product_id';

CREATE TABLE public.search_query (
    channel_id bigint NOT NULL,
    language text NOT NULL,
    query_key text NOT NULL COLLATE pg_catalog."C",
    query text NOT NULL,
    times bigint NOT NULL,
    last_on date NOT NULL
);

COMMENT ON TABLE public.search_query IS 'reference';

CREATE TABLE public.search_state (
    one boolean DEFAULT true NOT NULL,
    version bigint DEFAULT 1 NOT NULL,
    CONSTRAINT search_state_one_row CHECK (one)
);

COMMENT ON TABLE public.search_state IS 'reference';

CREATE TABLE public.search_synonym (
    language text NOT NULL,
    set_no integer NOT NULL,
    "position" smallint NOT NULL,
    term text NOT NULL,
    term_key text NOT NULL,
    CONSTRAINT search_synonym_term_length CHECK (((length(term) >= 1) AND (length(term) <= 60)))
);

COMMENT ON TABLE public.search_synonym IS 'reference';

CREATE TABLE public.search_word (
    language text NOT NULL,
    word text NOT NULL COLLATE pg_catalog."C",
    stem text NOT NULL COLLATE pg_catalog."C"
);

COMMENT ON TABLE public.search_word IS 'reference';

CREATE TABLE public.sign_in_code (
    sign_in_id uuid NOT NULL,
    email text NOT NULL,
    language text NOT NULL,
    tries smallint DEFAULT 0 NOT NULL,
    expires_at timestamp with time zone NOT NULL
);

COMMENT ON TABLE public.sign_in_code IS 'distributed by sign_in_id';

CREATE TABLE public.staff (
    staff_id bigint NOT NULL,
    email text NOT NULL,
    name text NOT NULL,
    password_hash text NOT NULL,
    language text DEFAULT 'en'::text NOT NULL,
    active boolean DEFAULT true NOT NULL,
    failed_attempts integer DEFAULT 0 NOT NULL,
    locked_until timestamp with time zone,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT staff_email_lower CHECK ((email = lower(email)))
);

COMMENT ON TABLE public.staff IS 'reference';

CREATE TABLE public.staff_role (
    staff_id bigint NOT NULL,
    role text NOT NULL,
    location_id bigint DEFAULT 0 NOT NULL
);

COMMENT ON TABLE public.staff_role IS 'reference';

CREATE TABLE public.staff_session (
    token_hash bytea NOT NULL,
    staff_id bigint NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    expires_at timestamp with time zone NOT NULL
);

COMMENT ON TABLE public.staff_session IS 'reference';

ALTER TABLE public.staff ALTER COLUMN staff_id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.staff_staff_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.stock_document (
    stock_document_id uuid NOT NULL,
    kind text NOT NULL,
    location_id bigint NOT NULL,
    request_hash bytea NOT NULL,
    answer jsonb DEFAULT '{}'::jsonb NOT NULL,
    actor text NOT NULL,
    recorded_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT stock_document_kind_known CHECK ((kind = ANY (ARRAY['receipt'::text, 'adjustment'::text, 'count'::text, 'return'::text])))
);

COMMENT ON TABLE public.stock_document IS 'distributed by stock_document_id';

CREATE TABLE public.stock_source (
    stock_source_id smallint NOT NULL,
    code text NOT NULL,
    sends_deltas boolean DEFAULT false NOT NULL
);

COMMENT ON TABLE public.stock_source IS 'reference';

CREATE TABLE public.stock_source_mark (
    variant_id bigint NOT NULL,
    location_id bigint NOT NULL,
    stock_source_id smallint NOT NULL,
    absolute_sequence bigint,
    delta_sequence bigint
);

COMMENT ON TABLE public.stock_source_mark IS 'distributed by variant_id';

ALTER TABLE public.stock_source ALTER COLUMN stock_source_id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.stock_source_stock_source_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.stock_threshold (
    variant_id bigint NOT NULL,
    channel_id bigint NOT NULL,
    location_id bigint DEFAULT 0 NOT NULL,
    threshold integer NOT NULL,
    CONSTRAINT stock_threshold_not_negative CHECK ((threshold >= 0))
);

COMMENT ON TABLE public.stock_threshold IS 'distributed by variant_id';

CREATE TABLE public.tax_rate (
    country text NOT NULL,
    tax_category text NOT NULL,
    valid_from date DEFAULT '-infinity'::date NOT NULL,
    rate_basis_points integer NOT NULL,
    source text DEFAULT 'api'::text NOT NULL,
    CONSTRAINT tax_rate_category_form CHECK ((tax_category ~ '^[a-z][a-z0-9_]{0,49}$'::text)),
    CONSTRAINT tax_rate_country_is_iso CHECK ((country ~ '^[A-Z]{2}$'::text)),
    CONSTRAINT tax_rate_range CHECK (((rate_basis_points >= 0) AND (rate_basis_points <= 10000))),
    CONSTRAINT tax_rate_source_known CHECK ((source = ANY (ARRAY['package'::text, 'api'::text])))
);

COMMENT ON TABLE public.tax_rate IS 'reference';

CREATE TABLE public.transfer (
    transfer_id uuid NOT NULL,
    from_location_id bigint NOT NULL,
    to_location_id bigint NOT NULL,
    state text NOT NULL,
    expected_on date,
    reference text DEFAULT ''::text NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    shipped_at timestamp with time zone,
    received_at timestamp with time zone,
    version bigint DEFAULT 1 NOT NULL,
    CONSTRAINT transfer_goes_elsewhere CHECK ((from_location_id <> to_location_id)),
    CONSTRAINT transfer_state_known CHECK ((state = ANY (ARRAY['draft'::text, 'in_transit'::text, 'received'::text, 'cancelled'::text])))
);

COMMENT ON TABLE public.transfer IS 'reference';

CREATE TABLE public.transfer_arrival (
    transfer_id uuid NOT NULL,
    arrival_id uuid NOT NULL,
    arrived_at timestamp with time zone NOT NULL
);

COMMENT ON TABLE public.transfer_arrival IS 'reference';

CREATE TABLE public.transfer_line (
    transfer_id uuid NOT NULL,
    variant_id bigint NOT NULL,
    quantity integer NOT NULL,
    quantity_received integer DEFAULT 0 NOT NULL,
    quantity_missing integer DEFAULT 0 NOT NULL,
    difference_reason text,
    CONSTRAINT transfer_line_quantity_positive CHECK ((quantity > 0)),
    CONSTRAINT transfer_line_received_not_negative CHECK (((quantity_received >= 0) AND (quantity_missing >= 0)))
);

COMMENT ON TABLE public.transfer_line IS 'reference';

ALTER TABLE public.variant ALTER COLUMN variant_id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.variant_variant_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.wave (
    wave_id uuid NOT NULL,
    location_id bigint NOT NULL,
    state text DEFAULT 'open'::text NOT NULL,
    actor text NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT wave_state_known CHECK ((state = ANY (ARRAY['open'::text, 'done'::text])))
);

COMMENT ON TABLE public.wave IS 'reference';

CREATE TABLE public.webhook_endpoint (
    endpoint_id uuid NOT NULL,
    url text NOT NULL,
    description text DEFAULT ''::text NOT NULL,
    event_types text[] DEFAULT '{}'::text[] NOT NULL,
    active boolean DEFAULT true NOT NULL,
    disabled_at timestamp with time zone,
    disabled_reason text,
    failing_since timestamp with time zone,
    failures_in_row integer DEFAULT 0 NOT NULL,
    last_success_at timestamp with time zone,
    last_failure_at timestamp with time zone,
    version bigint DEFAULT 1 NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT webhook_endpoint_disabled_has_reason CHECK (((active = (disabled_at IS NULL)) AND (active = (disabled_reason IS NULL)))),
    CONSTRAINT webhook_endpoint_failures_not_negative CHECK ((failures_in_row >= 0)),
    CONSTRAINT webhook_endpoint_url_length CHECK (((length(url) >= 1) AND (length(url) <= 2000)))
);

COMMENT ON TABLE public.webhook_endpoint IS 'local';

CREATE TABLE public.webhook_secret (
    endpoint_id uuid NOT NULL,
    secret_no bigint NOT NULL,
    secret text NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    expires_at timestamp with time zone
);

COMMENT ON TABLE public.webhook_secret IS 'local';

ALTER TABLE public.webhook_secret ALTER COLUMN secret_no ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.webhook_secret_secret_no_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

ALTER TABLE ONLY public.pgqueuer ALTER COLUMN id SET DEFAULT nextval('public.pgqueuer_id_seq'::regclass);

ALTER TABLE ONLY public.pgqueuer_schedules ALTER COLUMN id SET DEFAULT nextval('public.pgqueuer_schedules_id_seq'::regclass);

ALTER TABLE ONLY public.pgqueuer_statistics ALTER COLUMN id SET DEFAULT nextval('public.pgqueuer_statistics_id_seq'::regclass);

ALTER TABLE ONLY public.api_key
    ADD CONSTRAINT api_key_pkey PRIMARY KEY (api_key_id);

ALTER TABLE ONLY public.api_key
    ADD CONSTRAINT api_key_prefix_unique UNIQUE (prefix);

ALTER TABLE ONLY public.attempt_count
    ADD CONSTRAINT attempt_count_pkey PRIMARY KEY (purpose, who);

ALTER TABLE ONLY public.attribute_family
    ADD CONSTRAINT attribute_family_code_unique UNIQUE (code);

ALTER TABLE ONLY public.attribute_family
    ADD CONSTRAINT attribute_family_pkey PRIMARY KEY (attribute_family_id);

ALTER TABLE ONLY public.audit_entry
    ADD CONSTRAINT audit_entry_pkey PRIMARY KEY (audit_entry_id);

ALTER TABLE ONLY public.barcode
    ADD CONSTRAINT barcode_pkey PRIMARY KEY (gtin);

ALTER TABLE ONLY public.brand
    ADD CONSTRAINT brand_name_unique UNIQUE (name);

ALTER TABLE ONLY public.brand
    ADD CONSTRAINT brand_pkey PRIMARY KEY (brand_id);

ALTER TABLE ONLY public.carrier
    ADD CONSTRAINT carrier_code_unique UNIQUE (code);

ALTER TABLE ONLY public.carrier_event
    ADD CONSTRAINT carrier_event_pkey PRIMARY KEY (carrier, carrier_event_id);

ALTER TABLE ONLY public.carrier
    ADD CONSTRAINT carrier_pkey PRIMARY KEY (carrier_id);

ALTER TABLE ONLY public.carrier_service
    ADD CONSTRAINT carrier_service_code_unique UNIQUE (code);

ALTER TABLE ONLY public.carrier_service
    ADD CONSTRAINT carrier_service_pkey PRIMARY KEY (carrier_service_id);

ALTER TABLE ONLY public.cart_hand_over
    ADD CONSTRAINT cart_hand_over_pkey PRIMARY KEY (hand_over_id);

ALTER TABLE ONLY public.cart_line
    ADD CONSTRAINT cart_line_pkey PRIMARY KEY (cart_id, line_no);

ALTER TABLE ONLY public.cart
    ADD CONSTRAINT cart_pkey PRIMARY KEY (cart_id);

ALTER TABLE ONLY public.category
    ADD CONSTRAINT category_code_unique UNIQUE (code);

ALTER TABLE ONLY public.category
    ADD CONSTRAINT category_pkey PRIMARY KEY (category_id);

ALTER TABLE ONLY public.channel
    ADD CONSTRAINT channel_code_unique UNIQUE (code);

ALTER TABLE ONLY public.channel_location
    ADD CONSTRAINT channel_location_pkey PRIMARY KEY (channel_id, location_id);

ALTER TABLE ONLY public.channel
    ADD CONSTRAINT channel_pkey PRIMARY KEY (channel_id);

ALTER TABLE ONLY public.config_version
    ADD CONSTRAINT config_version_pkey PRIMARY KEY (singleton);

ALTER TABLE ONLY public.count_sheet_entry
    ADD CONSTRAINT count_sheet_entry_pkey PRIMARY KEY (count_sheet_id, entry_id);

ALTER TABLE ONLY public.count_sheet
    ADD CONSTRAINT count_sheet_pkey PRIMARY KEY (count_sheet_id);

ALTER TABLE ONLY public.customer_address
    ADD CONSTRAINT customer_address_pkey PRIMARY KEY (customer_id, address_id);

ALTER TABLE ONLY public.customer_email
    ADD CONSTRAINT customer_email_pkey PRIMARY KEY (email);

ALTER TABLE ONLY public.customer
    ADD CONSTRAINT customer_pkey PRIMARY KEY (customer_id);

ALTER TABLE ONLY public.customer_session
    ADD CONSTRAINT customer_session_pkey PRIMARY KEY (customer_id, token_hash);

ALTER TABLE ONLY public.device
    ADD CONSTRAINT device_pkey PRIMARY KEY (device_id);

ALTER TABLE ONLY public.device
    ADD CONSTRAINT device_token_unique UNIQUE (token_hash);

ALTER TABLE ONLY public.event_consumer_failure
    ADD CONSTRAINT event_consumer_failure_pkey PRIMARY KEY (consumer, event_id);

ALTER TABLE ONLY public.event_consumer
    ADD CONSTRAINT event_consumer_pkey PRIMARY KEY (name);

ALTER TABLE ONLY public.fulfilment_change
    ADD CONSTRAINT fulfilment_change_pkey PRIMARY KEY (order_id, change_id);

ALTER TABLE ONLY public.fulfilment_line
    ADD CONSTRAINT fulfilment_line_pkey PRIMARY KEY (order_id, fulfilment_id, line_no);

ALTER TABLE ONLY public.fulfilment
    ADD CONSTRAINT fulfilment_pkey PRIMARY KEY (order_id, fulfilment_id);

ALTER TABLE ONLY public.fulfilment_rejection
    ADD CONSTRAINT fulfilment_rejection_pkey PRIMARY KEY (order_id, rejection_id, line_no);

ALTER TABLE ONLY public.fulfilment
    ADD CONSTRAINT fulfilment_sequence_unique UNIQUE (order_id, sequence_no);

ALTER TABLE ONLY public.hand_over
    ADD CONSTRAINT hand_over_pkey PRIMARY KEY (order_id, hand_over_id);

ALTER TABLE ONLY public.idempotency_record
    ADD CONSTRAINT idempotency_record_pkey PRIMARY KEY (actor, idempotency_key);

ALTER TABLE ONLY public.import_error
    ADD CONSTRAINT import_error_pkey PRIMARY KEY (import_run_id, error_no);

ALTER TABLE ONLY public.import_run
    ADD CONSTRAINT import_run_pkey PRIMARY KEY (import_run_id);

ALTER TABLE ONLY public.installation_secret
    ADD CONSTRAINT installation_secret_pkey PRIMARY KEY (name);

ALTER TABLE ONLY public.listing
    ADD CONSTRAINT listing_pkey PRIMARY KEY (variant_id, channel_id);

ALTER TABLE ONLY public.location
    ADD CONSTRAINT location_code_unique UNIQUE (code);

ALTER TABLE ONLY public.location_hours_exception
    ADD CONSTRAINT location_hours_exception_pkey PRIMARY KEY (location_id, on_date);

ALTER TABLE ONLY public.location_load_share
    ADD CONSTRAINT location_load_share_pkey PRIMARY KEY (location_id, share_id);

ALTER TABLE ONLY public.location
    ADD CONSTRAINT location_pkey PRIMARY KEY (location_id);

ALTER TABLE ONLY public.media
    ADD CONSTRAINT media_pkey PRIMARY KEY (media_id);

ALTER TABLE ONLY public.message
    ADD CONSTRAINT message_once_key_unique UNIQUE (once_key);

ALTER TABLE ONLY public.message
    ADD CONSTRAINT message_pkey PRIMARY KEY (message_id);

ALTER TABLE ONLY public.option_name
    ADD CONSTRAINT option_name_pkey PRIMARY KEY (axis, value);

ALTER TABLE ONLY public.order_change
    ADD CONSTRAINT order_change_pkey PRIMARY KEY (order_id, change_id);

ALTER TABLE ONLY public.order_line
    ADD CONSTRAINT order_line_pkey PRIMARY KEY (order_id, line_no);

ALTER TABLE ONLY public.outbox_event
    ADD CONSTRAINT outbox_event_pkey PRIMARY KEY (tx_id, event_id);

ALTER TABLE ONLY public.parcel_line
    ADD CONSTRAINT parcel_line_pkey PRIMARY KEY (order_id, parcel_id, line_no);

ALTER TABLE ONLY public.parcel
    ADD CONSTRAINT parcel_pkey PRIMARY KEY (order_id, parcel_id);

ALTER TABLE ONLY public.payment
    ADD CONSTRAINT payment_pkey PRIMARY KEY (order_id, payment_id);

ALTER TABLE ONLY public.payment_refund
    ADD CONSTRAINT payment_refund_pkey PRIMARY KEY (order_id, refund_id);

ALTER TABLE ONLY public.pgqueuer_log
    ADD CONSTRAINT pgqueuer_log_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.pgqueuer
    ADD CONSTRAINT pgqueuer_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.pgqueuer_schedules
    ADD CONSTRAINT pgqueuer_schedules_expression_entrypoint_key UNIQUE (expression, entrypoint);

ALTER TABLE ONLY public.pgqueuer_schedules
    ADD CONSTRAINT pgqueuer_schedules_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.pgqueuer_statistics
    ADD CONSTRAINT pgqueuer_statistics_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.pickup_point
    ADD CONSTRAINT pickup_point_pkey PRIMARY KEY (carrier_id, code);

ALTER TABLE ONLY public.policy
    ADD CONSTRAINT policy_pkey PRIMARY KEY (country, kind, language);

ALTER TABLE ONLY public.price_list
    ADD CONSTRAINT price_list_code_unique UNIQUE (code);

ALTER TABLE ONLY public.price_list
    ADD CONSTRAINT price_list_pkey PRIMARY KEY (price_list_id);

ALTER TABLE ONLY public.price
    ADD CONSTRAINT price_pkey PRIMARY KEY (price_list_id, variant_id, quantity_from, valid_from);

ALTER TABLE ONLY public.product
    ADD CONSTRAINT product_handle_unique UNIQUE (handle);

ALTER TABLE ONLY public.product_import
    ADD CONSTRAINT product_import_pkey PRIMARY KEY (product_id, version);

ALTER TABLE ONLY public.product
    ADD CONSTRAINT product_pkey PRIMARY KEY (product_id);

ALTER TABLE ONLY public.purchase_order_arrival
    ADD CONSTRAINT purchase_order_arrival_pkey PRIMARY KEY (purchase_order_id, arrival_id);

ALTER TABLE ONLY public.purchase_order_line
    ADD CONSTRAINT purchase_order_line_pkey PRIMARY KEY (purchase_order_id, variant_id);

ALTER TABLE ONLY public.purchase_order
    ADD CONSTRAINT purchase_order_pkey PRIMARY KEY (purchase_order_id);

ALTER TABLE ONLY public.reservation
    ADD CONSTRAINT reservation_pkey PRIMARY KEY (variant_id, reservation_id);

ALTER TABLE ONLY public.routing_decision
    ADD CONSTRAINT routing_decision_pkey PRIMARY KEY (order_id, decision_id);

ALTER TABLE ONLY public.routing_note
    ADD CONSTRAINT routing_note_pkey PRIMARY KEY (note_id);

ALTER TABLE ONLY public.routing_ruleset
    ADD CONSTRAINT routing_ruleset_pkey PRIMARY KEY (number);

ALTER TABLE ONLY public.sales_order
    ADD CONSTRAINT sales_order_pkey PRIMARY KEY (order_id);

ALTER TABLE ONLY public.saved_view
    ADD CONSTRAINT saved_view_pkey PRIMARY KEY (saved_view_id);

ALTER TABLE ONLY public.scarcity_price
    ADD CONSTRAINT scarcity_price_pkey PRIMARY KEY (variant_id, location_id);

ALTER TABLE ONLY public.search_document
    ADD CONSTRAINT search_document_pkey PRIMARY KEY (product_id, language);

ALTER TABLE ONLY public.search_facet_value
    ADD CONSTRAINT search_facet_value_pkey PRIMARY KEY (facet_value_id);

ALTER TABLE ONLY public.search_facet_value
    ADD CONSTRAINT search_facet_value_unique UNIQUE (facet, value);

ALTER TABLE ONLY public.search_product
    ADD CONSTRAINT search_product_pkey PRIMARY KEY (product_id);

ALTER TABLE ONLY public.search_query
    ADD CONSTRAINT search_query_pkey PRIMARY KEY (channel_id, language, query_key);

ALTER TABLE ONLY public.search_state
    ADD CONSTRAINT search_state_pkey PRIMARY KEY (one);

ALTER TABLE ONLY public.search_synonym
    ADD CONSTRAINT search_synonym_pkey PRIMARY KEY (language, set_no, "position");

ALTER TABLE ONLY public.search_word
    ADD CONSTRAINT search_word_pkey PRIMARY KEY (language, word);

ALTER TABLE ONLY public.sign_in_code
    ADD CONSTRAINT sign_in_code_pkey PRIMARY KEY (sign_in_id);

ALTER TABLE ONLY public.staff
    ADD CONSTRAINT staff_email_unique UNIQUE (email);

ALTER TABLE ONLY public.staff
    ADD CONSTRAINT staff_pkey PRIMARY KEY (staff_id);

ALTER TABLE ONLY public.staff_role
    ADD CONSTRAINT staff_role_pkey PRIMARY KEY (staff_id, role, location_id);

ALTER TABLE ONLY public.staff_session
    ADD CONSTRAINT staff_session_pkey PRIMARY KEY (token_hash);

ALTER TABLE ONLY public.stock_document
    ADD CONSTRAINT stock_document_pkey PRIMARY KEY (stock_document_id);

ALTER TABLE ONLY public.stock_level
    ADD CONSTRAINT stock_level_pkey PRIMARY KEY (variant_id, location_id);

ALTER TABLE ONLY public.stock_movement
    ADD CONSTRAINT stock_movement_pkey PRIMARY KEY (variant_id, movement_id);

ALTER TABLE ONLY public.stock_ring_fence
    ADD CONSTRAINT stock_ring_fence_pkey PRIMARY KEY (variant_id, location_id, channel_id);

ALTER TABLE ONLY public.stock_source
    ADD CONSTRAINT stock_source_code_unique UNIQUE (code);

ALTER TABLE ONLY public.stock_source_mark
    ADD CONSTRAINT stock_source_mark_pkey PRIMARY KEY (variant_id, location_id, stock_source_id);

ALTER TABLE ONLY public.stock_source
    ADD CONSTRAINT stock_source_pkey PRIMARY KEY (stock_source_id);

ALTER TABLE ONLY public.stock_sync
    ADD CONSTRAINT stock_sync_pkey PRIMARY KEY (variant_id, stock_sync_id);

ALTER TABLE ONLY public.stock_threshold
    ADD CONSTRAINT stock_threshold_pkey PRIMARY KEY (variant_id, channel_id, location_id);

ALTER TABLE ONLY public.tax_rate
    ADD CONSTRAINT tax_rate_pkey PRIMARY KEY (country, tax_category, valid_from);

ALTER TABLE ONLY public.transfer_arrival
    ADD CONSTRAINT transfer_arrival_pkey PRIMARY KEY (transfer_id, arrival_id);

ALTER TABLE ONLY public.transfer_line
    ADD CONSTRAINT transfer_line_pkey PRIMARY KEY (transfer_id, variant_id);

ALTER TABLE ONLY public.transfer
    ADD CONSTRAINT transfer_pkey PRIMARY KEY (transfer_id);

ALTER TABLE ONLY public.variant
    ADD CONSTRAINT variant_pkey PRIMARY KEY (variant_id);

ALTER TABLE ONLY public.variant
    ADD CONSTRAINT variant_sku_unique UNIQUE (sku);

ALTER TABLE ONLY public.wave
    ADD CONSTRAINT wave_pkey PRIMARY KEY (wave_id);

ALTER TABLE ONLY public.webhook_delivery
    ADD CONSTRAINT webhook_delivery_pkey PRIMARY KEY (endpoint_id, event_id);

ALTER TABLE ONLY public.webhook_endpoint
    ADD CONSTRAINT webhook_endpoint_pkey PRIMARY KEY (endpoint_id);

ALTER TABLE ONLY public.webhook_lane
    ADD CONSTRAINT webhook_lane_pkey PRIMARY KEY (endpoint_id, aggregate, aggregate_id);

ALTER TABLE ONLY public.webhook_secret
    ADD CONSTRAINT webhook_secret_pkey PRIMARY KEY (endpoint_id, secret_no);

CREATE INDEX attempt_count_ends ON public.attempt_count USING btree (ends_at);

CREATE INDEX audit_entry_action ON public.audit_entry USING btree (action, occurred_at DESC);

CREATE INDEX audit_entry_actor ON public.audit_entry USING btree (actor, occurred_at DESC);

CREATE INDEX audit_entry_subject ON public.audit_entry USING btree (subject, subject_id, occurred_at DESC);

CREATE INDEX barcode_variant ON public.barcode USING btree (variant_id);

CREATE INDEX carrier_event_parcel ON public.carrier_event USING btree (parcel_id) WHERE (parcel_id IS NOT NULL);

CREATE INDEX carrier_event_received_at ON public.carrier_event USING btree (received_at);

CREATE INDEX carrier_event_unknown ON public.carrier_event USING btree (received_at) WHERE (order_id IS NULL);

CREATE INDEX carrier_event_unknown_number ON public.carrier_event USING btree (tracking_number) WHERE (order_id IS NULL);

CREATE INDEX carrier_service_of_carrier ON public.carrier_service USING btree (carrier_id, code);

CREATE INDEX cart_hand_over_ends ON public.cart_hand_over USING btree (expires_at);

CREATE INDEX cart_hand_over_of_cart ON public.cart_hand_over USING btree (cart_id);

CREATE UNIQUE INDEX cart_line_merged ON public.cart_line USING btree (cart_id, variant_id, fulfilment_kind, COALESCE(location_id, (0)::bigint));

CREATE INDEX count_sheet_open ON public.count_sheet USING btree (location_id, started_at) WHERE (booked_at IS NULL);

CREATE INDEX customer_session_ends ON public.customer_session USING btree (expires_at);

CREATE INDEX device_of_location ON public.device USING btree (location_id, kind);

CREATE INDEX fulfilment_board ON public.fulfilment USING btree (location_id, work_by) WHERE (state = ANY (ARRAY['open'::text, 'picking'::text, 'picked'::text, 'packed'::text, 'ready'::text]));

CREATE INDEX fulfilment_curbside ON public.fulfilment USING btree (location_id, arrived_at) WHERE ((arrived_at IS NOT NULL) AND (state = 'ready'::text));

CREATE INDEX fulfilment_id ON public.fulfilment USING btree (fulfilment_id);

CREATE INDEX fulfilment_rejection_location ON public.fulfilment_rejection USING btree (location_id, recorded_at);

CREATE INDEX fulfilment_shipped ON public.fulfilment USING btree (updated_at) WHERE (state = 'shipped'::text);

CREATE INDEX fulfilment_stuck ON public.fulfilment USING btree (stuck_since) WHERE (stuck_since IS NOT NULL);

CREATE INDEX fulfilment_waiting ON public.fulfilment USING btree (collect_by) WHERE (state = 'ready'::text);

CREATE INDEX fulfilment_wave ON public.fulfilment USING btree (wave_id) WHERE (wave_id IS NOT NULL);

CREATE INDEX idempotency_record_created_at ON public.idempotency_record USING brin (created_at);

CREATE INDEX import_run_fingerprint ON public.import_run USING btree (fingerprint, started_at DESC);

CREATE INDEX listing_of_channel ON public.listing USING btree (channel_id, variant_id);

CREATE INDEX location_position ON public.location USING gist (public.globe_point(latitude, longitude));

CREATE UNIQUE INDEX media_once ON public.media USING btree (product_id, COALESCE(variant_id, (0)::bigint), url);

CREATE INDEX message_due ON public.message USING btree (due_at) WHERE (state = ANY (ARRAY['waiting'::text, 'sending'::text]));

CREATE INDEX message_failed ON public.message USING btree (created_at) WHERE (state = 'failed'::text);

CREATE INDEX message_order ON public.message USING btree (order_id, created_at) WHERE (order_id IS NOT NULL);

CREATE INDEX message_work ON public.message USING btree (location_id, recipient, created_at) WHERE (kind = 'work_arrived'::text);

CREATE INDEX outbox_event_aggregate ON public.outbox_event USING btree (aggregate, aggregate_id, tx_id);

CREATE INDEX parcel_by_id ON public.parcel USING btree (parcel_id);

CREATE INDEX parcel_failed ON public.parcel USING btree (state_at) WHERE (state = 'failed'::text);

CREATE INDEX parcel_fulfilment ON public.parcel USING btree (order_id, fulfilment_id);

CREATE INDEX parcel_returned ON public.parcel USING btree (state_at) WHERE ((state = 'returned'::text) AND (return_id IS NULL));

CREATE INDEX parcel_tracking ON public.parcel USING btree (tracking_number) WHERE (tracking_number IS NOT NULL);

CREATE INDEX pgqueuer_ep_ea_idx ON public.pgqueuer USING btree (entrypoint, execute_after) WHERE (status = 'queued'::public.pgqueuer_status);

CREATE INDEX pgqueuer_ep_prio_id_idx ON public.pgqueuer USING btree (entrypoint, priority DESC, id) WHERE (status = 'queued'::public.pgqueuer_status);

CREATE INDEX pgqueuer_log_created ON public.pgqueuer_log USING btree (created);

CREATE INDEX pgqueuer_log_job_id_status ON public.pgqueuer_log USING btree (job_id, created DESC);

CREATE INDEX pgqueuer_log_not_aggregated ON public.pgqueuer_log USING btree ((1)) WHERE (NOT aggregated);

CREATE INDEX pgqueuer_log_status ON public.pgqueuer_log USING btree (status);

CREATE INDEX pgqueuer_picked_heartbeat_idx ON public.pgqueuer USING btree (heartbeat) WHERE (status = 'picked'::public.pgqueuer_status);

CREATE UNIQUE INDEX pgqueuer_picked_slot_idx ON public.pgqueuer USING btree (entrypoint, slot) WHERE ((status = 'picked'::public.pgqueuer_status) AND (slot IS NOT NULL));

CREATE INDEX pgqueuer_priority_id_id1_idx ON public.pgqueuer USING btree (priority, id DESC) INCLUDE (id) WHERE (status = 'queued'::public.pgqueuer_status);

CREATE INDEX pgqueuer_queue_manager_id_idx ON public.pgqueuer USING btree (queue_manager_id) WHERE (queue_manager_id IS NOT NULL);

CREATE UNIQUE INDEX pgqueuer_statistics_unique_count ON public.pgqueuer_statistics USING btree (priority, date_trunc('sec'::text, timezone('UTC'::text, created)), status, entrypoint);

CREATE UNIQUE INDEX pgqueuer_unique_dedupe_key ON public.pgqueuer USING btree (dedupe_key) WHERE ((status = ANY (ARRAY['queued'::public.pgqueuer_status, 'picked'::public.pgqueuer_status])) AND (dedupe_key IS NOT NULL));

CREATE INDEX pgqueuer_updated_id_id1_idx ON public.pgqueuer USING btree (updated, id DESC) INCLUDE (id) WHERE (status = 'picked'::public.pgqueuer_status);

CREATE INDEX pickup_point_position ON public.pickup_point USING gist (carrier_id, country, public.globe_point(latitude, longitude)) WHERE active;

CREATE INDEX pickup_point_postal_code ON public.pickup_point USING btree (country, postal_code COLLATE "C") WHERE active;

CREATE UNIQUE INDEX price_list_one_per_group ON public.price_list USING btree (customer_group, currency) WHERE (customer_group IS NOT NULL);

CREATE INDEX product_category ON public.product USING btree (category_id);

CREATE INDEX purchase_order_line_open ON public.purchase_order_line USING btree (variant_id) WHERE (quantity > (quantity_received + quantity_missing));

CREATE INDEX reservation_awaited ON public.reservation USING btree (variant_id, location_id, created_at) WHERE (state = 'awaited'::text);

CREATE INDEX reservation_cart ON public.reservation USING btree (cart_id) WHERE (cart_id IS NOT NULL);

CREATE INDEX reservation_held ON public.reservation USING btree (variant_id, expires_at) WHERE (state = 'held'::text);

CREATE INDEX reservation_hold ON public.reservation USING btree (reservation_id) WHERE ((order_id IS NULL) AND (cart_id IS NULL));

CREATE INDEX reservation_order ON public.reservation USING btree (order_id) WHERE (order_id IS NOT NULL);

CREATE INDEX routing_decision_decided_at ON public.routing_decision USING btree (decided_at);

CREATE UNIQUE INDEX routing_ruleset_one_live ON public.routing_ruleset USING btree (state) WHERE (state = 'live'::text);

CREATE INDEX sales_order_customer_email ON public.sales_order USING btree (lower(customer_email), placed_at) WHERE (customer_email IS NOT NULL);

CREATE INDEX sales_order_customer_phone ON public.sales_order USING btree ("right"(regexp_replace(customer_phone, '\D'::text, ''::text, 'g'::text), 8)) WHERE (customer_phone IS NOT NULL);

CREATE INDEX sales_order_external_reference ON public.sales_order USING btree (channel_id, external_reference) WHERE (external_reference IS NOT NULL);

CREATE INDEX sales_order_number ON public.sales_order USING btree (number);

CREATE INDEX sales_order_placed_at ON public.sales_order USING btree (placed_at);

CREATE INDEX saved_view_of_table ON public.saved_view USING btree (table_name);

CREATE UNIQUE INDEX saved_view_own_name ON public.saved_view USING btree (staff_id, table_name, name);

CREATE INDEX scarcity_price_priced_at ON public.scarcity_price USING btree (priced_at);

CREATE INDEX search_document_names ON public.search_document USING gin (names) WITH (gin_pending_list_limit='128');

CREATE INDEX search_document_title ON public.search_document USING btree (language, title_key COLLATE "C", product_id);

CREATE INDEX search_document_words ON public.search_document USING gin (words) WITH (gin_pending_list_limit='256');

CREATE INDEX search_product_changed ON public.search_product USING btree (changed_in);

CREATE INDEX search_synonym_key ON public.search_synonym USING btree (language, term_key);

CREATE INDEX search_word_stem ON public.search_word USING btree (language, stem);

CREATE INDEX search_word_trigrams ON public.search_word USING gin (word public.gin_trgm_ops);

CREATE INDEX sign_in_code_ends ON public.sign_in_code USING btree (expires_at);

CREATE INDEX sign_in_code_of_email ON public.sign_in_code USING btree (email);

CREATE INDEX staff_session_staff ON public.staff_session USING btree (staff_id);

CREATE INDEX stock_document_location ON public.stock_document USING btree (location_id, recorded_at);

CREATE INDEX stock_level_safety_stock ON public.stock_level USING btree (variant_id, location_id) WHERE (safety_stock > 0);

CREATE INDEX stock_level_suppressed ON public.stock_level USING btree (location_id) WHERE (suppressed > 0);

CREATE INDEX transfer_line_open ON public.transfer_line USING btree (variant_id) WHERE (quantity > (quantity_received + quantity_missing));

CREATE INDEX variant_product ON public.variant USING btree (product_id, "position");

CREATE INDEX webhook_delivery_open ON public.webhook_delivery USING btree (endpoint_id, aggregate, aggregate_id, tx_id, event_id) WHERE (settled_at IS NULL);

CREATE INDEX webhook_delivery_settled_at ON public.webhook_delivery USING btree (settled_at) WHERE (settled_at IS NOT NULL);

CREATE INDEX webhook_delivery_state ON public.webhook_delivery USING btree (endpoint_id, state, event_id) WHERE (state <> 'delivered'::text);

CREATE INDEX webhook_lane_due ON public.webhook_lane USING btree (endpoint_id, due_at);

CREATE UNIQUE INDEX webhook_secret_one_newest ON public.webhook_secret USING btree (endpoint_id) WHERE (expires_at IS NULL);

CREATE OR REPLACE VIEW public.invariant_order_total AS
 SELECT o.order_id,
    o.total_minor,
    sum(l.total_minor) AS lines_minor
   FROM (public.sales_order o
     LEFT JOIN public.order_line l USING (order_id))
  GROUP BY o.order_id
 HAVING (((o.total_minor)::numeric <> (COALESCE(sum(l.total_minor), (0)::numeric) + (o.delivery_total_minor)::numeric)) OR ((o.tax_minor)::numeric <> (COALESCE(sum(l.tax_minor), (0)::numeric) + (o.delivery_tax_minor)::numeric)));

CREATE TRIGGER api_key_raises_access_version AFTER DELETE OR UPDATE ON public.api_key FOR EACH STATEMENT EXECUTE FUNCTION public.raise_access_version();

CREATE TRIGGER barcode_added AFTER INSERT ON public.barcode REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION public.barcode_names_a_variant();

CREATE TRIGGER carrier_changed AFTER INSERT OR DELETE OR UPDATE ON public.carrier FOR EACH STATEMENT EXECUTE FUNCTION public.raise_config_version();

CREATE TRIGGER carrier_service_changed AFTER INSERT OR DELETE OR UPDATE ON public.carrier_service FOR EACH STATEMENT EXECUTE FUNCTION public.raise_config_version();

CREATE TRIGGER channel_changed AFTER INSERT OR DELETE OR UPDATE ON public.channel FOR EACH STATEMENT EXECUTE FUNCTION public.raise_config_version();

CREATE TRIGGER channel_location_changed AFTER INSERT OR DELETE OR UPDATE ON public.channel_location FOR EACH STATEMENT EXECUTE FUNCTION public.raise_config_version();

CREATE TRIGGER fulfilment_load_inserted AFTER INSERT ON public.fulfilment REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION public.keep_location_load_of_new();

CREATE TRIGGER fulfilment_load_updated AFTER UPDATE ON public.fulfilment REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION public.keep_location_load();

CREATE TRIGGER location_changed AFTER INSERT OR DELETE OR UPDATE ON public.location FOR EACH STATEMENT EXECUTE FUNCTION public.raise_config_version();

CREATE TRIGGER location_hours_exception_changed AFTER INSERT OR DELETE OR UPDATE ON public.location_hours_exception FOR EACH STATEMENT EXECUTE FUNCTION public.raise_config_version();

CREATE TRIGGER media_added AFTER INSERT ON public.media REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION public.media_names_its_owner();

CREATE TRIGGER pickup_point_changed AFTER INSERT OR DELETE OR UPDATE ON public.pickup_point FOR EACH STATEMENT EXECUTE FUNCTION public.raise_config_version();

CREATE TRIGGER policy_changed AFTER INSERT OR DELETE OR UPDATE ON public.policy FOR EACH STATEMENT EXECUTE FUNCTION public.raise_config_version();

CREATE TRIGGER price_list_changed AFTER INSERT OR DELETE OR UPDATE ON public.price_list FOR EACH STATEMENT EXECUTE FUNCTION public.raise_config_version();

CREATE TRIGGER product_never_deleted BEFORE DELETE ON public.product FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_deletion();

CREATE TRIGGER routing_ruleset_published AFTER UPDATE ON public.routing_ruleset FOR EACH ROW WHEN ((old.state IS DISTINCT FROM new.state)) EXECUTE FUNCTION public.raise_config_version();

CREATE TRIGGER staff_raises_access_version AFTER DELETE OR UPDATE OF active, name ON public.staff FOR EACH STATEMENT EXECUTE FUNCTION public.raise_access_version();

CREATE TRIGGER staff_role_raises_access_version AFTER INSERT OR DELETE OR UPDATE ON public.staff_role FOR EACH STATEMENT EXECUTE FUNCTION public.raise_access_version();

CREATE TRIGGER staff_session_raises_access_version AFTER DELETE OR UPDATE ON public.staff_session FOR EACH STATEMENT EXECUTE FUNCTION public.raise_access_version();

CREATE TRIGGER stock_threshold_changed AFTER INSERT OR DELETE OR UPDATE ON public.stock_threshold FOR EACH STATEMENT EXECUTE FUNCTION public.raise_config_version();

CREATE TRIGGER tax_rate_changed AFTER INSERT OR DELETE OR UPDATE ON public.tax_rate FOR EACH STATEMENT EXECUTE FUNCTION public.raise_config_version();

CREATE TRIGGER tg_pgqueuer_changed AFTER INSERT OR DELETE OR UPDATE OR TRUNCATE ON public.pgqueuer FOR EACH STATEMENT EXECUTE FUNCTION public.fn_pgqueuer_changed();

CREATE TRIGGER variant_added AFTER INSERT ON public.variant REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION public.variant_names_a_product();

CREATE TRIGGER variant_never_deleted BEFORE DELETE ON public.variant FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_deletion();

ALTER TABLE ONLY public.carrier_service
    ADD CONSTRAINT carrier_service_carrier_id_fkey FOREIGN KEY (carrier_id) REFERENCES public.carrier(carrier_id);

ALTER TABLE ONLY public.cart
    ADD CONSTRAINT cart_channel_id_fkey FOREIGN KEY (channel_id) REFERENCES public.channel(channel_id);

ALTER TABLE ONLY public.cart_line
    ADD CONSTRAINT cart_line_cart_id_fkey FOREIGN KEY (cart_id) REFERENCES public.cart(cart_id);

ALTER TABLE ONLY public.category
    ADD CONSTRAINT category_parent_id_fkey FOREIGN KEY (parent_id) REFERENCES public.category(category_id);

ALTER TABLE ONLY public.channel_location
    ADD CONSTRAINT channel_location_channel_id_fkey FOREIGN KEY (channel_id) REFERENCES public.channel(channel_id);

ALTER TABLE ONLY public.channel_location
    ADD CONSTRAINT channel_location_location_id_fkey FOREIGN KEY (location_id) REFERENCES public.location(location_id);

ALTER TABLE ONLY public.channel
    ADD CONSTRAINT channel_price_list_id_fkey FOREIGN KEY (price_list_id) REFERENCES public.price_list(price_list_id);

ALTER TABLE ONLY public.count_sheet_entry
    ADD CONSTRAINT count_sheet_entry_count_sheet_id_fkey FOREIGN KEY (count_sheet_id) REFERENCES public.count_sheet(count_sheet_id);

ALTER TABLE ONLY public.count_sheet_entry
    ADD CONSTRAINT count_sheet_entry_variant_id_fkey FOREIGN KEY (variant_id) REFERENCES public.variant(variant_id);

ALTER TABLE ONLY public.count_sheet
    ADD CONSTRAINT count_sheet_location_id_fkey FOREIGN KEY (location_id) REFERENCES public.location(location_id);

ALTER TABLE ONLY public.customer_address
    ADD CONSTRAINT customer_address_customer_id_fkey FOREIGN KEY (customer_id) REFERENCES public.customer(customer_id) ON DELETE CASCADE;

ALTER TABLE ONLY public.customer_session
    ADD CONSTRAINT customer_session_customer_id_fkey FOREIGN KEY (customer_id) REFERENCES public.customer(customer_id) ON DELETE CASCADE;

ALTER TABLE ONLY public.device
    ADD CONSTRAINT device_channel_id_fkey FOREIGN KEY (channel_id) REFERENCES public.channel(channel_id);

ALTER TABLE ONLY public.device
    ADD CONSTRAINT device_location_id_fkey FOREIGN KEY (location_id) REFERENCES public.location(location_id);

ALTER TABLE ONLY public.fulfilment_change
    ADD CONSTRAINT fulfilment_change_of FOREIGN KEY (order_id, fulfilment_id) REFERENCES public.fulfilment(order_id, fulfilment_id);

ALTER TABLE ONLY public.fulfilment
    ADD CONSTRAINT fulfilment_channel_id_fkey FOREIGN KEY (channel_id) REFERENCES public.channel(channel_id);

ALTER TABLE ONLY public.fulfilment_line
    ADD CONSTRAINT fulfilment_line_of FOREIGN KEY (order_id, fulfilment_id) REFERENCES public.fulfilment(order_id, fulfilment_id);

ALTER TABLE ONLY public.fulfilment
    ADD CONSTRAINT fulfilment_location_id_fkey FOREIGN KEY (location_id) REFERENCES public.location(location_id);

ALTER TABLE ONLY public.hand_over
    ADD CONSTRAINT hand_over_of FOREIGN KEY (order_id, fulfilment_id) REFERENCES public.fulfilment(order_id, fulfilment_id);

ALTER TABLE ONLY public.import_error
    ADD CONSTRAINT import_error_import_run_id_fkey FOREIGN KEY (import_run_id) REFERENCES public.import_run(import_run_id);

ALTER TABLE ONLY public.listing
    ADD CONSTRAINT listing_channel_id_fkey FOREIGN KEY (channel_id) REFERENCES public.channel(channel_id);

ALTER TABLE ONLY public.listing
    ADD CONSTRAINT listing_variant_id_fkey FOREIGN KEY (variant_id) REFERENCES public.variant(variant_id);

ALTER TABLE ONLY public.location_hours_exception
    ADD CONSTRAINT location_hours_exception_location_id_fkey FOREIGN KEY (location_id) REFERENCES public.location(location_id);

ALTER TABLE ONLY public.order_change
    ADD CONSTRAINT order_change_order_id_fkey FOREIGN KEY (order_id) REFERENCES public.sales_order(order_id);

ALTER TABLE ONLY public.order_line
    ADD CONSTRAINT order_line_order_id_fkey FOREIGN KEY (order_id) REFERENCES public.sales_order(order_id);

ALTER TABLE ONLY public.parcel_line
    ADD CONSTRAINT parcel_line_of FOREIGN KEY (order_id, parcel_id) REFERENCES public.parcel(order_id, parcel_id);

ALTER TABLE ONLY public.parcel
    ADD CONSTRAINT parcel_of FOREIGN KEY (order_id, fulfilment_id) REFERENCES public.fulfilment(order_id, fulfilment_id);

ALTER TABLE ONLY public.payment
    ADD CONSTRAINT payment_order_id_fkey FOREIGN KEY (order_id) REFERENCES public.sales_order(order_id);

ALTER TABLE ONLY public.payment_refund
    ADD CONSTRAINT payment_refund_of_payment FOREIGN KEY (order_id, payment_id) REFERENCES public.payment(order_id, payment_id);

ALTER TABLE ONLY public.pickup_point
    ADD CONSTRAINT pickup_point_carrier_id_fkey FOREIGN KEY (carrier_id) REFERENCES public.carrier(carrier_id);

ALTER TABLE ONLY public.price
    ADD CONSTRAINT price_price_list_id_fkey FOREIGN KEY (price_list_id) REFERENCES public.price_list(price_list_id);

ALTER TABLE ONLY public.price
    ADD CONSTRAINT price_variant_id_fkey FOREIGN KEY (variant_id) REFERENCES public.variant(variant_id);

ALTER TABLE ONLY public.product
    ADD CONSTRAINT product_attribute_family_id_fkey FOREIGN KEY (attribute_family_id) REFERENCES public.attribute_family(attribute_family_id);

ALTER TABLE ONLY public.product
    ADD CONSTRAINT product_brand_id_fkey FOREIGN KEY (brand_id) REFERENCES public.brand(brand_id);

ALTER TABLE ONLY public.product
    ADD CONSTRAINT product_category_id_fkey FOREIGN KEY (category_id) REFERENCES public.category(category_id);

ALTER TABLE ONLY public.product_import
    ADD CONSTRAINT product_import_import_run_id_fkey FOREIGN KEY (import_run_id) REFERENCES public.import_run(import_run_id);

ALTER TABLE ONLY public.product_import
    ADD CONSTRAINT product_import_product_id_fkey FOREIGN KEY (product_id) REFERENCES public.product(product_id);

ALTER TABLE ONLY public.purchase_order_arrival
    ADD CONSTRAINT purchase_order_arrival_purchase_order_id_fkey FOREIGN KEY (purchase_order_id) REFERENCES public.purchase_order(purchase_order_id);

ALTER TABLE ONLY public.purchase_order_line
    ADD CONSTRAINT purchase_order_line_purchase_order_id_fkey FOREIGN KEY (purchase_order_id) REFERENCES public.purchase_order(purchase_order_id);

ALTER TABLE ONLY public.purchase_order
    ADD CONSTRAINT purchase_order_location_id_fkey FOREIGN KEY (location_id) REFERENCES public.location(location_id);

ALTER TABLE ONLY public.purchase_order
    ADD CONSTRAINT purchase_order_supplier_location_id_fkey FOREIGN KEY (supplier_location_id) REFERENCES public.location(location_id);

ALTER TABLE ONLY public.sales_order
    ADD CONSTRAINT sales_order_channel_id_fkey FOREIGN KEY (channel_id) REFERENCES public.channel(channel_id);

ALTER TABLE ONLY public.saved_view
    ADD CONSTRAINT saved_view_staff_id_fkey FOREIGN KEY (staff_id) REFERENCES public.staff(staff_id);

ALTER TABLE ONLY public.staff_role
    ADD CONSTRAINT staff_role_staff_id_fkey FOREIGN KEY (staff_id) REFERENCES public.staff(staff_id);

ALTER TABLE ONLY public.staff_session
    ADD CONSTRAINT staff_session_staff_id_fkey FOREIGN KEY (staff_id) REFERENCES public.staff(staff_id);

ALTER TABLE ONLY public.stock_document
    ADD CONSTRAINT stock_document_location_id_fkey FOREIGN KEY (location_id) REFERENCES public.location(location_id);

ALTER TABLE ONLY public.transfer_arrival
    ADD CONSTRAINT transfer_arrival_transfer_id_fkey FOREIGN KEY (transfer_id) REFERENCES public.transfer(transfer_id);

ALTER TABLE ONLY public.transfer
    ADD CONSTRAINT transfer_from_location_id_fkey FOREIGN KEY (from_location_id) REFERENCES public.location(location_id);

ALTER TABLE ONLY public.transfer_line
    ADD CONSTRAINT transfer_line_transfer_id_fkey FOREIGN KEY (transfer_id) REFERENCES public.transfer(transfer_id);

ALTER TABLE ONLY public.transfer
    ADD CONSTRAINT transfer_to_location_id_fkey FOREIGN KEY (to_location_id) REFERENCES public.location(location_id);

ALTER TABLE ONLY public.wave
    ADD CONSTRAINT wave_location_id_fkey FOREIGN KEY (location_id) REFERENCES public.location(location_id);

ALTER TABLE ONLY public.webhook_delivery
    ADD CONSTRAINT webhook_delivery_endpoint_id_fkey FOREIGN KEY (endpoint_id) REFERENCES public.webhook_endpoint(endpoint_id) ON DELETE CASCADE;

ALTER TABLE ONLY public.webhook_lane
    ADD CONSTRAINT webhook_lane_endpoint_id_fkey FOREIGN KEY (endpoint_id) REFERENCES public.webhook_endpoint(endpoint_id) ON DELETE CASCADE;

ALTER TABLE ONLY public.webhook_secret
    ADD CONSTRAINT webhook_secret_endpoint_id_fkey FOREIGN KEY (endpoint_id) REFERENCES public.webhook_endpoint(endpoint_id) ON DELETE CASCADE;
