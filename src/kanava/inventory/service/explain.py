"""Why a channel sees three and not eight: reasons as data, each with its English words."""

from collections.abc import Sequence
from datetime import datetime

import msgspec

from kanava.inventory import rules
from kanava.inventory.messages import Explanation, PlaceExplanation, Step, UnitsOn
from kanava.inventory.model import FulfilmentKind, Incoming, StepCode
from kanava.inventory.service.explain_words import in_english
from kanava.inventory.service.names import location_id, variant_id
from kanava.inventory.store import explain as sql
from kanava.inventory.store import incoming as incoming_sql
from kanava.inventory.store.explain import AwaitedFacts, ChannelFacts, FenceFacts, PlaceFacts, ReservedFacts
from kanava.platform.db import Connection
from kanava.platform.errors import NotFound


class Question(msgspec.Struct, frozen=True):
    """What is asked; `fulfilment_kind` None: carry-out for a channel of stores, ship for every other."""

    sku: str
    channel: str
    location: str | None = None
    fulfilment_kind: FulfilmentKind | None = None


async def explain(tx: Connection, question: Question, now: datetime) -> Explanation:
    """Explain what the channel sees; the numbers are those that availability and order placing work with."""
    variant = await variant_id(tx, question.sku)
    at = await location_id(tx, question.location) if question.location else None
    channel = await sql.CHANNEL_FACTS.one_or_none(tx, channel=question.channel, variant_id=variant)
    if channel is None:
        raise NotFound(f"No channel has the code {question.channel!r}.", field="channel")
    places = await sql.PLACE_FACTS.all(tx, variant_id=variant, channel_id=channel.channel_id, location_id=at, now=now)
    fences = await sql.OTHER_FENCES.all(tx, variant_id=variant, channel_id=channel.channel_id)
    reserved = {row.location_id: row for row in await sql.RESERVED_FOR.all(tx, variant_id=variant)}
    coming = await incoming_sql.SUPPLY_OF.all(tx, variant_ids=[variant], today=now.date())
    awaited = {row.location_id: row for row in await sql.AWAITED_FOR.all(tx, variant_id=variant)}
    kind: FulfilmentKind = question.fulfilment_kind or ("carry_out" if channel.kind == "store" else "ship")
    explained = [
        _explain_place(
            channel,
            place,
            kind,
            [row for row in fences if row.location_id == place.location_id],
            reserved.get(place.location_id),
            _on_the_way(
                place, [row for row in coming if row.location_id == place.location_id], awaited.get(place.location_id)
            ),
        )
        for place in places
    ]
    on_hand, seen = sum(place.on_hand for place in explained), sum(place.seen for place in explained)
    return Explanation(question.sku, channel.code, kind, on_hand, seen, _sentence(channel.code, explained), explained)


class UnitsSeen(msgspec.Struct, frozen=True):
    """How many units of a variant a channel sees, of how many that are on hand."""

    sku: str
    on_hand: int
    seen: int


async def units_seen(tx: Connection, channel: str, skus: Sequence[str], now: datetime) -> list[UnitsSeen]:
    """Say how many units of each sku a channel sees now, without the reasons; skus nobody knows are missing."""
    facts = await sql.CHANNEL_FACTS_OF_MANY.all(tx, channel=channel, skus=list(skus))
    if not facts:
        return []
    variants, channel_id = [row.variant_id for row in facts], facts[0].channel_id
    places: dict[int, list[PlaceFacts]] = {}
    for place in await sql.PLACES_OF_MANY.all(tx, variant_ids=variants, channel_id=channel_id, now=now):
        places.setdefault(place.variant_id, []).append(place)
    fences: dict[tuple[int, int], list[FenceFacts]] = {}
    for fence in await sql.FENCES_OF_MANY.all(tx, variant_ids=variants, channel_id=channel_id):
        fences.setdefault((fence.variant_id, fence.location_id), []).append(fence)
    found = {}
    for fact in facts:
        kind = "carry_out" if fact.kind == "store" else "ship"
        explained = [
            _explain_place(fact, place, kind, fences.get((fact.variant_id, place.location_id), []), None, [])
            for place in places.get(fact.variant_id, ())
        ]
        found[fact.sku] = UnitsSeen(
            fact.sku, sum(place.on_hand for place in explained), sum(place.seen for place in explained)
        )
    return [found[sku] for sku in dict.fromkeys(skus) if sku in found]


