-- migrate:up
SET LOCAL lock_timeout = '5s';

-- What a merchandiser wants of routing. Drafts are edited; the live one decides; one that was live is never changed.
CREATE TABLE routing_ruleset (
    number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    state text NOT NULL DEFAULT 'draft',
    name text NOT NULL,
    -- As in the API: `sourcing.routing.ruleset.Costs` and a list of `Rule`.
    costs jsonb NOT NULL,
    rules jsonb NOT NULL,
    version bigint NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    published_at timestamptz,
    retired_at timestamptz,
    CONSTRAINT routing_ruleset_name_length CHECK (length(name) BETWEEN 1 AND 200),
    CONSTRAINT routing_ruleset_state_known CHECK (state IN ('draft', 'live', 'retired')),
    CONSTRAINT routing_ruleset_rules_are_a_list CHECK (jsonb_typeof(rules) = 'array' AND jsonb_typeof(costs) = 'object')
);
COMMENT ON TABLE routing_ruleset IS 'reference';
CREATE UNIQUE INDEX routing_ruleset_one_live ON routing_ruleset (state) WHERE state = 'live';

CREATE TRIGGER routing_ruleset_published AFTER UPDATE ON routing_ruleset
    FOR EACH ROW WHEN (old.state IS DISTINCT FROM new.state) EXECUTE FUNCTION raise_config_version();

-- Where an order's goods come from, why, and what came second. Written once for each decision, never changed.
CREATE TABLE routing_decision (
    order_id uuid NOT NULL,
    decision_id uuid NOT NULL,
    cause text NOT NULL,
    -- 0: what holds when no ruleset was ever published.
    ruleset_number bigint NOT NULL,
    cost_minor bigint NOT NULL,
    -- [{location, lines: [{line_no, quantity}], charges: [{amount_minor, reason}]}]
    chosen jsonb NOT NULL,
    -- {locations: [...], cost_minor}
    runner_up jsonb,
    decided_at timestamptz NOT NULL,
    CONSTRAINT routing_decision_pkey PRIMARY KEY (order_id, decision_id),
    CONSTRAINT routing_decision_cause_known CHECK (cause IN ('placed', 'rejected', 'rerouted', 'closed')),
    CONSTRAINT routing_decision_chosen_is_a_list CHECK (jsonb_typeof(chosen) = 'array')
);
COMMENT ON TABLE routing_decision IS 'distributed by order_id';
CREATE INDEX routing_decision_decided_at ON routing_decision (decided_at);

-- What a unit taken at a place for somebody else costs in sales that the place will miss before it is replenished.
-- Only prices above 0 have a row; worked out anew a few times a day.
CREATE TABLE scarcity_price (
    variant_id bigint NOT NULL,
    location_id bigint NOT NULL,
    price_minor bigint NOT NULL,
    priced_at timestamptz NOT NULL,
    CONSTRAINT scarcity_price_pkey PRIMARY KEY (variant_id, location_id),
    CONSTRAINT scarcity_price_positive CHECK (price_minor > 0)
);
COMMENT ON TABLE scarcity_price IS 'distributed by variant_id';
CREATE INDEX scarcity_price_priced_at ON scarcity_price (priced_at);

-- What has changed since open orders were last looked at for it: goods that are free somewhere, and places.
CREATE TABLE routing_note (
    note_id uuid PRIMARY KEY,
    skus text[] NOT NULL,
    locations text[] NOT NULL,
    noted_at timestamptz NOT NULL
);
COMMENT ON TABLE routing_note IS 'local';

-- migrate:down
