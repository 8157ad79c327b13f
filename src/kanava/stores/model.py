"""Records of the stores module."""

from datetime import date, datetime
from typing import Annotated, Literal, get_args

import msgspec
from msgspec import UNSET, UnsetType

Kind = Literal["store", "warehouse", "supplier"]
Service = Literal["pickup", "curbside", "ship_from_store", "returns"]
KINDS: tuple[str, ...] = get_args(Kind)
SERVICES: tuple[str, ...] = get_args(Service)


class HoursException(msgspec.Struct, frozen=True):
    """A day that differs: `opening_hours` are clock times (`10:00-14:00`), empty means closed all day."""

    on_date: date
    opening_hours: str = ""
    reason: str = ""


class Schedule(msgspec.Struct, frozen=True, cache_hash=True):
    """All that decides when a place is open.

    `opening_hours` is OpenStreetMap syntax; empty means not stated, which counts as always open (a warehouse without
    hours still ships). With `keeps_public_holidays` the place is closed on the holidays of `country` unless the
    expression names `PH` itself. An exception replaces its calendar day in `time_zone`.
    """

    opening_hours: str
    time_zone: str
    country: str
    keeps_public_holidays: bool = True
    exceptions: tuple[HoursException, ...] = ()


class OpenInterval(msgspec.Struct, frozen=True):
    """Open from `opens_at` up to, not including, `closes_at` (UTC)."""

    opens_at: datetime
    closes_at: datetime


class ClosedTooLong(msgspec.Struct, frozen=True):
    """The wanted open minutes do not lie before `horizon_at`; `open_minutes` of them do."""

    horizon_at: datetime
    open_minutes: int


