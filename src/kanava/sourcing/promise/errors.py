"""Conditions of promises."""

from kanava.platform.errors import InvalidInput


class AddressOutsideZones(InvalidInput):
    """No carrier service goes to the address, from anywhere."""

    title = "Nothing is delivered to that address."
