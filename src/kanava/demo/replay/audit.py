"""Receipts as web orders with promises, in virtual time: placed when they were paid, worked on, and counted."""

import asyncio
from collections import deque
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import msgspec

from kanava.demo.replay import store
from kanava.demo.replay.client import ApiConnection
from kanava.demo.replay.load import Tell
from kanava.demo.replay.places import ZONE, Places
from kanava.demo.replay.receipts import Receipt, Receipts
from kanava.demo.replay.sending import Sender, Tally
from kanava.demo.replay.virtual import VirtualClock, api_here
from kanava.fulfilment.service import replaying
from kanava.fulfilment.service.promise_audit import PromiseAudit, audit_promises
from kanava.platform.db import Database
from kanava.supervisor.temporary import Installation

STEP = timedelta(minutes=30)
AFTERWARDS = timedelta(days=10)
"""How long after the last receipt is worked on: parcels arrive, and what nobody fetches expires."""
JOBS_AT_ONCE = 200
CONNECTIONS = 16


class PromiseWish(msgspec.Struct, frozen=True):
    """What becomes of receipts and of work: shares of receipts fetched and shipped, percent of tasks rejected."""

    pickup_share: float
    ship_share: float
    reject_percent: float
    seed: int = 1


class PromisesReplayed(msgspec.Struct, frozen=True):
    """What people did, and the audit of what was promised."""

    virtual_days: int
    did: dict[str, int]
    audit: PromiseAudit


async def replay_promises(
    wish: PromiseWish, receipts: Receipts, installation: Installation, db: Database, tell: Tell
) -> tuple[Tally, PromisesReplayed]:
    """Place the receipts at their hours, weeks ahead of today, and let places, carriers and customers do their part."""
    waiting = deque(receipts)
    # By whole weeks, so that every receipt keeps its weekday and its hour.
    first = waiting[0].paid_at.replace(tzinfo=ZONE)
    ahead = timedelta(weeks=(datetime.now(UTC) - first).days // 7 + 1)
    time = VirtualClock((first + ahead).astimezone(UTC))
    began, total = time.at, len(waiting)
    chance = Random(wish.seed)
    async with api_here(installation, time) as (host, port):
        connections = [ApiConnection(host, port, installation.api_key) for _ in range(CONNECTIONS)]
        places = Places(db, connections, wish.reject_percent, wish.seed)
        sender = Sender(places.baskets)
        last = None
        while waiting or (last is not None and time.at < last + AFTERWARDS):
            time.at += STEP
            batch = []
            while waiting and (waiting[0].paid_at.replace(tzinfo=ZONE) + ahead).astimezone(UTC) <= time.at:
                batch.append((waiting.popleft(), _kind(chance.random(), wish)))
                last = time.at
            await _place(batch, sender, connections)
            await _follow(db, time.at)
            left = await places.work(time.at, STEP)
            await _follow(db, time.at)
            if time.at - began > timedelta(days=1) and time.at.astimezone(ZONE).hour == 0:
                await replaying.look_after(db, time.at)
            tell("Weeks of work", total - len(waiting), total)
            if not waiting and not left and not places.waiting and not _uncollected(places):
                break
        for connection in connections:
            await connection.close()
    async with db.connection() as connection:
        audit = await audit_promises(connection, began, time.at + STEP, time.at)
    return sender.tally, PromisesReplayed((time.at - began).days, dict(places.did.most_common()), audit)


def _uncollected(places: Places) -> bool:
    return places.did["staged"] > places.did["handed over"]


def _kind(dice: float, wish: PromiseWish) -> str:
    if dice < wish.pickup_share:
        return "pickup"
    return "ship" if dice < wish.pickup_share + wish.ship_share else "carry_out"


async def _place(batch: list[tuple[Receipt, str]], sender: Sender, connections: list[ApiConnection]) -> None:
    orders = iter(batch)

    async def send(connection: ApiConnection) -> None:
        for receipt, kind in orders:
            await sender.send(connection, receipt, kind)

    async with asyncio.TaskGroup() as group:
        for connection in connections[: len(batch)]:
            group.create_task(send(connection))


async def _follow(db: Database, now: datetime) -> None:
    """Do what the worker does: follow orders and places, and carry out the jobs that this brings."""
    await replaying.follow(db)
    async with db.transaction() as tx:
        asked = await store.TAKE_JOBS.all(tx, limit=JOBS_AT_ONCE)
    for job in asked:
        payload: Mapping[str, Any] = msgspec.json.decode(job.payload)
        await replaying.run_job(db, job.entrypoint, dict(payload), now)
