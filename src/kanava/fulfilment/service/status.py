"""What a customer may see of how her order is coming along."""

from collections import defaultdict
from uuid import UUID

from kanava.fulfilment.requests import FulfilmentStatus, Parcel, StatusLine
from kanava.fulfilment.service import parcels, reading
from kanava.orders import service as orders
from kanava.platform.db import Connection
from kanava.platform.http import Page


async def status_of_order(connection: Connection, order_id: UUID) -> Page[FulfilmentStatus]:
    """Give the fulfilments of an order with their parcels; OrderNotFound."""
    found = await reading.fulfilments_of_order(connection, order_id)
    if not found:
        await orders.get_order(connection, order_id)
    of: dict[UUID, list[Parcel]] = defaultdict(list)
    for parcel in await parcels.parcels_of_order(connection, order_id):
        if parcel.state != "cancelled":
            of[parcel.fulfilment_id].append(parcel)
    return Page(
        [
            FulfilmentStatus(
                fulfilment_id=each.fulfilment_id,
                fulfilment_number=each.fulfilment_number,
                location=each.location,
                kind=each.kind,
                state=each.state,
                promised_by=each.promised_by,
                first_promised_by=each.first_promised_by,
                settled_at=each.settled_at,
                ready_at=each.ready_at,
                collect_by=each.collect_by,
                lines=[
                    StatusLine(line.line_no, line.sku, line.quantity, line.quantity_done, line.quantity_ended)
                    for line in each.lines
                ],
                parcels=of[each.fulfilment_id],
            )
            for each in found
        ]
    )
