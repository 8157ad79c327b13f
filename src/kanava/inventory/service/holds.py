"""Holds: units kept for a channel for a while, then committed, released or free again by themselves."""

from datetime import datetime, timedelta
from uuid import UUID

from kanava.inventory import rules
from kanava.inventory.errors import (
    DocumentIdTaken,
    HoldExpired,
    HoldNotFound,
    InsufficientStock,
    LevelsMoved,
    ReservationEnded,
)
from kanava.inventory.messages import Hold, NewHold
from kanava.inventory.model import LevelChange, Movement, Reservation
from kanava.inventory.service.explain_words import SHUT, WHY_NOT
from kanava.inventory.service.names import announce, location_id, variant_ids
from kanava.inventory.service.reserve import (
    apply_changes,
    end_reservations,
    expire_holds_of,
    use_ring_fences,
    write_movements,
    write_reservations,
)
from kanava.inventory.store import explain as facts_sql
from kanava.inventory.store import holds as sql
from kanava.inventory.store.explain import ChannelFacts, PlaceFacts
from kanava.inventory.store.holds import HoldRow
from kanava.platform.auth import Actor
from kanava.platform.db import Connection
from kanava.platform.errors import Conflict, InvalidInput

ATTEMPTS_MAX = 5


async def hold(tx: Connection, actor: Actor, new: NewHold, now: datetime) -> Hold:
    """Hold units at a location; the same hold again gets it as it stands, too few units InsufficientStock."""
    variant = (await variant_ids(tx, [new.sku]))[new.sku]
    if variant is None:
        raise InvalidInput(f"No variant has the sku {new.sku!r}.", field="sku")
    at = await location_id(tx, new.location)
    actor.must_reach(at)
    stored = await sql.HOLD.one_or_none(tx, reservation_id=new.reservation_id)
    if stored is not None:
        return _same(stored, new, now)
    channel = await facts_sql.CHANNEL_FACTS.one_or_none(tx, channel=new.channel, variant_id=variant)
    if channel is None:
        raise InvalidInput(f"No channel has the code {new.channel!r}.", field="channel")
    _must_sell(channel, new)
    # Holds whose time is over give their units back first, so that the guard below need not know of them.
    await expire_holds_of(tx, [variant], now)
    for _ in range(ATTEMPTS_MAX):
        places = await facts_sql.PLACE_FACTS.all(
            tx, variant_id=variant, channel_id=channel.channel_id, location_id=at, now=now
        )
        from_fence, change = _decide(channel, places[0] if places else None, new, (variant, at))
        try:
            async with tx.transaction():
                changed = await apply_changes(tx, [change])
                await use_ring_fences(tx, {(variant, at, channel.channel_id): from_fence})
        except LevelsMoved:
            continue
        break
    else:
        raise Conflict("The stock of this level changes too quickly; send it again.")
    expires_at = now + timedelta(seconds=new.seconds or channel.hold_seconds)
    held = Reservation(
        variant,
        new.reservation_id,
        at,
        new.quantity,
        "held",
        channel.channel_id,
        from_fence,
        fulfilment_kind=new.fulfilment_kind,
        expires_at=expires_at,
    )
    await write_reservations(tx, [held])
    taken = Movement(
        variant, at, new.reservation_id, "reserve", reserved_delta=new.quantity, reference=f"hold:{new.reservation_id}"
    )
    await write_movements(tx, [taken], [actor.label])
    await announce(tx, changed)
    return Hold(new.reservation_id, new.channel, new.sku, new.location, new.quantity, "held", expires_at)


async def get_hold(tx: Connection, reservation_id: UUID, now: datetime) -> Hold:
    """Give a hold as it stands at this moment."""
    row = await sql.HOLD.one_or_none(tx, reservation_id=reservation_id)
    if row is None:
        raise HoldNotFound(f"No hold has the id {reservation_id}.", field="reservation_id")
    return _view(row, now)


async def commit_hold(tx: Connection, actor: Actor, reservation_id: UUID, now: datetime) -> Hold:
    """Make a hold last until it is released; HoldExpired when its time is over. Twice is once."""
    row = await _for_change(tx, actor, reservation_id)
    if row.state == "committed":
        return _view(row, now)
    _must_be_held(row, now)
    await sql.COMMIT_HOLD.run(tx, variant_id=row.variant_id, reservation_id=reservation_id, now=now)
    return await get_hold(tx, reservation_id, now)


