"""Every SQL statement of policies."""

from kanava.platform.db import Query, Statement
from kanava.policies.model import Policy, PolicyHead

_OF_KEY = "country = :country::text AND kind = :kind::text AND language = :language::text"

INSERT_POLICY = Query(
    """
    INSERT INTO policy (country, kind, language, title, body, updated_at)
    VALUES (:country::text, :kind::text, :language::text, :title::text, :body::text, :now::timestamptz)
    ON CONFLICT (country, kind, language) DO NOTHING
    RETURNING version
    """,
    int,
)

_POLICY = f"SELECT country, kind, language, title, body, version, updated_at FROM policy WHERE {_OF_KEY}"  # noqa: S608 - constants of this file

POLICY = Query(_POLICY, Policy)

LOCK_POLICY = Query(_POLICY + " FOR UPDATE", Policy)

UPDATE_POLICY = Statement(
    f"""
    UPDATE policy SET title = :title::text, body = :body::text, version = version + 1, updated_at = :now::timestamptz
    WHERE {_OF_KEY}
    """  # noqa: S608 - constants of this file
)

DELETE_POLICY = Query(f"DELETE FROM policy WHERE {_OF_KEY} RETURNING version", int)  # noqa: S608 - constants of this file

POLICIES_AFTER = Query(
    """
    SELECT country, kind, language, title, version, updated_at FROM policy
    WHERE (:country::text IS NULL OR country = :country)
      AND (country, kind, language) > (:after_country::text, :after_kind::text, :after_language::text)
    ORDER BY country, kind, language LIMIT :limit::int
    """,
    PolicyHead,
)

ALL_HEADS = Query(
    """
    SELECT country, kind, language, title, version, updated_at FROM policy ORDER BY country, kind, language
    LIMIT 10000
    """,
    PolicyHead,
)
