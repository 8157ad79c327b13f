"""The checkout: one page from an address to a placed order, the same whether or not scripts run.

Pressing the button twice, loading the page again or going back never orders twice: the order's id is in the form, and
the cart becomes one order only.
"""

from contextlib import suppress
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.enums import RequestEncodingType
from litestar.params import Body

from kanava.carts import service as carts
from kanava.carts.errors import CartBlocked, CartEmpty, CartLineNotFound, CartNotFound, CartPlaced
from kanava.carts.model import Cart
from kanava.inventory.errors import InsufficientStock
from kanava.orders.errors import CartChanged, DeliveryNotOffered, OrderExists, OrderLinesInvalid, TotalChanged
from kanava.orders.model import ChosenDelivery, Method, NewPayment
from kanava.orders.requests import PlaceCart
from kanava.orders.service.from_cart import CartPlacing, place_cart
from kanava.platform.errors import Overloaded
from kanava.platform.http import AnyRequest, database_of, request_digest
from kanava.platform.idempotency import IdempotencyKeyReused
from kanava.platform.ids import uuid7
from kanava.web.common.contact import example_postal_code, tidy_postal_code
from kanava.web.common.pages import is_fragment, see_other
from kanava.web.common.translations import translations_of
from kanava.web.shop.account_checkout import account_of, filled_in, keep_from, with_address
from kanava.web.shop.basket import CartView, change_cart, read_cart, view_cart
from kanava.web.shop.checkout_choices import Choices, choices_for
from kanava.web.shop.checkout_form import (
    CheckoutForm,
    address_errors,
    contact_errors,
    order_id_of,
    postal_error,
)
from kanava.web.shop.order_links import order_path
from kanava.web.shop.policies import agreed_to
from kanava.web.shop.visit import SHOPPER, Visit, keep_cart_count, shop_page

PLACED_ALREADY = (CartPlaced, OrderExists, IdempotencyKeyReused)
TAKES_OUT = "remove:"
"""What a button sends that takes a line out of the cart: this and the number of the line."""
SHOWN_AGAIN = (CartBlocked, CartChanged, DeliveryNotOffered, InsufficientStock, OrderLinesInvalid, TotalChanged)


@get("/{market:str}/{language:str}/checkout")
async def show_checkout(request: AnyRequest, visit: Visit) -> Response[Any]:
    """Show the page; who comes back to the checkout of a placed cart is shown its order."""
    cart = await read_cart(request, visit)
    if cart is not None and cart.order_id is not None:
        return see_other(await order_path(request, visit, cart.order_id))
    view = await view_cart(request, visit, cart)
    if not view.lines or any(each.blocked for each in view.lines):
        return see_other(f"{visit.base}/cart")
    email = cart.customer_email if cart is not None else None
    postal_code = visit.near.postal_code if visit.near is not None else ""
    form = CheckoutForm(order_id=str(uuid7()), email=email or "", postal_code=postal_code)
    form = filled_in(form, await account_of(request, visit))
    return await _page(request, visit, view, form, {})


@post("/{market:str}/{language:str}/checkout")
async def send_checkout(
    request: AnyRequest, visit: Visit, data: Annotated[CheckoutForm, Body(media_type=RequestEncodingType.URL_ENCODED)]
) -> Response[Any]:
    """Show the choices for what was typed so far, or place the order."""
    cart = await read_cart(request, visit)
    if cart is not None and cart.order_id is not None:
        return see_other(await order_path(request, visit, cart.order_id))
    if cart is not None and data.action.startswith(TAKES_OUT):
        cart = await _take_out(request, visit, data.action.removeprefix(TAKES_OUT))
    if cart is None:
        return see_other(f"{visit.base}/cart?notice=lost")
    view = await view_cart(request, visit, cart)
    if not view.lines:
        return see_other(f"{visit.base}/cart")
    if data.action == "place" and not is_fragment(request):
        return await _order_it(request, visit, cart, view, data)
    _ = translations_of(visit.language).gettext
    data = with_address(data, await account_of(request, visit))
    wrong = postal_error(data, visit.market.country, _) if view.of_kind("ship") and data.postal_code.strip() else None
    return await _page(request, visit, view, data, {"postal_code": wrong} if wrong else {})


async def _order_it(request: AnyRequest, visit: Visit, cart: Cart, view: CartView, data: CheckoutForm) -> Response[Any]:
    """Place the order, or show the page again with what is wrong."""
    if any(each.blocked for each in view.lines):
        return await _page(request, visit, view, data, {}, 409, problem="blocked")
    choices = await _choices(request, visit, view, data)
    errors = _errors(data, choices, visit.market.country, translations_of(visit.language).gettext)
    order_id = order_id_of(data.order_id)
    if errors or order_id is None:
        return await _page(request, visit, view, data, errors, 422, choices=choices)
    return await _place(request, visit, cart.cart_id, _order(data, choices, order_id, visit), data)


async def _take_out(request: AnyRequest, visit: Visit, line_no: str) -> Cart | None:
    """Take a line out of the cart; one that is not there any more is out already."""
    if line_no.isascii() and line_no.isdigit() and len(line_no) < 6:
        with suppress(CartLineNotFound, CartNotFound, CartPlaced):
            await change_cart(
                request, visit, lambda tx, actor, to, now: carts.remove_line(tx, actor, to, int(line_no), now)
            )
    return await read_cart(request, visit)


