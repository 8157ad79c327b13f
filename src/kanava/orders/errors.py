"""Conditions of orders."""

from typing import ClassVar

from kanava.carts.errors import CartPlaced
from kanava.platform.errors import AlreadyExists, Conflict, InvalidInput, NotFound

__all__ = ["CartPlaced"]


class UnknownChannel(InvalidInput):
    """No active channel has this code."""


class OrderLinesInvalid(InvalidInput):
    """Lines name skus, places or prices that do not exist or do not fit; the errors name each."""

    title: ClassVar[str] = "Some lines cannot be ordered as they are."


class OrderExists(AlreadyExists):
    """The order id was used before, for another request."""


class CartChanged(Conflict):
    """The cart was changed while it was being placed; look at it again."""

    title: ClassVar[str] = "The cart was changed in the meantime."


class OrderNotFound(NotFound):
    """No order has this id."""


class OrderNotOpen(Conflict):
    """The order is cancelled or completed; it can no longer be changed."""

    title: ClassVar[str] = "The order can no longer be changed."


class OrderOnHold(Conflict):
    """The order is on hold; release it first."""

    title: ClassVar[str] = "The order is on hold."


class TooManyUnits(Conflict):
    """More units than are still open on the line."""

    title: ClassVar[str] = "The line does not have that many open units."


class PaymentExists(AlreadyExists):
    """The payment id was used before on this order, with other amounts."""


class PaymentNotFound(NotFound):
    """No payment of this order has this id."""


class CaptureExceedsAuthorised(Conflict):
    """More would be captured or voided than is authorised."""

    title: ClassVar[str] = "More than was authorised."


class RefundExceedsCaptured(Conflict):
    """More would be refunded than was captured."""

    title: ClassVar[str] = "More than was captured."


class ChangeExists(AlreadyExists):
    """The id of this change was used before on the order, for another change."""


class LineUnknown(InvalidInput):
    """The order has no line of this number, or it stands twice in the request."""

    title: ClassVar[str] = "The order has no such line."


class LocationNeeded(InvalidInput):
    """The line comes from several locations: say which part leaves, or from where it is taken."""

    title: ClassVar[str] = "Say from which location."


class UnitsMissing(Conflict):
    """The units are reserved but a count did not find them; correct the stock or cancel them."""

    title: ClassVar[str] = "The units are not on hand."


class UnitsAwaited(Conflict):
    """The units were sold before they are there; they can be cancelled, not handed over yet."""

    title: ClassVar[str] = "The units have not arrived yet."


class DeliveryNotOffered(InvalidInput):
    """The carrier service that the order names does not bring these goods to this address."""

    title: ClassVar[str] = "This delivery is not offered."


class PromiseNotPossible(Conflict):
    """A store where the customer wants to fetch goods cannot have them ready: it is closed, or has nobody to pick."""

    title: ClassVar[str] = "The goods cannot be fetched there."


class TotalChanged(Conflict):
    """The order would not cost what the customer was shown (`expected_total_minor`); show `total` and ask again."""

    title: ClassVar[str] = "The total is another one now."
