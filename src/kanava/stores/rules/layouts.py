"""Files of locations: the native layout as CSV, JSON or JSONL, and the JSON of an American chain; told apart here.

Every good row is given, every other one is named with row, column and reason. Only a file that cannot be read as a
whole (its encoding, not a list, too long) raises `UnreadableImport`.
"""

import csv
import io
from collections.abc import Callable, Iterator
from typing import Any

import msgspec

from kanava.stores import places
from kanava.stores.errors import UnreadableImport
from kanava.stores.model import ImportRow, LocationDraft, RowError
from kanava.stores.rules.checks import check_draft
from kanava.stores.rules.weekly_text import weekly_text_to_osm

ROWS_MAX = 50_000
# What a listing shows and nobody imports: a file made from GET /api/locations may be sent back.
COLUMNS_COMPUTED = frozenset(
    {"version", "created_at", "updated_at", "open_now", "next_opening", "next_closing", "distance_metres"}
)
_TRUE = frozenset({"true", "yes", "1"})
_FALSE = frozenset({"false", "no", "0"})

Cells = dict[str, Any]


class ImportFile(msgspec.Struct, frozen=True):
    """A file as read: `count` rows, of which `rows` are good; `errors` are in the order of the file."""

    layout: str
    count: int
    rows: list[ImportRow]
    errors: list[RowError]


class _Unreadable(msgspec.Struct, frozen=True):
    reason: str


def read_locations(content: bytes, rows_max: int = ROWS_MAX) -> ImportFile:
    """Read a file of locations; UnreadableImport when nothing can be made of it."""
    layout, lines = _lines(_text(content))
    errors: list[RowError] = []
    rows: list[ImportRow] = []
    first_seen: dict[str, int] = {}
    unknown: set[str] = set()
    count = 0
    for number, cells in lines:
        count += 1
        if count > rows_max:
            raise UnreadableImport(f"The file has more than {rows_max} rows; send it in parts.", field="file")
        if isinstance(cells, _Unreadable):
            errors.append(RowError(number, "", cells.reason))
            continue
        if _is_chain_row(cells):
            layout = "chain_json"
            draft, problems = _chain_draft(cells)
        else:
            draft, problems = _native_draft(cells, unknown)
        if draft is not None and draft.code in first_seen:
            problems.append(
                (
                    "id" if layout == "chain_json" else "code",
                    f"{draft.code!r} is in row {first_seen[draft.code]} already.",
                )
            )
        errors += [RowError(number, column, reason) for column, reason in problems]
        if draft is not None and not any(column not in unknown for column, _ in problems):
            first_seen[draft.code] = number
            rows.append(ImportRow(number, draft))
    return ImportFile(layout=layout, count=count, rows=rows, errors=errors)


def _text(content: bytes) -> str:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise UnreadableImport(f"The file is not UTF-8: line {line}, byte {error.start + 1}.", field="file") from error
    if not text.strip():
        raise UnreadableImport("The file is empty.", field="file")
    return text


def _lines(text: str) -> tuple[str, Iterator[tuple[int, Cells | _Unreadable]]]:
    start = text.lstrip()[:1]
    if start not in ("[", "{"):
        return "csv", _csv_lines(text)
    try:
        value = msgspec.json.decode(text)
    except msgspec.DecodeError as error:
        if start == "[":
            raise UnreadableImport(f"The file is not JSON: {error}.", field="file") from error
        return "jsonl", _jsonl_lines(text)
    if isinstance(value, dict):
        value = value["items"] if isinstance(value.get("items"), list) else [value]
    return "json", (
        (number, row if isinstance(row, dict) else _Unreadable("The row is not an object."))
        for number, row in enumerate(value, start=1)
    )


def _jsonl_lines(text: str) -> Iterator[tuple[int, Cells | _Unreadable]]:
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        try:
            row = msgspec.json.decode(line)
        except msgspec.DecodeError as error:
            yield number, _Unreadable(f"The line is not JSON: {error}.")
            continue
        yield number, row if isinstance(row, dict) else _Unreadable("The row is not an object.")


