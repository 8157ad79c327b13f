"""Names of option axes and values."""

from kanava.catalog.model import OptionName
from kanava.platform.db import Query

NAMES_MAX = 100_000

# In order of the keys, so that two who write the same words wait for each other. `merge`: other languages stay.
PUT = Query(
    """
    INSERT INTO option_name AS o (axis, value, names)
    SELECT n.axis, n.value, n.names::jsonb FROM unnest(:axes::text[], :values::text[], :names::text[])
        AS n (axis, value, names)
    ORDER BY n.axis, n.value
    ON CONFLICT (axis, value) DO UPDATE
        SET names = CASE WHEN :merge::boolean THEN o.names || excluded.names ELSE excluded.names END
        WHERE o.names <> CASE WHEN :merge THEN o.names || excluded.names ELSE excluded.names END
    RETURNING axis
    """,
    str,
)

LIST = Query(
    """
    SELECT axis, names, value FROM option_name
    WHERE (:axis::text IS NULL OR axis = :axis) AND (axis, value) > (:after_axis::text, :after_value::text)
    ORDER BY axis, value LIMIT :limit::int
    """,
    OptionName,
)

OF_PRODUCT = Query(
    f"""
    SELECT axis, names, value FROM option_name
    WHERE axis = ANY (:axes::text[]) AND (value = '' OR value = ANY (:values::text[]))
    ORDER BY axis, value LIMIT {NAMES_MAX}
    """,  # noqa: S608 - constants of this file
    OptionName,
)

ALL = Query(f"SELECT axis, names, value FROM option_name ORDER BY axis, value LIMIT {NAMES_MAX}", OptionName)  # noqa: S608
