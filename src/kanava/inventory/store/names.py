"""What other tables call the things that stock knows by number: skus, location codes, channel codes.

`variant`, `location` and `channel` are reference tables: every statement here only reads them.
"""

import msgspec

from kanava.platform.db import Query


class Ids(msgspec.Struct, frozen=True):
    """Ids in the order of the names asked for; None where nothing has the name."""

    ids: list[int | None]


class Named(msgspec.Struct, frozen=True):
    """An id and its public name."""

    id: int
    name: str


# One array comes back instead of thousands of rows: the driver decodes it several times quicker.
VARIANT_IDS = Query(
    """
    SELECT coalesce(array_agg(v.variant_id ORDER BY g.position), '{}') AS ids
    FROM unnest(:skus::text[]) WITH ORDINALITY AS g (sku, position)
    LEFT JOIN variant v ON v.sku = g.sku
    """,
    Ids,
)

LOCATION_IDS = Query(
    """
    SELECT coalesce(array_agg(p.location_id ORDER BY g.position), '{}') AS ids
    FROM unnest(:codes::text[]) WITH ORDINALITY AS g (code, position)
    LEFT JOIN location p ON p.code = g.code
    """,
    Ids,
)

CHANNEL_IDS = Query(
    """
    SELECT coalesce(array_agg(c.channel_id ORDER BY g.position), '{}') AS ids
    FROM unnest(:codes::text[]) WITH ORDINALITY AS g (code, position)
    LEFT JOIN channel c ON c.code = g.code
    """,
    Ids,
)

SKUS = Query(
    """
    SELECT variant_id AS id, sku AS name FROM variant WHERE variant_id = ANY (:ids::bigint[])
    """,
    Named,
)

LOCATION_CODES = Query(
    """
    SELECT location_id AS id, code AS name FROM location WHERE location_id = ANY (:ids::bigint[])
    """,
    Named,
)
