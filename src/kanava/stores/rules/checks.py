"""What a location may say: every field checked, every error naming its field."""

import re
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import msgspec

from kanava.platform.errors import FieldError, InvalidInput
from kanava.stores import places
from kanava.stores.hours import check_opening_hours
from kanava.stores.model import KINDS, SERVICES, LocationDraft

CODE_LENGTH_MAX = 50
TEXT_LENGTH_MAX = 200
# Paths under /api/locations that are no location.
CODES_RESERVED = frozenset({"import", "hours-exceptions"})
INTEGER_RANGES = {
    "handling_minutes": (0, 20_160),
    "pick_capacity_per_hour": (0, 100_000),
    "parcel_cost_domestic_minor": (0, 1_000_000_000),
    "parcel_cost_abroad_minor": (0, 1_000_000_000),
}

_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")


def check_draft(draft: LocationDraft) -> tuple[LocationDraft, list[FieldError]]:
    """Give the draft tidied, and everything that is wrong with it; without errors it can be written."""
    tidy: dict[str, Any] = msgspec.structs.asdict(draft)
    errors: list[FieldError] = []

    def attempt(field: str, check: Callable[[Any], Any]) -> None:
        if tidy[field] is None:
            return
        try:
            tidy[field] = check(tidy[field])
        except InvalidInput as error:
            errors.append(FieldError(field, error.detail))

    attempt("code", check_code)
    attempt("name", lambda text: check_text(text, required=True))
    for field in ("street", "city", "region", "postal_code", "phone"):
        attempt(field, check_text)
    attempt("country", check_country)
    attempt("kind", check_kind)
    attempt("latitude", lambda value: _check_degrees(value, 90, "latitude"))
    attempt("longitude", lambda value: _check_degrees(value, 180, "longitude"))
    attempt("time_zone", check_time_zone)
    attempt("opening_hours", check_opening_hours)
    attempt("services", check_services)
    for field, (lowest, highest) in INTEGER_RANGES.items():
        attempt(field, partial(_check_range, lowest=lowest, highest=highest))
    if (draft.latitude is None) != (draft.longitude is None):
        missing = "latitude" if draft.latitude is None else "longitude"
        errors.append(FieldError(missing, "A position has both latitude and longitude."))
    return LocationDraft(**tidy), errors


def raise_errors(draft: LocationDraft, errors: Sequence[FieldError]) -> None:
    """Raise what `check_draft` found in a single location, under the names that the API uses."""
    if not errors:
        return
    named = [FieldError(API_FIELDS.get(error.field, error.field), error.reason) for error in errors]
    if len(named) == 1:
        if named[0].field == "opening_hours":
            # Once more, for the position of the error.
            check_opening_hours(draft.opening_hours or "")
        raise InvalidInput(named[0].reason, field=named[0].field)
    raise InvalidInput(f"{len(named)} fields of the location are not allowed.", errors=named)


API_FIELDS = {
    **{field: f"address.{field}" for field in ("street", "city", "region", "postal_code", "country")},
    **{field: f"position.{field}" for field in ("latitude", "longitude")},
}


def check_code(code: str) -> str:
    """Give the code back when it may stand in addresses, file names and on labels."""
    if len(code) > CODE_LENGTH_MAX or not _CODE.fullmatch(code):
        raise InvalidInput(
            f"A location code has 1 to {CODE_LENGTH_MAX} letters A-Z, digits, '.', '_' and '-', "
            "and starts with a letter or digit.",
            field="code",
        )
    if code in CODES_RESERVED:
        raise InvalidInput(f"The code {code!r} is reserved.", field="code")
    return code


def check_text(text: str, *, required: bool = False, field: str | None = None) -> str:
    """Give a line of text without white space at its ends."""
    tidy = text.strip()
    if required and not tidy:
        raise InvalidInput("This must not be empty.", field=field)
    if len(tidy) > TEXT_LENGTH_MAX:
        raise InvalidInput(f"This has at most {TEXT_LENGTH_MAX} characters.", field=field)
    if _CONTROL.search(tidy):
        raise InvalidInput("This has characters that are no text (line breaks or control characters).", field=field)
    return tidy


def check_country(code: str, field: str | None = None) -> str:
    """Give the ISO 3166 alpha-2 code in capitals."""
    capitals = code.strip().upper()
    if capitals not in places.countries():
        raise InvalidInput(f"{code[:20]!r} is no country; write two letters of ISO 3166 such as 'SI'.", field=field)
    return capitals


def check_kind(kind: str, field: str | None = None) -> str:
    """Give the kind back when it is one."""
    if kind not in KINDS:
        raise InvalidInput(f"{kind[:40]!r} is no kind of location; the kinds are {', '.join(KINDS)}.", field=field)
    return kind


def check_time_zone(name: str) -> str:
    """Give the name back when such a time zone exists."""
    if name not in places.time_zones():
        raise InvalidInput(f"{name[:60]!r} is no time zone; write one such as 'Europe/Ljubljana'.", field="time_zone")
    return name


def check_service(service: str, field: str | None = None) -> str:
    """Give the service back when it is one."""
    if service not in SERVICES:
        raise InvalidInput(f"{service[:40]!r} is no service; the services are {', '.join(SERVICES)}.", field=field)
    return service


def check_services(services: Sequence[str]) -> list[str]:
    """Give the services in their usual order, each once."""
    offered = {check_service(service) for service in services}
    return [service for service in SERVICES if service in offered]


def _check_degrees(value: float, most: int, name: str) -> float:
    # NaN is in no range.
    if not -most <= value <= most:
        raise InvalidInput(f"A {name} is between -{most} and {most} degrees, not {value}.")
    return value


def _check_range(value: int, lowest: int, highest: int) -> int:
    if not lowest <= value <= highest:
        raise InvalidInput(f"This is between {lowest} and {highest}, not {value}.")
    return value
