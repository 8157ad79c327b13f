"""What an account holds: details and the address book; and its end."""

from datetime import datetime
from uuid import UUID

import msgspec

from kanava.customers import rules, store
from kanava.customers.errors import AddressBookFull, AddressNotFound, CustomerNotFound
from kanava.customers.events import customer_deleted
from kanava.customers.model import ADDRESSES_MAX, Address, Customer, CustomerWithAddresses, Details, NewAddress
from kanava.platform import audit, outbox
from kanava.platform.auth import Actor
from kanava.platform.db import Connection
from kanava.platform.http import Page, decode_cursor, encode_cursor


async def list_customers(tx: Connection, email: str | None, cursor: str | None, limit: int) -> Page[Customer]:
    """Give customers, the newest first; or the one of an e-mail address, however it is spelled."""
    if email is not None:
        return Page(await store.CUSTOMERS_BY_EMAIL.all(tx, email=rules.fold_email(email)))
    before = decode_cursor(cursor, UUID)[0] if cursor else None
    items = await store.CUSTOMERS.all(tx, before=before, limit=limit)
    return Page(items, encode_cursor(items[-1].customer_id) if len(items) == limit else None)


async def get_customer(tx: Connection, customer_id: UUID) -> CustomerWithAddresses:
    """Give a customer with her address book; CustomerNotFound."""
    customer = await store.CUSTOMER.one_or_none(tx, customer_id=customer_id)
    return CustomerWithAddresses(_found(customer, customer_id), await list_addresses(tx, customer_id))


async def change_details(tx: Connection, customer_id: UUID, details: Details) -> Customer:
    """Write down what she says about herself; CustomerNotFound."""
    await store.SET_DETAILS.run(tx, customer_id=customer_id, **msgspec.structs.asdict(details))
    return _found(await store.CUSTOMER.one_or_none(tx, customer_id=customer_id), customer_id)


async def list_addresses(tx: Connection, customer_id: UUID) -> list[Address]:
    """Give the address book, the address that she prefers first."""
    return await store.ADDRESSES.all(tx, customer_id=customer_id, limit=ADDRESSES_MAX)


async def keep_address(tx: Connection, customer_id: UUID, address: NewAddress, now: datetime) -> UUID:
    """Write an address into the book and give its id; AddressBookFull, CustomerNotFound.

    An id that is there is changed; an address that stands there under another id stays one.
    """
    _found(await store.LOCK_CUSTOMER.one_or_none(tx, customer_id=customer_id), customer_id)
    book = await list_addresses(tx, customer_id)
    same = next((each for each in book if _content(each) == _content(address)), None)
    if same is not None:
        return same.address_id
    if len(book) >= ADDRESSES_MAX and all(each.address_id != address.address_id for each in book):
        raise AddressBookFull(f"An address book has up to {ADDRESSES_MAX} addresses.")
    await store.WRITE_ADDRESS.run(tx, customer_id=customer_id, now=now, **msgspec.structs.asdict(address))
    return address.address_id


def _content(address: Address | NewAddress) -> tuple[str, ...]:
    return (address.country, address.name, address.street, address.postal_code, address.city)


async def prefer_address(tx: Connection, customer_id: UUID, address_id: UUID, now: datetime) -> None:
    """Put an address first; AddressNotFound."""
    if not await store.PREFER_ADDRESS.run(tx, customer_id=customer_id, address_id=address_id, now=now):
        raise AddressNotFound("There is no such address.", field="address_id")


async def remove_address(tx: Connection, customer_id: UUID, address_id: UUID) -> None:
    """Take an address out of the book; one that is not there any more is no error."""
    await store.REMOVE_ADDRESS.run(tx, customer_id=customer_id, address_id=address_id)


async def delete_customer(tx: Connection, actor: Actor, customer_id: UUID) -> None:
    """Remove an account with its addresses and sessions; CustomerNotFound. Orders stay: the law asks for them."""
    customer = _found(await store.CUSTOMER.one_or_none(tx, customer_id=customer_id), customer_id)
    # In the order in which a sign-in writes them, so that neither waits for the other for ever.
    await store.RELEASE_EMAIL.run(tx, email=customer.email)
    await store.END_CODES.run(tx, email=customer.email)
    await store.DELETE_CUSTOMER.run(tx, customer_id=customer_id)
    await audit.record(tx, actor, "delete", "customer", str(customer_id))
    await outbox.publish(tx, [customer_deleted(customer_id)])


def _found(customer: Customer | None, customer_id: UUID) -> Customer:
    if customer is None:
        raise CustomerNotFound(f"No customer has the id {customer_id}.", field="customer_id")
    return customer
