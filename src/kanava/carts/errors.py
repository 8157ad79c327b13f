"""Conditions of carts."""

from typing import ClassVar

from kanava.platform.errors import AlreadyExists, Conflict, InvalidInput, NotFound


class CartNotFound(NotFound):
    """No cart has this id."""


class CartExists(AlreadyExists):
    """The cart id was used before, for a cart that began with other contents."""


class CartPlaced(Conflict):
    """The cart has become an order; it can no longer be changed."""

    title: ClassVar[str] = "The cart was placed already."


class CartLinesInvalid(InvalidInput):
    """Lines name skus or places that do not exist or that the channel does not offer; the errors name each."""

    title: ClassVar[str] = "Some lines cannot be in this cart as they are."


class CartLineNotFound(NotFound):
    """The cart has no line of this number."""


class CartFull(Conflict):
    """The cart has as many lines as a cart may have."""

    title: ClassVar[str] = "The cart is full."


class CartBlocked(Conflict):
    """Lines cannot be sold on the cart's channel as they are; the errors name them. Take them out or move the cart."""

    title: ClassVar[str] = "Lines of the cart cannot be sold on its channel."


class CartEmpty(Conflict):
    """The cart has no lines to hold or to place."""

    title: ClassVar[str] = "The cart is empty."


class CartChannelUnknown(InvalidInput):
    """No active channel has this code."""


class HandOverEnded(Conflict):
    """The link to the cart was used already or has run out."""

    title: ClassVar[str] = "The link to the cart is not good any more."
