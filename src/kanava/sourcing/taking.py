"""Taking units for one cart or one change of an order: the decision and the guards of placing, one at a time."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec

from kanava.inventory import service as inventory
from kanava.inventory.model import ChangedLevel
from kanava.platform.db import Connection
from kanava.sourcing.model import ChannelRules, RoutingConfig
from kanava.sourcing.planning import (
    NEAREST_PLACES,
    Wanted,
    keys_of,
    needs_of,
    plan_wanted,
    short_lines,
    take_planned,
)
from kanava.sourcing.routing import service as routing
from kanava.sourcing.routing.costing import NOTHING_SHIPPED, Setting
from kanava.sourcing.routing.decisions import Decision, decision_of
from kanava.sourcing.routing.model import Places
from kanava.sourcing.stock import WorkingStock


class TakenPart(msgspec.Struct, frozen=True):
    """Units that were taken at a location; `from_ring_fence` of them out of the channel's ring-fence."""

    line_no: int
    variant_id: int
    location_id: int
    quantity: int
    kind: str
    from_ring_fence: int


class Taken(msgspec.Struct, frozen=True):
    """What was taken, the levels after it, and why shipped units come from where they do.

    When `short` is not empty nothing was: the lines at fault by number, each with the units that there are for it.
    """

    parts: tuple[TakenPart, ...]
    changed: Sequence[ChangedLevel] = ()
    short: Mapping[int, int] = {}
    decision: Decision | None = None


async def take(
    tx: Connection,
    channel: ChannelRules,
    country: str,
    wanted: Sequence[Wanted],
    config: RoutingConfig,
    now: datetime,
    *,
    excluding: frozenset[int] = frozenset(),
    ship_to: Mapping[str, Any] | None = None,
) -> Taken:
    """Take all the units wanted or none; the caller writes the reservations and the ledger.

    Shipped units are not taken at the places that are excluded. `ship_to`: the address as stored, where it is known.
    Lines of kind carry_out are sold at once. LevelsMoved when somebody else was quicker: roll back and decide anew.
    """
    if not wanted:
        return Taken(())
    stock = WorkingStock()
    ships = any(want.location_id is None for want in wanted)
    await routing.observe(tx, config.router, now)
    setting = NOTHING_SHIPPED
    if ships:
        setting = config.router.setting(channel.thresholds, channel.facts(country, ship_to), now)
    if excluding:
        rest = Places([place for place in setting.places.ordered if place.location_id not in excluding])
        setting = Setting(rest, setting.terms)
    near = setting.places.ordered[:NEAREST_PLACES]
    variant_ids = list({want.variant_id for want in wanted})
    stock.set_thresholds(await inventory.thresholds_of(tx, variant_ids))
    fenced = stock.add_levels(await inventory.levels_at(tx, keys_of(wanted, near)))
    if fenced:
        stock.set_fences(await inventory.ring_fences_at(tx, fenced))
    scarcity = await routing.scarcity_of(tx, variant_ids) if ships and config.any_scarcity else None
    weights = await routing.weights_of(tx, config.router, variant_ids) if ships else {}
    chosen, units = plan_wanted(channel, wanted, stock, setting, scarcity, known=near, weights=weights)
    if chosen.short or not chosen.proven:
        if ships:
            fenced = stock.add_levels(await inventory.levels_of(tx, variant_ids))
            if fenced:
                stock.set_fences(await inventory.ring_fences_at(tx, fenced))
        chosen, units = plan_wanted(channel, wanted, stock, setting, scarcity, weights=weights)
    if chosen.short:
        await inventory.expire_holds_of(tx, variant_ids, now)
        levels = await inventory.levels_of(tx, variant_ids)
        stock.renew(levels)
        stock.set_fences(await inventory.ring_fences_at(tx, [k for k, level in levels.items() if level.ring_fenced]))
        chosen, units = plan_wanted(channel, wanted, stock, setting, scarcity, weights=weights)
    if chosen.short:
        return Taken((), short=short_lines(wanted, units, chosen.short))
    kinds = {want.line_no: want.kind for want in wanted}
    fences = take_planned(channel, wanted, chosen, stock)
    parts = [
        TakenPart(part.line_no, part.variant_id, part.location_id, part.quantity, kinds[part.line_no], fence)
        for part, fence in zip(chosen.parts, fences, strict=True)
    ]
    changed = await inventory.apply_changes(tx, stock.changes())
    await inventory.use_ring_fences(tx, stock.fences_used)
    decision = None
    if ships:
        ruleset, needs = config.router.ruleset.number, needs_of(wanted, weights)
        decision = decision_of(chosen, needs, setting, ruleset, config.location_codes, scarcity)
    return Taken(tuple(parts), changed, decision=decision)
