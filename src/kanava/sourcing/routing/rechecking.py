"""Open orders looked at again within minutes where stock has come in or a place can do more; the night sees the rest.

The consumer only writes down what changed; once a minute a duty looks at the open orders that it may concern.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from kanava.platform.consumers import Consumer
from kanava.platform.db import Connection, Database
from kanava.platform.ids import uuid7
from kanava.platform.outbox import StoredEvent
from kanava.sourcing.routing.rerouting import Mover, reroute
from kanava.sourcing.routing.store import orders as orders_sql

ORDERS_MAX = 1_000
"""Orders looked at each minute, those that must leave first; a thousand take two to three seconds."""
NOTES_MAX = 10_000
RESTS_FOR = timedelta(hours=1)
"""An order that was moved stays for so long: what its own move changed must not move it back and forth."""
# What a place sends, and at which cost, hangs on these.
MATTERS = frozenset({"*", "active", "fulfils_online", "services", "pick_capacity_per_hour", "hours_exceptions",
                     "opening_hours", "handling_minutes", "parcel_cost_domestic_minor",
                     "parcel_cost_abroad_minor"})  # fmt: skip


async def note_changes(tx: Connection, events: Sequence[StoredEvent], now: datetime) -> None:
    """Write down which goods are free somewhere and which places have changed; consumer of the event feed."""
    stock = [event for event in events if event.type == "stock.changed"]
    # An order that is placed only takes: nothing becomes cheaper for others by it, and most changes are of this kind.
    placed = set(await orders_sql.PLACED_IN.all(tx, tx_ids=[str(event.tx_id) for event in stock])) if stock else set()
    skus: set[str] = set()
    for event in stock:
        if event.tx_id not in placed:
            levels = event.data["columns"]
            reserved = levels.get("reserved") or [0] * len(levels["sku"])
            skus.update(
                sku
                for sku, there, taken in zip(levels["sku"], levels["on_hand"], reserved, strict=True)
                if there > taken
            )
    places = {
        event.data["code"]
        for event in events
        if event.type == "location.changed" and not MATTERS.isdisjoint(event.data["fields"])
    }
    if skus or places:
        await orders_sql.NOTE_CHANGES.run(tx, note_id=uuid7(), skus=sorted(skus), locations=sorted(places), now=now)


async def reroute_changed(db: Database, now: datetime, mover: Mover, *, orders_max: int = ORDERS_MAX) -> int:
    """Look again at the open orders that what was noted may concern; gives how many were moved."""
    async with db.transaction() as tx:
        notes = await orders_sql.TAKE_NOTES.all(tx, limit=NOTES_MAX)
        if not notes:
            return 0
        order_ids = await orders_sql.ORDERS_CONCERNED.all(
            tx,
            skus=sorted({sku for note in notes for sku in note.skus}),
            locations=sorted({code for note in notes for code in note.locations}),
            moved_before=now - RESTS_FOR,
            limit=orders_max,
        )
    if not order_ids:
        return 0
    return (await reroute(db, now, mover, order_ids=order_ids)).moved


CONSUMER = Consumer("routing_changes", note_changes, types=("stock.changed", "location.changed"), from_start=False)
