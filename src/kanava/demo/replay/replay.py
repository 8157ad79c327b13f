"""Sending receipts as orders: most as sales at the till, a share as web orders that are picked up."""

import asyncio
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

import msgspec

from kanava.demo.replay.client import ApiConnection
from kanava.demo.replay.load import TILLS, WEB, Loaded, Tell, load, place_code
from kanava.demo.replay.receipts import Receipt, ReceiptLine, Receipts, Selection
from kanava.platform.db import Database
from kanava.platform.ids import uuid7
from kanava.platform.invariants import Invariant, broken_invariants
from kanava.supervisor.temporary import Api, fresh_installation

SHORT = "urn:kanava:problem:insufficient-stock"


class Wish(msgspec.Struct, frozen=True):
    """How to replay; `pickup_share` of the receipts become web orders, `stock_share` of what is sold is in stock."""

    selection: Selection
    pickup_share: float = 0.1
    stock_share: float = 0.98
    connections: int = 32
    seed: int = 1


class ReplayReport(msgspec.Struct, frozen=True):
    """What came of it. Shortages are lines for which there were too few units; their orders went on without them."""

    loaded: Loaded
    receipts: int
    receipt_lines_left_out: int
    orders_taken: int
    till_orders: int
    pickup_orders: int
    lines_filled: int
    units_filled: int
    shortages: int
    orders_refused: int
    refused_by_reason: dict[str, int]
    seconds: float
    orders_per_second: float
    invariants: dict[str, int]


class _Tally:
    def __init__(self) -> None:
        self.taken: Counter[str] = Counter()
        self.lines = self.units = self.shortages = self.done = 0
        self.refused: Counter[str] = Counter()


async def replay(wish: Wish, folder: Path, tell: Tell) -> ReplayReport:
    """Replay in an installation of its own below `folder`, which is gone at the end."""
    tell("Reading receipts", 0, 1)
    receipts = await asyncio.to_thread(Receipts, wish.selection)
    tell("Reading receipts", 1, 1)
    async with fresh_installation(folder, "replay") as installation:
        db = await Database.open(installation.url, pool_size=4, application_name="kanava-replay")
        try:
            loaded = await load(db, receipts, wish.stock_share, tell)
            await installation.settle()
            async with installation.api() as api:
                began = time.perf_counter()
                tally = await _send_all(wish, receipts, api, installation.api_key, tell)
                seconds = time.perf_counter() - began
            tell("Checking invariants", 0, 1)
            invariants = await broken_invariants(db)
            tell("Checking invariants", 1, 1)
        finally:
            await db.close()
    return _report(receipts, loaded, tally, seconds, invariants)


async def _send_all(wish: Wish, receipts: Receipts, api: Api, api_key: str, tell: Tell) -> _Tally:
    tally = _Tally()
    chance = Random(wish.seed)
    total = receipts.baskets
    waiting: Iterator[tuple[Receipt, bool]] = ((receipt, chance.random() < wish.pickup_share) for receipt in receipts)

    async def send() -> None:
        connection = ApiConnection(api.host, api.port, api_key)
        try:
            # One iterator for all: the next free connection takes the next receipt, in the order they were paid.
            for receipt, is_pickup in waiting:
                await _send(connection, receipt, is_pickup, tally)
                tally.done += 1
                if tally.done % 50 == 0 or tally.done == total:
                    tell("Replaying receipts", tally.done, total)
        finally:
            await connection.close()

    async with asyncio.TaskGroup() as group:
        for _ in range(wish.connections):
            group.create_task(send())
    return tally


async def _send(connection: ApiConnection, receipt: Receipt, is_pickup: bool, tally: _Tally) -> None:
    """Place the order; when some lines are short, place what can be had of it."""
    lines = receipt.lines
    for attempt in (1, 2):
        order = _order(receipt, lines, is_pickup)
        status, answer = await connection.post("/api/orders", str(order["order_id"]), order)
        if status == 201:
            tally.taken[WEB if is_pickup else TILLS] += 1
            tally.lines += len(lines)
            tally.units += sum(line.quantity for line in lines)
            return
        reason = str(answer.get("type", status)) if isinstance(answer, dict) else str(status)
        if attempt == 2 or reason != SHORT:
            tally.refused[reason.rpartition(":")[2]] += 1
            return
        short = {line["line_no"] for line in answer["lines"]}
        tally.shortages += len(short)
        lines = [line for number, line in enumerate(lines, 1) if number not in short]
        if not lines:
            tally.refused["nothing-in-stock"] += 1
            return


def _order(receipt: Receipt, lines: list[ReceiptLine], is_pickup: bool) -> dict[str, Any]:
    place = place_code(receipt.store)
    order: dict[str, Any] = {"order_id": uuid7(), "external_reference": receipt.basket}
    if is_pickup:
        fulfilment = {"kind": "pickup", "location": place}
        sold = [{"sku": line.sku, "quantity": line.quantity, "fulfilment": fulfilment} for line in lines]
        return {**order, "channel": WEB, "lines": sold}
    fulfilment = {"kind": "carry_out", "location": place}
    sold = [
        {
            "sku": line.sku,
            "quantity": line.quantity,
            "fulfilment": fulfilment,
            "unit_price_minor": line.unit_price_minor,
        }
        for line in lines
    ]
    total = sum(line.quantity * line.unit_price_minor for line in lines)
    paid = {"payment_id": uuid7(), "method": "card", "authorised_minor": total, "captured_minor": total}
    return {**order, "channel": TILLS, "lines": sold, "payments": [paid]}


def _report(
    receipts: Receipts, loaded: Loaded, tally: _Tally, seconds: float, invariants: list[Invariant]
) -> ReplayReport:
    taken = tally.taken.total()
    return ReplayReport(
        loaded=loaded,
        receipts=receipts.baskets,
        receipt_lines_left_out=receipts.lines_left_out,
        orders_taken=taken,
        till_orders=tally.taken[TILLS],
        pickup_orders=tally.taken[WEB],
        lines_filled=tally.lines,
        units_filled=tally.units,
        shortages=tally.shortages,
        orders_refused=tally.refused.total(),
        refused_by_reason=dict(tally.refused.most_common()),
        seconds=round(seconds, 2),
        orders_per_second=round(taken / seconds, 1),
        invariants={invariant.name: invariant.rows for invariant in invariants},
    )
