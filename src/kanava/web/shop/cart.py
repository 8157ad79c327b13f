"""The cart: putting goods in, choosing for each line how it is handed over, taking them out and back."""

from typing import Annotated, Any, cast
from uuid import uuid4

import msgspec
from litestar import Response, get, post
from litestar.enums import RequestEncodingType
from litestar.params import Body

from kanava.carts import service as carts
from kanava.carts.errors import (
    CartBlocked,
    CartEmpty,
    CartFull,
    CartLineNotFound,
    CartLinesInvalid,
    CartNotFound,
    CartPlaced,
)
from kanava.carts.model import AddLines, Cart, CartFulfilment, CartLineEdit, FulfilmentKind, NewCart, NewCartLine
from kanava.catalog import service as catalog
from kanava.inventory.errors import InsufficientStock
from kanava.platform import clock
from kanava.platform.errors import InvalidInput
from kanava.platform.http import AnyRequest, database_of
from kanava.web.common.pages import is_fragment, query, safe_next, see_other
from kanava.web.shop.basket import CartView, change_cart, config_of, read_cart, view_cart
from kanava.web.shop.visit import A_DAY, CART_SECONDS, Visit, keep_cart, keep_cart_count, shop_page

QUANTITY_MAX = 999
"""What a person may ask for in the shop; a retailer's buyer has the API."""
Short = Annotated[str, msgspec.Meta(max_length=100)]
Form = RequestEncodingType.URL_ENCODED
KINDS: tuple[str, ...] = ("ship", "pickup", "curbside")


class AddForm(msgspec.Struct, frozen=True):
    """What the page of a product sends; `location` may stay empty where the visitor has chosen her store.

    `hand_over` says kind and location in one (`ship`, `pickup:LJ`), which radio buttons can send without script.
    """

    sku: Short = ""
    quantity: Short = "1"
    kind: Short = "ship"
    location: Short = ""
    hand_over: Short = ""
    next: Annotated[str, msgspec.Meta(max_length=2000)] = ""


class LineForm(msgspec.Struct, frozen=True):
    """A line's new quantity and hand-over (`ship`, `pickup:LJ`, `curbside:LJ`), or that it goes."""

    quantity: Short = "1"
    hand_over: Short = ""
    action: Short = "set"


def quantity_of(text: str) -> int:
    """Read a number of units: at least one, at most what the shop takes; InvalidInput when it is no number."""
    digits = text.strip()
    if not digits.isascii() or not digits.isdigit():
        raise InvalidInput("A quantity is a whole number.", field="quantity")
    return max(1, min(int(digits[:6]), QUANTITY_MAX))


def hand_over_of(kind: str, location: str) -> CartFulfilment:
    """Read a hand-over."""
    if kind not in KINDS:
        raise InvalidInput("There is no such hand-over.", field="kind")
    return CartFulfilment(cast("FulfilmentKind", kind), None if kind == "ship" else location or None)


@get("/{market:str}/{language:str}/cart")
async def show_cart(request: AnyRequest, visit: Visit) -> Response[str]:
    """Show the cart; `gone` in the address offers to put back what was just taken out."""
    view = await view_cart(request, visit, await read_cart(request, visit))
    return await _cart_page(request, visit, view, request.query_params.get("notice"))


async def _cart_page(
    request: AnyRequest, visit: Visit, view: CartView, notice: str | None, status: int = 200
) -> Response[str]:
    params = request.query_params
    undo = None
    if sku := params.get("gone", "")[:100]:
        async with database_of(request).connection() as connection:
            shown = (await catalog.show_variants(connection, [sku], visit.languages)).get(sku)
        if shown is not None:
            undo = {
                "title": shown.title,
                "sku": sku,
                "quantity": params.get("quantity", "1")[:6],
                "kind": params.get("kind", "ship")[:20],
                "location": params.get("location", "")[:100],
            }
    template = "shop/_cart.html" if is_fragment(request) else "shop/cart.html"
    response = shop_page(
        request,
        msgspec.structs.replace(visit, cart_units=view.units),
        template,
        status=status,
        view=view,
        undo=undo,
        notice=notice,
        days_kept=CART_SECONDS // A_DAY,
        units=view.units,
        swapped=is_fragment(request),
    )
    keep_cart_count(request, response, view.units)
    return response


