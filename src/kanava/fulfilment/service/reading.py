"""Showing fulfilments."""

from collections import defaultdict
from collections.abc import Sequence
from uuid import UUID

from kanava.fulfilment.errors import FulfilmentNotFound, OutOfReach
from kanava.fulfilment.model import Fulfilment, FulfilmentLine
from kanava.fulfilment.store import reading as sql
from kanava.fulfilment.store.reading import FulfilmentRow, LineRow
from kanava.platform.auth import Actor
from kanava.platform.db import Connection


async def get_fulfilment(connection: Connection, actor: Actor, fulfilment_id: UUID) -> Fulfilment:
    """Give one fulfilment; FulfilmentNotFound, OutOfReach."""
    row = await sql.FULFILMENT.one_or_none(connection, fulfilment_id=fulfilment_id)
    if row is None:
        raise fulfilment_not_found(fulfilment_id)
    must_reach(actor, row.location_id)
    return (await views(connection, [row]))[0]


async def fulfilments_of_order(connection: Connection, order_id: UUID) -> list[Fulfilment]:
    """Give the fulfilments of an order in the order in which they were opened; ended ones too."""
    return await views(connection, await sql.OF_ORDERS.all(connection, order_ids=[order_id]))


async def views(connection: Connection, rows: Sequence[FulfilmentRow]) -> list[Fulfilment]:
    """Make what people see of stored fulfilments, in their order; one statement for the lines of all."""
    if not rows:
        return []
    found = await sql.LINES_OF.all(
        connection,
        order_ids=list({row.order_id for row in rows}),
        fulfilment_ids=[row.fulfilment_id for row in rows],
    )
    lines: dict[UUID, list[LineRow]] = defaultdict(list)
    for line in found:
        lines[line.fulfilment_id].append(line)
    return [view(row, lines[row.fulfilment_id]) for row in rows]


def view(row: FulfilmentRow, lines: Sequence[LineRow]) -> Fulfilment:
    """Make what people see of a fulfilment."""
    shown = {
        name: getattr(row, name) for name in Fulfilment.__struct_fields__ if name not in ("lines", "fulfilment_number")
    }
    return Fulfilment(
        **shown,
        fulfilment_number=row.fulfilment_number,
        lines=[
            FulfilmentLine(
                line.line_no,
                line.sku,
                line.quantity,
                line.to_pick,
                line.quantity_picked,
                line.quantity_packed,
                line.quantity_done,
                line.quantity_ended,
            )
            for line in lines
        ],
    )


def must_reach(actor: Actor, location_id: int) -> None:
    """Raise OutOfReach unless the actor may act at the location."""
    if actor.location_ids is not None and location_id not in actor.location_ids:
        raise OutOfReach("Your role is bound to other locations.", field="location")


def must_reach_everywhere(actor: Actor) -> None:
    """Raise OutOfReach when the actor's role is bound to locations."""
    if actor.location_ids is not None:
        raise OutOfReach("Your role is bound to locations; this shows all of them.")


def fulfilment_not_found(fulfilment_id: UUID) -> FulfilmentNotFound:
    """Say that there is no such fulfilment."""
    return FulfilmentNotFound(f"No fulfilment has the id {fulfilment_id}.", field="fulfilment_id")
