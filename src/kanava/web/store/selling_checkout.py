"""The end of a sale: who buys, where it goes, how it is paid; one order, however it is mixed.

Pressing twice, or going back, never sells twice: the order's id is in the form and the basket becomes one order only.
"""

from collections.abc import Callable
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.enums import RequestEncodingType
from litestar.params import Body

from kanava.carts.errors import CartBlocked, CartEmpty, CartNotFound, CartPlaced
from kanava.inventory.errors import InsufficientStock
from kanava.orders import service as orders
from kanava.orders.errors import (
    CartChanged,
    DeliveryNotOffered,
    OrderExists,
    OrderLinesInvalid,
    OrderNotFound,
    TotalChanged,
)
from kanava.orders.model import ChosenDelivery, Customer, Method, NewPayment, PostalAddress
from kanava.orders.requests import PlaceCart
from kanava.orders.service.from_cart import CartPlacing, place_cart
from kanava.platform.errors import KanavaError, Overloaded
from kanava.platform.http import AnyRequest, database_of, request_digest
from kanava.platform.idempotency import IdempotencyKeyReused
from kanava.platform.ids import uuid7
from kanava.web.common.contact import EMAIL, telephone, tidy_postal_code
from kanava.web.common.errors import N
from kanava.web.common.pages import see_other
from kanava.web.common.sessions import requires_staff, staff_of
from kanava.web.store import counter_words
from kanava.web.store.counter import translator
from kanava.web.store.selling_basket import Basket, basket_id, keep_basket, read_basket
from kanava.web.store.selling_choices import SEPARATOR, Choices, choices_for
from kanava.web.store.shell import Shift, store_page

CAN = [requires_staff("orders:write"), requires_staff("carts:write")]
Form = RequestEncodingType.URL_ENCODED
Short = Annotated[str, msgspec.Meta(max_length=200)]
PLACED_ALREADY = (CartPlaced, OrderExists, IdempotencyKeyReused)
REFUSED: dict[type[KanavaError], str] = {
    InsufficientStock: N("Somebody was quicker: something in the basket is gone. Please look at the basket."),
    CartBlocked: N("Something in the basket is not sold here any more. Please look at the basket."),
    OrderLinesInvalid: N("Something in the basket is not sold here any more. Please look at the basket."),
    CartChanged: N("The basket was changed on another screen. Please look at it again."),
    TotalChanged: N("The total has changed in the meantime. Please check it and press once more."),
    DeliveryNotOffered: N("This delivery is not offered any more. Please choose another."),
    Overloaded: N("There is very much going on right now. Nothing was sold; please press once more."),
}


class CheckoutForm(msgspec.Struct, frozen=True):
    """All fields of the page; the order's id was made when the page was, so that nothing is sold twice."""

    order_id: Short = ""
    total: Short = ""
    name: Short = ""
    email: Short = ""
    phone: Short = ""
    street: Short = ""
    postal_code: Annotated[str, msgspec.Meta(max_length=20)] = ""
    city: Short = ""
    delivery: Short = ""
    payment: Short = ""
    reference: Short = ""
    press: Short = ""


@get("/sell/checkout", guards=CAN)
async def checkout_page(request: AnyRequest, shift: Shift) -> Response[Any]:
    """Show the form."""
    basket = await read_basket(request, shift)
    if not basket.lines or any(each.blocked for each in basket.lines):
        return see_other("/store/sell")
    return await _page(request, shift, basket, CheckoutForm(order_id=str(uuid7())), {})


@post("/sell/checkout", guards=CAN)
async def checkout(
    request: AnyRequest, shift: Shift, data: Annotated[CheckoutForm, Body(media_type=Form)]
) -> Response[Any]:
    """Show the choices for what was typed so far, or place the order."""
    _ = translator(shift)
    basket = await read_basket(request, shift)
    order_id = _uuid_of(data.order_id) or uuid7()
    cart_id = basket_id(request, shift)
    if basket.cart is None or not basket.lines:
        # Another press was quicker: the basket has become this order.
        placed = cart_id is not None and await _is_placed(request, order_id)
        return see_other(f"/store/orders/{order_id}/receipt" if placed else "/store/sell")
    choices = await _choices(request, shift, basket, data)
    if data.press != "place":
        wrong = postal_error(data, shift, _) if choices.shipped and data.postal_code.strip() else None
        return await _page(request, shift, basket, data, {"postal_code": wrong} if wrong else {}, choices=choices)
    errors = _errors(data, choices, shift, _)
    if errors:
        return await _page(request, shift, basket, data, errors, 422, choices=choices)
    return await _place(request, shift, basket.cart.cart_id, _order(data, choices, order_id, shift), data)


