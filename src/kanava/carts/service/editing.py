"""Making and changing carts."""

import hashlib
from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

import msgspec
from msgspec import UNSET

from kanava.carts import store
from kanava.carts.errors import (
    CartChannelUnknown,
    CartExists,
    CartFull,
    CartLineNotFound,
    CartLinesInvalid,
    CartNotFound,
    CartPlaced,
)
from kanava.carts.model import (
    LINES_MAX,
    AddLines,
    Cart,
    CartEdit,
    CartFulfilment,
    CartLineEdit,
    NewCart,
    NewCartLine,
    StoredCart,
    StoredLine,
)
from kanava.carts.service.releasing import release_holds
from kanava.carts.service.showing import get_cart, stored_cart
from kanava.platform.auth import Actor
from kanava.platform.countries import check_country
from kanava.platform.db import Connection
from kanava.platform.errors import FieldError, PreconditionFailed
from kanava.platform.ids import uuid7
from kanava.sourcing.model import ChannelRules, RoutingConfig

QUANTITY_MAX = 100_000
LineKey = tuple[int, str, int]


class Target(msgspec.Struct, frozen=True):
    """Which cart is changed, the version the caller believes it to have (None: any), and the settings in force."""

    cart_id: UUID
    config: RoutingConfig
    expected_version: int | None = None


async def create_cart(tx: Connection, request: NewCart, config: RoutingConfig, now: datetime) -> Cart:
    """Make a cart; the same id with the same contents again gives the cart as it is by now. CartExists, else."""
    channel = channel_of(request.channel, config)
    if request.ship_country is not None:
        check_country(request.ship_country, "ship_country")
    cart_id = request.cart_id or uuid7()
    digest = hashlib.blake2b(msgspec.json.encode(request), digest_size=16).digest()
    made = await store.INSERT_CART.run(
        tx,
        cart_id=cart_id,
        channel_id=channel.channel_id,
        customer_email=request.customer_email,
        customer_group=request.customer_group,
        ship_country=request.ship_country,
        request_digest=digest,
        now=now,
    )
    if not made:
        if (await stored_cart(tx, cart_id)).request_digest != digest:
            raise CartExists(f"The cart id {cart_id} was used before.", field="cart_id")
        return await get_cart(tx, cart_id, config, now)
    if request.lines:
        await _write_lines(tx, cart_id, [], await _merged(tx, [], request.lines, config))
        cart = await get_cart(tx, cart_id, config, now)
        _refuse_unsold(cart, request.lines)
        await _mark_seen(tx, cart, again=False)
        return cart
    return await get_cart(tx, cart_id, config, now)


async def edit_cart(tx: Connection, actor: Actor, target: Target, request: CartEdit, now: datetime) -> Cart:
    """Change the customer or move the cart to another channel.

    A moved cart keeps its lines; those that the new channel does not sell are named and block placing. Holds end,
    because channels may take different units.
    """
    row = await locked_cart(tx, target)
    changes = {name: value for name, value in msgspec.structs.asdict(request).items() if value is not UNSET}
    if isinstance(request.ship_country, str):
        check_country(request.ship_country, "ship_country")
    channel = changes.get("channel", row.channel)
    channel_of(channel, target.config)
    if channel != row.channel:
        await release_holds(tx, actor, target.cart_id, target.config, now)
        changes["hold_expires_at"] = None
    row = msgspec.structs.replace(row, **changes)
    return await finish(tx, target, row, now, prices_seen="hold_expires_at" in changes)


async def add_lines(tx: Connection, actor: Actor, target: Target, request: AddLines, now: datetime) -> Cart:
    """Put lines in, all or none; too little stock is a warning on the line, a sku that is not sold here is refused."""
    row = await locked_cart(tx, target)
    before = await store.LINES.all(tx, cart_id=target.cart_id)
    after = await _merged(tx, before, request.lines, target.config)
    await _write_lines(tx, target.cart_id, before, after)
    await _release_changed(tx, actor, target, before, after, now)
    cart = await finish(tx, target, row, now)
    _refuse_unsold(cart, request.lines)
    return cart


