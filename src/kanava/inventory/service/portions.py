"""Parts of reservations: what a line gives up or hands over while the rest of its units stay where they are."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from kanava.inventory.errors import LevelsMoved
from kanava.inventory.model import Reservation
from kanava.inventory.store import portions as sql
from kanava.inventory.store import reservations as reservations_sql
from kanava.platform.db import Connection
from kanava.platform.ids import uuid7


class Portion(msgspec.Struct, frozen=True):
    """Units of a reservation; `from_ring_fence` says how many of them came out of the channel's ring-fence."""

    reservation: Reservation
    quantity: int
    from_ring_fence: int


async def split_off(tx: Connection, portions: Sequence[Portion], now: datetime) -> list[Reservation]:
    """Give the portions as reservations of their own; a portion that is the whole stays the row that it is.

    At most one portion of each reservation. No counter changes and no unit is free in between. LevelsMoved when a
    reservation has ended or shrunk since it was read.
    """
    whole = [p.reservation for p in portions if p.quantity == p.reservation.quantity]
    parts = [p for p in portions if p.quantity != p.reservation.quantity]
    if not parts:
        return whole
    split = await sql.SPLIT_OFF.all(
        tx,
        variant_ids=[p.reservation.variant_id for p in parts],
        reservation_ids=[p.reservation.reservation_id for p in parts],
        quantities=[p.quantity for p in parts],
        from_ring_fences=[p.from_ring_fence for p in parts],
        new_ids=[uuid7() for _ in parts],
        now=now,
    )
    if len(split) != len(parts):
        raise LevelsMoved
    return whole + split


async def move_to_line(
    tx: Connection, reservations: Sequence[Reservation], targets: Sequence[tuple[int, str]], now: datetime
) -> None:
    """Give committed reservations another (line_no, fulfilment kind); LevelsMoved when one has ended."""
    if not reservations:
        return
    moved = await sql.MOVE_TO_LINE.run(
        tx,
        variant_ids=[row.variant_id for row in reservations],
        reservation_ids=[row.reservation_id for row in reservations],
        line_nos=[line_no for line_no, _ in targets],
        fulfilment_kinds=[kind for _, kind in targets],
        now=now,
    )
    if moved != len(reservations):
        raise LevelsMoved


async def holds_of_cart(tx: Connection, cart_id: UUID) -> list[Reservation]:
    """Give what is held for a cart; a hold whose time is over is among them until it is tidied away."""
    return await reservations_sql.OF_CART.all(tx, cart_id=cart_id)
