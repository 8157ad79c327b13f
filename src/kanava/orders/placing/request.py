"""What travels through the queue of orders to be placed."""

from uuid import UUID

import msgspec

from kanava.orders.model import PlaceOrder
from kanava.platform.auth import Actor, Presumed


class Placing(msgspec.Struct, frozen=True):
    """One order to place, for whom, and what makes a repeat of it the same request.

    With `presumed`, who calls is confirmed with the group. An order out of a cart names the version of the cart that it
    was made from.
    """

    actor: Actor
    idempotency_key: str
    request_hash: bytes
    order: PlaceOrder
    cart_id: UUID | None = None
    cart_version: int = 0
    presumed: Presumed | None = None


class Placed(msgspec.Struct, frozen=True):
    """The stored answer: the order as JSON. `repeated`: it was placed by an earlier request."""

    body: bytes
    repeated: bool = False