class Address(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where it stands; `country` is ISO 3166 alpha-2."""

    country: str
    street: str = ""
    city: str = ""
    region: str = ""
    postal_code: str = ""


class Position(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Degrees, WGS 84."""

    latitude: float
    longitude: float


class Location(msgspec.Struct, frozen=True):
    """A location as people see it; the last fields are computed for the moment of asking.

    `next_opening` and `next_closing` are null when there is none within a year (a place that never closes has no next
    closing). `distance_metres` is there when the list was asked for near a point.
    """

    code: str
    kind: Kind
    name: str
    address: Address
    position: Position | None
    time_zone: str
    phone: str
    opening_hours: str
    keeps_public_holidays: bool
    hours_exceptions: list[HoursException]
    services: list[Service]
    handling_minutes: int
    pick_capacity_per_hour: int
    parcel_cost_domestic_minor: int
    parcel_cost_abroad_minor: int
    active: bool
    fulfils_online: bool
    version: int
    created_at: datetime
    updated_at: datetime
    open_now: bool
    next_opening: datetime | None
    next_closing: datetime | None
    distance_metres: int | None = None


class NamedPlace(msgspec.Struct, frozen=True):
    """A location as a page names it, without its hours."""

    code: str
    name: str
    street: str
    postal_code: str
    city: str
    country: str
    phone: str
    latitude: float | None
    longitude: float | None
    time_zone: str


class RoutingLocation(msgspec.Struct, frozen=True):
    """What routing and promise need of a location, flat; `exception_*` are parallel (day, hours)."""

    location_id: int
    code: str
    kind: str
    country: str
    latitude: float | None
    longitude: float | None
    services: list[str]
    active: bool
    fulfils_online: bool
    parcel_cost_domestic_minor: int
    parcel_cost_abroad_minor: int
    time_zone: str
    opening_hours: str
    keeps_public_holidays: bool
    handling_minutes: int
    pick_capacity_per_hour: int
    exception_dates: list[date]
    exception_hours: list[str]

    def schedule(self) -> Schedule:
        """Give what `hours` asks for; keep it, making it costs more than using it."""
        return Schedule(
            opening_hours=self.opening_hours,
            time_zone=self.time_zone,
            country=self.country,
            keeps_public_holidays=self.keeps_public_holidays,
            exceptions=tuple(
                HoursException(on_date, hours)
                for on_date, hours in zip(self.exception_dates, self.exception_hours, strict=True)
            ),
        )


class LocationDraft(msgspec.Struct, frozen=True, kw_only=True):
    """A location to be written, flat as the import layout; None keeps what is stored, or takes the default."""

    code: str
    name: str
    country: str
    kind: str | None = None
    street: str | None = None
    city: str | None = None
    region: str | None = None
    postal_code: str | None = None
    latitude: float | None = None
    longitude: float | None = None
    time_zone: str | None = None
    phone: str | None = None
    opening_hours: str | None = None
    keeps_public_holidays: bool | None = None
    services: list[str] | None = None
    handling_minutes: int | None = None
    pick_capacity_per_hour: int | None = None
    parcel_cost_domestic_minor: int | None = None
    parcel_cost_abroad_minor: int | None = None
    active: bool | None = None
    fulfils_online: bool | None = None


class NewLocation(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A location to create; without `time_zone` it is found from the position."""

    code: str
    kind: Kind
    name: str
    address: Address
    position: Position | None = None
    time_zone: str | None = None
    phone: str | None = None
    opening_hours: str | None = None
    keeps_public_holidays: bool | None = None
    services: list[Service] | None = None
    handling_minutes: int | None = None
    pick_capacity_per_hour: int | None = None
    parcel_cost_domestic_minor: int | None = None
    parcel_cost_abroad_minor: int | None = None
    active: bool | None = None
    fulfils_online: bool | None = None


class LocationChange(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is to change; a field that is left out stays as it is."""

    name: str | UnsetType = UNSET
    address: Address | UnsetType = UNSET
    position: Position | UnsetType | None = UNSET
    time_zone: str | UnsetType = UNSET
    phone: str | UnsetType = UNSET
    opening_hours: str | UnsetType = UNSET
    keeps_public_holidays: bool | UnsetType = UNSET
    services: list[Service] | UnsetType = UNSET
    handling_minutes: int | UnsetType = UNSET
    pick_capacity_per_hour: int | UnsetType = UNSET
    parcel_cost_domestic_minor: int | UnsetType = UNSET
    parcel_cost_abroad_minor: int | UnsetType = UNSET
    active: bool | UnsetType = UNSET
    fulfils_online: bool | UnsetType = UNSET


class Switches(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The two switches; null leaves one as it is."""

    active: bool | None = None
    fulfils_online: bool | None = None


class DayHours(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The hours of one day: clock times such as `10:00-14:00`, empty for closed."""

    opening_hours: str = ""
    reason: str = ""


class HoursExceptionRow(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The hours of one day at one location: clock times such as `10:00-14:00`, empty for closed."""

    location: str
    on_date: date
    opening_hours: str = ""
    reason: str = ""


class HoursExceptionRows(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Days with hours of their own at several locations."""

    rows: Annotated[list[HoursExceptionRow], msgspec.Meta(min_length=1, max_length=10_000)]


class HoursExceptionsSet(msgspec.Struct, frozen=True):
    """How many days were sent, how many of them were not stored like that already, and at how many locations."""

    rows: int
    changed: int
    locations_changed: int


class OpeningTimes(msgspec.Struct, frozen=True):
    """When a location is open between two instants."""

    code: str
    time_zone: str
    opening_hours: str
    open_now: bool
    next_opening: datetime | None
    next_closing: datetime | None
    intervals: list[OpenInterval]


class LocationFilter(msgspec.Struct, frozen=True):
    """Which locations to list; None does not filter. `near` sorts nearest first."""

    kind: str | None = None
    country: str | None = None
    service: str | None = None
    active: bool | None = None
    fulfils_online: bool | None = None
    open_now: bool | None = None
    near: Position | None = None


class RowError(msgspec.Struct, frozen=True):
    """Why a row was left out: `row` counts from 1 (a CSV's heading is row 1), `column` is the file's own word."""

    row: int
    column: str
    reason: str


class ImportRow(msgspec.Struct, frozen=True):
    """A good row and where it stood."""

    row: int
    draft: LocationDraft


class ImportReport(msgspec.Struct, frozen=True):
    """What an import did; in a dry run, what it would have done."""

    rows: int
    created: int
    updated: int
    unchanged: int
    rejected: int
    dry_run: bool
    errors: list[RowError]
