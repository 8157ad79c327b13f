"""Conditions of stock, each named as what it is."""

from typing import ClassVar

from kanava.platform.errors import Conflict, KanavaError, NotFound


class InsufficientStock(Conflict):
    """Fewer units can be had than were asked for; the errors name the lines and how many there are."""

    title: ClassVar[str] = "There is not enough stock."


class LevelsMoved(Exception):
    """A guard refused because somebody else changed a level between reading and writing: read again and decide anew."""


class HoldExpired(Conflict):
    """The hold ended before it was used; its units are free again."""

    title: ClassVar[str] = "The hold has expired."


class HoldNotFound(NotFound):
    """No reservation has this id."""


class ReservationEnded(Conflict):
    """The reservation was committed, fulfilled or released already."""

    title: ClassVar[str] = "The reservation has ended."


class ReservedElsewhere(Conflict):
    """A correction would take units that are reserved."""

    title: ClassVar[str] = "Units of this level are reserved."


class UnknownSku(KanavaError):
    """No active variant has this sku."""

    status: ClassVar[int] = 422
    title: ClassVar[str] = "A sku is unknown."


class TooManySources(Conflict):
    """So many systems report stock already that a new name is more likely a mistake."""

    title: ClassVar[str] = "There are too many stock sources."


class DocumentIdTaken(Conflict):
    """The id was used before for another receipt, adjustment, count, return, transfer, purchase order or hold."""

    title: ClassVar[str] = "That id was used for something else."


class CountSheetNotFound(NotFound):
    """No count sheet has this id."""


class CountSheetBooked(Conflict):
    """The count sheet was booked; begin another one."""

    title: ClassVar[str] = "The count sheet was booked already."


class TransferStateConflict(Conflict):
    """The transfer is not in a state in which this can be done."""

    title: ClassVar[str] = "The transfer is past that point."


class PurchaseOrderStateConflict(Conflict):
    """The purchase order is not in a state in which this can be done."""

    title: ClassVar[str] = "The purchase order is past that point."


class RingFenceExceedsFree(Conflict):
    """A ring-fence would keep more units than are free."""

    title: ClassVar[str] = "There are not enough free units for the ring-fence."
