"""What the customers module announces; nothing in it says who the customer is."""

from uuid import UUID

from kanava.platform.outbox import Event


def customer_created(customer_id: UUID) -> Event:
    """Announce that somebody signed in for the first time."""
    return _event("customer.created", customer_id)


def customer_deleted(customer_id: UUID) -> Event:
    """Announce that an account and its personal data are gone."""
    return _event("customer.deleted", customer_id)


def _event(event_type: str, customer_id: UUID) -> Event:
    return Event(event_type, "customer", str(customer_id), {"customer_id": str(customer_id)})
