"""Sending receipts as orders: most as sales at the till, a share as web orders that are picked up or shipped."""

import asyncio
import time
from collections.abc import Iterator
from pathlib import Path
from random import Random

import msgspec

from kanava.demo.replay.audit import PromisesReplayed, PromiseWish, replay_promises
from kanava.demo.replay.client import ApiConnection
from kanava.demo.replay.load import Loaded, Tell, load
from kanava.demo.replay.receipts import Receipt, Receipts, Selection
from kanava.demo.replay.sending import Sender, Tally
from kanava.platform.db import Database
from kanava.platform.invariants import Invariant, broken_invariants
from kanava.supervisor.temporary import Api, fresh_installation


class Wish(msgspec.Struct, frozen=True):
    """How to replay; `pickup_share` of the receipts become web orders, `stock_share` of what is sold is in stock.

    With `promises` they are placed in virtual time, and worked on by places that reject some of it.
    """

    selection: Selection
    pickup_share: float = 0.1
    stock_share: float = 0.98
    connections: int = 32
    seed: int = 1
    promises: PromiseWish | None = None


class ReplayReport(msgspec.Struct, frozen=True):
    """What came of it. Shortages are lines for which there were too few units; their orders went on without them."""

    loaded: Loaded
    receipts: int
    receipt_lines_left_out: int
    orders_taken: int
    till_orders: int
    pickup_orders: int
    shipped_orders: int
    lines_filled: int
    units_filled: int
    shortages: int
    orders_refused: int
    refused_by_reason: dict[str, int]
    seconds: float
    orders_per_second: float
    invariants: dict[str, int]
    promises: PromisesReplayed | None = None


async def replay(wish: Wish, folder: Path, tell: Tell) -> ReplayReport:
    """Replay in an installation of its own below `folder`, which is gone at the end."""
    tell("Reading receipts", 0, 1)
    receipts = await asyncio.to_thread(Receipts, wish.selection)
    tell("Reading receipts", 1, 1)
    async with fresh_installation(folder, "replay") as installation:
        db = await Database.open(installation.url, pool_size=4, application_name="kanava-replay")
        try:
            loaded = await load(db, receipts, wish.stock_share, tell, ships=wish.promises is not None)
            await installation.settle()
            promised = None
            began = time.perf_counter()
            if wish.promises is not None:
                tally, promised = await replay_promises(wish.promises, receipts, installation, db, tell)
            else:
                async with installation.api() as api:
                    began = time.perf_counter()
                    tally = await _send_all(wish, receipts, api, installation.api_key, tell)
            seconds = time.perf_counter() - began
            tell("Checking invariants", 0, 1)
            invariants = await broken_invariants(db)
            tell("Checking invariants", 1, 1)
        finally:
            await db.close()
    report = _report(receipts, loaded, tally, seconds, invariants)
    return msgspec.structs.replace(report, promises=promised)


async def _send_all(wish: Wish, receipts: Receipts, api: Api, api_key: str, tell: Tell) -> Tally:
    sender = Sender()
    tally = sender.tally
    chance = Random(wish.seed)
    total = receipts.baskets
    waiting: Iterator[tuple[Receipt, bool]] = ((receipt, chance.random() < wish.pickup_share) for receipt in receipts)

    async def send() -> None:
        connection = ApiConnection(api.host, api.port, api_key)
        try:
            # One iterator for all: the next free connection takes the next receipt, in the order they were paid.
            for receipt, is_pickup in waiting:
                await sender.send(connection, receipt, "pickup" if is_pickup else "carry_out")
                tally.done += 1
                if tally.done % 50 == 0 or tally.done == total:
                    tell("Replaying receipts", tally.done, total)
        finally:
            await connection.close()

    async with asyncio.TaskGroup() as group:
        for _ in range(wish.connections):
            group.create_task(send())
    return tally


def _report(
    receipts: Receipts, loaded: Loaded, tally: Tally, seconds: float, invariants: list[Invariant]
) -> ReplayReport:
    taken = tally.taken.total()
    return ReplayReport(
        loaded=loaded,
        receipts=receipts.baskets,
        receipt_lines_left_out=receipts.lines_left_out,
        orders_taken=taken,
        till_orders=tally.taken["carry_out"],
        pickup_orders=tally.taken["pickup"],
        shipped_orders=tally.taken["ship"],
        lines_filled=tally.lines,
        units_filled=tally.units,
        shortages=tally.shortages,
        orders_refused=tally.refused.total(),
        refused_by_reason=dict(tally.refused.most_common()),
        seconds=round(seconds, 2),
        orders_per_second=round(taken / seconds, 1),
        invariants={invariant.name: invariant.rows for invariant in invariants},
    )