async def extend_hold(tx: Connection, actor: Actor, reservation_id: UUID, seconds: int, now: datetime) -> Hold:
    """Let a hold last `seconds` from now; HoldExpired when its time is over."""
    row = await _for_change(tx, actor, reservation_id)
    _must_be_held(row, now)
    await sql.EXTEND_HOLD.run(
        tx,
        variant_id=row.variant_id,
        reservation_id=reservation_id,
        expires_at=now + timedelta(seconds=seconds),
        now=now,
    )
    return await get_hold(tx, reservation_id, now)


async def release_hold(tx: Connection, actor: Actor, reservation_id: UUID, now: datetime) -> Hold:
    """Give the units of a hold back, expired or committed ones too. Twice is once."""
    row = await _for_change(tx, actor, reservation_id)
    if row.state in ("released", "expired"):
        return _view(row, now)
    if row.state == "fulfilled":
        raise ReservationEnded("The units of this reservation were handed over.", field="reservation_id")
    ended = Reservation(
        row.variant_id, reservation_id, row.location_id, row.quantity, "held", row.channel_id, row.from_ring_fence
    )
    await announce(tx, await end_reservations(tx, [ended], "released", actor.label, now))
    return await get_hold(tx, reservation_id, now)


def _must_sell(channel: ChannelFacts, new: NewHold) -> None:
    if not channel.active:
        raise InvalidInput(f"The channel {new.channel!r} is switched off.", field="channel")
    if not (channel.listed and channel.variant_active):
        raise InvalidInput(f"{new.sku!r} is not sold on {new.channel!r}.", field="sku")


def _decide(
    channel: ChannelFacts, place: PlaceFacts | None, new: NewHold, key: tuple[int, int]
) -> tuple[int, LevelChange]:
    """Give the units out of the channel's ring-fence, and the guarded change; InsufficientStock when too few."""
    if place is None:
        raise InsufficientStock(f"There is no stock of {new.sku} at {new.location}.", field="quantity", available=0)
    why_not = rules.why_not_from(
        kind=place.kind,
        services=place.services,
        active=place.active,
        fulfils_online=place.fulfils_online,
        fulfilment_kind=new.fulfilment_kind,
    )
    reason = (WHY_NOT[why_not] if why_not else "") if place.serves else SHUT["not_serving"]
    if reason:
        raise InvalidInput(f"Nothing can be held at {new.location}: {reason}.", field="location")
    threshold, _ = rules.threshold_for(
        variant_at_location=place.variant_location_threshold,
        variant=place.variant_threshold,
        channel_at_location=place.channel_threshold,
        channel=channel.threshold,
    )
    leaves = rules.leaves_safety_stock(new.fulfilment_kind)
    seen = rules.available(place, place.own_fence, threshold, leaves)
    if seen < new.quantity:
        raise InsufficientStock(
            f"{new.channel} can have {seen} of {new.sku} at {new.location}.", field="quantity", available=seen
        )
    from_fence = min(place.own_fence, new.quantity)
    need = new.quantity + threshold - place.own_fence
    return from_fence, LevelChange(
        *key,
        reserved_delta=new.quantity,
        ring_fenced_delta=-from_fence,
        need=None if leaves else need,
        need_above_safety=need if leaves else None,
    )


async def _for_change(tx: Connection, actor: Actor, reservation_id: UUID) -> HoldRow:
    row = await sql.HOLD_FOR_CHANGE.one_or_none(tx, reservation_id=reservation_id)
    if row is None:
        raise HoldNotFound(f"No hold has the id {reservation_id}.", field="reservation_id")
    actor.must_reach(row.location_id)
    return row


def _must_be_held(row: HoldRow, now: datetime) -> None:
    if row.state == "expired" or (row.state == "held" and row.expires_at is not None and row.expires_at <= now):
        raise HoldExpired(
            f"The hold ended at {row.expires_at:%Y-%m-%d %H:%M:%S} UTC; make a new one.", field="reservation_id"
        )
    if row.state != "held":
        raise ReservationEnded(f"The reservation is {row.state}.", field="reservation_id")


def _same(row: HoldRow, new: NewHold, now: datetime) -> Hold:
    if (row.sku, row.location, row.channel, row.quantity) != (new.sku, new.location, new.channel, new.quantity):
        raise DocumentIdTaken(f"The id {new.reservation_id} belongs to another hold.", field="reservation_id")
    return _view(row, now)


def _view(row: HoldRow, now: datetime) -> Hold:
    over = row.state == "held" and row.expires_at is not None and row.expires_at <= now
    state = "expired" if over else row.state
    return Hold(
        row.reservation_id,
        row.channel,
        row.sku,
        row.location,
        row.quantity,
        state,  # type: ignore[arg-type]
        row.expires_at,
    )
