"""Holding a cart's units for a while, so that they are still there at the till."""

from datetime import datetime, timedelta
from uuid import UUID

import msgspec

from kanava.carts import rules, store
from kanava.carts.errors import CartBlocked, CartEmpty
from kanava.carts.model import Cart, StoredCart, StoredLine
from kanava.carts.service.editing import Target, channel_of, finish, locked_cart
from kanava.carts.service.releasing import release_holds
from kanava.carts.service.showing import look, stored_cart
from kanava.inventory import service as inventory
from kanava.inventory.errors import InsufficientStock
from kanava.inventory.model import Movement, Reservation
from kanava.inventory.service.portions import Portion, holds_of_cart
from kanava.platform.auth import Actor
from kanava.platform.db import Connection
from kanava.platform.errors import FieldError
from kanava.platform.ids import uuid7
from kanava.platform.outbox import publish
from kanava.pricing.model import PricedCart
from kanava.sourcing.planning import Wanted
from kanava.sourcing.routing import service as routing
from kanava.sourcing.taking import Planned, Taking


class CartToPlace(msgspec.Struct, frozen=True):
    """What placing needs to know of a cart."""

    cart: StoredCart
    lines: list[StoredLine]


async def hold(tx: Connection, actor: Actor, target: Target, now: datetime) -> Cart:
    """Hold every line that is not carried out, for the channel's time, all or nothing; earlier holds are replaced.

    CartEmpty, CartBlocked naming lines that cannot be sold, InsufficientStock naming lines that are short.
    """
    row = await locked_cart(tx, target)
    channel = channel_of(row.channel, target.config)
    lines = await store.LINES.all(tx, cart_id=target.cart_id)
    wanted = [
        Wanted(line.line_no, line.variant_id, line.quantity, line.fulfilment_kind, line.location_id)
        for line in lines
        if line.fulfilment_kind != "carry_out"
    ]
    if not wanted:
        raise CartEmpty("The cart has no lines that could be held.", field="lines")
    sight = await look(tx, row, lines, [], target.config, now)
    priced = _refuse_blocked(lines, sight)
    facts = msgspec.structs.replace(channel.facts(sight.country), value_minor=priced.total_minor)
    facts = await routing.with_categories(tx, target.config.router, facts, [line.variant_id for line in lines])
    back = [Portion(each, each.quantity, each.from_ring_fence) for each in await holds_of_cart(tx, target.cart_id)]
    taking = Taking(tx, channel, facts, target.config, now, lent=back)
    taken = await taking.plan(wanted)
    if taken.short:
        raise _shortage(lines, taken)
    await release_holds(tx, actor, target.cart_id, target.config, now, then=taking.keys())
    changed = await taking.write()
    expires_at = now + timedelta(seconds=channel.hold_seconds)
    await inventory.write_reservations(
        tx,
        [
            Reservation(
                part.variant_id,
                uuid7(),
                part.location_id,
                part.quantity,
                "held",
                channel.channel_id,
                part.from_ring_fence,
                target.cart_id,
                None,
                part.line_no,
                part.kind,
                expires_at,
            )
            for part in taken.parts
        ],
    )
    movements = [
        Movement(part.variant_id, part.location_id, uuid7(), "reserve", 0, part.quantity, 0, f"cart:{target.cart_id}")
        for part in taken.parts
    ]
    await inventory.write_movements(tx, movements, [actor.label] * len(movements))
    skus = {line.variant_id: line.sku for line in lines}
    await publish(tx, inventory.levels_changed(changed, skus, target.config.location_codes))
    return await finish(tx, target, msgspec.structs.replace(row, hold_expires_at=expires_at), now, prices_seen=True)


async def release(tx: Connection, actor: Actor, target: Target, now: datetime) -> Cart:
    """Give back everything that is held; a cart that holds nothing stays as it is."""
    row = await locked_cart(tx, target)
    await release_holds(tx, actor, target.cart_id, target.config, now)
    return await finish(tx, target, msgspec.structs.replace(row, hold_expires_at=None), now)


async def cart_to_place(connection: Connection, cart_id: UUID) -> CartToPlace:
    """Read what a cart is placed from; CartNotFound."""
    cart = await stored_cart(connection, cart_id)
    return CartToPlace(cart, await store.LINES.all(connection, cart_id=cart_id))


def _refuse_blocked(lines: list[StoredLine], sight: rules.Sight) -> PricedCart:
    """Give what the cart costs; CartBlocked."""
    priced, shown = rules.show_lines(lines, sight)
    errors = [
        FieldError(f"lines[{index}]", problem.detail)
        for index, line in enumerate(shown)
        for problem in line.problems
        if problem.blocks
    ]
    if errors:
        raise CartBlocked("; ".join(e.reason for e in errors[:3]), errors=errors)
    return priced


def _shortage(lines: list[StoredLine], taken: Planned) -> InsufficientStock:
    errors, short = [], []
    for index, line in enumerate(lines):
        if line.line_no in taken.short:
            there = taken.short[line.line_no]
            errors.append(FieldError(f"lines[{index}].quantity", f"{there} of {line.sku} can be had here."))
            short.append({"line_no": line.line_no, "sku": line.sku, "requested": line.quantity, "available": there})
    reasons = list(dict.fromkeys([error.reason for error in errors]))
    return InsufficientStock("; ".join(reasons[:3]), errors=errors, lines=short)
