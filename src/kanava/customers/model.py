"""Customers as they are stored, as they see themselves and as staff sees them."""

from datetime import datetime, timedelta
from typing import Annotated
from uuid import UUID

import msgspec

ShortText = Annotated[str, msgspec.Meta(max_length=200)]
Country = Annotated[str, msgspec.Meta(pattern="^[A-Z]{2}$", description="ISO 3166 alpha-2", examples=["SI"])]
ADDRESSES_MAX = 20
CODE_LIFETIME = timedelta(minutes=10)
CODE_TRIES_MAX = 5
SESSION_LIFETIME = timedelta(days=90)


class Customer(msgspec.Struct, frozen=True):
    """Somebody with an account; `language` is the one of the pages she signed in on, or that she chose."""

    customer_id: UUID
    email: str
    name: str
    phone: str | None
    language: str
    created_at: datetime


class Details(msgspec.Struct, frozen=True):
    """What a customer says about herself."""

    name: ShortText
    phone: Annotated[str, msgspec.Meta(max_length=40)] | None
    language: Annotated[str, msgspec.Meta(min_length=2, max_length=10)]


class NewAddress(msgspec.Struct, frozen=True):
    """Where goods may go; the id is the client's, so that a form sent twice is one address."""

    address_id: UUID
    country: Country
    name: ShortText
    street: ShortText
    postal_code: ShortText
    city: ShortText


class Address(msgspec.Struct, frozen=True):
    """An address of the book."""

    address_id: UUID
    country: str
    name: str
    street: str
    postal_code: str
    city: str


class CustomerWithAddresses(msgspec.Struct, frozen=True):
    """A customer with her address book, the address that she prefers first."""

    customer: Customer
    addresses: list[Address]


class SignIn(msgspec.Struct, frozen=True):
    """A session that begins: the token is shown this once, to her browser."""

    customer: Customer
    token: str
    expires_at: datetime
