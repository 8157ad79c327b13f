"""Every SQL statement of the carriers module."""

from datetime import datetime
from typing import Any

import msgspec

from kanava.carriers.model import Carrier
from kanava.platform.db import Query


class CarrierRow(msgspec.Struct, frozen=True):
    """A carrier with its id."""

    carrier_id: int
    code: str
    name: str
    tracking_url: str
    active: bool
    version: int
    created_at: datetime
    updated_at: datetime

    def public(self) -> Carrier:
        """Give it without the id."""
        return Carrier(*[getattr(self, name) for name in Carrier.__struct_fields__])


class ServiceRow(msgspec.Struct, frozen=True):
    """A service; `terms` as JSON objects."""

    carrier_service_id: int
    carrier_id: int
    carrier: str
    code: str
    name: str
    kind: str
    weight_grams_max: int
    terms: dict[str, Any]
    active: bool
    version: int
    created_at: datetime
    updated_at: datetime


class ActiveService(msgspec.Struct, frozen=True):
    """An active service of an active carrier."""

    carrier_service_id: int
    carrier_id: int
    carrier: str
    carrier_name: str
    code: str
    name: str
    kind: str
    weight_grams_max: int
    terms: dict[str, Any]


class LocationCountry(msgspec.Struct, frozen=True):
    """Where a location is."""

    location_id: int
    code: str
    country: str


class PointRow(msgspec.Struct, frozen=True):
    """A pickup point, in the order of `PickupPoint`."""

    code: str
    name: str
    country: str
    latitude: float
    longitude: float
    street: str
    city: str
    postal_code: str
    opening_hours: str
    active: bool


_CARRIER = "carrier_id, code, name, tracking_url, active, version, created_at, updated_at"
_SERVICE = """s.carrier_service_id, s.carrier_id, c.code AS carrier, s.code, s.name, s.kind, s.weight_grams_max,
           s.terms, s.active, s.version, s.created_at, s.updated_at"""
_POINT = "code, name, country, latitude, longitude, street, city, postal_code, opening_hours, active"

CARRIER = Query(f"SELECT {_CARRIER} FROM carrier WHERE code = :code::text", CarrierRow)  # noqa: S608

LOCK_CARRIER = Query(f"SELECT {_CARRIER} FROM carrier WHERE code = :code::text FOR UPDATE", CarrierRow)  # noqa: S608

CARRIERS_AFTER = Query(
    f"SELECT {_CARRIER} FROM carrier WHERE code > :after::text ORDER BY code LIMIT :limit::int",  # noqa: S608
    CarrierRow,
)

INSERT_CARRIER = Query(
    """
    INSERT INTO carrier (code, name, tracking_url, active, created_at, updated_at)
    VALUES (:code::text, :name::text, :tracking_url::text, :active::boolean, :now::timestamptz, :now)
    ON CONFLICT (code) DO NOTHING
    RETURNING carrier_id
    """,
    int,
)

UPDATE_CARRIER = Query(
    """
    UPDATE carrier SET name = :name::text, tracking_url = :tracking_url::text, active = :active::boolean,
        version = version + 1, updated_at = :now::timestamptz
    WHERE carrier_id = :carrier_id::bigint
    RETURNING carrier_id
    """,
    int,
)

SERVICE = Query(
    f"SELECT {_SERVICE} FROM carrier_service s JOIN carrier c USING (carrier_id) WHERE s.code = :code::text",  # noqa: S608
    ServiceRow,
)

LOCK_SERVICE = Query(
    f"""
    SELECT {_SERVICE} FROM carrier_service s JOIN carrier c USING (carrier_id) WHERE s.code = :code::text
    FOR UPDATE OF s
    """,  # noqa: S608
    ServiceRow,
)

SERVICES_AFTER = Query(
    f"""
    SELECT {_SERVICE} FROM carrier_service s JOIN carrier c USING (carrier_id)
    WHERE s.carrier_id = :carrier_id::bigint AND s.code > :after::text ORDER BY s.code LIMIT :limit::int
    """,  # noqa: S608
    ServiceRow,
)

INSERT_SERVICE = Query(
    """
    INSERT INTO carrier_service (carrier_id, code, name, kind, weight_grams_max, terms, active, created_at, updated_at)
    VALUES (:carrier_id::bigint, :code::text, :name::text, :kind::text, :weight_grams_max::int, :terms::jsonb,
            :active::boolean, :now::timestamptz, :now)
    ON CONFLICT (code) DO NOTHING
    RETURNING carrier_service_id
    """,
    int,
)

