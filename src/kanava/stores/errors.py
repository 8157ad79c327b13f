"""Conditions of the stores module."""

from kanava.platform.errors import AlreadyExists, InvalidInput, NotFound


class InvalidOpeningHours(InvalidInput):
    """Opening hours cannot be read; `position` is the character (from 1) where reading stopped."""

    title = "The opening hours cannot be read."


class LocationNotFound(NotFound):
    """No location has this code."""

    title = "There is no such location."


class LocationCodeTaken(AlreadyExists):
    """Another location has this code."""

    title = "That location code is taken."


class HoursExceptionNotFound(NotFound):
    """The location has no exception on this day."""

    title = "There are no special hours on that day."


class UnreadableImport(InvalidInput):
    """A file of locations as a whole cannot be read: its encoding, its layout, or it has too many rows."""

    title = "The file of locations cannot be read."
