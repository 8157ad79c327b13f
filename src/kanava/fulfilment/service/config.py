"""The settings that fulfilments decide with, of the database that a transaction belongs to."""

from collections.abc import Mapping
from datetime import datetime

import msgspec

from kanava.platform.db import Connection, Query
from kanava.platform.snapshot import Snapshot
from kanava.sourcing.model import RoutingConfig
from kanava.sourcing.promise.model import Terms
from kanava.sourcing.promise.service import load_terms
from kanava.stores import hours
from kanava.stores import service as stores
from kanava.stores.model import ClosedTooLong, RoutingLocation, Schedule

DATABASES_MAX = 4


class WorkPlace(msgspec.Struct, frozen=True):
    """A location as the people who work there see it."""

    location_id: int
    code: str
    kind: str
    services: frozenset[str]
    active: bool
    fulfils_online: bool
    handling_minutes: int
    schedule: Schedule

    def ready_after(self, at: datetime) -> datetime:
        """Give when work that arrives at an instant has to be done: after the handling minutes, counted while open."""
        found = hours.after_open_minutes(self.schedule, at, self.handling_minutes)
        return found.horizon_at if isinstance(found, ClosedTooLong) else found

    def opens_after(self, at: datetime) -> datetime:
        """Give when the place is open: at once, or at its next opening (the horizon when there is none)."""
        found = hours.after_open_minutes(self.schedule, at, 0)
        return found.horizon_at if isinstance(found, ClosedTooLong) else found


class FulfilmentConfig(msgspec.Struct, frozen=True):
    """What promises are made with, routing's settings among them, and every place with its hours."""

    terms: Terms
    places: Mapping[int, WorkPlace]

    @property
    def routing(self) -> RoutingConfig:
        """What routing decides with."""
        return self.terms.config

    def service_id(self, code: str | None) -> int | None:
        """Give the id of a carrier service that is in force."""
        carriers = self.routing.router.carriers
        return carriers.ids.get(code) if carriers is not None and code is not None else None


class _Version(msgspec.Struct, frozen=True):
    version: int
    database: int


# One process may serve several databases (tests do), one after the other under the same name: neither the version nor
# the name says whose settings they are.
VERSION = Query(
    """
    SELECT version, (SELECT oid::bigint FROM pg_database WHERE datname = current_database()) AS database
    FROM config_version
    """,
    _Version,
)

_held: dict[int, Snapshot[FulfilmentConfig]] = {}


async def config_in_force(tx: Connection) -> FulfilmentConfig:
    """Give the settings in force at this statement of `tx`; they are loaded anew when any has changed."""
    at = await VERSION.one(tx)
    snapshot = _held.get(at.database)
    if snapshot is None:
        if len(_held) >= DATABASES_MAX:
            _held.clear()
        snapshot = _held[at.database] = Snapshot(_load)
    return await snapshot.at_version(tx, at.version)


async def _load(tx: Connection) -> FulfilmentConfig:
    places = {row.location_id: work_place(row) for row in await stores.all_for_routing(tx)}
    return FulfilmentConfig(await load_terms(tx), places)


def work_place(row: RoutingLocation) -> WorkPlace:
    """Give a location as the people who work there see it."""
    return WorkPlace(
        row.location_id,
        row.code,
        row.kind,
        frozenset(row.services),
        row.active,
        row.fulfils_online,
        row.handling_minutes,
        row.schedule(),
    )
