"""Fetching units from the shelf: by scan, by one person at a time."""

from datetime import datetime
from uuid import UUID

from kanava.catalog import service as catalog
from kanava.fulfilment import rules
from kanava.fulfilment.errors import CodeUnknown, TakenBySomebody, TooManyPicked, WrongItem
from kanava.fulfilment.model import Fulfilment, PickUnits, TakeFulfilment
from kanava.fulfilment.service import reading
from kanava.fulfilment.service.change import FulfilmentChange, lines_told
from kanava.fulfilment.store.reading import LineRow
from kanava.inventory.service import names
from kanava.platform.auth import Actor
from kanava.platform.db import Connection
from kanava.platform.errors import InvalidInput


async def take(tx: Connection, actor: Actor, fulfilment_id: UUID, request: TakeFulfilment, now: datetime) -> Fulfilment:
    """Give a fulfilment to the actor; hers already: nothing changes. TakenBySomebody unless it is taken over."""
    change = await FulfilmentChange.open(tx, actor, fulfilment_id, now)
    change.must_be("open", "picking", "picked")
    if change.row.assigned_to == actor.label:
        return await reading.get_fulfilment(tx, actor, fulfilment_id)
    if not request.take_over:
        must_be_free(change, actor)
    before = change.row.assigned_name
    change.assign(actor)
    change.row.wave_id = None
    if change.row.state == "open":
        change.row.state = "picking"
    change.happened("fulfilment.changed", {"state": change.row.state, "assigned_name": actor.name, "lines": []})
    return await change.finish("take", {"taken_from": before} if before else {})


async def release(tx: Connection, actor: Actor, fulfilment_id: UUID, now: datetime) -> Fulfilment:
    """Put a fulfilment back on the board; one that nobody has stays as it is."""
    change = await FulfilmentChange.open(tx, actor, fulfilment_id, now)
    if change.row.assigned_to is None:
        return await reading.get_fulfilment(tx, actor, fulfilment_id)
    change.must_be("open", "picking", "picked")
    change.assign(None)
    if change.row.state == "picking" and not any(line.quantity_picked for line in change.lines.values()):
        change.row.state = "open"
    change.happened("fulfilment.changed", {"state": change.row.state, "assigned_name": None, "lines": []})
    return await change.finish("release", {})


async def pick(
    tx: Connection, actor: Actor, fulfilment_id: UUID, request: PickUnits, now: datetime, version: int | None = None
) -> Fulfilment:
    """Record units found on the shelf; the last one makes the fulfilment picked.

    WrongState, FulfilmentOnHold, TakenBySomebody, CodeUnknown, WrongItem (names what was scanned), TooManyPicked.
    """
    change = await FulfilmentChange.open(tx, actor, fulfilment_id, now)
    if await change.begin(request.pick_id, "pick", request, version):
        return await reading.get_fulfilment(tx, actor, fulfilment_id)
    change.must_be("open", "picking")
    must_be_free(change, actor)
    there = await _lines_of_code(change, request)
    to_pick = sum(line.to_pick for line in there)
    if request.quantity > to_pick:
        raise TooManyPicked(
            f"{to_pick} more of {there[0].sku} are to be picked, not {request.quantity}.",
            field="quantity",
            to_pick=to_pick,
        )
    missing, picked = request.quantity, []
    for line in there:
        units = min(missing, line.to_pick)
        line.quantity_picked += units
        missing -= units
        if units:
            picked.append((line, units))
    if change.row.assigned_to is None:
        change.assign(actor)
    change.row.state = "picking"
    change.row.state = rules.state_after(change.row.state, change.row.kind, change.lines.values())
    kind = "fulfilment.changed"
    if change.row.state == "picked":
        # Found after all: nobody has to be asked any more.
        change.unstick()
        kind = "fulfilment.picked"
    facts = {"state": change.row.state, "assigned_name": change.row.assigned_name, "lines": lines_told(picked)}
    change.happened(kind, facts)
    return await change.finish("pick", {"lines": lines_told(picked), "code": request.code})


def must_be_free(change: FulfilmentChange, actor: Actor) -> None:
    """Raise TakenBySomebody when somebody else has the work."""
    row = change.row
    if row.assigned_to not in (None, actor.label):
        name = row.assigned_name or row.assigned_to
        raise TakenBySomebody(
            f"{name} has {row.fulfilment_number}.",
            field="fulfilment_id",
            assigned_to=row.assigned_to,
            assigned_name=row.assigned_name,
        )


async def _lines_of_code(change: FulfilmentChange, request: PickUnits) -> list[LineRow]:
    """Give the lines of what was scanned; a GTIN or a sku."""
    lines = list(change.lines.values())
    if request.line_no is not None:
        lines = [change.line(request.line_no, "line_no")]
    sku = request.code if any(line.sku == request.code for line in lines) else await _sku_of(change.tx, request.code)
    found = [line for line in lines if line.sku == sku]
    if not found:
        wanted = sorted({line.sku for line in lines if line.to_pick})
        raise WrongItem(
            f"You scanned {sku}; {change.row.fulfilment_number} wants {', '.join(wanted[:5]) or 'nothing more'}.",
            field="code",
            scanned=sku,
            wanted=wanted,
        )
    return found


async def _sku_of(tx: Connection, code: str) -> str:
    try:
        variants = await catalog.variants_by_gtin(tx, code)
    except InvalidInput:
        variants = []
    if variants:
        return variants[0].sku
    if (await names.variant_ids(tx, [code]))[code] is None:
        raise CodeUnknown(f"Nothing has the barcode or sku {code!r}.", field="code")
    return code
