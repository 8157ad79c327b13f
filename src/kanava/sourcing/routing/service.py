"""Verbs of routing: rulesets, what they are loaded into, and decisions as people read them."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec

from kanava.carriers import service as carriers
from kanava.carriers.model import UNKNOWN_WEIGHT_GRAMS
from kanava.channels import service as channels
from kanava.platform import audit, outbox
from kanava.platform.auth import Actor
from kanava.platform.db import Connection
from kanava.platform.errors import FieldError, PreconditionFailed
from kanava.platform.http import Page, decode_cursor, encode_cursor
from kanava.platform.outbox import Event
from kanava.sourcing.routing.costing import LATE_DAYS_MAX, Conditions, OrderFacts, Router, Site
from kanava.sourcing.routing.errors import DecisionNotFound, RulesetNotDraft, RulesetNotFound, RulesInvalid
from kanava.sourcing.routing.model import Charge
from kanava.sourcing.routing.ruleset import (
    Costs,
    Known,
    LiveRuleset,
    Rule,
    Ruleset,
    RulesetContent,
    mistakes,
)
from kanava.sourcing.routing.store import goods as goods_sql
from kanava.sourcing.routing.store import orders as orders_sql
from kanava.sourcing.routing.store import rulesets as rulesets_sql
from kanava.sourcing.routing.store.rulesets import RulesetRow
from kanava.stores import hours
from kanava.stores import service as stores
from kanava.stores.model import ClosedTooLong, RoutingLocation

ERRORS_MAX = 100
OBSERVED_AGAIN_AFTER = timedelta(minutes=1)
"""How old what placing knows of load and lateness may be; 1,565 places take some 30 ms to look at."""


async def create_ruleset(tx: Connection, actor: Actor, content: RulesetContent, now: datetime) -> Ruleset:
    """Make a draft; RulesInvalid names what is wrong."""
    await _check(tx, content)
    number = await rulesets_sql.INSERT_RULESET.one(tx, **_stored(content), now=now)
    await audit.record(tx, actor, "create", "routing_ruleset", str(number), {"name": content.name})
    return await get_ruleset(tx, number)


async def change_ruleset(
    tx: Connection, actor: Actor, number: int, content: RulesetContent, version: int, now: datetime
) -> Ruleset:
    """Put other rules into a draft that is still at `version`; RulesetNotFound, RulesetNotDraft, RulesInvalid."""
    await _draft(tx, number, version)
    await _check(tx, content)
    await rulesets_sql.UPDATE_RULESET.run(tx, number=number, **_stored(content), now=now)
    await audit.record(tx, actor, "change", "routing_ruleset", str(number), {"name": content.name})
    return await get_ruleset(tx, number)


async def publish_ruleset(tx: Connection, actor: Actor, number: int, version: int, now: datetime) -> Ruleset:
    """Let a draft decide from now on; the one that did is retired. RulesetNotFound, RulesetNotDraft, RulesInvalid."""
    draft = await _draft(tx, number, version)
    # A place or channel that it names may be gone since.
    await _check(tx, RulesetContent(draft.name, draft.costs, draft.rules))
    await rulesets_sql.RETIRE_LIVE.run(tx, now=now)
    await rulesets_sql.PUBLISH.run(tx, number=number, now=now)
    await audit.record(tx, actor, "publish", "routing_ruleset", str(number))
    await outbox.publish(tx, [Event("routing.published", "routing_ruleset", str(number), {"number": number})])
    return await get_ruleset(tx, number)


async def get_ruleset(tx: Connection, number: int) -> Ruleset:
    """Give a ruleset; RulesetNotFound."""
    row = await rulesets_sql.RULESET.one_or_none(tx, number=number)
    if row is None:
        raise _not_found(number)
    return _ruleset(row)


async def list_rulesets(tx: Connection, state: str | None, cursor: str | None, limit: int) -> Page[Ruleset]:
    """Give rulesets, the newest first."""
    before = decode_cursor(cursor, int)[0] if cursor else None
    rows = await rulesets_sql.RULESETS_BEFORE.all(tx, before=before, state=state, limit=limit)
    return Page([_ruleset(row) for row in rows], encode_cursor(rows[-1].number) if len(rows) == limit else None)


async def live_ruleset(tx: Connection) -> LiveRuleset:
    """Give the ruleset that decides; number 0 until one was published."""
    row = await rulesets_sql.LIVE_RULESET.one_or_none(tx)
    if row is None:
        return LiveRuleset()
    ruleset = _ruleset(row)
    return LiveRuleset(ruleset.number, ruleset.costs, tuple(ruleset.rules))


def _ruleset(row: RulesetRow) -> Ruleset:
    values = msgspec.structs.asdict(row)
    values["costs"] = msgspec.convert(row.costs, Costs)
    values["rules"] = msgspec.convert(row.rules, list[Rule])
    return Ruleset(**values)


def _stored(content: RulesetContent) -> dict[str, Any]:
    return {
        "name": content.name,
        "costs": msgspec.to_builtins(content.costs),
        "rules": msgspec.to_builtins(content.rules),
    }


async def _draft(tx: Connection, number: int, version: int) -> Ruleset:
    row = await rulesets_sql.RULESET_FOR_WRITING.one_or_none(tx, number=number)
    if row is None:
        raise _not_found(number)
    if row.state != "draft":
        raise RulesetNotDraft(f"Ruleset {number} is {row.state}; make a new draft.", state=row.state)
    if row.version != version:
        raise PreconditionFailed(f"The ruleset is at version {row.version}, not {version}.", field="If-Match")
    return _ruleset(row)


async def _check(tx: Connection, content: RulesetContent) -> None:
    def named(part: str) -> list[str]:
        return sorted({code for rule in content.rules for code in getattr(rule.when, part) or ()})

    known = Known(
        frozenset(await rulesets_sql.KNOWN_CHANNELS.all(tx, codes=named("channels"))),
        frozenset(await rulesets_sql.KNOWN_LOCATIONS.all(tx, codes=named("locations"))),
        frozenset(await rulesets_sql.KNOWN_CATEGORIES.all(tx, codes=named("categories"))),
    )
    errors: list[FieldError] = mistakes(content, known)
    if errors:
        raise RulesInvalid("; ".join(f"{e.field}: {e.reason}" for e in errors[:3]), errors=errors[:ERRORS_MAX])


def _not_found(number: int) -> RulesetNotFound:
    return RulesetNotFound(f"There is no ruleset {number}.", field="number")


class ServedChannel(msgspec.Struct, frozen=True):
    """A channel with the places that ship for it, and the units that each leaves."""

    channel_id: int
    code: str
    country: str
    currency: str
    shipping: Mapping[int, int]


class World(msgspec.Struct, frozen=True):
    """What orders are routed in apart from placing: channels, places, and a router for each ruleset asked for."""

    channels: Mapping[str, ServedChannel]
    locations: Mapping[int, RoutingLocation]
    routers: Sequence[Router]


def sites_of(locations: Iterable[RoutingLocation]) -> list[Site]:
    """Give the places that may ship at all."""
    return [
        Site(
            row.location_id,
            row.code,
            row.kind,
            row.country,
            row.time_zone,
            row.parcel_cost_domestic_minor,
            row.parcel_cost_abroad_minor,
            row.pick_capacity_per_hour,
        )
        for row in locations
        if row.active and row.fulfils_online and (row.kind == "warehouse" or "ship_from_store" in row.services)
    ]


async def load_world(tx: Connection, rulesets: Sequence[LiveRuleset], now: datetime) -> World:
    """Read what routing outside of placing needs, as it is now."""
    locations = {row.location_id: row for row in await stores.all_for_routing(tx)}
    sites = sites_of(locations.values())
    ships = {site.location_id for site in sites}
    served = {
        row.code: ServedChannel(
            row.channel_id,
            row.code,
            row.country,
            row.currency,
            {
                location_id: threshold
                for location_id, threshold in zip(row.location_ids, row.location_thresholds, strict=True)
                if location_id in ships
            },
        )
        for row in await channels.all_for_routing(tx)
    }
    carried = await carriers.load_carriers(tx)
    routers = [Router(sites, ruleset, carried) for ruleset in rulesets]
    for router in routers:
        router.observe(await conditions(tx, locations.values(), router.ruleset.costs, now))
    return World(served, locations, routers)


async def conditions(tx: Connection, locations: Iterable[RoutingLocation], costs: Costs, now: datetime) -> Conditions:
    """Say how things stand at the places: what waits there, and in how many days a parcel leaves."""
    waiting = {row.location_id: row.units for row in await goods_sql.WAITING.all(tx)}
    late = {}
    for row in locations:
        days = days_until_it_leaves(row, waiting.get(row.location_id, 0), costs, now)
        if days:
            late[row.location_id] = days
    return Conditions(int(now.timestamp()), waiting, late)


async def observe(tx: Connection, router: Router, now: datetime) -> None:
    """Let a router that is kept see how things stand at the places, unless it looked a moment ago."""
    seen, costs = router.observed_at, router.ruleset.costs
    if seen is not None and seen <= now < seen + OBSERVED_AGAIN_AFTER:
        return
    # Before it is read, so that others of this process do not read it too.
    router.observed_at = now
    # Promises count what waits, whether it costs anything or not.
    router.waiting = {row.location_id: row.units for row in await goods_sql.WAITING.all(tx)}
    if costs.late_day_minor or costs.busy_hour_minor:
        router.observe(await conditions(tx, await stores.all_for_routing(tx), costs, now))


def days_until_it_leaves(row: RoutingLocation, waiting: int, costs: Costs, now: datetime) -> int:
    """Say in how many days a parcel leaves that is ordered now, after what waits there; places without hours: today."""
    if not row.opening_hours or not row.pick_capacity_per_hour:
        return 0
    minutes = row.handling_minutes + waiting * 60 // row.pick_capacity_per_hour
    ready = hours.after_open_minutes(row.schedule(), now, minutes, LATE_DAYS_MAX)
    if isinstance(ready, ClosedTooLong):
        return LATE_DAYS_MAX
    zone = ZoneInfo(row.time_zone)
    local = ready.astimezone(zone)
    leaves: date = local.date()
    today = now.astimezone(zone).date()
    return (leaves - today).days + (1 if local.time() > costs.cut_off_time else 0)


async def scarcity_of(tx: Connection, variant_ids: Sequence[int]) -> dict[tuple[int, int], int]:
    """Give the scarcity prices of variants by (variant_id, location_id)."""
    rows = await goods_sql.SCARCITY_OF.all(tx, variant_ids=list(variant_ids))
    return {(row.variant_id, row.location_id): row.price_minor for row in rows}


async def weights_of(tx: Connection, router: Router, variant_ids: Sequence[int]) -> dict[int, int]:
    """Give what units of variants weigh in grams; nothing where no carrier takes money by weight."""
    if router.carriers is None or not variant_ids:
        return {}
    known = {
        row.variant_id: row.weight_grams for row in await goods_sql.WEIGHTS_OF.all(tx, variant_ids=list(variant_ids))
    }
    return {variant_id: known.get(variant_id, UNKNOWN_WEIGHT_GRAMS) for variant_id in variant_ids}


async def any_scarcity(tx: Connection) -> bool:
    """Say whether there is any scarcity price at all."""
    return await goods_sql.ANY_SCARCITY.one(tx)


async def categories_of(tx: Connection, variant_ids: Sequence[int]) -> dict[int, frozenset[str]]:
    """Give the codes of variants' categories, those above among them."""
    rows = await goods_sql.CATEGORIES_OF.all(tx, variant_ids=list(variant_ids))
    return {row.variant_id: frozenset(row.codes) for row in rows}