async def _place(
    request: AnyRequest, shift: Shift, cart_id: UUID, order: PlaceCart, form: CheckoutForm
) -> Response[Any]:
    """Place the order, or show the page with what has changed meanwhile; everything typed stays."""
    key = f"store:{cart_id}:{order.order_id}"
    asked = CartPlacing(staff_of(request), cart_id, order, await request_digest(request), key)
    try:
        await place_cart(request.app.state.order_placer, database_of(request), asked)
    except PLACED_ALREADY:
        placed = await _is_placed(request, order.order_id)
        return see_other(_receipt(order.order_id) if placed else "/store/sell")
    except (CartEmpty, CartNotFound):
        return see_other("/store/sell")
    except tuple(REFUSED) as error:
        basket = await read_basket(request, shift)
        if not basket.lines:
            return see_other("/store/sell")
        said = translator(shift)(next(text for kind, text in REFUSED.items() if isinstance(error, kind)))
        return await _page(request, shift, basket, form, {}, error.status, refusal=said)
    response = see_other(_receipt(order.order_id) + "?said=placed")
    keep_basket(request, response, shift, None)
    return response


def _receipt(order_id: UUID) -> str:
    return f"/store/orders/{order_id}/receipt"


def _uuid_of(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


async def _is_placed(request: AnyRequest, order_id: UUID) -> bool:
    async with database_of(request).connection() as connection:
        try:
            await orders.get_order(connection, order_id)
        except OrderNotFound:
            return False
    return True


def _errors(form: CheckoutForm, choices: Choices, shift: Shift, _: Callable[[str], str]) -> dict[str, str]:
    """Say what is wrong, by field: who only takes goods along need not say who she is."""
    errors: dict[str, str] = {}
    country = shift.place.country
    named = bool(choices.shipped or choices.collecting)
    if named and not form.name.strip():
        errors["name"] = _("Please enter the name of the customer.")
    if form.email.strip() and not EMAIL.match(form.email.strip()):
        errors["email"] = _("This is not an e-mail address.")
    if form.phone.strip() and telephone(form.phone, country) is None:
        errors["phone"] = _("This is not a telephone number. Please check the digits.")
    if named and not form.email.strip() and not form.phone.strip():
        errors["phone"] = _("Please enter a telephone number or an e-mail address, so that she can be told.")
    if choices.shipped:
        if not form.street.strip():
            errors["street"] = _("Please enter the street and house number.")
        if not form.city.strip():
            errors["city"] = _("Please enter the town.")
        if wrong := postal_error(form, shift, _):
            errors["postal_code"] = wrong
        elif choices.outside:
            errors["postal_code"] = _("No carrier goes to this postal code.")
        elif not choices.undated and (choices.chosen is None or choices.chosen.value != form.delivery):
            errors["delivery"] = _("Please choose how it is to be delivered.")
    if form.payment not in choices.methods:
        errors["payment"] = _("Please choose how it is paid.")
    elif form.payment == "card" and not form.reference.strip():
        errors["reference"] = _("Please enter the number on the slip of the terminal.")
    return errors


def postal_error(form: CheckoutForm, shift: Shift, _: Callable[[str], str]) -> str | None:
    """Say what is wrong with the postal code."""
    if not form.postal_code.strip():
        return _("Please enter the postal code.")
    if tidy_postal_code(form.postal_code, shift.place.country) is None:
        return _("This is not a postal code of this country.")
    return None


def _order(form: CheckoutForm, choices: Choices, order_id: UUID, shift: Shift) -> PlaceCart:
    country, total = shift.place.country, choices.totals.total.amount_minor
    taken = form.payment in ("cash", "card")
    payment = NewPayment(
        # Its id is that of the order, so that a second press records no second tender.
        order_id,
        msgspec.convert(form.payment, Method),
        authorised_minor=total if form.payment != "bank_transfer" else 0,
        captured_minor=total if taken else 0,
        external_reference=form.reference.strip() if form.payment == "card" else None,
    )
    service, _separator, point = form.delivery.partition(SEPARATOR)
    address = PostalAddress(
        country,
        form.name.strip(),
        form.street.strip(),
        form.city.strip(),
        postal_code=tidy_postal_code(form.postal_code, country) or "",
    )
    return PlaceCart(
        order_id=order_id,
        customer=Customer(
            form.email.strip() or None, form.name.strip() or None, telephone(form.phone, country) or None
        ),
        ship_to=address if choices.shipped else None,
        payments=[payment],
        delivery=ChosenDelivery(service, point or None) if choices.chosen is not None else None,
        expected_total_minor=int(form.total) if form.total.isdigit() and len(form.total) < 15 else total,
    )


async def _choices(request: AnyRequest, shift: Shift, basket: Basket, form: CheckoutForm) -> Choices:
    country = shift.place.country
    return await choices_for(request, basket, country, tidy_postal_code(form.postal_code, country), form.delivery)


async def _page(
    request: AnyRequest,
    shift: Shift,
    basket: Basket,
    form: CheckoutForm,
    errors: dict[str, str],
    status: int = 200,
    *,
    choices: Choices | None = None,
    refusal: str = "",
) -> Response[Any]:
    return store_page(
        request,
        shift,
        "store/sell_checkout.html",
        "sell",
        status=status,
        basket=basket,
        form=form,
        errors=errors,
        refusal=refusal,
        choices=choices or await _choices(request, shift, basket, form),
        words=counter_words,
    )


routes: list[Any] = [checkout_page, checkout]
