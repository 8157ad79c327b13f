"""Receive what is on its way here: transfers of other places, purchase orders of suppliers; all of it or part."""

from datetime import date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.enums import RequestEncodingType
from litestar.params import Body

from kanava.inventory.errors import DocumentIdTaken, PurchaseOrderStateConflict, TransferStateConflict
from kanava.inventory.messages import Arrival, ArrivalLine, DifferenceReason, ExpectedLineView
from kanava.inventory.service import purchase_orders, transfers
from kanava.inventory.service.purchase_orders import PurchaseOrderFilter
from kanava.platform.auth import Actor
from kanava.platform.db import Connection
from kanava.platform.errors import Conflict, InvalidInput, KanavaError, NotFound
from kanava.platform.http import AnyRequest, database_of
from kanava.platform.ids import uuid7
from kanava.stores import service as stores
from kanava.web.common.errors import N, words_for
from kanava.web.common.pages import see_other
from kanava.web.common.sessions import requires_staff
from kanava.web.store import counter_words
from kanava.web.store.counter import articles, find_exactly, translator
from kanava.web.store.forms import fields_of, units_of
from kanava.web.store.shell import Shift, carry_out, store_page

CAN = [requires_staff("stock:write")]
Form = RequestEncodingType.URL_ENCODED
Kind = Literal["transfers", "purchase-orders"]
SHOWN_MAX = 100
SAID = {
    "all": N("All of it is here. The stock is right."),
    "part": N("Noted. The rest is still on its way."),
}
REFUSED: dict[type[KanavaError], str] = {
    TransferStateConflict: N("Nothing of this is on its way any more. Somebody may have received it already."),
    PurchaseOrderStateConflict: N("Nothing of this is on its way any more. Somebody may have received it already."),
    DocumentIdTaken: N("This was noted already. Here is how it stands now."),
    InvalidInput: N("That is more than is still to come. Please look at the lines that are marked."),
}


class Expected(msgspec.Struct, frozen=True):
    """Goods on their way here, from a place of ours or a supplier."""

    kind: Kind
    document_id: UUID
    sender: str
    reference: str
    expected_on: date | None
    open: bool
    lines: list[ExpectedLineView]

    @property
    def left(self) -> int:
        """Units that are still to come."""
        return sum(left_of(line) for line in self.lines)


class ReceiveForm(msgspec.Struct, frozen=True):
    """What arrived; units stand in fields of their own. The id makes a second press the same arrival."""

    arrival_id: UUID
    code: Annotated[str, msgspec.Meta(max_length=100)] = ""
    press: Annotated[str, msgspec.Meta(max_length=20)] = "scan"


def left_of(line: ExpectedLineView) -> int:
    """Give the units of a line that are still to come."""
    return line.quantity - line.quantity_received - line.quantity_missing


def lines_with_too_many(lines: list[ExpectedLineView], fields: dict[str, str]) -> set[int]:
    """Give the numbers of the lines of which more arrived or is missing than is still to come."""
    got, missing = units_of(fields, "got_"), units_of(fields, "missing_")
    return {no for no, line in enumerate(lines, 1) if got.get(no, 0) + missing.get(no, 0) > left_of(line)}


@get("/receive", guards=CAN)
async def receive_page(request: AnyRequest, shift: Shift) -> Response[str]:
    """Show what is on its way here, the soonest first."""
    async with database_of(request).connection() as connection:
        found = [*await _transfers(connection, shift), *await _purchase_orders(connection, shift)]
        senders = await stores.name_places(connection, [each.sender for each in found])
    found.sort(key=lambda each: (each.expected_on is None, each.expected_on or date.max, each.document_id))
    return store_page(request, shift, "store/receive.html", "receive", found=found, senders=senders)


async def _transfers(connection: Connection, shift: Shift) -> list[Expected]:
    page = await transfers.list_transfers(connection, "in_transit", shift.code, None, SHOWN_MAX)
    return [
        Expected("transfers", each.transfer_id, each.from_location, each.reference, each.expected_on, True, each.lines)
        for each in page.items
        if each.to_location == shift.code
    ]


async def _purchase_orders(connection: Connection, shift: Shift) -> list[Expected]:
    wanted = PurchaseOrderFilter(state="ordered", location=shift.code)
    page = await purchase_orders.list_purchase_orders(connection, wanted, None, SHOWN_MAX)
    return [
        Expected(
            "purchase-orders", each.purchase_order_id, each.supplier, each.reference, each.expected_on, True, each.lines
        )
        for each in page.items
    ]


@get("/receive/{kind:str}/{document_id:uuid}", guards=CAN)
async def arrival_page(request: AnyRequest, shift: Shift, kind: str, document_id: UUID) -> Response[str]:
    """Show what is still to come of one delivery."""
    return await _shown(request, shift, kind, document_id, {})


@post("/receive/{kind:str}/{document_id:uuid}", guards=CAN)
async def receive(
    request: AnyRequest,
    shift: Shift,
    kind: str,
    document_id: UUID,
    data: Annotated[ReceiveForm, Body(media_type=Form)],
) -> Response[Any]:
    """Count a scanned piece into the form, or book what arrived."""
    fields = await fields_of(request)
    if data.press == "all":
        fields |= await _everything(request, shift, kind, document_id)
    elif data.press != "book":
        return await _scan(request, shift, kind, document_id, data.code.strip(), fields)
    try:
        async with database_of(request).connection() as connection:
            expected = await _expected(connection, shift, kind, document_id)
        arrival = _arrival(data.arrival_id, expected.lines, fields)
        rest = await carry_out(request, lambda tx, actor, now: _book(tx, actor, expected, arrival, now))
    except _NothingArrived as error:
        said = translator(shift)("Enter or scan what has arrived first.")
        return await _shown(request, shift, kind, document_id, fields, said, error.status)
    except (Conflict, InvalidInput) as error:
        said = translator(shift)(REFUSED.get(type(error), "")) or words_for(error.status, shift.language)
        return await _shown(request, shift, kind, document_id, fields, said, error.status)
    return see_other(f"/store/receive/{kind}/{document_id}?said={'part' if rest else 'all'}")