def _csv_lines(text: str) -> Iterator[tuple[int, Cells | _Unreadable]]:
    first_line = text.partition("\n")[0]
    delimiter = max(",;\t", key=first_line.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        heading = [cell.strip() for cell in next(reader)]
        if "code" not in heading:
            raise UnreadableImport("The first line of a CSV names the columns; 'code' is not there.", field="file")
        twice = {name for name in heading if heading.count(name) > 1}
        if twice:
            raise UnreadableImport(f"The column {min(twice)!r} is there twice.", field="file")
        for cells in reader:
            if not any(cell.strip() for cell in cells):
                continue
            if len(cells) != len(heading):
                yield reader.line_num, _Unreadable(f"The row has {len(cells)} cells, the heading has {len(heading)}.")
                continue
            # An empty cell says nothing: the stored value stays.
            yield reader.line_num, {name: cell for name, cell in zip(heading, cells, strict=True) if cell.strip()}
    except csv.Error as error:
        # Past a broken quote no row can be trusted; the good rows before it stay.
        yield reader.line_num, _Unreadable(f"The file cannot be read from here on: {error}.")


def _native_draft(cells: Cells, unknown: set[str]) -> tuple[LocationDraft | None, list[tuple[str, str]]]:
    problems: list[tuple[str, str]] = []
    values: dict[str, Any] = {}
    for column, value in _flat(cells):
        convert = _COLUMNS.get(column)
        if convert is None:
            if column not in COLUMNS_COMPUTED and column not in unknown and value not in (None, [], ""):
                unknown.add(column)
                problems.append((column, "There is no such column; it is left out everywhere."))
            continue
        if value is None:
            continue
        try:
            values[column] = convert(value)
        except ValueError as error:
            problems.append((column, str(error)))
    wrong = {column for column, _ in problems}
    problems += [
        (column, "This is required.")
        for column in ("code", "name", "country")
        if column not in values and column not in wrong
    ]
    if any(column not in values for column in ("code", "name", "country")):
        return None, problems
    return _checked(LocationDraft(**values), problems, {})


def _flat(cells: Cells) -> Iterator[tuple[str, Any]]:
    for column, value in cells.items():
        if column in ("address", "position") and isinstance(value, dict):
            yield from value.items()
        elif not (column == "position" and value is None):
            yield column, value


def _checked(
    draft: LocationDraft, problems: list[tuple[str, str]], columns: dict[str, str]
) -> tuple[LocationDraft, list[tuple[str, str]]]:
    draft, errors = check_draft(draft)
    problems += [(columns.get(error.field, error.field), error.reason) for error in errors]
    if draft.time_zone is None and draft.latitude is not None and draft.longitude is not None and not errors:
        draft = msgspec.structs.replace(draft, time_zone=places.time_zone_at(draft.latitude, draft.longitude))
    return draft, problems


def _to_text(value: Any) -> str:
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    raise ValueError("This is text.")


def _to_float(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise ValueError("This is a number.")  # noqa: TRY004 - reported as a row's error
    try:
        return float(value)
    except (ValueError, OverflowError) as error:
        raise ValueError(f"{str(value)[:40]!r} is no number.") from error


def _to_int(value: Any) -> int:
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    text = value.strip() if isinstance(value, str) else ""
    if text.isascii() and text.removeprefix("-").isdigit() and len(text) <= 18:
        return int(text)
    raise ValueError(f"{str(value)[:40]!r} is no whole number.")


def _to_bool(value: Any) -> bool:
    if isinstance(value, bool):
        return value
    word = str(value).strip().lower()
    if word in _TRUE or word in _FALSE:
        return word in _TRUE
    raise ValueError(f"{str(value)[:40]!r} is neither true nor false.")


def _to_list(value: Any) -> list[str]:
    if isinstance(value, str):
        return value.replace(",", " ").replace(";", " ").replace("|", " ").split()
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        return value
    raise ValueError("This is a list of services.")


_COLUMNS: dict[str, Callable[[Any], Any]] = {
    **dict.fromkeys(
        (
            "code",
            "name",
            "country",
            "kind",
            "street",
            "city",
            "region",
            "postal_code",
            "time_zone",
            "phone",
            "opening_hours",
        ),
        _to_text,
    ),
    **dict.fromkeys(("latitude", "longitude"), _to_float),
    **dict.fromkeys(
        ("handling_minutes", "pick_capacity_per_hour", "parcel_cost_domestic_minor", "parcel_cost_abroad_minor"),
        _to_int,
    ),
    **dict.fromkeys(("keeps_public_holidays", "active", "fulfils_online"), _to_bool),
    "services": _to_list,
}

# A chain's own layout: {"id", "type", "name", "address", "city", "state", "zip", "location": {"lat", "lon"}, "hours"}.
# Its services are trade names that say nothing of ours, so the size of the store decides; a machine offers none.
_CHAIN_TYPES: dict[str, tuple[list[str], bool]] = {
    "BigBox": (["pickup", "ship_from_store", "returns"], True),
    "Mobile": (["pickup", "returns"], True),
    "Express": ([], False),
}
_CHAIN_COLUMNS = {
    "code": "id",
    "street": "address",
    "region": "state",
    "postal_code": "zip",
    "latitude": "location.lat",
    "longitude": "location.lon",
    "opening_hours": "hours",
}


def _is_chain_row(cells: Cells) -> bool:
    return "id" in cells and "hours" in cells and "location" in cells and "code" not in cells


def _chain_draft(cells: Cells) -> tuple[LocationDraft | None, list[tuple[str, str]]]:
    problems: list[tuple[str, str]] = []

    def take(column: str, convert: Callable[[Any], Any], value: Any) -> Any:
        try:
            return convert(value)
        except ValueError as error:
            problems.append((column, str(error)))
            return None

    def text(column: str) -> str:
        return take(column, _to_text, cells.get(column) or "") or ""

    where = cells["location"] if isinstance(cells["location"], dict) else {}
    kind = text("type")
    if kind not in _CHAIN_TYPES:
        problems.append(("type", f"{kind[:40]!r} is no type of store; the types are {', '.join(_CHAIN_TYPES)}."))
    services, online = _CHAIN_TYPES.get(kind, ([], False))
    street = " ".join(part for part in (text("address"), text("address2")) if part)
    # Spreadsheets drop the zeros that New England's codes start with.
    postal_code = text("zip")
    draft = LocationDraft(
        code=text("id"),
        name=text("name"),
        country="US",
        kind="store",
        street=street,
        city=text("city"),
        region=text("state"),
        postal_code=postal_code.zfill(5) if postal_code.isdigit() else postal_code,
        latitude=take("location.lat", _to_float, where.get("lat")),
        longitude=take("location.lon", _to_float, where.get("lon")),
        opening_hours=take("hours", weekly_text_to_osm, text("hours")),
        # The file states the hours of a week and no holidays; American chains trade on most of them.
        keeps_public_holidays=False,
        services=services,
        fulfils_online=online,
    )
    seen = {column for column, _ in problems}
    draft, problems = _checked(draft, problems, _CHAIN_COLUMNS)
    # A position that is no number was reported as such; that the other half is alone says nothing more.
    return draft, [problem for problem in problems if not (problem[0] in seen and problem[1].startswith("A position"))]
