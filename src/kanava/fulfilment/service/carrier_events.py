"""What carriers say of parcels: once for each of their ids, in whatever order it comes."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from kanava.fulfilment import parcel_rules as rules
from kanava.fulfilment.requests import CarrierEvent, CarrierEventReport, CarrierEventResult, CarrierEvents, Outcome
from kanava.fulfilment.service import reading
from kanava.fulfilment.service.change import event_of, write_back
from kanava.fulfilment.store import carrier_events as sql
from kanava.fulfilment.store import parcels as parcels_sql
from kanava.fulfilment.store import reading as reading_sql
from kanava.fulfilment.store.carrier_events import NumberedParcel, StoredCarrierEvent
from kanava.fulfilment.store.parcels import ParcelRow
from kanava.fulfilment.store.reading import FulfilmentRow
from kanava.platform.auth import SYSTEM, Actor
from kanava.platform.db import Connection
from kanava.platform.errors import InvalidInput
from kanava.platform.outbox import Event, publish

AHEAD_MAX = timedelta(days=1)
"""How far a carrier's clock may be ahead of ours: news from a far future would outrank all that comes after it."""
REMATCH = timedelta(days=60)
REMATCH_MAX = 1_000
PRUNED_MAX = 10_000
LATELY = timedelta(days=2)

Key = tuple[str, str]
"""A carrier's name in small letters, and its id of the news or its tracking number."""


async def take_carrier_events(
    tx: Connection, actor: Actor, request: CarrierEvents, now: datetime
) -> CarrierEventReport:
    """Take news of carriers, and say of each what became of it. OutOfReach; InvalidInput for news of the future."""
    events = [_stored(event) for event in request.events]
    for index, event in enumerate(events):
        if event.occurred_at > now + AHEAD_MAX:
            raise InvalidInput("This has not happened yet.", field=f"events[{index}].occurred_at")
    new = await sql.INSERT_NEW.all(
        tx,
        carriers=[event.carrier for event in events],
        event_ids=[event.carrier_event_id for event in events],
        tracking_numbers=[event.tracking_number for event in events],
        kinds=[event.kind for event in events],
        occurred_ats=[event.occurred_at for event in events],
        details=[event.detail for event in request.events],
        now=now,
    )
    fresh = {(key.carrier, key.carrier_event_id) for key in new}
    first: dict[Key, StoredCarrierEvent] = {}
    for event in events:
        if _id_of(event) in fresh:
            first.setdefault(_id_of(event), event)
    outcomes = await _match(tx, actor, list(first.values()), now)
    results = []
    for sent, event in zip(request.events, events, strict=True):
        outcome = outcomes.pop(_id_of(event), "repeated")
        results.append(CarrierEventResult(sent.carrier, sent.carrier_event_id, outcome))
    told = Counter(result.outcome for result in results)
    return CarrierEventReport(told["applied"], told["late"], told["repeated"], told["unknown"], results)


async def match_parcels(tx: Connection, leaving: Sequence[ParcelRow], now: datetime) -> None:
    """Look for news that came before the parcels were known to have left; the caller has locked their order."""
    numbered = [parcel for parcel in leaving if parcel.tracking_number]
    if not numbered:
        return
    kept = await sql.UNKNOWN_OF_PARCELS.all(
        tx, order_id=numbered[0].order_id, parcel_ids=[parcel.parcel_id for parcel in numbered]
    )
    await _match(tx, SYSTEM, kept, now)


async def match_again(tx: Connection, now: datetime) -> int:
    """Match news with parcels that were written at the same moment; gives how much, at most 1,000.

    Fulfilments that became shipped after their parcels were delivered follow these, too.
    """
    kept = await sql.UNKNOWN_WITH_PARCEL.all(tx, since=now - REMATCH, limit=REMATCH_MAX)
    await _match(tx, SYSTEM, kept, now)
    behind = await sql.LEFT_BEHIND.all(tx, since=now - LATELY, limit=REMATCH_MAX)
    if behind:
        moved = await _Moved.under_lock(tx, behind)
        moved.touched.update(parcel.parcel_id for parcel in behind)
        await moved.write(tx, now)
    return len(kept)


def _name(carrier: str) -> str:
    return carrier.strip().lower()


def _stored(event: CarrierEvent) -> StoredCarrierEvent:
    return StoredCarrierEvent(
        _name(event.carrier), event.carrier_event_id, event.tracking_number, event.kind, event.occurred_at
    )


def _id_of(event: StoredCarrierEvent) -> Key:
    return (event.carrier, event.carrier_event_id)


