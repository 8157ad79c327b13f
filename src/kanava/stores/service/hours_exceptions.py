"""Days on which a location has hours of its own."""

from collections.abc import Sequence
from datetime import date, datetime

from kanava.platform import audit, outbox
from kanava.platform.auth import Actor
from kanava.platform.db import Connection
from kanava.platform.errors import Conflict, FieldError, InvalidInput
from kanava.stores import hours, store
from kanava.stores.errors import HoursExceptionNotFound
from kanava.stores.events import location_changed
from kanava.stores.model import (
    DayHours,
    HoursException,
    HoursExceptionRow,
    HoursExceptionRows,
    HoursExceptionsSet,
    Location,
)
from kanava.stores.rules.checks import check_text
from kanava.stores.service.locations import get_location, lock

# How far from now an exception may lie: further is a slip of the pen.
EXCEPTION_DAYS_MAX = 1_100
AUDIT_CODES_MAX = 100


async def put_hours_exception(
    tx: Connection, actor: Actor, code: str, on_date: date, request: DayHours, now: datetime
) -> Location:
    """Replace the hours of one day; empty hours close the place for that day."""
    day = _checked(on_date, request.opening_hours, request.reason, now)
    row = await lock(tx, actor, code, now)
    if await _put(tx, [row.location_id], [day], now):
        await audit.record(
            tx, actor, "location.put_hours_exception", "location", code, {**_told(day), "reason": day.reason}
        )
        await outbox.publish(tx, [location_changed(code, ["hours_exceptions"])])
    return await get_location(tx, code, now)


async def put_hours_exceptions(
    tx: Connection, actor: Actor, request: HoursExceptionRows, now: datetime
) -> HoursExceptionsSet:
    """Replace the hours of days at many locations, all or none; what is stored like that already is left alone."""
    days = _all_checked(request.rows, now)
    found = await store.LOCK_CODES.all(tx, codes=sorted({row.location for row in request.rows}))
    locations = {place.code: place.location_id for place in found}
    missing = [
        FieldError(f"rows[{number}].location", f"No location has the code {row.location[:60]!r}.")
        for number, row in enumerate(request.rows)
        if row.location not in locations
    ]
    if missing:
        raise InvalidInput(missing[0].reason, errors=missing)
    for location_id in locations.values():
        actor.must_reach(location_id)
    written = await _put(tx, [locations[row.location] for row in request.rows], days, now)
    touched = sorted(place.code for place in found if place.location_id in set(written))
    if touched:
        detail = {"rows": len(written), "codes": touched[:AUDIT_CODES_MAX], "first": _told(days[0])}
        await audit.record(tx, actor, "location.put_hours_exceptions", "location", "*", detail)
        await outbox.publish(tx, [location_changed(code, ["hours_exceptions"]) for code in touched])
    return HoursExceptionsSet(rows=len(days), changed=len(written), locations_changed=len(touched))


async def remove_hours_exception(tx: Connection, actor: Actor, code: str, on_date: date, now: datetime) -> Location:
    """Give a day its usual hours back; HoursExceptionNotFound when it has them."""
    row = await lock(tx, actor, code, now)
    if not await store.DELETE_EXCEPTION.run(tx, location_id=row.location_id, on_date=on_date):
        raise HoursExceptionNotFound(f"{code} has no special hours on {on_date}.", field="on_date")
    await store.TOUCH.run(tx, location_ids=[row.location_id], now=now)
    await audit.record(tx, actor, "location.remove_hours_exception", "location", code, {"on_date": str(on_date)})
    await outbox.publish(tx, [location_changed(code, ["hours_exceptions"])])
    return await get_location(tx, code, now)


async def _put(tx: Connection, location_ids: list[int], days: Sequence[HoursException], now: datetime) -> list[int]:
    """Write days of locations that are locked; give the location of each day that is new or changed."""
    written = await store.PUT_EXCEPTIONS.all(
        tx,
        location_ids=location_ids,
        on_dates=[day.on_date for day in days],
        opening_hours=[day.opening_hours for day in days],
        reasons=[day.reason for day in days],
    )
    if written:
        touched = sorted(set(written))
        full = await store.WITH_TOO_MANY_EXCEPTIONS.all(tx, location_ids=touched, now=now)
        if full:
            raise Conflict(
                f"A location has at most {store.EXCEPTIONS_MAX} days with special hours ahead; "
                f"{', '.join(full[:5])} would have more.",
                field="on_date",
            )
        await store.TOUCH.run(tx, location_ids=touched, now=now)
    return written


def _checked(on_date: date, opening_hours: str, reason: str, now: datetime) -> HoursException:
    if abs((on_date - now.date()).days) > EXCEPTION_DAYS_MAX:
        raise InvalidInput(f"A day with special hours is at most {EXCEPTION_DAYS_MAX} days away.", field="on_date")
    return HoursException(on_date, hours.check_day_hours(opening_hours), check_text(reason, field="reason"))


def _all_checked(rows: Sequence[HoursExceptionRow], now: datetime) -> list[HoursException]:
    days: list[HoursException] = []
    errors: list[FieldError] = []
    seen: set[tuple[str, date]] = set()
    for number, row in enumerate(rows):
        if (row.location, row.on_date) in seen:
            errors.append(FieldError(f"rows[{number}].on_date", "This day of this location comes twice."))
        seen.add((row.location, row.on_date))
        try:
            days.append(_checked(row.on_date, row.opening_hours, row.reason, now))
        except InvalidInput as error:
            errors += [FieldError(f"rows[{number}].{one.field}", one.reason) for one in error.errors]
    if errors:
        raise InvalidInput(f"{len(errors)} of the rows are wrong; nothing was changed.", errors=errors)
    return days


def _told(day: HoursException) -> dict[str, str]:
    return {"on_date": str(day.on_date), "opening_hours": day.opening_hours}
