"""Take an order for a customer: a basket by scan or search, each line carried out, collected or sent."""

from contextlib import suppress
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.enums import RequestEncodingType
from litestar.params import Body

from kanava.carts import service as carts
from kanava.carts.errors import CartFull, CartLineNotFound, CartLinesInvalid, CartNotFound, CartPlaced
from kanava.carts.model import AddLines, Cart, CartFulfilment, CartLineEdit, NewCart, NewCartLine
from kanava.platform.auth import Actor
from kanava.platform.db import Connection
from kanava.platform.http import AnyRequest, database_of
from kanava.platform.ids import uuid7
from kanava.web.common.pages import see_other
from kanava.web.common.sessions import requires_staff
from kanava.web.store.counter import config_of, find_exactly, till_of, translator
from kanava.web.store.selling_basket import (
    basket_id,
    change_basket,
    fulfilment_of,
    keep_basket,
    read_basket,
)
from kanava.web.store.shell import Shift, carry_out, store_page

CAN = [requires_staff("orders:write"), requires_staff("carts:write")]
Form = RequestEncodingType.URL_ENCODED
QUANTITY_MAX = 999
Short = Annotated[str, msgspec.Meta(max_length=100)]


class AddForm(msgspec.Struct, frozen=True):
    """What was scanned or chosen, and how it is handed over."""

    code: Short = ""
    way: Short = "carry_out"


class LineForm(msgspec.Struct, frozen=True):
    """A line's new quantity and hand-over; `step` is the button beside the quantity that was pressed."""

    quantity: Short = ""
    way: Short = ""
    step: Short = ""


@get("/sell", guards=CAN)
async def basket_page(request: AnyRequest, shift: Shift) -> Response[Any]:
    """Show the basket."""
    return await basket_shown(request, shift)


async def basket_shown(
    request: AnyRequest, shift: Shift, refusal: str = "", *, code: str = "", status: int = 200
) -> Response[Any]:
    """Show the basket as it is now, with what was refused in words."""
    basket = await read_basket(request, shift)
    return store_page(
        request,
        shift,
        "store/sell.html",
        "sell",
        status=status,
        basket=basket,
        refusal=refusal,
        code=code,
        quantity_max=QUANTITY_MAX,
    )


@post("/sell/add", guards=CAN)
async def add(request: AnyRequest, shift: Shift, data: Annotated[AddForm, Body(media_type=Form)]) -> Response[Any]:
    """Put an article into the basket."""
    _ = translator(shift)
    code = data.code.strip()
    fulfilment = fulfilment_of(data.way, shift) or CartFulfilment("carry_out", shift.code)
    if not code:
        return await basket_shown(request, shift, _("Scan or type something first."), status=422)
    async with database_of(request).connection() as connection:
        found = await find_exactly(connection, shift, code)
        till = till_of(await config_of(request, connection), shift.place)
    if till is None:
        return see_other("/store/sell")
    if found is None:
        said = _("Nothing has this barcode or article number. Try a word of the name.")
        return await basket_shown(request, shift, said, code=code, status=422)
    line = NewCartLine(found.sku, 1, fulfilment)
    try:
        cart = await _put(request, basket_id(request, shift), till.code, line)
    except CartLinesInvalid:
        said = _("%(article)s is not sold here, or not in this way.") % {"article": found.title}
        return await basket_shown(request, shift, said, code=code, status=422)
    except CartFull:
        return await basket_shown(request, shift, _("The basket is full. Please place it first."), status=409)
    response = see_other("/store/sell")
    keep_basket(request, response, shift, cart.cart_id)
    return response


async def _put(request: AnyRequest, cart_id: UUID | None, channel: str, line: NewCartLine) -> Cart:
    """Put a line into the basket; into a new one when there is none, or it has been placed."""
    if cart_id is not None:
        try:
            return await change_basket(
                request, cart_id, lambda tx, actor, to, now: carts.add_lines(tx, actor, to, AddLines([line]), now)
            )
        except (CartNotFound, CartPlaced):
            pass
    new = NewCart(channel, uuid7(), lines=[line])

    async def begin(tx: Connection, _actor: Actor, now: datetime) -> Cart:
        return await carts.create_cart(tx, new, await config_of(request, tx), now)

    return await carry_out(request, begin)


@post("/sell/lines/{line_no:int}", guards=CAN)
async def change_line(
    request: AnyRequest, shift: Shift, line_no: int, data: Annotated[LineForm, Body(media_type=Form)]
) -> Response[Any]:
    """Change how many, or how they are handed over; none takes the line out."""
    _ = translator(shift)
    cart_id = basket_id(request, shift)
    text = data.quantity.strip()
    if cart_id is None:
        return see_other("/store/sell")
    if not (text.isascii() and text.isdigit() and int(text) <= QUANTITY_MAX):
        said = _("A number from 0 to %(most)s.") % {"most": QUANTITY_MAX}
        return await basket_shown(request, shift, said, status=422)
    quantity = min(int(text) + {"more": 1, "less": -1}.get(data.step, 0), QUANTITY_MAX)
    if data.step == "remove":
        quantity = 0
    edit = CartLineEdit(max(1, quantity), fulfilment_of(data.way, shift))

    async def work(tx: Connection, actor: Actor, to: carts.Target, now: datetime) -> Cart:
        if quantity < 1:
            return await carts.remove_line(tx, actor, to, line_no, now)
        return await carts.set_line(tx, actor, to, line_no, edit, now)

    try:
        await change_basket(request, cart_id, work)
    except (CartNotFound, CartPlaced, CartLineNotFound):
        pass  # It is gone: the page shows what there is.
    except CartLinesInvalid:
        said = _("That store does not hand it over in this way.")
        return await basket_shown(request, shift, said, status=422)
    return see_other("/store/sell")


@post("/sell/clear", guards=CAN)
async def clear(request: AnyRequest, shift: Shift) -> Response[Any]:
    """Begin with an empty basket; what was held for this one is given back."""
    cart_id = basket_id(request, shift)
    if cart_id is not None:
        with suppress(CartNotFound, CartPlaced):
            await change_basket(request, cart_id, carts.release)
    response = see_other("/store/sell")
    keep_basket(request, response, shift, None)
    return response


routes: list[Any] = [basket_page, add, change_line, clear]
