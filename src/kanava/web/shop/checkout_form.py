"""What a shopper types at the checkout, and what is wrong with it in words of her language."""

from collections.abc import Callable
from typing import Annotated
from uuid import UUID

import msgspec

from kanava.orders.model import Customer, PostalAddress
from kanava.web.common.contact import EMAIL, telephone, tidy_postal_code

Short = Annotated[str, msgspec.Meta(max_length=200)]
Translate = Callable[[str], str]
SEPARATOR = "|"
"""Between a carrier service and one of its pickup points in a choice of delivery."""


class CheckoutForm(msgspec.Struct, frozen=True):
    """All fields of the page; the order's id was made when the page was, so that nothing is ordered twice.

    `total` is what the page said that it costs, with the delivery `seen`.
    """

    order_id: Short = ""
    total: Short = ""
    seen: Short = ""
    email: Short = ""
    name: Short = ""
    phone: Short = ""
    street: Short = ""
    postal_code: Short = ""
    city: Short = ""
    delivery: Short = ""
    payment: Short = ""
    terms: Short = ""
    keep: Short = ""
    action: Short = "place"

    @property
    def carrier_service(self) -> str:
        """The code of the delivery that was chosen."""
        return self.delivery.partition(SEPARATOR)[0]

    @property
    def pickup_point(self) -> str | None:
        """The code of the pickup point that was chosen."""
        return self.delivery.partition(SEPARATOR)[2] or None

    def customer(self, country: str) -> Customer:
        """Give who orders; the telephone number in the form that the whole world dials."""
        return Customer(self.email.strip(), self.name.strip(), telephone(self.phone, country))

    def address(self, country: str) -> PostalAddress:
        """Give where it goes."""
        return PostalAddress(
            country=country,
            name=self.name.strip(),
            street=self.street.strip(),
            city=self.city.strip(),
            postal_code=tidy_postal_code(self.postal_code, country) or self.postal_code.strip(),
        )


def order_id_of(text: str) -> UUID | None:
    """Read the id of the order to be; None when it is none of ours."""
    try:
        return UUID(text)
    except ValueError:
        return None


def contact_errors(form: CheckoutForm, country: str, _: Translate) -> dict[str, str]:
    """Say what is wrong with how the shopper can be reached, by field."""
    errors = {}
    if not form.name.strip():
        errors["name"] = _("Please enter your name.")
    if not EMAIL.match(form.email.strip()):
        errors["email"] = _("Please enter an e-mail address, such as ana@example.com.")
    if not form.phone.strip():
        errors["phone"] = _("Please enter a telephone number, so that we can reach you about this order.")
    elif telephone(form.phone, country) is None:
        errors["phone"] = _("This is not a telephone number that we could call. Please check the digits.")
    return errors


def address_errors(form: CheckoutForm, country: str, _: Translate) -> dict[str, str]:
    """Say what is wrong with where it should go, by field."""
    errors = {}
    if not form.street.strip():
        errors["street"] = _("Please enter the street and house number.")
    if not form.city.strip():
        errors["city"] = _("Please enter the town.")
    if postal := postal_error(form, country, _):
        errors["postal_code"] = postal
    return errors


def postal_error(form: CheckoutForm, country: str, _: Translate) -> str | None:
    """Say what is wrong with the postal code."""
    if not form.postal_code.strip():
        return _("Please enter the postal code.")
    if tidy_postal_code(form.postal_code, country) is None:
        return _("This is not a postal code of this country.")
    return None
