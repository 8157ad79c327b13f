"""The table that every list of the console is: sorted, filtered and paged by the server, with saved views and export.

A list says what it has (`TableSpec`) and how rows are read (`Load`); this does the rest. The question is the page's own
query, so that a link, a saved view and the back button all mean the same rows.
"""

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from typing import Any, Literal
from urllib.parse import parse_qs, urlencode
from zoneinfo import ZoneInfo

import msgspec
from litestar import Response

from kanava.platform import saved_views
from kanava.platform.errors import InvalidInput
from kanava.platform.http import AnyRequest, database_of
from kanava.platform.ids import uuid7
from kanava.platform.money import Money
from kanava.platform.saved_views import SavedView
from kanava.web.common.formatting import Format
from kanava.web.common.pages import is_fragment, page
from kanava.web.console.labels import N
from kanava.web.console.shell import Desk, console_page

PAGE_ROWS = 50
EXPORT_ROWS_MAX = 50_000
EXPORT_STEP = 500
PAGES_MAX = EXPORT_ROWS_MAX // PAGE_ROWS
TEXT_LENGTH_MAX = 200
EXPORTS = ("csv", "xlsx")
_ASKED = ("sort", "page", "cursor", "col", "export")

Kind = Literal["text", "number", "moment", "badge", "code"]


class Cell(msgspec.Struct, frozen=True):
    """What stands in a row under a column: `text` on the page, `value` in a file; `note` in small letters below.

    `image_url` is drawn before the text; `share` (0 to 1) is drawn as a bar below it.
    """

    text: str
    value: Any = None
    href: str | None = None
    tone: str | None = None
    note: str = ""
    image_url: str | None = None
    share: float | None = None


class Column(msgspec.Struct, frozen=True):
    """A column; `shown` says whether it is there before anybody chose columns."""

    key: str
    label: str
    kind: Kind = "text"
    sortable: bool = False
    shown: bool = True


class Filter(msgspec.Struct, frozen=True):
    """A field of the form above a table."""

    key: str
    label: str
    kind: Literal["text", "select", "date", "flag"] = "text"
    choices: Sequence[tuple[str, str]] = ()
    placeholder: str = ""


class TableSpec(msgspec.Struct, frozen=True):
    """A list: `sort` is the column it is sorted by at first, `sort_descending` which way round."""

    name: str
    path: str
    title: str
    columns: Sequence[Column]
    filters: Sequence[Filter] = ()
    sort: str | None = None
    sort_descending: bool = False
    empty: str = ""
    views: bool = True


class Asked(msgspec.Struct, frozen=True):
    """What the reader wants to see."""

    filters: dict[str, str]
    sort: str | None
    descending: bool
    page: int
    cursor: str | None
    columns: tuple[str, ...]
    # What was filled in and is no choice or no day, by the label of its filter.
    left_out: dict[str, str] = {}

    def get(self, key: str) -> str | None:
        """Give what was filled in, None when it was left empty."""
        return self.filters.get(key) or None


class Rows(msgspec.Struct, frozen=True):
    """A page of rows. `total` None: not counted; lists by cursor give `next_cursor` while there is more."""

    rows: Sequence[dict[str, Cell]]
    total: int | None = None
    total_capped: bool = False
    next_cursor: str | None = None


Load = Callable[[Asked, int, int], Awaitable[Rows]]
"""Gives rows for (what was asked, how many at most, how many to leave out before)."""