async def _match(
    tx: Connection, actor: Actor, events: Sequence[StoredCarrierEvent], now: datetime
) -> dict[Key, Outcome]:
    """Find the parcels of news and move them; gives what became of each piece."""
    outcomes: dict[Key, Outcome] = {_id_of(event): "unknown" for event in events}
    if not events:
        return outcomes
    numbers = sorted({(event.carrier, event.tracking_number) for event in events})
    found = await sql.PARCELS_OF_NUMBERS.all(
        tx, carriers=[carrier for carrier, _ in numbers], tracking_numbers=[number for _, number in numbers]
    )
    if not found:
        return outcomes
    for each in found:
        reading.must_reach(actor, each.location_id)
    moved = await _Moved.under_lock(tx, found)
    of_number: dict[Key, list[NumberedParcel]] = defaultdict(list)
    for each in found:
        of_number[each.carrier, each.tracking_number].append(each)
    matched = []
    # News that came together are told in the order in which they happened.
    for event in sorted(events, key=lambda e: (e.occurred_at, e.kind == "delivered", e.carrier_event_id)):
        parcels = of_number.get((event.carrier, event.tracking_number), [])
        if parcels:
            applied = [moved.take(event, each.parcel_id) for each in parcels]
            outcomes[_id_of(event)] = "applied" if any(applied) else "late"
            matched.append((event, parcels[0], any(applied)))
    await moved.write(tx, now)
    await sql.MATCHED.run(
        tx,
        carriers=[event.carrier for event, _, _ in matched],
        event_ids=[event.carrier_event_id for event, _, _ in matched],
        order_ids=[parcel.order_id for _, parcel, _ in matched],
        parcel_ids=[parcel.parcel_id for _, parcel, _ in matched],
        applied=[applied for _, _, applied in matched],
    )
    return outcomes


class _Moved:
    """Parcels and their fulfilments under the locks of their orders, as news move them."""

    def __init__(self, fulfilments: Mapping[UUID, FulfilmentRow], parcels: Sequence[ParcelRow]) -> None:
        self.fulfilments = fulfilments
        self.parcels = {parcel.parcel_id: parcel for parcel in parcels}
        self.touched: set[UUID] = set()
        self.events: list[Event] = []

    @classmethod
    async def under_lock(cls, tx: Connection, found: Sequence[NumberedParcel]) -> "_Moved":
        """Lock the orders, then read what belongs to the fulfilments of the parcels."""
        order_ids = sorted({each.order_id for each in found})
        fulfilment_ids = {each.fulfilment_id for each in found}
        await sql.LOCK_ORDERS.run(tx, order_ids=order_ids)
        rows = await reading_sql.OF_ORDERS.all(tx, order_ids=order_ids)
        parcels = await parcels_sql.PARCELS_OF_FULFILMENTS.all(
            tx, order_ids=order_ids, fulfilment_ids=list(fulfilment_ids)
        )
        return cls({row.fulfilment_id: row for row in rows if row.fulfilment_id in fulfilment_ids}, parcels)

    def take(self, event: StoredCarrierEvent, parcel_id: UUID) -> bool:
        """Let one piece of news move a parcel; gives whether it did."""
        parcel = self.parcels[parcel_id]
        state = rules.STATE_OF[event.kind]
        if state == "delivered" and (parcel.delivered_at is None or event.occurred_at < parcel.delivered_at):
            parcel.delivered_at = event.occurred_at
            self.touched.add(parcel_id)
        if not rules.outranks(state, event.occurred_at, parcel.state, parcel.state_at):
            return False
        news = state != parcel.state
        parcel.state, parcel.state_at = state, event.occurred_at
        self.touched.add(parcel_id)
        if news:
            facts = {
                "parcel_id": parcel_id,
                "carrier": parcel.carrier,
                "service": parcel.service,
                "tracking_number": parcel.tracking_number,
                "tracking_url": parcel.tracking_url,
                "occurred_at": event.occurred_at,
            }
            self.events.append(event_of(f"parcel.{state}", self.fulfilments[parcel.fulfilment_id], facts))
        return True

    async def write(self, tx: Connection, now: datetime) -> None:
        """Write parcels that moved and what follows for fulfilments of which every unit has left."""
        if not self.touched:
            return
        moved = [self.parcels[parcel_id] for parcel_id in self.touched]
        await parcels_sql.UPDATE_PARCELS.run(tx, **parcels_sql.columns_of(moved))
        of_fulfilment: dict[UUID, list[ParcelRow]] = defaultdict(list)
        for parcel in self.parcels.values():
            if parcel.state != "cancelled":
                of_fulfilment[parcel.fulfilment_id].append(parcel)
        changed = []
        for fulfilment_id in sorted({parcel.fulfilment_id for parcel in moved}):
            row = self.fulfilments[fulfilment_id]
            if row.state in ("shipped", "delivered", "failed", "returned"):
                parcels = of_fulfilment[fulfilment_id]
                state = rules.after_leaving(parcel.state for parcel in parcels)
                settled_at = rules.settled(parcel.delivered_at for parcel in parcels)
                if (state, settled_at) != (row.state, row.settled_at):
                    row.state, row.settled_at = state, settled_at
                    changed.append(row)
        if changed:
            await write_back(tx, changed, [], now)
        await publish(tx, self.events)


async def prune(tx: Connection, before: datetime) -> int:
    """Remove up to `PRUNED_MAX` news that came before an instant; gives how many."""
    return await sql.PRUNE.run(tx, before=before, limit=PRUNED_MAX)
