"""Why a channel cannot be made, changed or sold on."""

from typing import ClassVar

from kanava.platform.errors import AlreadyExists, InvalidInput, NotFound


class ChannelNotFound(NotFound):
    """No channel has this code."""

    title: ClassVar[str] = "No channel has this code."


class ChannelExists(AlreadyExists):
    """A channel with this code exists already."""

    title: ClassVar[str] = "A channel with this code exists already."


class UnsuitablePriceList(InvalidInput):
    """A channel cannot sell from this price list: it does not exist, is in another currency, or is a group's."""

    title: ClassVar[str] = "The channel cannot sell from this price list."


class UnknownSkus(InvalidInput):
    """Skus of the request belong to no variant; `errors` names each, and nothing was written."""

    title: ClassVar[str] = "Some skus are unknown; nothing was written."


class UnknownLocations(InvalidInput):
    """Codes of the request belong to no location; `errors` names each, and nothing was written."""

    title: ClassVar[str] = "Some locations are wrong; nothing was written."


class NotSoldOnChannel(InvalidInput):
    """Skus of the request are unknown, not active, or not in the channel's assortment; `errors` names each."""

    title: ClassVar[str] = "Some skus are not sold on this channel."
