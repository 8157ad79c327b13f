"""Handing a cart over from a kiosk to a phone: by a signed link that ends soon and is good once."""

from datetime import datetime, timedelta
from uuid import UUID

from kanava.carts import store
from kanava.carts.errors import CartEmpty, HandOverEnded
from kanava.carts.model import Cart, CartEdit, CartHandOver
from kanava.carts.service.editing import Target, edit_cart, locked_cart
from kanava.platform.auth import Actor
from kanava.platform.db import Connection
from kanava.platform.errors import NotFound
from kanava.platform.ids import uuid7
from kanava.platform.signing import Signer, signer_for
from kanava.sourcing.model import RoutingConfig

PURPOSE = "cart hand-over"
LINK_LASTS = timedelta(minutes=10)
KEPT = timedelta(hours=1)
"""How long it is remembered that a link has ended, so that who comes late is told so."""


async def hand_over_signer(connection: Connection) -> Signer:
    """Give the signer of the links."""
    return await signer_for(connection, PURPOSE)


async def offer_hand_over(tx: Connection, target: Target, now: datetime) -> CartHandOver:
    """Make a cart ready to be taken over, by this link and no earlier one. CartNotFound, CartPlaced, CartEmpty."""
    await locked_cart(tx, target)
    if not await store.LINES.all(tx, cart_id=target.cart_id):
        raise CartEmpty("There is nothing in the cart to hand over.", field="cart_id")
    await store.FORGET_HAND_OVERS.run(tx, before=now - KEPT)
    await store.END_HAND_OVERS.run(tx, cart_id=target.cart_id)
    hand_over_id = uuid7()
    await store.INSERT_HAND_OVER.run(tx, hand_over_id=hand_over_id, cart_id=target.cart_id, expires_at=now + LINK_LASTS)
    return await get_hand_over(tx, hand_over_id)


async def get_hand_over(connection: Connection, hand_over_id: UUID) -> CartHandOver:
    """Give an offer; NotFound when it is none or long over."""
    found = await store.HAND_OVER.one_or_none(connection, hand_over_id=hand_over_id)
    if found is None:
        raise NotFound("There is no cart to take over here.", field="hand_over_id")
    return found


async def take_hand_over(
    tx: Connection, actor: Actor, hand_over_id: UUID, channel: str, config: RoutingConfig, now: datetime
) -> Cart:
    """Take the cart over and move it to the channel of who takes it. HandOverEnded when somebody has, or too late."""
    cart_id = await store.TAKE_HAND_OVER.one_or_none(tx, hand_over_id=hand_over_id, now=now)
    if cart_id is None:
        raise HandOverEnded("The link was used already or has run out.", field="hand_over_id")
    edit = CartEdit(channel=channel, ship_country=None)
    return await edit_cart(tx, actor, Target(cart_id, config), edit, now)
