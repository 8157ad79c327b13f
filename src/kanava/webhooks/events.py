"""What the webhooks module announces."""

from uuid import UUID

from kanava.platform.outbox import Event

AGGREGATE = "webhook_endpoint"
TEST_TYPE = "webhook.test"
"""Goes to the endpoint that it was asked for and to no other."""


def endpoint_disabled(endpoint_id: UUID, url: str, reason: str) -> Event:
    """Announce that an endpoint was switched off, by hand or because it failed."""
    return Event(
        "webhook_endpoint.disabled",
        AGGREGATE,
        str(endpoint_id),
        {"endpoint_id": str(endpoint_id), "url": url, "reason": reason},
    )


def endpoint_test(endpoint_id: UUID) -> Event:
    """Make the event that shows whether an endpoint hears us."""
    return Event(TEST_TYPE, AGGREGATE, str(endpoint_id), {"endpoint_id": str(endpoint_id), "message": "Hello."})