async def with_categories(tx: Connection, router: Router, facts: OrderFacts, variant_ids: Iterable[int]) -> OrderFacts:
    """Give the facts of an order with the categories of its goods; nothing is read where no rule goes by them."""
    if not router.needs_categories:
        return facts
    found = await categories_of(tx, sorted(set(variant_ids)))
    return msgspec.structs.replace(facts, categories=frozenset[str]().union(*found.values()))


class ChosenLine(msgspec.Struct, frozen=True):
    """Units of a line."""

    line_no: int
    quantity: int


class ChosenPlace(msgspec.Struct, frozen=True):
    """What a place sends, and what that costs."""

    location: str
    lines: list[ChosenLine]
    charges: list[Charge]


class RunnerUp(msgspec.Struct, frozen=True):
    """What would have been done instead."""

    locations: list[str]
    cost_minor: int


class DecisionView(msgspec.Struct, frozen=True):
    """A decision; `order_charges` are of the order as a whole. Amounts in the retailer's own currency."""

    decision_id: UUID
    cause: str
    ruleset: int
    cost_minor: int
    chosen: list[ChosenPlace]
    runner_up: RunnerUp | None
    decided_at: datetime


class OrderRouting(msgspec.Struct, frozen=True):
    """Every decision on where an order's goods come from, the first one first."""

    order_id: UUID
    decisions: list[DecisionView]


async def order_routing(tx: Connection, order_id: UUID) -> OrderRouting:
    """Give the decisions of an order; DecisionNotFound when there is no such order."""
    rows = await orders_sql.DECISIONS_OF.all(tx, order_id=order_id)
    if not rows and await orders_sql.ORDER_EXISTS.one_or_none(tx, order_id=order_id) is None:
        raise DecisionNotFound(f"No order has the id {order_id}.", field="order_id")
    views = [
        DecisionView(
            row.decision_id,
            row.cause,
            row.ruleset_number,
            row.cost_minor,
            msgspec.convert(row.chosen, list[ChosenPlace]),
            msgspec.convert(row.runner_up, RunnerUp | None),
            row.decided_at,
        )
        for row in rows
    ]
    return OrderRouting(order_id, views)
