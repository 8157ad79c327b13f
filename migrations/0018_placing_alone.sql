-- migrate:up

-- Raised whenever a key, a session or a role may mean less than before, as `version` is for settings: a process that
-- looked a caller up at this version need not look again.
ALTER TABLE config_version ADD COLUMN access_version bigint NOT NULL DEFAULT 1;

CREATE FUNCTION raise_access_version() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE config_version SET access_version = access_version + 1;
    RETURN NULL;
END $$;

CREATE TRIGGER api_key_raises_access_version AFTER UPDATE OR DELETE ON api_key
    FOR EACH STATEMENT EXECUTE FUNCTION raise_access_version();
CREATE TRIGGER staff_raises_access_version AFTER UPDATE OF active, name OR DELETE ON staff
    FOR EACH STATEMENT EXECUTE FUNCTION raise_access_version();
CREATE TRIGGER staff_role_raises_access_version AFTER INSERT OR UPDATE OR DELETE ON staff_role
    FOR EACH STATEMENT EXECUTE FUNCTION raise_access_version();
CREATE TRIGGER staff_session_raises_access_version AFTER UPDATE OR DELETE ON staff_session
    FOR EACH STATEMENT EXECUTE FUNCTION raise_access_version();

-- migrate:down