class _NothingArrived(InvalidInput):
    """No field says that anything arrived or is missing."""


def _arrival(arrival_id: UUID, lines: list[ExpectedLineView], fields: dict[str, str]) -> Arrival:
    """Read what arrived of which line; KanavaError."""
    got, missing = units_of(fields, "got_"), units_of(fields, "missing_")
    found = [
        ArrivalLine(
            line.sku,
            got.get(number, 0),
            missing.get(number, 0),
            msgspec.convert(fields.get(f"reason_{number}", "not_delivered"), DifferenceReason)
            if missing.get(number)
            else None,
        )
        for number, line in enumerate(lines, 1)
        if got.get(number) or missing.get(number)
    ]
    if not found:
        raise _NothingArrived("Nothing arrived.", field="lines")
    return Arrival(arrival_id, found)


async def _book(tx: Connection, actor: Actor, expected: Expected, arrival: Arrival, now: datetime) -> int:
    """Book an arrival; give the units that are still to come."""
    if expected.kind == "transfers":
        done = (await transfers.receive_transfer(tx, actor, expected.document_id, arrival, now)).lines
    else:
        received = purchase_orders.receive_goods
        done = (await received(tx, actor, expected.document_id, arrival, now)).lines
    return sum(left_of(line) for line in done)


async def _everything(request: AnyRequest, shift: Shift, kind: str, document_id: UUID) -> dict[str, str]:
    async with database_of(request).connection() as connection:
        expected = await _expected(connection, shift, kind, document_id)
    arrived = {f"got_{number}": str(left_of(line)) for number, line in enumerate(expected.lines, 1)}
    return arrived | {f"missing_{number}": "" for number in range(1, len(expected.lines) + 1)}


async def _scan(
    request: AnyRequest, shift: Shift, kind: str, document_id: UUID, code: str, fields: dict[str, str]
) -> Response[str]:
    """Count one more of what was scanned; nothing is booked yet."""
    _ = translator(shift)
    async with database_of(request).connection() as connection:
        found = await find_exactly(connection, shift, code)
        expected = await _expected(connection, shift, kind, document_id)
    number = next((no for no, line in enumerate(expected.lines, 1) if found and line.sku == found.sku), None)
    if found is None:
        said = _("Nothing has this barcode or article number.") if code else _("Scan or type something first.")
        return await _shown(request, shift, kind, document_id, fields, said, 422)
    if number is None:
        said = _("%(article)s is not part of this delivery. Please put it aside.") % {"article": found.title}
        return await _shown(request, shift, kind, document_id, fields, said, 422)
    name, before = f"got_{number}", fields.get(f"got_{number}", "").strip()
    units = int(before) + 1 if before.isascii() and before.isdigit() and len(before) < 7 else 1
    if units > left_of(expected.lines[number - 1]):
        said = _("That is one more than was announced: %(article)s.") % {"article": found.title}
        return await _shown(request, shift, kind, document_id, fields, said, 422)
    return await _shown(request, shift, kind, document_id, fields | {name: str(units), "code": ""})


async def _expected(connection: Connection, shift: Shift, kind: str, document_id: UUID) -> Expected:
    """Read a delivery to this place; NotFound also when it goes elsewhere."""
    if kind == "transfers":
        found = await transfers.get_transfer(connection, document_id)
        expected = Expected(
            "transfers", document_id, found.from_location, found.reference, found.expected_on,
            found.state == "in_transit", found.lines,
        )  # fmt: skip
        target = found.to_location
    elif kind == "purchase-orders":
        order = await purchase_orders.get_purchase_order(connection, document_id)
        expected = Expected(
            "purchase-orders", document_id, order.supplier, order.reference, order.expected_on,
            order.state == "ordered", order.lines,
        )  # fmt: skip
        target = order.location
    else:
        raise NotFound("There are transfers and purchase orders.", field="kind")
    if target != shift.code:
        raise NotFound("That delivery goes to another location.", field="document_id")
    return expected


async def _shown(
    request: AnyRequest,
    shift: Shift,
    kind: str,
    document_id: UUID,
    typed: dict[str, str],
    refusal: str = "",
    status: int = 200,
) -> Response[str]:
    async with database_of(request).connection() as connection:
        expected = await _expected(connection, shift, kind, document_id)
        known = await articles(connection, shift, [line.sku for line in expected.lines])
        senders = await stores.name_places(connection, [expected.sender])
    return store_page(
        request,
        shift,
        "store/receive_arrival.html",
        "receive",
        status=status,
        expected=expected,
        sender=senders.get(expected.sender),
        articles=known,
        left_of=left_of,
        too_many=lines_with_too_many(expected.lines, typed),
        typed=typed,
        refusal=refusal,
        said=SAID.get(request.query_params.get("said", "")),
        arrival_id=typed.get("arrival_id") or uuid7(),
        words=counter_words,
    )


routes: list[Any] = [receive_page, arrival_page, receive]
