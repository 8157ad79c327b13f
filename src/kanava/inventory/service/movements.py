"""Receipts, adjustments and returns: what comes in and goes out besides orders."""

from collections.abc import Sequence
from datetime import datetime

from kanava.inventory.messages import Adjustment, DocumentLine, Receipt, ReturnToStock, StockDocument
from kanava.inventory.model import QUANTITY_MAX
from kanava.inventory.service.documents import Paper, Posting, carry_out, post
from kanava.inventory.service.names import announce, line_variants
from kanava.inventory.store import receipts
from kanava.platform.auth import Actor
from kanava.platform.db import Connection
from kanava.platform.errors import FieldError, InvalidInput

RECEIVE_CHUNK = 20_000


async def receive_many(
    tx: Connection, actor: Actor, rows: Sequence[tuple[int, int, int]], reference: str, now: datetime
) -> int:
    """Put (variant_id, location_id, quantity) on hand; gives how many levels changed.

    For loaders that know the ids: any number of rows, not repeatable (the caller sees to that), quantities above 0.
    """
    changed_levels = 0
    for start in range(0, len(rows), RECEIVE_CHUNK):
        chunk = rows[start : start + RECEIVE_CHUNK]
        for index, row in enumerate(chunk, start):
            if not 1 <= row[2] <= QUANTITY_MAX:
                raise InvalidInput(f"A receipt is 1 to {QUANTITY_MAX} units.", field=f"rows[{index}].quantity")
        changed = await receipts.RECEIVE.all(
            tx,
            variant_ids=[row[0] for row in chunk],
            location_ids=[row[1] for row in chunk],
            quantities=[row[2] for row in chunk],
            reference=reference,
            actor=actor.label,
            now=now,
        )
        await announce(tx, changed)
        changed_levels += len(changed)
    return changed_levels


async def receive(tx: Connection, actor: Actor, receipt: Receipt, now: datetime) -> StockDocument:
    """Put received goods on hand."""

    async def work(at: int) -> list[DocumentLine]:
        skus = [line.sku for line in receipt.lines]
        variants = await line_variants(tx, skus)
        deltas = [line.quantity for line in receipt.lines]
        reference = receipt.reference or f"receipt:{receipt.receipt_id}"
        changed = await post(tx, actor, Posting(at, "receipt", receipt.receipt_id, variants, deltas, reference))
        return [
            DocumentLine(sku, delta, changed[variant].on_hand)
            for sku, variant, delta in zip(skus, variants, deltas, strict=True)
        ]

    return await carry_out(tx, actor, Paper(receipt.receipt_id, "receipt", receipt.location, receipt), work, now)


async def adjust(tx: Connection, actor: Actor, adjustment: Adjustment, now: datetime) -> StockDocument:
    """Correct what is on hand, with a reason; ReservedElsewhere when the units are somebody's."""
    nothing = [
        FieldError(f"lines[{index}].delta", "0 changes nothing")
        for index, line in enumerate(adjustment.lines)
        if line.delta == 0
    ]
    if nothing:
        raise InvalidInput(nothing[0].reason, errors=nothing[:100])

    async def work(at: int) -> list[DocumentLine]:
        skus = [line.sku for line in adjustment.lines]
        variants = await line_variants(tx, skus)
        deltas = [line.delta for line in adjustment.lines]
        posting = Posting(
            at,
            "adjustment",
            adjustment.adjustment_id,
            variants,
            deltas,
            f"adjustment:{adjustment.adjustment_id}",
            adjustment.reason,
        )
        changed = await post(tx, actor, posting)
        return [
            DocumentLine(sku, delta, changed[variant].on_hand)
            for sku, variant, delta in zip(skus, variants, deltas, strict=True)
        ]

    paper = Paper(adjustment.adjustment_id, "adjustment", adjustment.location, adjustment, audited=True)
    return await carry_out(tx, actor, paper, work, now)


async def return_to_stock(tx: Connection, actor: Actor, returned: ReturnToStock, now: datetime) -> StockDocument:
    """Take goods back: `restock` goes on hand, `quarantine` and `scrap` are only written down."""
    twice: set[tuple[str, str]] = set()
    errors = []
    for index, line in enumerate(returned.lines):
        if (line.sku, line.disposition) in twice:
            errors.append(FieldError(f"lines[{index}].sku", f"{line.sku!r} stands there twice as {line.disposition}"))
        twice.add((line.sku, line.disposition))
    if errors:
        raise InvalidInput(errors[0].reason, errors=errors[:100])

    async def work(at: int) -> list[DocumentLine]:
        skus = list(dict.fromkeys(line.sku for line in returned.lines))
        variants = dict(zip(skus, await line_variants(tx, skus), strict=True))
        sellable = [line for line in returned.lines if line.disposition == "restock"]
        changed = {}
        if sellable:
            reference = returned.reference or f"return:{returned.return_id}"
            posting = Posting(
                at,
                "return",
                returned.return_id,
                [variants[line.sku] for line in sellable],
                [line.quantity for line in sellable],
                reference,
            )
            changed = await post(tx, actor, posting)
        answer = []
        for line in returned.lines:
            level = changed.get(variants[line.sku])
            restocked = line.quantity if line.disposition == "restock" else 0
            answer.append(
                DocumentLine(
                    line.sku,
                    restocked,
                    level.on_hand if level else 0,
                    disposition=line.disposition,
                    quantity=line.quantity,
                )
            )
        return answer

    paper = Paper(returned.return_id, "return", returned.location, returned, audited=True)
    return await carry_out(tx, actor, paper, work, now)
