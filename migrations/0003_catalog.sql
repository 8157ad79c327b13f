-- migrate:up
SET LOCAL lock_timeout = '5s';

CREATE TABLE brand (
    brand_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name text NOT NULL,
    CONSTRAINT brand_name_unique UNIQUE (name)
);
COMMENT ON TABLE brand IS 'reference';

CREATE TABLE category (
    category_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    code text NOT NULL,
    parent_id bigint REFERENCES category,
    position integer NOT NULL DEFAULT 0,
    names jsonb NOT NULL DEFAULT '{}',
    CONSTRAINT category_code_unique UNIQUE (code),
    CONSTRAINT category_not_its_own_parent CHECK (parent_id <> category_id)
);
COMMENT ON TABLE category IS 'reference';

-- A family says which typed attributes its products have:
-- {"waterproof": {"type": "measure", "unit": "mm"}, "material": {"type": "choice", "choices": ["wool"], "level": "variant"}}
-- Decimals and measures are integers: the family's `scale` says how many of the digits are decimals.
CREATE TABLE attribute_family (
    attribute_family_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    code text NOT NULL,
    attributes jsonb NOT NULL DEFAULT '{}',
    CONSTRAINT attribute_family_code_unique UNIQUE (code)
);
COMMENT ON TABLE attribute_family IS 'reference';

-- Texts in five languages fit on the row; moving them out and compressing them costs more than the room.
CREATE TABLE product (
    product_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    handle text NOT NULL,
    brand_id bigint REFERENCES brand,
    category_id bigint REFERENCES category,
    attribute_family_id bigint REFERENCES attribute_family,
    status text NOT NULL DEFAULT 'draft',
    tax_category text NOT NULL DEFAULT 'standard',
    tags text[] NOT NULL DEFAULT '{}',
    option_axes text[] NOT NULL DEFAULT '{}',
    attributes jsonb NOT NULL DEFAULT '{}',
    -- {"en": {"title": "…", "description": "…"}, "sl": {…}}
    texts jsonb NOT NULL DEFAULT '{}',
    version bigint NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT product_handle_unique UNIQUE (handle),
    CONSTRAINT product_status_known CHECK (status IN ('draft', 'active', 'archived'))
) WITH (toast_tuple_target = 8160);
COMMENT ON TABLE product IS 'reference';
CREATE INDEX product_category ON product (category_id);

-- Variants are never deleted, only archived: the ledger and past orders name them.
CREATE TABLE variant (
    variant_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    product_id bigint NOT NULL,
    sku text NOT NULL,
    status text NOT NULL DEFAULT 'active',
    option_values text[] NOT NULL DEFAULT '{}',
    attributes jsonb NOT NULL DEFAULT '{}',
    weight_grams integer,
    length_mm integer,
    width_mm integer,
    height_mm integer,
    position integer NOT NULL DEFAULT 0,
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT variant_sku_unique UNIQUE (sku),
    CONSTRAINT variant_sku_length CHECK (length(sku) BETWEEN 1 AND 100),
    CONSTRAINT variant_status_known CHECK (status IN ('active', 'archived')),
    CONSTRAINT variant_measures_not_negative CHECK (
        weight_grams >= 0 AND length_mm >= 0 AND width_mm >= 0 AND height_mm >= 0)
);
COMMENT ON TABLE variant IS 'reference';
CREATE INDEX variant_product ON variant (product_id, position);

-- How people read an axis (the row with an empty value) and its values, in each language: {"sl": "mornarsko modra"}.
-- A word means the same in every product of the retailer, so it is translated once.
CREATE TABLE option_name (
    axis text NOT NULL,
    value text NOT NULL DEFAULT '',
    names jsonb NOT NULL DEFAULT '{}',
    CONSTRAINT option_name_pkey PRIMARY KEY (axis, value)
);
COMMENT ON TABLE option_name IS 'reference';

-- A GTIN stands here in its shortest standard form (8, 12, 13 or 14 digits), so that a padded one is the same barcode.
CREATE TABLE barcode (
    gtin text PRIMARY KEY,
    variant_id bigint NOT NULL,
    CONSTRAINT barcode_is_gtin CHECK (gtin ~ '^([0-9]{8}|[0-9]{12,14})$')
);
COMMENT ON TABLE barcode IS 'reference';
CREATE INDEX barcode_variant ON barcode (variant_id);

CREATE TABLE media (
    media_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    product_id bigint NOT NULL,
    variant_id bigint,
    kind text NOT NULL,
    url text NOT NULL,
    alt jsonb NOT NULL DEFAULT '{}',
    position integer NOT NULL DEFAULT 0,
    CONSTRAINT media_kind_known CHECK (kind IN ('image', 'model_3d'))
);
COMMENT ON TABLE media IS 'reference';
CREATE UNIQUE INDEX media_once ON media (product_id, coalesce(variant_id, 0), url);