class Table(msgspec.Struct, frozen=True):
    """A table as its template shows it."""

    spec: TableSpec
    asked: Asked
    found: Rows
    views: Sequence[SavedView]
    view_id: str

    @property
    def columns(self) -> list[Column]:
        """The columns to show."""
        return [column for column in self.spec.columns if column.key in self.asked.columns]

    @property
    def pages(self) -> int | None:
        """How many pages there are; None for lists by cursor."""
        if self.found.total is None:
            return None
        return max(1, min(PAGES_MAX, -(-self.found.total // PAGE_ROWS)))

    @property
    def filtered(self) -> bool:
        """Whether anything was filled in."""
        return any(self.asked.filters.values())

    def question(self, **changes: Any) -> str:
        """Write the query of this table with something changed."""
        asked = self.asked
        default = tuple(column.key for column in self.spec.columns if column.shown)
        parts: dict[str, Any] = {key: value for key, value in asked.filters.items() if value}
        if asked.sort != self.spec.sort or asked.descending != self.spec.sort_descending:
            parts["sort"] = self.sort_value(asked.sort, asked.descending)
        if asked.columns != default:
            parts["col"] = list(asked.columns)
        if asked.page > 1:
            parts["page"] = asked.page
        if asked.cursor:
            parts["cursor"] = asked.cursor
        parts |= changes
        return urlencode({key: value for key, value in parts.items() if value is not None}, doseq=True)

    def url(self, **changes: Any) -> str:
        """Write the address of this table with something changed."""
        question = self.question(**changes)
        return f"{self.spec.path}?{question}" if question else self.spec.path

    @staticmethod
    def sort_value(key: str | None, descending: bool) -> str | None:
        """Write an order as the query has it."""
        return f"{key}.desc" if key and descending else key

    def sort_url(self, column: Column) -> str:
        """Write the address that sorts by a column, or the other way round when it does already."""
        mine = self.asked.sort == column.key
        descending = not self.asked.descending if mine else column.kind in ("number", "moment")
        return self.url(sort=self.sort_value(column.key, descending), page=None, cursor=None)

    def sorted_as(self, column: Column) -> str | None:
        """Say how the column is sorted, as aria-sort says it."""
        if self.asked.sort != column.key:
            return None
        return "descending" if self.asked.descending else "ascending"


def read_question(request: AnyRequest, spec: TableSpec) -> Asked:
    """Read what was asked; what makes no sense is as if it were not there."""
    given = parse_qs(request.scope["query_string"].decode("latin-1"), keep_blank_values=False, max_num_fields=200)

    def first(key: str) -> str:
        return given.get(key, [""])[0].strip()[:TEXT_LENGTH_MAX]

    sort, _dot, way = first("sort").partition(".")
    if sort not in [column.key for column in spec.columns if column.sortable]:
        sort, way = spec.sort or "", "desc" if spec.sort_descending else ""
    wanted = [key for key in given.get("col", []) if key in [column.key for column in spec.columns]]
    columns = [c.key for c in spec.columns if (c.key in wanted if wanted else c.shown)]
    number = first("page")
    page_number = int(number) if number.isascii() and number.isdigit() and len(number) < 6 else 1
    filters = {each.key: _value(each, first(each.key)) for each in spec.filters}
    return Asked(
        filters,
        sort or None,
        way == "desc",
        min(max(1, page_number), PAGES_MAX),
        (given.get("cursor", [""])[0] or None),
        tuple(columns),
        {each.label: first(each.key) for each in spec.filters if first(each.key) and not filters[each.key]},
    )


def _value(field: Filter, value: str) -> str:
    """Give what was filled in, nothing when it is no choice or no day."""
    if field.kind == "select" and value not in [choice for choice, _label in field.choices]:
        return ""
    if field.kind == "date":
        try:
            datetime.strptime(value, "%Y-%m-%d")  # noqa: DTZ007 -- a day, not an instant
        except ValueError:
            return ""
    return value


async def answer_table(
    request: AnyRequest, desk: Desk, template: str, spec: TableSpec, load: Load, **facts: Any
) -> Response[Any]:
    """Answer with the page, with the table alone for htmx, or with a file."""
    asked = read_question(request, spec)
    wanted = request.query_params.get("export")
    if wanted is not None:
        return await _file(desk, spec, asked, load, wanted)
    found = await load(asked, PAGE_ROWS, (asked.page - 1) * PAGE_ROWS)
    views: list[SavedView] = []
    if spec.views:
        async with database_of(request).connection() as connection:
            views = await saved_views.list_views(connection, desk.actor, spec.name)
    table = Table(spec, asked, found, views, str(uuid7()))
    if is_fragment(request):
        return page(request, "console/_table.html", desk.look, desk=desk, table=table)
    return console_page(request, desk, template, table=table, **facts)


async def _file(desk: Desk, spec: TableSpec, asked: Asked, load: Load, wanted: str) -> Response[Any]:
    from kanava.web.console.exporting import write_file

    if wanted not in EXPORTS:
        raise InvalidInput(f"A table is exported as {' or '.join(EXPORTS)}.", field="export")
    rows: list[dict[str, Cell]] = []
    step = msgspec.structs.replace(asked, page=1, cursor=None)
    while len(rows) < EXPORT_ROWS_MAX:
        found = await load(step, EXPORT_STEP, len(rows))
        rows += found.rows
        if found.total is None:
            if found.next_cursor is None:
                break
            step = msgspec.structs.replace(step, cursor=found.next_cursor)
        elif len(found.rows) < EXPORT_STEP:
            break
    columns = [column for column in spec.columns if column.key in asked.columns]
    return await write_file(spec.name, columns, rows[:EXPORT_ROWS_MAX], wanted, desk.time_zone)


def sorted_page(rows: Sequence[dict[str, Cell]], asked: Asked, limit: int, offset: int) -> Rows:
    """Sort and cut rows that were read whole: for lists that are short by nature, such as people and places."""
    ordered = list(rows)
    if asked.sort is not None:
        key = asked.sort
        ordered.sort(key=lambda row: _order_of(row[key]), reverse=asked.descending)
    return Rows(ordered[offset : offset + limit], total=len(ordered))


def _order_of(cell: Cell) -> tuple[int, Any]:
    value = cell.text if cell.value is None else cell.value
    if isinstance(value, Money):
        return 0, value.amount_minor
    if isinstance(value, bool | int | float):
        return 0, value
    if isinstance(value, datetime):
        return 1, value.timestamp()
    return 2, str(value).casefold()


def midnight(day: str | None, zone: str, days_later: int = 0) -> datetime | None:
    """Give the instant at which a day begins in a time zone."""
    if not day:
        return None
    return datetime.fromisoformat(day).replace(tzinfo=ZoneInfo(zone)) + timedelta(days=days_later)


def matches(text: str | None, *values: str | None) -> bool:
    """Say whether any of the values has the text in it, whatever the case."""
    return not text or any(text.casefold() in (value or "").casefold() for value in values)


class Cells:
    """Makes the cells of one reader: in her language, in her time zone."""

    def __init__(self, desk: Desk) -> None:
        self.desk, self.format = desk, Format(desk.language)

    def text(self, value: str | None, href: str | None = None, note: str = "") -> Cell:
        """Words."""
        return Cell(value or "", value or "", href, note=note)

    def number(self, value: int | None, tone: str | None = None) -> Cell:
        """A number; nothing when there is none."""
        return Cell("" if value is None else self.format.number(value), value, tone=tone)

    def money(self, value: Money) -> Cell:
        """An amount."""
        return Cell(self.format.money(value), value)

    def moment(self, value: datetime | None) -> Cell:
        """An instant."""
        return Cell("" if value is None else self.format.moment(value, self.desk.time_zone), value)

    def badge(self, label: str, tone: str, value: str | None = None) -> Cell:
        """One of a few states."""
        return Cell(label, value or label, tone=tone)

    def yes(self, value: bool, tone: str = "success") -> Cell:
        """Yes or no."""
        return Cell(
            self.desk.text(N("Yes")) if value else self.desk.text(N("No")), value, tone=tone if value else "ghost"
        )
