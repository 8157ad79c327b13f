"""The account of a customer: her orders, her details, and its end."""

from typing import Annotated, Any

import msgspec
from litestar import Response, get, post
from litestar.enums import RequestEncodingType
from litestar.params import Body

from kanava.customers import service as customers
from kanava.customers.model import Customer, Details
from kanava.orders.service import browsing
from kanava.orders.service.browsing import OrderQuestion
from kanava.orders.service.links import order_signer
from kanava.platform.http import AnyRequest, database_of
from kanava.web.common.contact import telephone
from kanava.web.common.pages import see_other
from kanava.web.common.translations import LANGUAGE_NAMES, known_language, translations_of
from kanava.web.shop import account_addresses, account_sign_in
from kanava.web.shop.account_session import account_page, customer_of, not_at_kiosk, to_sign_in
from kanava.web.shop.account_sign_in import EmailForm, email_page, signed_out
from kanava.web.shop.visit import SHOPPER, Visit

ORDERS_SHOWN = 20
ORDERS_BACK_MAX = 10_000
URL_ENCODED = RequestEncodingType.URL_ENCODED


class DetailsForm(msgspec.Struct, frozen=True):
    """What she says about herself."""

    name: Annotated[str, msgspec.Meta(max_length=200)] = ""
    phone: Annotated[str, msgspec.Meta(max_length=40)] = ""
    language: Annotated[str, msgspec.Meta(max_length=10)] = ""


class DeletionForm(msgspec.Struct, frozen=True):
    """That she is sure."""

    sure: Annotated[str, msgspec.Meta(max_length=10)] = ""


@get("/{market:str}/{language:str}/account")
async def show_account(request: AnyRequest, visit: Visit) -> Response[Any]:
    """Show the account, or ask a guest to sign in."""
    not_at_kiosk(visit)
    customer = await customer_of(request, visit)
    asked = request.query_params
    if customer is None:
        return email_page(request, visit, EmailForm(next=asked.get("next", "")), notice=asked.get("notice", ""))
    back = asked.get("from", "")
    offset = min(int(back), ORDERS_BACK_MAX) if back.isascii() and back.isdigit() and len(back) < 7 else 0
    async with database_of(request).connection() as connection:
        # An address always has an @ in it, so it is never read as a number or a name.
        found = await browsing.browse(connection, OrderQuestion(customer.email), ORDERS_SHOWN, offset)
        signer = await order_signer(connection)
    return account_page(
        request,
        visit,
        "account.html",
        customer=customer,
        orders=found.items,
        links={each.order_id: signer.sign(each.order_id) for each in found.items},
        newer=max(0, offset - ORDERS_SHOWN) if offset else None,
        older=offset + ORDERS_SHOWN if offset + ORDERS_SHOWN < found.total else None,
        time_zone=_time_zone(visit),
    )


def _time_zone(visit: Visit) -> str:
    """Give the clock of the market, which is that of one of its stores."""
    serving = visit.shop.serving.get(visit.market.channel, ())
    zones = (visit.shop.stores[code].place.time_zone for code in serving if code in visit.shop.stores)
    return next(iter(zones), "UTC")


@get("/{market:str}/{language:str}/account/details")
async def show_details(request: AnyRequest, visit: Visit) -> Response[Any]:
    """Show the form of her details."""
    not_at_kiosk(visit)
    customer = await customer_of(request, visit)
    if customer is None:
        return to_sign_in(visit, "/account/details")
    form = DetailsForm(customer.name, customer.phone or "", customer.language)
    saved = request.query_params.get("saved") == "1"
    return _details_page(request, visit, customer, form, {}, saved=saved)


@post("/{market:str}/{language:str}/account/details")
async def change_details(
    request: AnyRequest, visit: Visit, data: Annotated[DetailsForm, Body(media_type=URL_ENCODED)]
) -> Response[Any]:
    """Write her details down, and go on in the language that she chose."""
    customer = await customer_of(request, visit)
    if customer is None:
        return to_sign_in(visit, "/account/details")
    _ = translations_of(visit.language).gettext
    phone = telephone(data.phone, visit.market.country) if data.phone.strip() else None
    if data.phone.strip() and phone is None:
        wrong = _("This is not a telephone number that we could call. Please check the digits.")
        return _details_page(request, visit, customer, data, {"phone": wrong}, 422)
    language = known_language(data.language) or customer.language
    async with database_of(request).transaction() as tx:
        await customers.change_details(tx, customer.customer_id, Details(data.name.strip(), phone, language))
    return see_other(f"/{visit.market.slug}/{language}/account/details?saved=1")


def _details_page(
    request: AnyRequest,
    visit: Visit,
    customer: Customer,
    form: DetailsForm,
    errors: dict[str, str],
    status: int = 200,
    *,
    saved: bool = False,
) -> Response[str]:
    return account_page(
        request,
        visit,
        "account_details.html",
        status=status,
        customer=customer,
        form=form,
        errors=errors,
        saved=saved,
        names=LANGUAGE_NAMES,
    )


@get("/{market:str}/{language:str}/account/delete")
async def show_deletion(request: AnyRequest, visit: Visit) -> Response[Any]:
    """Say what goes and what stays, and ask whether she is sure."""
    not_at_kiosk(visit)
    customer = await customer_of(request, visit)
    if customer is None:
        return to_sign_in(visit, "/account/delete")
    return account_page(request, visit, "account_delete.html", customer=customer, error=None)


@post("/{market:str}/{language:str}/account/delete")
async def delete_account(
    request: AnyRequest, visit: Visit, data: Annotated[DeletionForm, Body(media_type=URL_ENCODED)]
) -> Response[Any]:
    """Remove the account with all that it knows of her."""
    customer = await customer_of(request, visit)
    if customer is None:
        return to_sign_in(visit, "/account/delete")
    if not data.sure:
        _ = translations_of(visit.language).gettext
        error = _("Please tick the box first if you are sure.")
        return account_page(request, visit, "account_delete.html", status=422, customer=customer, error=error)
    async with database_of(request).transaction() as tx:
        await customers.delete_customer(tx, SHOPPER, customer.customer_id)
    return signed_out(request, visit, "gone")


routes = [
    show_account,
    show_details,
    change_details,
    show_deletion,
    delete_account,
    *account_sign_in.routes,
    *account_addresses.routes,
]
