"""What travels through the queue of orders to be placed."""

from typing import TypeAlias
from uuid import UUID

import msgspec

from kanava.orders.errors import OrderExists
from kanava.orders.model import PlaceOrder
from kanava.platform.auth import Actor, Presumed
from kanava.platform.idempotency import IdempotencyKeyReused


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


Outcome: TypeAlias = Placed | Exception


def key_reused() -> IdempotencyKeyReused:
    """Say that an idempotency key came with another request before."""
    return IdempotencyKeyReused("The key was used before with another body or path.", field="Idempotency-Key")


def order_exists(placing: Placing) -> OrderExists:
    """Say that another order has this id."""
    return OrderExists(f"The order id {placing.order.order_id} was used before.", field="order_id")
