"""Every SQL statement of the stores module."""

from datetime import date, datetime

import msgspec

from kanava.platform.db import Query, Statement
from kanava.stores.model import NamedPlace, RoutingLocation

EXCEPTIONS_MAX = 400
# With `open_now` the hours of every match are looked at: no retailer has more places than this.
OPEN_NOW_SCAN_MAX = 10_000


class LocationRow(msgspec.Struct, frozen=True):
    """A location as stored, its coming exceptions as parallel arrays; `chord`: distance on a globe of radius 1."""

    location_id: int
    code: str
    kind: str
    name: str
    street: str
    city: str
    region: str
    postal_code: str
    country: str
    latitude: float | None
    longitude: float | None
    time_zone: str
    phone: str
    opening_hours: str
    keeps_public_holidays: bool
    services: list[str]
    handling_minutes: int
    pick_capacity_per_hour: int
    parcel_cost_domestic_minor: int
    parcel_cost_abroad_minor: int
    active: bool
    fulfils_online: bool
    version: int
    created_at: datetime
    updated_at: datetime
    exception_dates: list[date]
    exception_hours: list[str]
    exception_reasons: list[str]
    chord: float | None


class WrittenRow(msgspec.Struct, frozen=True):
    """A location that an upsert touched."""

    location_id: int
    code: str
    created: bool


class LockedRow(msgspec.Struct, frozen=True):
    """A location under its row lock."""

    location_id: int
    code: str


_COLUMNS = """l.location_id, l.code, l.kind, l.name, l.street, l.city, l.region, l.postal_code, l.country,
           l.latitude, l.longitude, l.time_zone, l.phone, l.opening_hours, l.keeps_public_holidays, l.services,
           l.handling_minutes, l.pick_capacity_per_hour, l.parcel_cost_domestic_minor, l.parcel_cost_abroad_minor,
           l.active, l.fulfils_online, l.version, l.created_at, l.updated_at,
           coalesce(e.on_dates, '{}') AS exception_dates, coalesce(e.hours, '{}') AS exception_hours,
           coalesce(e.reasons, '{}') AS exception_reasons"""

# Days that are over matter no more, but for hours past midnight and zones far from UTC.
_COMING_EXCEPTIONS = f"""LEFT JOIN LATERAL (
        SELECT array_agg(x.on_date) AS on_dates, array_agg(x.opening_hours) AS hours, array_agg(x.reason) AS reasons
        FROM (SELECT on_date, opening_hours, reason FROM location_hours_exception
              WHERE location_id = l.location_id AND on_date >= (:now::timestamptz AT TIME ZONE 'UTC')::date - 3
              ORDER BY on_date LIMIT {EXCEPTIONS_MAX}) x) e ON true"""  # noqa: S608 - constants of this file

_FILTERS = """(:kind::text IS NULL OR l.kind = :kind)
      AND (:country::text IS NULL OR l.country = :country)
      AND (:service::text IS NULL OR :service = ANY (l.services))
      AND (:active::boolean IS NULL OR l.active = :active)
      AND (:fulfils_online::boolean IS NULL OR l.fulfils_online = :fulfils_online)"""

FIND = Query(
    f"""
    SELECT {_COLUMNS}, NULL::double precision AS chord
    FROM location l {_COMING_EXCEPTIONS}
    WHERE l.code = :code::text
    """,  # noqa: S608 - constants of this file
    LocationRow,
)

LOCK = Query(
    f"""
    SELECT {_COLUMNS}, NULL::double precision AS chord
    FROM location l {_COMING_EXCEPTIONS}
    WHERE l.code = :code::text
    FOR UPDATE OF l
    """,  # noqa: S608 - constants of this file
    LocationRow,
)

LIST = Query(
    f"""
    SELECT {_COLUMNS}, NULL::double precision AS chord
    FROM location l {_COMING_EXCEPTIONS}
    WHERE {_FILTERS} AND l.code > :after_code::text
    ORDER BY l.code
    LIMIT :limit::int
    """,  # noqa: S608 - constants of this file
    LocationRow,
)

LIST_NEAR = Query(
    f"""
    SELECT {_COLUMNS},
           globe_point(l.latitude, l.longitude)
               <-> globe_point(:latitude::double precision, :longitude::double precision) AS chord
    FROM location l {_COMING_EXCEPTIONS}
    WHERE {_FILTERS} AND l.latitude IS NOT NULL
      AND (globe_point(l.latitude, l.longitude)
               <-> globe_point(:latitude::double precision, :longitude::double precision), l.code)
          > (:after_chord::double precision, :after_code::text)
    ORDER BY globe_point(l.latitude, l.longitude)
                 <-> globe_point(:latitude::double precision, :longitude::double precision), l.code
    LIMIT :limit::int
    """,  # noqa: S608 - constants of this file
    LocationRow,
)

