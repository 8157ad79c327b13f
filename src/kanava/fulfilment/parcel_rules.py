"""Which news of carriers counts, and what follows for the fulfilment. Pure.

Carriers send news late, twice and out of order. The state of a parcel is the greatest of its news in one total order,
so it is the same whatever order they come in: news of a parcel on its way by its time, then by how far it is; delivered
outranks all of those, and returned outranks delivered. Of two that say delivered, the first counts.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Literal

from kanava.fulfilment.model import State
from kanava.fulfilment.requests import CarrierEventKind, ParcelState

STATE_OF: Mapping[CarrierEventKind, ParcelState] = {
    "accepted": "in_transit",
    "in_transit": "in_transit",
    "out_for_delivery": "out_for_delivery",
    "delivered": "delivered",
    "failed": "failed",
    "returned": "returned",
}
HOW_FAR: Mapping[ParcelState, int] = {"in_transit": 1, "failed": 2, "out_for_delivery": 3}
FINAL: Mapping[ParcelState, int] = {"delivered": 1, "returned": 2}


def outranks(state: ParcelState, at: datetime, known: ParcelState, known_at: datetime) -> bool:
    """Say whether news moves a parcel from what is known of it."""
    return _rank(state, at) > _rank(known, known_at)


def _rank(state: ParcelState, at: datetime) -> tuple[int, float, int]:
    if state in FINAL:
        return (FINAL[state], -at.timestamp(), 0)
    # A parcel of which the carrier has said nothing yet is older than any news.
    return (0, at.timestamp(), HOW_FAR[state]) if state in HOW_FAR else (-1, 0.0, 0)


def after_leaving(parcels: Iterable[ParcelState]) -> State:
    """Say what a fulfilment is of which every unit has left, by the states of its parcels."""
    states = {state for state in parcels if state != "cancelled"}
    for state in ("returned", "failed"):
        if state in states:
            return state
    return "delivered" if states == {"delivered"} else "shipped"


def settled(delivered: Iterable[datetime | None]) -> datetime | None:
    """Say when a promise of delivery was kept: with the last of the parcels, once all have been delivered."""
    latest: datetime | None = None
    for at in delivered:
        if at is None:
            return None
        latest = at if latest is None else max(latest, at)
    return latest


def before_leaving(
    to_pick: int, picked: int, packed: int, done: int
) -> Literal["picking", "picked", "packed", "shipped"]:
    """Say what a fulfilment that is shipped is, by its units."""
    if to_pick:
        return "picking"
    if packed < picked:
        return "picked"
    return "packed" if done < packed else "shipped"
