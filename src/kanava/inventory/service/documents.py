"""What receipts, adjustments, counts and returns have in common: an id of the sender's, and one answer per id."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from hashlib import blake2b
from uuid import UUID

import msgspec

from kanava.inventory.errors import DocumentIdTaken, InsufficientStock, LevelsMoved, ReservedElsewhere
from kanava.inventory.messages import DocumentLine, StockDocument
from kanava.inventory.model import ChangedLevel, LevelChange, Movement, MovementKind
from kanava.inventory.service.names import announce, location_id
from kanava.inventory.service.reserve import apply_changes, levels_at, write_movements
from kanava.inventory.store import documents, levels
from kanava.platform.audit import record
from kanava.platform.auth import Actor
from kanava.platform.db import Connection
from kanava.platform.errors import Conflict, FieldError


def request_hash(request: msgspec.Struct) -> bytes:
    """Give what tells whether an id comes again with the same request."""
    return blake2b(msgspec.json.encode(request), digest_size=16).digest()


class Paper(msgspec.Struct, frozen=True):
    """A document about to be carried out."""

    document_id: UUID
    kind: str
    location: str
    request: msgspec.Struct
    audited: bool = False


Work = Callable[[int], Awaitable[list[DocumentLine]]]


async def carry_out(tx: Connection, actor: Actor, paper: Paper, work: Work, now: datetime) -> StockDocument:
    """Carry a document out once; the same one again gets the first answer, another one DocumentIdTaken."""
    at = await location_id(tx, paper.location)
    actor.must_reach(at)
    digest = request_hash(paper.request)
    claimed = await documents.CLAIM_DOCUMENT.one_or_none(
        tx,
        document_id=paper.document_id,
        kind=paper.kind,
        location_id=at,
        request_hash=digest,
        actor=actor.label,
        now=now,
    )
    if not claimed:
        stored = await documents.STORED_DOCUMENT.one(tx, document_id=paper.document_id)
        if stored.request_hash != digest:
            raise DocumentIdTaken(
                f"The id {paper.document_id} was used before with another content.", field=f"{paper.kind}_id"
            )
        return msgspec.convert(stored.answer, StockDocument)
    answer = StockDocument(paper.document_id, paper.kind, paper.location, now, await work(at))
    await documents.COMPLETE_DOCUMENT.run(tx, document_id=paper.document_id, answer=msgspec.to_builtins(answer))
    if paper.audited:
        moved = {line.sku: line.on_hand_delta for line in answer.lines if line.on_hand_delta}
        detail = {"location": paper.location, "reason": getattr(paper.request, "reason", None), "on_hand": moved}
        await record(tx, actor, paper.kind, "stock_document", str(paper.document_id), detail)
    return answer


class Posting(msgspec.Struct, frozen=True):
    """What a document does at one location: units on hand per variant, up or down."""

    location_id: int
    kind: MovementKind
    movement_id: UUID
    variant_ids: list[int]
    deltas: list[int]
    reference: str
    reason: str | None = None


async def post(tx: Connection, actor: Actor, posting: Posting) -> dict[int, ChangedLevel]:
    """Change what is on hand and write the ledger; units that are reserved or ring-fenced are not taken."""
    location = posting.location_id
    places = [location] * len(posting.variant_ids)
    await levels.ENSURE_LEVELS.run(tx, variant_ids=posting.variant_ids, location_ids=places)
    pairs = list(zip(posting.variant_ids, posting.deltas, strict=True))
    changes = [
        LevelChange(variant, location, on_hand_delta=delta, need=-delta if delta < 0 else None)
        for variant, delta in pairs
    ]
    try:
        async with tx.transaction():
            changed = await apply_changes(tx, changes)
    except LevelsMoved:
        await refuse_short(tx, location, pairs)
        raise
    movements = [
        Movement(
            variant,
            location,
            posting.movement_id,
            posting.kind,
            on_hand_delta=delta,
            reference=posting.reference,
            reason=posting.reason,
        )
        for variant, delta in pairs
    ]
    await write_movements(tx, movements, [actor.label] * len(movements))
    await announce(tx, changed)
    return {row.variant_id: row for row in changed}


async def refuse_short(tx: Connection, location: int, pairs: Sequence[tuple[int, int]]) -> None:
    """Say which lines take more than there is (InsufficientStock) or than is free (ReservedElsewhere)."""
    found = await levels_at(tx, [(variant, location) for variant, _ in pairs])
    missing, reserved = [], []
    for index, (variant, delta) in enumerate(pairs):
        level = found.get((variant, location))
        on_hand, free = (level.on_hand, level.free) if level else (0, 0)
        if on_hand + delta < 0:
            missing.append(FieldError(f"lines[{index}]", f"there are only {on_hand} on hand"))
        elif delta < 0 and free + delta < 0:
            reserved.append(
                FieldError(
                    f"lines[{index}]", f"of {on_hand} on hand only {max(0, free)} are neither reserved nor ring-fenced"
                )
            )
    if missing:
        raise InsufficientStock(f"{missing[0].field}: {missing[0].reason}.", errors=missing[:100])
    if reserved:
        raise ReservedElsewhere(f"{reserved[0].field}: {reserved[0].reason}.", errors=reserved[:100])
    raise Conflict("The stock changed while this was carried out; send it again.")