async def set_line(
    tx: Connection, actor: Actor, target: Target, line_no: int, request: CartLineEdit, now: datetime
) -> Cart:
    """Give a line another quantity or hand-over; one that becomes like another line is merged with it."""
    row = await locked_cart(tx, target)
    before = await store.LINES.all(tx, cart_id=target.cart_id)
    line = _line(before, line_no)
    goal = request.fulfilment or CartFulfilment(line.fulfilment_kind, line.location)
    location_id = _location_id(goal, "fulfilment.location", target.config)
    changed = msgspec.structs.replace(
        line, quantity=request.quantity, fulfilment_kind=goal.kind, location_id=location_id, location=goal.location
    )
    others = [other for other in before if other.line_no != line_no]
    same = next((other for other in others if _key(other) == _key(changed)), None)
    if same is not None:
        others.remove(same)
        changed = msgspec.structs.replace(changed, quantity=_sum(changed.quantity + same.quantity, "quantity"))
    after = sorted([*others, changed], key=lambda other: other.line_no)
    await _write_lines(tx, target.cart_id, before, after)
    await _release_changed(tx, actor, target, before, after, now)
    return await finish(tx, target, row, now)


async def remove_line(tx: Connection, actor: Actor, target: Target, line_no: int, now: datetime) -> Cart:
    """Take a line out and give back what was held for it."""
    row = await locked_cart(tx, target)
    before = await store.LINES.all(tx, cart_id=target.cart_id)
    _line(before, line_no)
    after = [line for line in before if line.line_no != line_no]
    await _write_lines(tx, target.cart_id, before, after)
    await _release_changed(tx, actor, target, before, after, now)
    return await finish(tx, target, row, now)


def channel_of(code: str, config: RoutingConfig) -> ChannelRules:
    """Give an active channel; CartChannelUnknown."""
    channel = config.channels.get(code)
    if channel is None or not channel.active:
        raise CartChannelUnknown(f"No active channel has the code {code!r}.", field="channel")
    return channel


async def locked_cart(tx: Connection, target: Target) -> StoredCart:
    """Lock a cart that may still change: CartNotFound, CartPlaced, PreconditionFailed."""
    row = await store.LOCK_CART.one_or_none(tx, cart_id=target.cart_id)
    if row is None:
        raise CartNotFound(f"No cart has the id {target.cart_id}.", field="cart_id")
    if row.order_id is not None:
        raise CartPlaced(f"The cart has become the order {row.order_id}.", order_id=str(row.order_id))
    if target.expected_version not in (None, row.version):
        raise PreconditionFailed(f"The cart has the version {row.version} now.", field="If-Match")
    return row


async def finish(tx: Connection, target: Target, row: StoredCart, now: datetime, *, prices_seen: bool = False) -> Cart:
    """Write the cart's own row with its next version, and give the cart as it now is.

    `prices_seen`: the customer goes on with the prices as they are now, or they are those of another channel.
    """
    await store.UPDATE_CART.run(
        tx,
        cart_id=row.cart_id,
        channel=row.channel,
        customer_email=row.customer_email,
        customer_group=row.customer_group,
        ship_country=row.ship_country,
        hold_expires_at=row.hold_expires_at,
        now=now,
    )
    cart = await get_cart(tx, row.cart_id, target.config, now)
    await _mark_seen(tx, cart, again=prices_seen)
    if not prices_seen:
        return cart
    return msgspec.structs.replace(
        cart, lines=[msgspec.structs.replace(line, price_before=None) for line in cart.lines]
    )


async def _mark_seen(tx: Connection, cart: Cart, *, again: bool) -> None:
    priced = [(line.line_no, line.unit_price.amount_minor) for line in cart.lines if line.unit_price is not None]
    await store.MARK_SEEN.run(
        tx,
        cart_id=cart.cart_id,
        line_nos=[line_no for line_no, _ in priced],
        prices_minor=[price for _, price in priced],
        again=again,
    )


def _line(lines: Sequence[StoredLine], line_no: int) -> StoredLine:
    for line in lines:
        if line.line_no == line_no:
            return line
    raise CartLineNotFound(f"The cart has no line {line_no}.", field="line_no")


def _key(line: StoredLine) -> LineKey:
    return line.variant_id, line.fulfilment_kind, line.location_id or 0


def _sum(quantity: int, field: str) -> int:
    if quantity > QUANTITY_MAX:
        raise CartLinesInvalid(f"A line has at most {QUANTITY_MAX} units.", field=field)
    return quantity


