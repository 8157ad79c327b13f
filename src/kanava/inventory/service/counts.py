"""Counts: what people found on the shelves, against what the ledger says."""

from datetime import datetime

from kanava.inventory.messages import Count, DocumentLine, StockDocument
from kanava.inventory.service import suppressing
from kanava.inventory.service.documents import Paper, carry_out
from kanava.inventory.service.names import line_variants
from kanava.inventory.service.update_rows import Changes
from kanava.inventory.service.updates import Cause, announce_rows, apply_to_levels
from kanava.platform.auth import Actor
from kanava.platform.db import Connection


async def count_stock(tx: Connection, actor: Actor, count: Count, now: datetime) -> StockDocument:
    """Set what was counted; differences become movements, reserved units that are not there a shortfall.

    Orders may run meanwhile: a line with `expected_on_hand` is left out when something has moved since it was read,
    and the answer tells what is on hand now, so that these few are counted again.
    """

    async def work(at: int) -> list[DocumentLine]:
        lines = count.lines
        skus = [line.sku for line in lines]
        variant_ids = await line_variants(tx, skus)
        changes = Changes(
            row_nos=list(range(len(lines))),
            variant_ids=variant_ids,
            location_ids=[at] * len(lines),
            movement_ids="{" + ",".join([str(count.count_id)] * len(lines)) + "}",
            absolutes=[line.counted for line in lines],
            expecteds=[line.expected_on_hand for line in lines],
        )
        cause = Cause(kind="count", actor=actor.label, now=now, reference=f"count:{count.count_id}")
        outcome = await apply_to_levels(tx, changes, cause)
        await announce_rows(tx, changes, outcome, skus, [count.location] * len(lines))
        before = {at - 1: units for at, units in zip(outcome.positions, outcome.before, strict=True)}
        left = {at - 1: units for at, units in zip(outcome.left_positions, outcome.left_on_hand, strict=True)}
        await suppressing.counted(tx, [v for number, v in enumerate(variant_ids) if number not in left], at)
        return [
            DocumentLine(line.sku, 0, left[number], "left_out")
            if number in left
            else DocumentLine(line.sku, line.counted - before.get(number, line.counted), line.counted)
            for number, line in enumerate(lines)
        ]

    return await carry_out(tx, actor, Paper(count.count_id, "count", count.location, count, audited=True), work, now)