UPDATE_SERVICE = Query(
    """
    UPDATE carrier_service SET name = :name::text, kind = :kind::text, weight_grams_max = :weight_grams_max::int,
        terms = :terms::jsonb, active = :active::boolean, version = version + 1, updated_at = :now::timestamptz
    WHERE carrier_service_id = :carrier_service_id::bigint
    RETURNING carrier_service_id
    """,
    int,
)

LOCATION_CODES = Query("SELECT code FROM location WHERE code = ANY (:codes::text[]) LIMIT 2000", str)

ACTIVE_SERVICES = Query(
    """
    SELECT s.carrier_service_id, s.carrier_id, c.code AS carrier, c.name AS carrier_name, s.code, s.name, s.kind,
           s.weight_grams_max, s.terms
    FROM carrier_service s JOIN carrier c USING (carrier_id)
    WHERE s.active AND c.active
    ORDER BY s.code LIMIT 2000
    """,
    ActiveService,
)

LOCATION_COUNTRIES = Query("SELECT location_id, code, country FROM location LIMIT 100000", LocationCountry)

POINTS_AFTER = Query(
    f"""
    SELECT {_POINT} FROM pickup_point
    WHERE carrier_id = :carrier_id::bigint AND code > :after::text
      AND (:country::text IS NULL OR country = :country)
    ORDER BY code LIMIT :limit::int
    """,  # noqa: S608
    PointRow,
)

UPSERT_POINTS = Query(
    """
    INSERT INTO pickup_point AS p (carrier_id, code, name, country, latitude, longitude, street, city, postal_code,
                                   opening_hours, active)
    SELECT :carrier_id::bigint, x.* FROM unnest(:codes::text[], :names::text[], :countries::text[],
        :latitudes::double precision[], :longitudes::double precision[], :streets::text[], :cities::text[],
        :postal_codes::text[], :opening_hours::text[], :actives::boolean[])
        AS x (code, name, country, latitude, longitude, street, city, postal_code, opening_hours, active)
    ORDER BY x.code
    ON CONFLICT (carrier_id, code) DO UPDATE SET name = excluded.name, country = excluded.country,
        latitude = excluded.latitude, longitude = excluded.longitude, street = excluded.street, city = excluded.city,
        postal_code = excluded.postal_code, opening_hours = excluded.opening_hours, active = excluded.active
    WHERE (p.name, p.country, p.latitude, p.longitude, p.street, p.city, p.postal_code, p.opening_hours, p.active)
        IS DISTINCT FROM (excluded.name, excluded.country, excluded.latitude, excluded.longitude, excluded.street,
                          excluded.city, excluded.postal_code, excluded.opening_hours, excluded.active)
    RETURNING code
    """,
    str,
)

REMOVE_OTHER_POINTS = Query(
    """
    DELETE FROM pickup_point WHERE carrier_id = :carrier_id::bigint AND code <> ALL (:codes::text[])
    RETURNING code
    """,
    str,
)

REMOVE_POINT = Query(
    "DELETE FROM pickup_point WHERE carrier_id = :carrier_id::bigint AND code = :code::text RETURNING code", str
)


class NamedPoint(msgspec.Struct, frozen=True):
    """An active pickup point that somebody named."""

    carrier_id: int
    code: str
    country: str


POINTS_NAMED = Query(
    """
    SELECT p.carrier_id, p.code, p.country
    FROM unnest(:carrier_ids::bigint[], :codes::text[]) AS x (carrier_id, code)
    JOIN pickup_point p USING (carrier_id, code)
    WHERE p.active
    """,
    NamedPoint,
)


class NearPoint(msgspec.Struct, frozen=True):
    """A pickup point near a position; `chord` is the distance on a globe of radius 1."""

    carrier_id: int
    code: str
    name: str
    street: str
    city: str
    postal_code: str
    country: str
    latitude: float
    longitude: float
    opening_hours: str
    chord: float


# The nearest of each carrier by its index; a carrier without points in the country costs one look.
NEAR_POINTS = Query(
    """
    SELECT c.carrier_id, p.code, p.name, p.street, p.city, p.postal_code, p.country, p.latitude, p.longitude,
           p.opening_hours, p.chord
    FROM unnest(:carrier_ids::bigint[]) AS c (carrier_id)
    CROSS JOIN LATERAL (
        SELECT q.code, q.name, q.street, q.city, q.postal_code, q.country, q.latitude, q.longitude, q.opening_hours,
               globe_point(q.latitude, q.longitude) <-> globe_point(:latitude, :longitude) AS chord
        FROM pickup_point q
        WHERE q.active AND q.carrier_id = c.carrier_id AND q.country = :country::text
        ORDER BY globe_point(q.latitude, q.longitude)
                 <-> globe_point(:latitude::double precision, :longitude::double precision)
        LIMIT :limit::int
    ) p
    ORDER BY c.carrier_id, p.chord
    """,
    NearPoint,
)
