-- migrate:up
SET LOCAL lock_timeout = '5s';

-- Raised by whoever writes search rows, and locked until they are committed: a process that holds columns in memory
-- asks for rows with a higher `changed_in`, and misses none.
CREATE TABLE search_state (
    one boolean PRIMARY KEY DEFAULT true,
    version bigint NOT NULL DEFAULT 1,
    CONSTRAINT search_state_one_row CHECK (one)
);
COMMENT ON TABLE search_state IS 'reference';
INSERT INTO search_state DEFAULT VALUES;

-- A value that products are narrowed by: facet 'brand', 'option.colour', 'attribute.material'.
CREATE TABLE search_facet_value (
    facet_value_id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    facet text NOT NULL,
    value text NOT NULL,
    CONSTRAINT search_facet_value_unique UNIQUE (facet, value)
);
COMMENT ON TABLE search_facet_value IS 'reference';

-- What a product is counted by. `value_ids` and `value_variants` go together: the value and which of `variant_ids` has
-- it, from 0; -1: the product, so all of them. A product that is not for sale has no variants here. `changed_in`: when
-- anything that counts was last another, prices and listings too, which are not here; `written_in`: when this row was.
CREATE TABLE search_product (
    product_id bigint PRIMARY KEY,
    changed_in bigint NOT NULL,
    written_in bigint NOT NULL,
    category_id bigint,
    created_at timestamptz NOT NULL,
    variant_ids bigint[] NOT NULL,
    value_ids integer[] NOT NULL,
    value_variants smallint[] NOT NULL,
    CONSTRAINT search_product_values_pair CHECK (cardinality(value_ids) = cardinality(value_variants))
);
COMMENT ON TABLE search_product IS 'distributed by product_id';
CREATE INDEX search_product_changed ON search_product (changed_in);

-- A product as one language finds it. Lexemes begin with the language, so that the indexes keep languages apart.
-- `words` are all of them, without places, for they are only ever read through their index; `names` those of title,
-- brand, categories and tags: what the first letters of a word are looked up in, which thousands of descriptions have,
-- and what ranks. A question reads thousands of rows, so each page is to hold those of one language: they are written
-- language by language, and room is left for a row that changes to stay in its page.
CREATE TABLE search_document (
    product_id bigint NOT NULL,
    language text NOT NULL,
    title text NOT NULL,
    -- The title folded: for sorting by name.
    title_key text NOT NULL,
    words tsvector NOT NULL,
    names tsvector NOT NULL,
    CONSTRAINT search_document_pkey PRIMARY KEY (product_id, language)
) WITH (fillfactor = 85);
-- Words that are too long for their page are stored aside before names are.
ALTER TABLE search_document ALTER COLUMN words SET STORAGE EXTERNAL;
COMMENT ON TABLE search_document IS 'distributed by product_id';
-- A short list of pending entries: every search reads through it, and without one a rebuild takes four times as long.
CREATE INDEX search_document_words ON search_document USING gin (words) WITH (gin_pending_list_limit = 256);
CREATE INDEX search_document_names ON search_document USING gin (names) WITH (gin_pending_list_limit = 128);
CREATE INDEX search_document_title ON search_document (language, title_key COLLATE "C", product_id);

-- The words that documents are made of, folded: what a misspelt one is corrected to.
CREATE TABLE search_word (
    language text NOT NULL,
    word text COLLATE "C" NOT NULL,
    stem text COLLATE "C" NOT NULL,
    CONSTRAINT search_word_pkey PRIMARY KEY (language, word)
);
COMMENT ON TABLE search_word IS 'reference';
CREATE INDEX search_word_stem ON search_word (language, stem);
CREATE INDEX search_word_trigrams ON search_word USING gin (word gin_trgm_ops);

-- Words that mean the same in a shop: the terms of one set find each other's products.
CREATE TABLE search_synonym (
    language text NOT NULL,
    set_no integer NOT NULL,
    position smallint NOT NULL,
    term text NOT NULL,
    -- The term's words, folded and stemmed, joined with spaces.
    term_key text NOT NULL,
    CONSTRAINT search_synonym_pkey PRIMARY KEY (language, set_no, position),
    CONSTRAINT search_synonym_term_length CHECK (length(term) BETWEEN 1 AND 60)
);
COMMENT ON TABLE search_synonym IS 'reference';
CREATE INDEX search_synonym_key ON search_synonym (language, term_key);

-- What people searched for and found, without who: suggested again once several have asked.
CREATE TABLE search_query (
    channel_id bigint NOT NULL,
    language text NOT NULL,
    query_key text COLLATE "C" NOT NULL,
    query text NOT NULL,
    times bigint NOT NULL,
    last_on date NOT NULL,
    CONSTRAINT search_query_pkey PRIMARY KEY (channel_id, language, query_key)
);
COMMENT ON TABLE search_query IS 'reference';

-- migrate:down