ALL_FOR_ROUTING = Query(
    """
    SELECT l.location_id, l.code, l.kind, l.country, l.latitude, l.longitude, l.services, l.active, l.fulfils_online,
           l.parcel_cost_domestic_minor, l.parcel_cost_abroad_minor, l.time_zone, l.opening_hours,
           l.keeps_public_holidays, l.handling_minutes, l.pick_capacity_per_hour,
           coalesce(e.on_dates, '{}') AS exception_dates, coalesce(e.hours, '{}') AS exception_hours
    FROM location l
    LEFT JOIN (SELECT location_id, array_agg(on_date ORDER BY on_date) AS on_dates,
                      array_agg(opening_hours ORDER BY on_date) AS hours
               FROM location_hours_exception GROUP BY location_id) e USING (location_id)
    ORDER BY l.location_id
    """,
    RoutingLocation,
)

KNOWN_CODES = Query("SELECT code FROM location WHERE code = ANY (:codes::text[])", str)

# One statement writes many: what a row does not say keeps its stored value, a row that changes nothing is not touched.
# In order of the codes, so that two imports at once wait for each other instead of locking each other out.
UPSERT = Query(
    """
    INSERT INTO location (code, kind, name, street, city, region, postal_code, country, latitude, longitude, time_zone,
        phone, opening_hours, keeps_public_holidays, services, handling_minutes, pick_capacity_per_hour,
        parcel_cost_domestic_minor, parcel_cost_abroad_minor, active, fulfils_online, created_at, updated_at)
    SELECT x.code, coalesce(x.kind, l.kind, 'store'), x.name, coalesce(x.street, l.street, ''),
        coalesce(x.city, l.city, ''), coalesce(x.region, l.region, ''), coalesce(x.postal_code, l.postal_code, ''),
        x.country, coalesce(x.latitude, l.latitude), coalesce(x.longitude, l.longitude),
        coalesce(x.time_zone, l.time_zone), coalesce(x.phone, l.phone, ''),
        coalesce(x.opening_hours, l.opening_hours, ''),
        coalesce(x.keeps_public_holidays, l.keeps_public_holidays, true),
        coalesce(string_to_array(x.services, ','), l.services, '{}'),
        coalesce(x.handling_minutes, l.handling_minutes, 60),
        coalesce(x.pick_capacity_per_hour, l.pick_capacity_per_hour, 20),
        coalesce(x.parcel_cost_domestic_minor, l.parcel_cost_domestic_minor, 400),
        coalesce(x.parcel_cost_abroad_minor, l.parcel_cost_abroad_minor, 1200),
        coalesce(x.active, l.active, true), coalesce(x.fulfils_online, l.fulfils_online, true),
        :now::timestamptz, :now::timestamptz
    FROM unnest(:code::text[], :kind::text[], :name::text[], :street::text[], :city::text[], :region::text[],
            :postal_code::text[], :country::text[], :latitude::double precision[], :longitude::double precision[],
            :time_zone::text[], :phone::text[], :opening_hours::text[], :keeps_public_holidays::boolean[],
            :services::text[], :handling_minutes::int[], :pick_capacity_per_hour::int[],
            :parcel_cost_domestic_minor::bigint[], :parcel_cost_abroad_minor::bigint[], :active::boolean[],
            :fulfils_online::boolean[])
        AS x (code, kind, name, street, city, region, postal_code, country, latitude, longitude, time_zone, phone,
            opening_hours, keeps_public_holidays, services, handling_minutes, pick_capacity_per_hour,
            parcel_cost_domestic_minor, parcel_cost_abroad_minor, active, fulfils_online)
    LEFT JOIN location l ON l.code = x.code
    ORDER BY x.code
    ON CONFLICT (code) DO UPDATE SET kind = excluded.kind, name = excluded.name, street = excluded.street,
        city = excluded.city, region = excluded.region, postal_code = excluded.postal_code, country = excluded.country,
        latitude = excluded.latitude, longitude = excluded.longitude, time_zone = excluded.time_zone,
        phone = excluded.phone, opening_hours = excluded.opening_hours,
        keeps_public_holidays = excluded.keeps_public_holidays, services = excluded.services,
        handling_minutes = excluded.handling_minutes, pick_capacity_per_hour = excluded.pick_capacity_per_hour,
        parcel_cost_domestic_minor = excluded.parcel_cost_domestic_minor,
        parcel_cost_abroad_minor = excluded.parcel_cost_abroad_minor, active = excluded.active,
        fulfils_online = excluded.fulfils_online, version = location.version + 1, updated_at = excluded.updated_at
    WHERE (location.kind, location.name, location.street, location.city, location.region, location.postal_code,
           location.country, location.latitude, location.longitude, location.time_zone, location.phone,
           location.opening_hours, location.keeps_public_holidays, location.services, location.handling_minutes,
           location.pick_capacity_per_hour, location.parcel_cost_domestic_minor, location.parcel_cost_abroad_minor,
           location.active, location.fulfils_online)
        IS DISTINCT FROM
          (excluded.kind, excluded.name, excluded.street, excluded.city, excluded.region, excluded.postal_code,
           excluded.country, excluded.latitude, excluded.longitude, excluded.time_zone, excluded.phone,
           excluded.opening_hours, excluded.keeps_public_holidays, excluded.services, excluded.handling_minutes,
           excluded.pick_capacity_per_hour, excluded.parcel_cost_domestic_minor, excluded.parcel_cost_abroad_minor,
           excluded.active, excluded.fulfils_online)
    RETURNING location_id, code, (xmax = 0) AS created
    """,
    WrittenRow,
)

