"""Forms of a location and its hours, and what they say."""

import re
from typing import Annotated

import msgspec

from kanava.platform.errors import InvalidInput
from kanava.stores.model import Address, Location, Position
from kanava.web.console.forms import Choices, Long, Short, listed
from kanava.web.console.week import Week, written

Confirmed = Annotated[str, msgspec.Meta(max_length=200)]
"""The effect that was shown before somebody said yes to it."""

_NUMBER = re.compile(r"-?\d{1,3}([.,]\d{1,8})?")


class PlaceForm(msgspec.Struct, frozen=True):
    """What is to be known of a place; numbers as people write them."""

    version: Annotated[str, msgspec.Meta(max_length=18)] = "0"
    code: Short = ""
    kind: Short = "store"
    name: Short = ""
    country: Short = ""
    street: Short = ""
    city: Short = ""
    region: Short = ""
    postal_code: Short = ""
    latitude: Short = ""
    longitude: Short = ""
    phone: Short = ""
    service: Choices = []
    handling_minutes: Short = "0"
    pick_capacity_per_hour: Short = "0"
    confirmed: Confirmed = ""


class SwitchForm(msgspec.Struct, frozen=True):
    """One of the switches, on or off."""

    which: Annotated[str, msgspec.Meta(max_length=20)] = ""
    on: Annotated[str, msgspec.Meta(max_length=3)] = ""
    confirmed: Confirmed = ""


class HoursForm(msgspec.Struct, frozen=True):
    """A week as the grid has it, or as text where the grid cannot say it."""

    version: Annotated[str, msgspec.Meta(max_length=18)] = "0"
    how: Annotated[str, msgspec.Meta(max_length=10)] = "grid"
    opens: Choices = []
    closes: Choices = []
    opens_again: Choices = []
    closes_again: Choices = []
    text: Long = ""
    keeps_public_holidays: str = ""
    confirmed: Confirmed = ""


class DayForm(msgspec.Struct, frozen=True):
    """A day with hours of its own."""

    on_date: Annotated[str, msgspec.Meta(max_length=10)] = ""
    opening_hours: Short = ""
    reason: Short = ""
    remove: str = ""
    confirmed: Confirmed = ""


Form = PlaceForm | SwitchForm | HoursForm | DayForm


def text_of(form: HoursForm) -> str:
    """Give what was written as OpenStreetMap's text."""
    if form.how != "grid":
        return form.text
    return written(
        Week.of_form(*[listed(each) for each in (form.opens, form.closes, form.opens_again, form.closes_again)])
    )


def form_of(place: Location) -> PlaceForm:
    """Fill the form with what is known."""
    where = place.address
    return PlaceForm(
        str(place.version),
        place.code,
        place.kind,
        place.name,
        where.country,
        where.street,
        where.city,
        where.region,
        where.postal_code,
        "" if place.position is None else str(place.position.latitude),
        "" if place.position is None else str(place.position.longitude),
        place.phone,
        list(place.services),
        str(place.handling_minutes),
        str(place.pick_capacity_per_hour),
    )


def position_of(form: PlaceForm) -> Position | None:
    """Read degrees; InvalidInput when they are none."""
    if not form.latitude.strip() and not form.longitude.strip():
        return None
    numbers = []
    for field in ("latitude", "longitude"):
        text = getattr(form, field).strip()
        if not _NUMBER.fullmatch(text):
            raise InvalidInput(f"{text[:30]!r} is no number of degrees.", field=field)
        numbers.append(float(text.replace(",", ".")))
    return Position(*numbers)


def address_of(form: PlaceForm) -> Address:
    """Read the address."""
    return Address(
        form.country.strip().upper(),
        form.street.strip(),
        form.city.strip(),
        form.region.strip(),
        form.postal_code.strip(),
    )


def version_of(text: str) -> int:
    """Read the version that somebody changes; 0, which none is, when it is no number."""
    return int(text) if text.isascii() and text.isdigit() else 0