@post("/{market:str}/{language:str}/cart/lines")
async def add_line(request: AnyRequest, visit: Visit, data: Annotated[AddForm, Body(media_type=Form)]) -> Response[Any]:
    """Put a variant in and go on; htmx gets a line that says so, and the new count."""
    kind, _colon, location = data.hand_over.partition(":") if data.hand_over else (data.kind, "", data.location)
    fulfilment = hand_over_of(kind, location or visit.store or "")
    line = NewCartLine(data.sku, quantity_of(data.quantity), fulfilment)
    try:
        cart = await _put_in(request, visit, line)
    except (CartLinesInvalid, CartFull) as error:
        notice = "full" if isinstance(error, CartFull) else "refused"
        if is_fragment(request):
            return shop_page(request, visit, "shop/_cart_added.html", status=200, added=None, notice=notice, units=None)
        return see_other(f"{visit.base}/cart?notice={notice}")
    units = sum(each.quantity for each in cart.lines)
    response: Response[Any]
    if is_fragment(request):
        view = await view_cart(request, visit, cart)
        added = next(
            each for each in view.lines if each.line.sku == line.sku and each.line.fulfilment == line.fulfilment
        )
        response = shop_page(request, visit, "shop/_cart_added.html", added=added, notice=None, units=units)
    else:
        response = see_other(safe_next(data.next, f"{visit.base}/cart"))
    keep_cart(request, response, cart.cart_id)
    keep_cart_count(request, response, units)
    return response


async def _put_in(request: AnyRequest, visit: Visit, line: NewCartLine) -> Cart:
    """Put a line into the visitor's cart, or into a new one when she has none that can still change."""
    known = await read_cart(request, visit)
    if known is not None and known.order_id is None:
        added = AddLines([line])
        try:
            return await change_cart(
                request, visit, lambda tx, actor, to, now: carts.add_lines(tx, actor, to, added, now)
            )
        except (CartNotFound, CartPlaced):
            pass  # It has just become an order in another tab: this is the beginning of the next.
    # The cart's id is all that opens it, so it is random throughout, not made of the time.
    new = NewCart(visit.market.channel, uuid4(), lines=[line])
    async with database_of(request).transaction() as tx:
        return await carts.create_cart(tx, new, await config_of(request, tx), clock.now())


@post("/{market:str}/{language:str}/cart/lines/{line_no:int}")
async def change_line(
    request: AnyRequest, visit: Visit, line_no: int, data: Annotated[LineForm, Body(media_type=Form)]
) -> Response[Any]:
    """Set a line's quantity and hand-over, or take it out; the way back shows what it was."""
    before = await read_cart(request, visit)
    line = next((each for each in before.lines if each.line_no == line_no), None) if before else None
    if line is None:
        return see_other(f"{visit.base}/cart")
    params: dict[str, Any] = {}
    try:
        if data.action == "remove":
            await change_cart(request, visit, lambda tx, actor, to, now: carts.remove_line(tx, actor, to, line_no, now))
            params = {
                "gone": line.sku,
                "quantity": line.quantity,
                "kind": line.fulfilment.kind,
                "location": line.fulfilment.location,
            }
        else:
            kind, _colon, location = data.hand_over.partition(":")
            wanted = hand_over_of(kind, location) if kind else None
            edit = CartLineEdit(quantity_of(data.quantity), wanted)
            await change_cart(
                request, visit, lambda tx, actor, to, now: carts.set_line(tx, actor, to, line_no, edit, now)
            )
    except (CartLineNotFound, CartPlaced):
        pass  # Another tab was quicker; the page shows how it is.
    except InvalidInput:
        params = {"notice": "quantity"}
    return see_other(f"{visit.base}/cart" + (f"?{query(params)}" if params else ""))


@post("/{market:str}/{language:str}/cart/checkout")
async def to_checkout(request: AnyRequest, visit: Visit) -> Response[Any]:
    """Hold what is in the cart for the time of the channel, and go on to the checkout; back when something is amiss."""
    try:
        await change_cart(request, visit, carts.hold)
    except CartNotFound:
        return see_other(f"{visit.base}/cart?notice=lost")
    except (CartBlocked, CartEmpty, InsufficientStock):
        return see_other(f"{visit.base}/cart?notice=short")
    except CartPlaced:
        pass  # The checkout leads on to the order.
    return see_other(f"{visit.base}/checkout")


@get("/{market:str}/{language:str}/cart/count")
async def cart_count(request: AnyRequest, visit: Visit) -> Response[str]:
    """Give the number beside the cart in the header."""
    cart = await read_cart(request, visit)
    units = 0 if cart is None or cart.order_id is not None else sum(line.quantity for line in cart.lines)
    response = shop_page(request, visit, "shop/_cart_count.html", units=units)
    keep_cart_count(request, response, units)
    return response


routes = [show_cart, add_line, change_line, to_checkout, cart_count]