def _explain_place(
    channel: ChannelFacts,
    place: PlaceFacts,
    kind: str,
    fences: list[FenceFacts],
    reserved: ReservedFacts | None,
    on_the_way: list[Step],
) -> PlaceExplanation:
    steps = [Step("on_hand", place.on_hand, amount=place.on_hand)]
    shut = _why_not_at_all(channel, place, kind)
    if shut:
        return _told(place, 0, [*steps, Step(shut[0], -place.on_hand, why=shut[1]), *on_the_way])
    threshold, where = rules.threshold_for(
        variant_at_location=place.variant_location_threshold,
        variant=place.variant_threshold,
        channel_at_location=place.channel_threshold,
        channel=channel.threshold,
    )
    leaves = rules.leaves_safety_stock(kind)
    if place.reserved:
        orders, held = (reserved.numbers, reserved.held) if reserved is not None else ([], 0)
        steps.append(Step("reserved", -place.reserved, amount=place.reserved, orders=orders, held=held))
    if place.expired_held:
        steps.append(Step("expired_holds", place.expired_held, amount=place.expired_held))
    steps += [Step("ring_fence", -row.remaining, amount=row.remaining, channel=row.channel) for row in fences]
    if place.own_fence:
        steps.append(Step("own_ring_fence", 0, amount=place.own_fence))
    if place.safety_stock > place.suppressed:
        kept = place.safety_stock - place.suppressed
        steps.append(Step("safety_stock", -kept if leaves else 0, amount=kept))
    if place.suppressed:
        steps.append(Step("suppressed", -place.suppressed if leaves else 0, amount=place.suppressed))
    if threshold:
        steps.append(Step("threshold", -threshold, amount=threshold, why=where))
    seen = rules.available(place, place.own_fence, threshold, leaves, place.expired_held)
    total = sum(step.units for step in steps)
    if total < seen:
        steps.append(Step("never_below_zero", seen - total))
    return _told(place, seen, [*steps, *on_the_way])


def _told(place: PlaceFacts, seen: int, steps: list[Step]) -> PlaceExplanation:
    told = [msgspec.structs.replace(step, text=in_english(step)) for step in steps]
    return PlaceExplanation(place.location, place.on_hand, seen, told)


def _on_the_way(place: PlaceFacts, coming: list[Incoming], awaited: AwaitedFacts | None) -> list[Step]:
    """Name what is coming, with its dates, and what of it is sold: neither is seen as stock before it is there."""
    steps = []
    if place.incoming:
        days = [UnitsOn(row.units, row.available_on) for row in coming]
        undated = max(0, place.incoming - sum(row.units for row in coming))
        steps.append(Step("incoming", 0, amount=place.incoming, days=days, undated=undated))
    if awaited is not None:
        steps.append(Step("awaited", 0, amount=awaited.units, orders=awaited.numbers, undated=awaited.undated))
    return steps


def _why_not_at_all(channel: ChannelFacts, place: PlaceFacts, kind: str) -> tuple[StepCode, str] | None:
    if not channel.active:
        return "channel_inactive", ""
    if not channel.variant_active:
        return "not_sold", ""
    if not channel.listed:
        return "not_listed", ""
    if not place.serves:
        return "not_serving", ""
    reason = rules.why_not_from(
        kind=place.kind,
        services=place.services,
        active=place.active,
        fulfils_online=place.fulfils_online,
        fulfilment_kind=kind,
    )
    return ("location_excluded", reason) if reason else None


def _sentence(channel: str, places: list[PlaceExplanation]) -> str:
    if not places:
        return f"{channel} sees 0: there is no stock level of this variant here."
    on_hand, seen = sum(place.on_hand for place in places), sum(place.seen for place in places)
    told = [place for place in places if place.on_hand or place.seen or len(place.steps) > 1][:20]
    each = "; ".join(
        f"at {place.location} {place.seen}: " + ", ".join(step.text for step in place.steps) for place in told
    )
    more = f"; and {len(places) - len(told)} more locations" if len(places) > len(told) else ""
    return f"{channel} sees {seen} of {on_hand} on hand: {each}{more}."