def _location_id(fulfilment: CartFulfilment, field: str, config: RoutingConfig) -> int | None:
    code = fulfilment.location
    if fulfilment.kind == "ship":
        if code is not None:
            raise CartLinesInvalid("A shipped line names no location.", field=field)
        return None
    if code is None:
        raise CartLinesInvalid(f"A line with {fulfilment.kind} names its location.", field=field)
    location_id = config.location_ids.get(code)
    if location_id is None:
        raise CartLinesInvalid(f"No location has the code {code!r}.", field=field)
    return location_id


async def _merged(
    tx: Connection, before: Sequence[StoredLine], added: Sequence[NewCartLine], config: RoutingConfig
) -> list[StoredLine]:
    """Give the lines with the added ones: the same sku and hand-over are one line."""
    found = await store.VARIANTS_BY_SKU.all(tx, skus=list({line.sku for line in added}))
    variant_ids = {row.sku: row.variant_id for row in found}
    errors = [
        FieldError(f"lines[{index}].sku", f"No variant has the sku {line.sku!r}.")
        for index, line in enumerate(added)
        if line.sku not in variant_ids
    ]
    if errors:
        raise CartLinesInvalid("; ".join(e.reason for e in errors[:3]), errors=errors)
    after = {_key(line): line for line in before}
    last = max((line.line_no for line in before), default=0)
    for index, new in enumerate(added):
        kind, code = new.fulfilment.kind, new.fulfilment.location
        location_id = _location_id(new.fulfilment, f"lines[{index}].fulfilment.location", config)
        key = (variant_ids[new.sku], kind, location_id or 0)
        known = after.get(key)
        if known is None:
            last += 1
            known = StoredLine(last, key[0], new.sku, 0, kind, location_id, code)
        quantity = _sum(known.quantity + new.quantity, f"lines[{index}].quantity")
        after[key] = msgspec.structs.replace(known, quantity=quantity)
    if len(after) > LINES_MAX:
        raise CartFull(f"A cart has at most {LINES_MAX} lines.", field="lines")
    return list(after.values())


async def _write_lines(
    tx: Connection, cart_id: UUID, before: Iterable[StoredLine], after: Sequence[StoredLine]
) -> None:
    """Replace the lines that differ: old ones go first, so that a merged line never meets the one it was."""
    known = {line.line_no: line for line in before}
    changed = [line for line in after if known.get(line.line_no) != line]
    gone = set(known) - {line.line_no for line in after} | {line.line_no for line in changed}
    await store.DELETE_LINES.run(tx, cart_id=cart_id, line_nos=sorted(gone))
    await store.INSERT_LINES.run(
        tx,
        cart_id=cart_id,
        line_nos=[line.line_no for line in changed],
        variant_ids=[line.variant_id for line in changed],
        quantities=[line.quantity for line in changed],
        fulfilment_kinds=[line.fulfilment_kind for line in changed],
        location_ids=[line.location_id for line in changed],
    )


async def _release_changed(
    tx: Connection,
    actor: Actor,
    target: Target,
    before: Sequence[StoredLine],
    after: Sequence[StoredLine],
    now: datetime,
) -> None:
    """Give back what is held for lines that are gone, are handed over otherwise, or shrink."""
    kept = {line.line_no: line for line in after}
    loose = set()
    for line in before:
        now_line = kept.get(line.line_no)
        if now_line is None or _key(now_line) != _key(line) or now_line.quantity < line.quantity:
            loose.add(line.line_no)
    if loose:
        await release_holds(tx, actor, target.cart_id, target.config, now, loose)


def _refuse_unsold(cart: Cart, added: Sequence[NewCartLine]) -> None:
    """Refuse lines that this request brings and that cannot be sold here; the transaction takes them back."""
    wrong = {
        (line.sku, line.fulfilment): line.problems[0].detail
        for line in cart.lines
        if line.problems and line.problems[0].blocks
    }
    errors = [
        FieldError(f"lines[{index}]", wrong[line.sku, line.fulfilment])
        for index, line in enumerate(added)
        if (line.sku, line.fulfilment) in wrong
    ]
    if errors:
        raise CartLinesInvalid("; ".join(e.reason for e in errors[:3]), errors=errors)