-- Variants, barcodes and media refer to products and variants, which are never deleted. A foreign key checks row by
-- row, which takes as long as the rows themselves take to write; these check a whole statement with one join.
CREATE FUNCTION variant_names_a_product() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM added a LEFT JOIN product p USING (product_id) WHERE p.product_id IS NULL) THEN
        RAISE foreign_key_violation USING MESSAGE = 'a variant names a product that is not there',
            CONSTRAINT = 'variant_product_id_fkey';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER variant_added AFTER INSERT ON variant REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION variant_names_a_product();

CREATE FUNCTION barcode_names_a_variant() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM added a LEFT JOIN variant v USING (variant_id) WHERE v.variant_id IS NULL) THEN
        RAISE foreign_key_violation USING MESSAGE = 'a barcode names a variant that is not there',
            CONSTRAINT = 'barcode_variant_id_fkey';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER barcode_added AFTER INSERT ON barcode REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION barcode_names_a_variant();

CREATE FUNCTION media_names_its_owner() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM added a LEFT JOIN product p USING (product_id) WHERE p.product_id IS NULL)
       OR EXISTS (SELECT FROM added a LEFT JOIN variant v ON v.variant_id = a.variant_id AND v.product_id = a.product_id
                  WHERE a.variant_id IS NOT NULL AND v.variant_id IS NULL) THEN
        RAISE foreign_key_violation USING MESSAGE = 'a picture or model names a product or variant that is not there',
            CONSTRAINT = 'media_owner_fkey';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER media_added AFTER INSERT ON media REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION media_names_its_owner();

CREATE FUNCTION refuse_deletion() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'a % is archived, never deleted', TG_TABLE_NAME;
END $$;
CREATE TRIGGER product_never_deleted BEFORE DELETE ON product FOR EACH STATEMENT EXECUTE FUNCTION refuse_deletion();
CREATE TRIGGER variant_never_deleted BEFORE DELETE ON variant FOR EACH STATEMENT EXECUTE FUNCTION refuse_deletion();

-- One run of a file. `position` is the last row of the file whose chunk is committed: a run that broke goes on there.
CREATE TABLE import_run (
    import_run_id uuid PRIMARY KEY,
    file_name text NOT NULL,
    fingerprint text NOT NULL,
    format text NOT NULL,
    layout text NOT NULL,
    dry_run boolean NOT NULL DEFAULT false,
    status text NOT NULL DEFAULT 'running',
    failure text,
    position bigint NOT NULL DEFAULT 0,
    rows_read bigint NOT NULL DEFAULT 0,
    rows_rejected bigint NOT NULL DEFAULT 0,
    products_created bigint NOT NULL DEFAULT 0,
    products_updated bigint NOT NULL DEFAULT 0,
    variants_created bigint NOT NULL DEFAULT 0,
    variants_updated bigint NOT NULL DEFAULT 0,
    error_count bigint NOT NULL DEFAULT 0,
    columns_ignored text[] NOT NULL DEFAULT '{}',
    actor text NOT NULL,
    started_at timestamptz NOT NULL,
    finished_at timestamptz,
    CONSTRAINT import_run_status_known CHECK (status IN ('running', 'completed', 'failed'))
);
COMMENT ON TABLE import_run IS 'local';
CREATE INDEX import_run_fingerprint ON import_run (fingerprint, started_at DESC);

-- The first errors of a run (the count is import_run.error_count; the file that the command writes has all).
CREATE TABLE import_error (
    import_run_id uuid NOT NULL REFERENCES import_run,
    error_no integer NOT NULL,
    row_no bigint NOT NULL,
    column_name text NOT NULL,
    reason text NOT NULL,
    value text NOT NULL DEFAULT '',
    CONSTRAINT import_error_pkey PRIMARY KEY (import_run_id, error_no)
);
COMMENT ON TABLE import_error IS 'local';

-- What a run did to a product: the history of a product is this and its rows of audit_entry.
CREATE TABLE product_import (
    product_id bigint NOT NULL REFERENCES product,
    version bigint NOT NULL,
    import_run_id uuid NOT NULL REFERENCES import_run,
    changes jsonb NOT NULL,
    recorded_at timestamptz NOT NULL,
    CONSTRAINT product_import_pkey PRIMARY KEY (product_id, version)
);
COMMENT ON TABLE product_import IS 'local';

-- migrate:down
