"""Giving back what is held for a cart."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from kanava.carts import store
from kanava.inventory import service as inventory
from kanava.inventory.model import Key
from kanava.inventory.service.portions import holds_of_cart
from kanava.platform.auth import Actor
from kanava.platform.db import Connection
from kanava.platform.outbox import publish
from kanava.sourcing.model import RoutingConfig


async def release_holds(
    tx: Connection,
    actor: Actor,
    cart_id: UUID,
    config: RoutingConfig,
    now: datetime,
    line_nos: Collection[int] | None = None,
    *,
    then: Collection[Key] = (),
) -> int:
    """End the cart's holds, of some lines or all, and tell channels; gives how many. LevelsMoved when one has ended.

    `then`: levels that the transaction changes afterwards.
    """
    holds = [hold for hold in await holds_of_cart(tx, cart_id) if line_nos is None or hold.line_no in line_nos]
    if not holds:
        return 0
    changed = await inventory.end_reservations(tx, holds, "released", actor.label, now, then=then)
    found = await store.SKUS.all(tx, variant_ids=list({hold.variant_id for hold in holds}))
    skus = {row.variant_id: row.sku for row in found}
    await publish(tx, inventory.levels_changed(changed, skus, config.location_codes))
    return len(holds)