REPLACE = Statement("""
    UPDATE location SET name = :name::text, street = :street::text, city = :city::text, region = :region::text,
        postal_code = :postal_code::text, country = :country::text, latitude = :latitude::double precision,
        longitude = :longitude::double precision, time_zone = :time_zone::text, phone = :phone::text,
        opening_hours = :opening_hours::text, keeps_public_holidays = :keeps_public_holidays::boolean,
        services = :services::text[], handling_minutes = :handling_minutes::int,
        pick_capacity_per_hour = :pick_capacity_per_hour::int,
        parcel_cost_domestic_minor = :parcel_cost_domestic_minor::bigint,
        parcel_cost_abroad_minor = :parcel_cost_abroad_minor::bigint, active = :active::boolean,
        fulfils_online = :fulfils_online::boolean, version = version + 1, updated_at = :now::timestamptz
    WHERE location_id = :location_id::bigint
""")

SWITCH = Statement("""
    UPDATE location SET active = :active::boolean, fulfils_online = :fulfils_online::boolean,
        version = version + 1, updated_at = :now::timestamptz
    WHERE location_id = :location_id::bigint
""")

TOUCH = Statement("""
    UPDATE location SET version = version + 1, updated_at = :now::timestamptz
    WHERE location_id = ANY (:location_ids::bigint[])
""")

# In order of the codes, as imports write: two that change many locations wait for each other.
LOCK_CODES = Query(
    "SELECT location_id, code FROM location WHERE code = ANY (:codes::text[]) ORDER BY code FOR UPDATE", LockedRow
)

PUT_EXCEPTIONS = Query(
    """
    INSERT INTO location_hours_exception AS e (location_id, on_date, opening_hours, reason)
    SELECT * FROM unnest(:location_ids::bigint[], :on_dates::date[], :opening_hours::text[], :reasons::text[])
    ON CONFLICT (location_id, on_date) DO UPDATE
        SET opening_hours = excluded.opening_hours, reason = excluded.reason
        WHERE (e.opening_hours, e.reason) IS DISTINCT FROM (excluded.opening_hours, excluded.reason)
    RETURNING location_id
    """,
    int,
)

WITH_TOO_MANY_EXCEPTIONS = Query(
    f"""
    SELECT l.code
    FROM location l JOIN location_hours_exception x USING (location_id)
    WHERE l.location_id = ANY (:location_ids::bigint[])
      AND x.on_date >= (:now::timestamptz AT TIME ZONE 'UTC')::date - 3
    GROUP BY l.code HAVING count(*) > {EXCEPTIONS_MAX}
    ORDER BY l.code LIMIT 100
    """,  # noqa: S608 - constants of this file
    str,
)

DELETE_EXCEPTION = Statement("""
    DELETE FROM location_hours_exception WHERE location_id = :location_id::bigint AND on_date = :on_date::date
""")

NAMED = Query(
    """
    SELECT code, name, street, postal_code, city, country, phone, latitude, longitude, time_zone
    FROM location WHERE code = ANY (:codes::text[])
    """,
    NamedPlace,
)

# Where most of the retailer's places are.
USUAL_TIME_ZONE = Query(
    """
    SELECT time_zone FROM location WHERE kind <> 'supplier' GROUP BY time_zone ORDER BY count(*) DESC, time_zone LIMIT 1
    """,
    str,
)
