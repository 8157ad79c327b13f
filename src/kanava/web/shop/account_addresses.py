"""The address book of a customer."""

from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.enums import RequestEncodingType
from litestar.params import Body

from kanava.customers import service as customers
from kanava.customers.errors import AddressBookFull, AddressNotFound
from kanava.customers.model import ADDRESSES_MAX, Address, Customer, NewAddress
from kanava.platform import clock
from kanava.platform.http import AnyRequest, database_of
from kanava.platform.ids import uuid7
from kanava.web.common.contact import example_postal_code, tidy_postal_code
from kanava.web.common.pages import see_other
from kanava.web.common.translations import translations_of
from kanava.web.shop.account_session import account_page, customer_of, not_at_kiosk, to_sign_in
from kanava.web.shop.checkout_form import CheckoutForm, address_errors, order_id_of
from kanava.web.shop.visit import Visit

PATH = "/account/addresses"
BOOK = "/{market:str}/{language:str}/account/addresses"
URL_ENCODED = RequestEncodingType.URL_ENCODED
Short = Annotated[str, msgspec.Meta(max_length=200)]


class AddressForm(msgspec.Struct, frozen=True):
    """An address as it is typed; the id was made when the page was, so that it is never written twice."""

    address_id: Short = ""
    name: Short = ""
    street: Short = ""
    postal_code: Short = ""
    city: Short = ""


class ActionForm(msgspec.Struct, frozen=True):
    """What to do with an address of the book."""

    action: Annotated[str, msgspec.Meta(max_length=20)] = ""


@get(BOOK)
async def show_addresses(request: AnyRequest, visit: Visit) -> Response[Any]:
    """Show the book, and the form for one more."""
    not_at_kiosk(visit)
    customer = await customer_of(request, visit)
    if customer is None:
        return to_sign_in(visit, PATH)
    return await _book_page(request, visit, customer, AddressForm(str(uuid7()), customer.name), {})


@get(BOOK + "/{address_id:uuid}")
async def show_address(request: AnyRequest, visit: Visit, address_id: UUID) -> Response[Any]:
    """Show the form of one address."""
    not_at_kiosk(visit)
    customer = await customer_of(request, visit)
    if customer is None:
        return to_sign_in(visit, f"{PATH}/{address_id}")
    address = await _find(request, customer, address_id)
    form = AddressForm(str(address_id), address.name, address.street, address.postal_code, address.city)
    return _address_page(request, visit, form, {}, address.country)


@post(BOOK)
async def write_address(
    request: AnyRequest, visit: Visit, data: Annotated[AddressForm, Body(media_type=URL_ENCODED)]
) -> Response[Any]:
    """Write an address into the book."""
    customer = await customer_of(request, visit)
    if customer is None:
        return to_sign_in(visit, PATH)
    address_id, country = order_id_of(data.address_id) or uuid7(), visit.market.country
    errors = form_errors(data, visit, country)
    if not errors:
        try:
            await _write(request, customer, data, address_id, country)
        except AddressBookFull:
            errors = {"book": "full"}
    if errors:
        return await _book_page(request, visit, customer, data, errors, 422)
    return see_other(f"{visit.base}{PATH}?saved=1")


@post(BOOK + "/{address_id:uuid}")
async def change_address(
    request: AnyRequest, visit: Visit, address_id: UUID, data: Annotated[AddressForm, Body(media_type=URL_ENCODED)]
) -> Response[Any]:
    """Change an address of the book."""
    customer = await customer_of(request, visit)
    if customer is None:
        return to_sign_in(visit, f"{PATH}/{address_id}")
    country = (await _find(request, customer, address_id)).country
    if errors := form_errors(data, visit, country):
        form = msgspec.structs.replace(data, address_id=str(address_id))
        return _address_page(request, visit, form, errors, country, 422)
    await _write(request, customer, data, address_id, country)
    return see_other(f"{visit.base}{PATH}?saved=1")


@post(BOOK + "/{address_id:uuid}/move")
async def move_address(
    request: AnyRequest, visit: Visit, address_id: UUID, data: Annotated[ActionForm, Body(media_type=URL_ENCODED)]
) -> Response[Any]:
    """Put an address first, or take it out."""
    customer = await customer_of(request, visit)
    if customer is None:
        return to_sign_in(visit, PATH)
    async with database_of(request).transaction() as tx:
        if data.action == "remove":
            await customers.remove_address(tx, customer.customer_id, address_id)
        else:
            await customers.prefer_address(tx, customer.customer_id, address_id, clock.now())
    return see_other(f"{visit.base}{PATH}")


def form_errors(form: AddressForm, visit: Visit, country: str) -> dict[str, str]:
    """Say what is wrong with an address, by field."""
    _ = translations_of(visit.language).gettext
    typed = CheckoutForm(street=form.street, postal_code=form.postal_code, city=form.city)
    errors = address_errors(typed, country, _)
    if not form.name.strip():
        errors["name"] = _("Please enter the name of whoever receives it.")
    return errors


async def _write(request: AnyRequest, customer: Customer, form: AddressForm, address_id: UUID, country: str) -> None:
    address = NewAddress(
        address_id=address_id,
        country=country,
        name=form.name.strip(),
        street=form.street.strip(),
        postal_code=tidy_postal_code(form.postal_code, country) or form.postal_code.strip(),
        city=form.city.strip(),
    )
    async with database_of(request).transaction() as tx:
        await customers.keep_address(tx, customer.customer_id, address, clock.now())


async def _find(request: AnyRequest, customer: Customer, address_id: UUID) -> Address:
    async with database_of(request).connection() as connection:
        book = await customers.list_addresses(connection, customer.customer_id)
    found = next((each for each in book if each.address_id == address_id), None)
    if found is None:
        raise AddressNotFound("There is no such address.", field="address_id")
    return found


async def _book_page(
    request: AnyRequest, visit: Visit, customer: Customer, form: AddressForm, errors: dict[str, str], status: int = 200
) -> Response[str]:
    async with database_of(request).connection() as connection:
        book = await customers.list_addresses(connection, customer.customer_id)
    return account_page(
        request,
        visit,
        "account_addresses.html",
        status=status,
        book=book,
        full=len(book) >= ADDRESSES_MAX,
        form=form,
        errors=errors,
        country=visit.market.country,
        example=example_postal_code(visit.market.country),
        saved=request.query_params.get("saved") == "1",
    )


def _address_page(
    request: AnyRequest, visit: Visit, form: AddressForm, errors: dict[str, str], country: str, status: int = 200
) -> Response[str]:
    return account_page(
        request,
        visit,
        "account_address.html",
        status=status,
        form=form,
        errors=errors,
        country=country,
        example=example_postal_code(country),
    )


routes = [show_addresses, show_address, write_address, change_address, move_address]
