"""Showing parcels, and what packing, shipping and carriers' news share."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from uuid import UUID

from kanava.fulfilment import parcel_rules as rules
from kanava.fulfilment.errors import FulfilmentLineUnknown, ParcelNotFound, TooManyPacked, WrongKind
from kanava.fulfilment.requests import Parcel, ParcelLine, UnitsOfLine
from kanava.fulfilment.service import reading
from kanava.fulfilment.service.change import FulfilmentChange
from kanava.fulfilment.store import parcels as sql
from kanava.fulfilment.store.parcels import ParcelRow
from kanava.fulfilment.store.reading import LineRow
from kanava.platform.auth import Actor
from kanava.platform.db import Connection
from kanava.platform.errors import KanavaError
from kanava.platform.http import Page


async def get_parcel(connection: Connection, actor: Actor, parcel_id: UUID) -> Parcel:
    """Give one parcel; ParcelNotFound, OutOfReach."""
    row = await found_parcel(connection, actor, parcel_id)
    return (await views(connection, [row]))[0]


async def found_parcel(connection: Connection, actor: Actor, parcel_id: UUID) -> ParcelRow:
    """Give a stored parcel; ParcelNotFound, OutOfReach."""
    row = await sql.PARCEL.one_or_none(connection, parcel_id=parcel_id)
    if row is None:
        raise parcel_not_found(parcel_id)
    reading.must_reach(actor, row.location_id)
    return row


async def parcels_of_fulfilment(connection: Connection, actor: Actor, fulfilment_id: UUID) -> Page[Parcel]:
    """Give the parcels of a fulfilment, the first packed first; unpacked ones too."""
    of = await reading.get_fulfilment(connection, actor, fulfilment_id)
    rows = await sql.PARCELS_OF_FULFILMENTS.all(connection, order_ids=[of.order_id], fulfilment_ids=[of.fulfilment_id])
    return Page(await views(connection, rows))


async def parcels_of_order(connection: Connection, order_id: UUID) -> list[Parcel]:
    """Give the parcels of an order, the first packed first."""
    return await views(connection, await sql.PARCELS_OF_ORDER.all(connection, order_id=order_id))


async def views(connection: Connection, rows: Sequence[ParcelRow]) -> list[Parcel]:
    """Make what people see of stored parcels, in their order; one statement for the lines of all."""
    if not rows:
        return []
    lines: dict[UUID, list[ParcelLine]] = defaultdict(list)
    for line in await lines_of(connection, rows):
        lines[line.parcel_id].append(ParcelLine(line.line_no, line.sku, line.quantity))
    shown = [name for name in Parcel.__struct_fields__ if name not in ("lines", "fulfilment_number")]
    return [
        Parcel(
            **{name: getattr(row, name) for name in shown},
            fulfilment_number=f"{row.order_number}-{row.sequence_no}",
            lines=lines[row.parcel_id],
        )
        for row in rows
    ]


async def lines_of(connection: Connection, rows: Sequence[ParcelRow]) -> list[sql.ParcelLineRow]:
    """Give what is in parcels."""
    return await sql.LINES_OF_PARCELS.all(
        connection, order_ids=list({row.order_id for row in rows}), parcel_ids=[row.parcel_id for row in rows]
    )


def parcel_not_found(parcel_id: UUID, field: str = "parcel_id") -> ParcelNotFound:
    """Say that there is no such parcel."""
    return ParcelNotFound(f"There is no parcel {parcel_id}.", field=field)


def must_be_of(change: FulfilmentChange, *kinds: str) -> None:
    """Raise WrongKind unless the fulfilment is of one of the kinds."""
    kind = change.row.kind
    if kind not in kinds:
        raise WrongKind(f"{change.row.fulfilment_number} is {kind}, not {' or '.join(kinds)}.", kind=kind)


def chosen_units(
    change: FulfilmentChange,
    wanted: Sequence[UnitsOfLine],
    open_of: "dict[int, int]",
    refusal: type[KanavaError] = TooManyPacked,
    field: str = "lines",
) -> dict[int, int]:
    """Give the units that a request names, by line: of those open, all where it says no quantity.

    FulfilmentLineUnknown for a line that is not there or stands twice; `refusal` for more than are open.
    """
    units: dict[int, int] = {}
    for index, item in enumerate(wanted):
        at = f"{field}[{index}]"
        line = change.line(item.line_no, f"{at}.line_no")
        if item.line_no in units:
            raise FulfilmentLineUnknown(f"Line {item.line_no} stands there twice.", field=f"{at}.line_no")
        there = open_of.get(line.line_no, 0)
        quantity = there if item.quantity is None else item.quantity
        if quantity > there or not quantity:
            raise refusal(
                f"Line {line.line_no} has {there} such units.", field=f"{at}.quantity", line_no=line.line_no, open=there
            )
        units[line.line_no] = quantity
    return units


def packable(lines: Iterable[LineRow]) -> dict[int, int]:
    """Give the units that are picked and not yet packed or staged, by line."""
    return {line.line_no: line.quantity_picked - line.quantity_packed for line in lines}


def waiting(lines: Iterable[LineRow]) -> dict[int, int]:
    """Give the units that are packed or staged and have not left, by line."""
    return {line.line_no: line.quantity_packed - line.quantity_done for line in lines}


def set_state(change: FulfilmentChange, parcels: Sequence[ParcelRow]) -> None:
    """Make the state of a fulfilment that is shipped agree with its units and its parcels."""
    lines = change.lines.values()
    state = rules.before_leaving(
        sum(line.to_pick for line in lines),
        sum(line.quantity_picked for line in lines),
        sum(line.quantity_packed for line in lines),
        sum(line.quantity_done for line in lines),
    )
    change.row.state = state
    if state == "shipped":
        live = [parcel for parcel in parcels if parcel.state != "cancelled"]
        change.row.state = rules.after_leaving(parcel.state for parcel in live)
        change.row.settled_at = rules.settled(parcel.delivered_at for parcel in live)
