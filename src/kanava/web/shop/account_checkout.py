"""The account at the checkout: it fills the form in, and keeps an address; a guest notices nothing of it."""

import msgspec

from kanava.customers import service as customers
from kanava.customers.errors import AddressBookFull, CustomerNotFound
from kanava.customers.model import ADDRESSES_MAX, Address, Customer, Details, NewAddress
from kanava.platform import clock
from kanava.platform.http import AnyRequest, database_of
from kanava.platform.ids import uuid7
from kanava.web.common.contact import telephone
from kanava.web.shop.account_session import customer_of
from kanava.web.shop.checkout_form import CheckoutForm
from kanava.web.shop.visit import Visit

CHOOSES = "address:"
"""What the value of a button begins with that takes an address of the book."""


class Account(msgspec.Struct, frozen=True):
    """Who is signed in, and the addresses of her book in the country of the market."""

    customer: Customer
    addresses: list[Address]
    full: bool
    """Whether no further address fits into the book."""

    def has(self, form: CheckoutForm) -> bool:
        """Say whether the address of a form stands in the book already."""
        return any(
            (each.street, each.postal_code, each.city) == (form.street, form.postal_code, form.city)
            for each in self.addresses
        )


async def account_of(request: AnyRequest, visit: Visit) -> Account | None:
    """Give the account of this browser; None for guests and at a kiosk."""
    customer = await customer_of(request, visit)
    if customer is None:
        return None
    async with database_of(request).connection() as connection:
        book = await customers.list_addresses(connection, customer.customer_id)
    here = [each for each in book if each.country == visit.market.country]
    return Account(customer, here, len(book) >= ADDRESSES_MAX)


def filled_in(form: CheckoutForm, account: Account | None) -> CheckoutForm:
    """Fill a new form in from the account, with the address that she prefers."""
    if account is None:
        return form
    known = account.customer
    filled = msgspec.structs.replace(form, email=known.email, name=known.name, phone=known.phone or "")
    return _sent_to(filled, account.addresses[0]) if account.addresses else filled


def with_address(form: CheckoutForm, account: Account | None) -> CheckoutForm:
    """Put the address whose button was pressed into a form; all else that was typed stays."""
    chosen = form.action.removeprefix(CHOOSES)
    book = account.addresses if account is not None else []
    address = next((each for each in book if str(each.address_id) == chosen), None)
    return form if address is None else _sent_to(form, address)


def _sent_to(form: CheckoutForm, address: Address) -> CheckoutForm:
    return msgspec.structs.replace(
        form, name=address.name, street=address.street, postal_code=address.postal_code, city=address.city
    )


async def keep_from(request: AnyRequest, visit: Visit, form: CheckoutForm, *, shipped: bool) -> None:
    """Keep what was typed for an order just placed when she wants that; a session that is over keeps nothing."""
    account = await account_of(request, visit) if form.keep else None
    if account is None:
        return
    known, country = account.customer, visit.market.country
    details = Details(known.name or form.name.strip(), known.phone or telephone(form.phone, country), known.language)
    sent_to = form.address(country)
    address = NewAddress(uuid7(), country, sent_to.name, sent_to.street, sent_to.postal_code, sent_to.city)
    try:
        async with database_of(request).transaction() as tx:
            await customers.change_details(tx, known.customer_id, details)
            if shipped and not account.full:
                await customers.keep_address(tx, known.customer_id, address, clock.now())
    except (AddressBookFull, CustomerNotFound):
        pass  # The order is placed; what another tab did meanwhile to the account is no reason to say otherwise.
