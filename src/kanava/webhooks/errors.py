"""Conditions of the webhooks module."""

from kanava.platform.errors import Conflict, InvalidInput, NotFound


class WebhookEndpointNotFound(NotFound):
    """No endpoint has this id."""

    title = "There is no such webhook endpoint."


class WebhookDeliveryNotFound(NotFound):
    """The endpoint has no delivery of this event."""

    title = "There is no such delivery."


class WebhookAddressRefused(InvalidInput):
    """The URL is none that events are sent to: not https, not resolvable, or it leads into a private network."""

    title = "Events cannot be sent to that URL."


class WebhookEndpointDisabled(Conflict):
    """The endpoint is switched off."""

    title = "The webhook endpoint is switched off."


class TooManyWebhookEndpoints(Conflict):
    """There are as many endpoints as there may be."""

    title = "There are too many webhook endpoints."
