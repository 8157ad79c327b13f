"""Labels, packing slips and pick lists: read here, drawn by `printing` once the connection is given back."""

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import Any
from uuid import UUID

from babel import Locale, UnknownLocaleError

from kanava.fulfilment.errors import WaveNotFound
from kanava.fulfilment.printing.model import Label, PackingSlip, PickList, PrintedLine
from kanava.fulfilment.service import parcels, reading
from kanava.fulfilment.store import documents as sql
from kanava.fulfilment.store.documents import ParcelFacts, PlaceFacts, TitledUnits
from kanava.platform.auth import Actor
from kanava.platform.db import Connection
from kanava.stores.errors import LocationNotFound

PICK_LIST_LINES_MAX = 500
WORDS_MAX = 300
NUMBERS_MAX = 20

Drawing = Callable[[], bytes]
"""Makes the PDF; takes tens of milliseconds and needs no database."""

# One at a time and beside the event loop: drawing takes tens of milliseconds, and ReportLab shares its fonts.
_DRAWING = ThreadPoolExecutor(max_workers=1, thread_name_prefix="drawing")


async def drawn(drawing: Drawing) -> bytes:
    """Make a document in its turn."""
    return await asyncio.get_running_loop().run_in_executor(_DRAWING, drawing)


async def label(connection: Connection, actor: Actor, parcel_id: UUID, language: str | None) -> Drawing:
    """Give the label of a parcel; ParcelNotFound, OutOfReach."""
    facts = await _facts(connection, actor, parcel_id)
    spoken = language or facts.language
    number = f"{facts.order_number}-{facts.sequence_no}"
    shown = Label(
        language=spoken,
        sender=_sender(facts, spoken),
        receiver=_receiver(facts, spoken),
        carrier=facts.carrier or number,
        service=facts.service,
        barcode=facts.tracking_number or f"{number}/{facts.position}",
        reference=number,
        parcel_no=facts.position,
        parcels=facts.parcels,
        weight_grams=facts.weight_grams,
    )

    def draw() -> bytes:
        from kanava.fulfilment.printing.label import render_label

        return render_label(shown)

    return draw


async def packing_slip(connection: Connection, actor: Actor, parcel_id: UUID, language: str | None) -> Drawing:
    """Give the packing slip of a parcel; ParcelNotFound, OutOfReach."""
    facts = await _facts(connection, actor, parcel_id)
    spoken = language or facts.language
    contents = await sql.PARCEL_CONTENTS.all(connection, order_id=facts.order_id, parcel_id=parcel_id, language=spoken)
    shown = PackingSlip(
        language=spoken,
        sender=_sender(facts, spoken),
        receiver=_receiver(facts, spoken),
        order_number=facts.order_number,
        reference=f"{facts.order_number}-{facts.sequence_no}/{facts.position}",
        placed_at=facts.placed_at,
        time_zone=facts.time_zone,
        parcel_no=facts.position,
        parcels=facts.parcels,
        lines=_printed(contents),
        units_elsewhere=max(0, facts.units_elsewhere),
    )

    def draw() -> bytes:
        from kanava.fulfilment.printing.lists import render_packing_slip

        return render_packing_slip(shown)

    return draw


async def wave_pick_list(
    connection: Connection, actor: Actor, wave_id: UUID, language: str | None, now: datetime
) -> Drawing:
    """Give what is still to be picked of a wave; WaveNotFound, OutOfReach."""
    place = await sql.PLACE_OF_WAVE.one_or_none(connection, wave_id=wave_id)
    if place is None:
        raise WaveNotFound(f"No wave has the id {wave_id}.", field="wave_id")
    reading.must_reach(actor, place.location_id)
    spoken = language or "en"
    units = await sql.TO_PICK_OF_WAVE.all(connection, wave_id=wave_id, language=spoken, limit=PICK_LIST_LINES_MAX + 1)
    return _pick_list(place, str(wave_id)[-8:], units, spoken, now)


async def location_pick_list(
    connection: Connection, actor: Actor, code: str, language: str | None, now: datetime
) -> Drawing:
    """Give all that is to be picked at a place; LocationNotFound, OutOfReach."""
    place = await sql.PLACE.one_or_none(connection, code=code)
    if place is None:
        raise LocationNotFound(f"No location has the code {code!r}.", field="code")
    reading.must_reach(actor, place.location_id)
    spoken = language or "en"
    units = await sql.TO_PICK_AT_LOCATION.all(
        connection, location_id=place.location_id, language=spoken, limit=PICK_LIST_LINES_MAX + 1
    )
    return _pick_list(place, place.code, units, spoken, now)


def _pick_list(place: PlaceFacts, title: str, units: Sequence[TitledUnits], language: str, now: datetime) -> Drawing:
    shown = PickList(
        language=language,
        location=place.name,
        title=title,
        printed_at=now,
        time_zone=place.time_zone,
        lines=_printed(units[:PICK_LIST_LINES_MAX]),
        more=len(units) > PICK_LIST_LINES_MAX,
    )

    def draw() -> bytes:
        from kanava.fulfilment.printing.lists import render_pick_list

        return render_pick_list(shown)

    return draw


async def _facts(connection: Connection, actor: Actor, parcel_id: UUID) -> ParcelFacts:
    facts = await sql.PARCEL_FACTS.one_or_none(connection, parcel_id=parcel_id)
    if facts is None:
        raise parcels.parcel_not_found(parcel_id)
    reading.must_reach(actor, facts.location_id)
    return facts


def _printed(units: Sequence[TitledUnits]) -> list[PrintedLine]:
    return [
        PrintedLine(each.sku, _cut(each.title), _cut(each.options), each.quantity, each.gtin, _first(each.note))
        for each in units
    ]


def _cut(words: str) -> str:
    """A line of a table has to fit on a page."""
    return words if len(words) <= WORDS_MAX else words[:WORDS_MAX] + "…"


def _first(numbers: str) -> str:
    """Name the most urgent fulfilments, and how many more there are."""
    each = numbers.split(", ")
    return numbers if len(each) <= NUMBERS_MAX else f"{', '.join(each[:NUMBERS_MAX])} + {len(each) - NUMBERS_MAX}"


def _sender(facts: ParcelFacts, language: str) -> list[str]:
    town = f"{facts.postal_code} {facts.city}".strip()
    return _lines([facts.location_name, facts.street, town, _country(facts.country, language)])


def _receiver(facts: ParcelFacts, language: str) -> list[str]:
    to: dict[str, Any] = facts.ship_to or {}
    town = f"{to.get('postal_code', '')} {to.get('city', '')}".strip()
    country = _country(str(to.get("country", "")), language)
    name = to.get("name") or facts.customer_name or ""
    return _lines([name, to.get("street", ""), town, to.get("region", ""), country])


def _lines(lines: Sequence[str]) -> list[str]:
    return [line for line in lines if line]


def _country(code: str, language: str) -> str:
    """Give the name of a country in a language, its code where there is none."""
    try:
        return str(Locale.parse(language.replace("-", "_")).territories.get(code, code))
    except (UnknownLocaleError, ValueError):
        return code