def _errors(form: CheckoutForm, choices: Choices, country: str, _: Any) -> dict[str, str]:
    errors = contact_errors(form, country, _)
    if choices.shipped:
        errors |= address_errors(form, country, _)
        if "postal_code" not in errors and not choices.undated:
            if choices.outside:
                errors["postal_code"] = _("None of our carriers goes to this postal code.")
            elif choices.no_delivery == "not_in_stock":
                errors["delivery"] = _(
                    "Something in your cart cannot be delivered right now. Please look at the lines on this page."
                )
            elif choices.chosen is None:
                errors["delivery"] = _("These goods cannot be delivered there at the moment.")
            elif choices.chosen.value != form.delivery:
                errors["delivery"] = _("Please choose how the goods are to be delivered.")
    if form.payment not in [method.code for method in choices.payments if method.offered]:
        errors["payment"] = _("Please choose how you would like to pay.")
    if not form.terms:
        errors["terms"] = _("Please say that you agree to the terms.")
    return errors


TENDERS: dict[str, Method] = {"on_receipt": "on_delivery", "at_till": "other", "bank_transfer": "bank_transfer"}
"""How each way of paying stands in the order; what is paid at a till now is recorded by the till."""


def _order(form: CheckoutForm, choices: Choices, order_id: UUID, visit: Visit) -> PlaceCart:
    """Write the order: what is paid on receipt is agreed on now, a bank transfer is awaited."""
    total = choices.totals.total.amount_minor
    on_receipt = form.payment == "on_receipt"
    delivery = None
    if choices.chosen is not None:
        delivery = ChosenDelivery(form.carrier_service, form.pickup_point)
    return PlaceCart(
        order_id=order_id,
        customer=form.customer(visit.market.country),
        ship_to=form.address(visit.market.country) if choices.shipped else None,
        payments=[
            # Its id is that of the order, so that a second press records no second tender.
            NewPayment(order_id, TENDERS[form.payment], total if on_receipt else 0)
        ],
        delivery=delivery,
        expected_total_minor=int(form.total) if form.total.isdigit() and len(form.total) < 15 else total,
    )


async def _place(
    request: AnyRequest, visit: Visit, cart_id: UUID, order: PlaceCart, form: CheckoutForm
) -> Response[Any]:
    asked = CartPlacing(SHOPPER, cart_id, order, await request_digest(request), f"shop:{cart_id}:{order.order_id}")
    try:
        await place_cart(request.app.state.order_placer, database_of(request), asked)
    except PLACED_ALREADY:
        pass  # Another press of the button was quicker.
    except CartNotFound:
        return see_other(f"{visit.base}/cart?notice=lost")
    except CartEmpty:
        return see_other(f"{visit.base}/cart")
    except (*SHOWN_AGAIN, Overloaded) as error:
        return await _again(request, visit, form, error)
    cart = await read_cart(request, visit)
    if cart is None or cart.order_id is None:
        # The id of the form belongs to an order of somebody else: this page gets a new one.
        fresh = msgspec.structs.replace(form, order_id=str(uuid7()))
        return await _again(request, visit, fresh, None)
    await keep_from(request, visit, form, shipped=order.ship_to is not None)
    response = see_other(await order_path(request, visit, cart.order_id) + "?placed=1")
    keep_cart_count(request, response, 0)
    return response


async def _again(request: AnyRequest, visit: Visit, form: CheckoutForm, error: Exception | None) -> Response[Any]:
    """Show the page with what has changed meanwhile; everything typed stays."""
    problem = "changed"
    if isinstance(error, InsufficientStock):
        problem = "expired" if "hold_expired_at" in error.extra else "short"
    elif isinstance(error, TotalChanged):
        problem = "total" if form.delivery == form.seen else "delivery"
    elif isinstance(error, Overloaded):
        problem = "busy"
    view = await view_cart(request, visit, await read_cart(request, visit))
    if not view.lines:
        return see_other(f"{visit.base}/cart")
    if any(each.blocked for each in view.lines):
        problem = "blocked"
    short: dict[str, int] = {}
    if isinstance(error, InsufficientStock):
        lines: Any = error.extra.get("lines") or []
        short = {line["sku"]: line["available"] for line in lines}
    return await _page(request, visit, view, form, {}, 409, problem=problem, short=short)


async def _choices(request: AnyRequest, visit: Visit, view: CartView, form: CheckoutForm) -> Choices:
    return await choices_for(
        request, visit, view, tidy_postal_code(form.postal_code, visit.market.country), form.delivery
    )


async def _page(
    request: AnyRequest,
    visit: Visit,
    view: CartView,
    form: CheckoutForm,
    errors: dict[str, str],
    status: int = 200,
    *,
    choices: Choices | None = None,
    problem: str | None = None,
    short: dict[str, int] | None = None,
) -> Response[Any]:
    part = is_fragment(request)
    response = shop_page(
        request,
        msgspec.structs.replace(visit, cart_units=view.units),
        "shop/_checkout.html" if part else "shop/checkout.html",
        status=status,
        part=part,
        fresh=request.method == "GET",
        view=view,
        form=form,
        errors=errors,
        choices=choices or await _choices(request, visit, view, form),
        problem=problem,
        short=short or {},
        example=example_postal_code(visit.market.country),
        account=await account_of(request, visit),
        agreed_to=[] if part else await agreed_to(request, visit),
    )
    keep_cart_count(request, response, view.units)
    return response


routes = [show_checkout, send_checkout]
