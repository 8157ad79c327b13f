"""Conditions of the carriers module."""

from kanava.platform.errors import AlreadyExists, InvalidInput, NotFound


class CarrierNotFound(NotFound):
    """No carrier has this code."""

    title = "There is no such carrier."


class CarrierServiceNotFound(NotFound):
    """The carrier has no service of this code."""

    title = "There is no such carrier service."


class PickupPointNotFound(NotFound):
    """The carrier has no pickup point of this code."""

    title = "There is no such pickup point."


class ServiceCodeTaken(AlreadyExists):
    """Another carrier has a service of this code."""

    title = "That service code is taken."


class CarrierTermsInvalid(InvalidInput):
    """Zones overlap, weights have gaps, or a country, currency or location does not exist."""

    title = "The service's terms do not hold together."


class UnreadableCarriersFile(InvalidInput):
    """The file is no document of carriers."""

    title = "The file of carriers cannot be read."
