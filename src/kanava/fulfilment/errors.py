"""Conditions of fulfilments."""

from typing import ClassVar

from kanava.platform.errors import AlreadyExists, Conflict, Forbidden, InvalidInput, NotFound, TooManyAttempts


class FulfilmentNotFound(NotFound):
    """No fulfilment has this id."""


class WaveNotFound(NotFound):
    """No wave has this id."""


class WrongState(Conflict):
    """The fulfilment is in another state than this takes; `state` says in which."""

    title: ClassVar[str] = "The fulfilment is in another state."


class OutOfReach(Forbidden):
    """The fulfilment is another location's."""

    title: ClassVar[str] = "Your role is bound to other locations."


class FulfilmentOnHold(Conflict):
    """The order is on hold: nothing of it is worked on."""

    title: ClassVar[str] = "The order is on hold."


class FulfilmentChangeExists(AlreadyExists):
    """The id of this change was used before on the order, for another change."""


class FulfilmentLineUnknown(InvalidInput):
    """The fulfilment has no line of this number, or it stands twice in the request."""

    title: ClassVar[str] = "The fulfilment has no such line."


class TakenBySomebody(Conflict):
    """Somebody else has this work; `assigned_name` says who."""

    title: ClassVar[str] = "Somebody else has it."


class CodeUnknown(InvalidInput):
    """No variant has the scanned barcode or the sku."""

    title: ClassVar[str] = "Nothing has this code."


class WrongItem(Conflict):
    """What was scanned is not what is to be picked; `scanned` and `wanted` name both."""

    title: ClassVar[str] = "This is another item."


class TooManyPicked(Conflict):
    """More units than are still to be picked; `to_pick` says how many are."""

    title: ClassVar[str] = "That is more than is to be picked."


class TooManyRejected(Conflict):
    """More units than the place still has to give; `open` says how many those are."""

    title: ClassVar[str] = "That is more than is open."


class NotStuck(Conflict):
    """The fulfilment is not waiting for an answer."""

    title: ClassVar[str] = "There is nothing to answer."


class PlaceCannot(Conflict):
    """The place that was named cannot do it; the problem says why and how many units it has."""

    title: ClassVar[str] = "The place cannot do it."


class WrongKind(Conflict):
    """This is done with fulfilments of another kind; `kind` says which this is."""

    title: ClassVar[str] = "The fulfilment is of another kind."


class TooManyPacked(Conflict):
    """More units than are picked and not yet packed or staged; `open` says how many are."""

    title: ClassVar[str] = "That is more than is picked."


class NothingToDo(Conflict):
    """There are no units that this could be done with."""

    title: ClassVar[str] = "There is nothing to do it with."


class ParcelNotFound(NotFound):
    """No parcel of this has the id."""


class WrongParcelState(Conflict):
    """The parcel is in another state than this takes; `state` says in which."""

    title: ClassVar[str] = "The parcel is in another state."


class ParcelOutdated(Conflict):
    """Units in the parcel were cancelled or moved since it was packed: unpack it and pack what is left."""

    title: ClassVar[str] = "The parcel holds units that are no longer wanted."


class CarrierServiceUnknown(InvalidInput):
    """No carrier service has this code."""


class CollectionCodeWrong(Forbidden):
    """The code is not the one of this fulfilment; `tries_left` says how often it may be tried again."""

    title: ClassVar[str] = "The code is wrong."


class CollectionLocked(TooManyAttempts):
    """Too many wrong codes; `retry_after_seconds` says when it may be tried again. An ID check is possible."""

    title: ClassVar[str] = "Too many wrong codes."


class CollectionTokenWrong(Forbidden):
    """The link is not of this fulfilment."""

    title: ClassVar[str] = "The link does not fit."


class TooManyHandedOver(Conflict):
    """More units than are staged; `open` says how many are."""

    title: ClassVar[str] = "That is more than is there."
