"""Taking units for one cart or one change of an order: the decision and the guards of placing, one at a time."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

import msgspec

from kanava.inventory import service as inventory
from kanava.inventory.model import ChangedLevel, Key, Level, LevelChange, Reservation
from kanava.inventory.service.portions import Portion
from kanava.platform.auth import SYSTEM
from kanava.platform.db import Connection
from kanava.sourcing.model import ChannelRules, Place, Plan, RoutingConfig
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
from kanava.sourcing.routing.costing import NOTHING_SHIPPED, OrderFacts, Setting
from kanava.sourcing.routing.decisions import Decision, decision_of
from kanava.sourcing.routing.model import Places
from kanava.sourcing.stock import WorkingStock


class TakenPart(msgspec.Struct, frozen=True):
    """Units that are taken at a location; `from_ring_fence` of them out of the channel's ring-fence."""

    line_no: int
    variant_id: int
    location_id: int
    quantity: int
    kind: str
    from_ring_fence: int


class Planned(msgspec.Struct, frozen=True):
    """Where units come from, and why shipped ones come from there.

    When `short` is not empty nothing is taken: the lines at fault by number, each with the units that there are for it.
    """

    parts: tuple[TakenPart, ...]
    short: Mapping[int, int] = {}
    decision: Decision | None = None


class Taking:
    """Units that one transaction takes: planned without a lock, as often as it likes, then locked and written once.

    `plan` reads; `lock` locks every level that will change, in the order of their keys; then the caller ends what it
    gives back, and `write` takes. `facts`: what the rules of routing ask of the order. Shipped units are not taken at
    the places that are excluded. `lent`: units that the caller gives back in between and may have again.
    """

    def __init__(
        self,
        tx: Connection,
        channel: ChannelRules,
        facts: OrderFacts,
        config: RoutingConfig,
        now: datetime,
        *,
        excluding: frozenset[int] = frozenset(),
        lent: Sequence[Portion] = (),
    ) -> None:
        self.tx, self.channel, self.facts, self.config, self.now = tx, channel, facts, config, now
        self.excluding, self.lent = excluding, lent
        self.stock = WorkingStock()
        self._due: dict[tuple[int, object], Reservation] = {}
        self._thresholds: dict[tuple[int, int, int], int] = {}
        self._scarcity: dict[tuple[int, int], int] = {}
        self._weights: dict[int, int] = {}
        self._changes: list[LevelChange] | None = None
        self.locked = False

    async def plan(self, wanted: Sequence[Wanted]) -> Planned:
        """Decide where all of the units come from; what was planned before is not free any more.

        Lines of kind carry_out are sold at once.
        """
        if not wanted:
            return Planned(())
        ships = any(want.location_id is None for want in wanted)
        setting = await self._setting() if ships else NOTHING_SHIPPED
        near = setting.places.ordered[:NEAREST_PLACES]
        await self._read(wanted, near, ships=ships)
        chosen, units = self._plan(wanted, setting, near)
        if chosen.short or not chosen.proven:
            if ships:
                await self._add(await inventory.levels_of(self.tx, _variants(wanted)))
            chosen, units = self._plan(wanted, setting)
        if chosen.short and await self._lend_due(wanted, ships=ships):
            chosen, units = self._plan(wanted, setting)
        if chosen.short:
            return Planned((), short_lines(wanted, units, chosen.short))
        kinds = {want.line_no: want.kind for want in wanted}
        fences = take_planned(self.channel, wanted, chosen, self.stock)
        parts = [
            TakenPart(part.line_no, part.variant_id, part.location_id, part.quantity, kinds[part.line_no], fence)
            for part, fence in zip(chosen.parts, fences, strict=True)
        ]
        return Planned(tuple(parts), decision=self._decision(chosen, wanted, setting) if ships else None)

    async def lock(self, also: Iterable[Key] = ()) -> None:
        """Lock every level that is taken from or given back to, and others that the caller changes; then plan no more.

        LevelsMoved when a hold that was over has ended meanwhile.
        """
        keys = self.keys() | set(also)
        self.locked = True
        if self._due:
            due = list(self._due.values())
            await inventory.end_reservations(self.tx, due, "expired", SYSTEM.label, self.now, then=keys)
        else:
            await inventory.lock_levels(self.tx, keys)

    def keys(self) -> set[Key]:
        """Give the levels that will change; nothing more can be planned then."""
        if self._changes is None:
            self._changes = list(self.stock.changes())
        keys = {(change.variant_id, change.location_id) for change in self._changes}
        return keys | {(each.reservation.variant_id, each.reservation.location_id) for each in self.lent}

    async def write(self) -> list[ChangedLevel]:
        """Take what was planned and give the levels after it; the caller writes the reservations and the ledger.

        LevelsMoved when somebody else was quicker: roll back and decide anew.
        """
        if (self._due or self.lent) and not self.locked:
            await self.lock()
        self.keys()
        changed = await inventory.apply_changes(self.tx, self._changes or ())
        await inventory.use_ring_fences(self.tx, self.stock.fences_used)
        return changed

    async def _setting(self) -> Setting:
        router = self.config.router
        await routing.observe(self.tx, router, self.now)
        setting = router.setting(self.channel.thresholds, self.facts, self.now)
        if not self.excluding:
            return setting
        rest = Places([place for place in setting.places.ordered if place.location_id not in self.excluding])
        return Setting(rest, setting.terms)

    async def _read(self, wanted: Sequence[Wanted], near: Sequence[Place], *, ships: bool) -> None:
        variant_ids = _variants(wanted)
        self._thresholds |= await inventory.thresholds_of(self.tx, variant_ids)
        self.stock.set_thresholds(self._thresholds)
        own = {(each.reservation.variant_id, each.reservation.location_id) for each in self.lent}
        added = await self._add(await inventory.levels_at(self.tx, keys_of(wanted, near) | own))
        for each in self.lent:
            row = each.reservation
            if (row.variant_id, row.location_id) in added:
                self.stock.lend((row.variant_id, row.location_id), row.channel_id, each.quantity, each.from_ring_fence)
        if ships and self.config.any_scarcity:
            self._scarcity |= await routing.scarcity_of(self.tx, variant_ids)
        if ships:
            self._weights |= await routing.weights_of(self.tx, self.config.router, variant_ids)

    async def _add(self, levels: Mapping[Key, Level]) -> set[Key]:
        """Take levels in, with their ring-fences; gives those that were not known."""
        new = {key: level for key, level in levels.items() if key not in self.stock}
        fenced = self.stock.add_levels(new)
        if fenced:
            self.stock.set_fences(await inventory.ring_fences_at(self.tx, fenced))
        return set(new)

    async def _lend_due(self, wanted: Sequence[Wanted], *, ships: bool) -> bool:
        """Count on holds whose time is over, which `lock` ends; gives whether there are any."""
        known = {each.reservation.reservation_id for each in self.lent} | {key[1] for key in self._due}
        found = [
            row
            for row in await inventory.due_holds_of(self.tx, _variants(wanted), self.now)
            if row.reservation_id not in known
        ]
        if not ships:
            keys = keys_of(wanted, ())
            found = [row for row in found if (row.variant_id, row.location_id) in keys]
        await self._add(await inventory.levels_at(self.tx, {(row.variant_id, row.location_id) for row in found}))
        for row in found:
            self._due[row.variant_id, row.reservation_id] = row
            self.stock.lend((row.variant_id, row.location_id), row.channel_id, row.quantity, row.from_ring_fence)
        return bool(found)

    def _plan(
        self, wanted: Sequence[Wanted], setting: Setting, known: Sequence[Place] | None = None
    ) -> tuple[Plan, dict[Key, int]]:
        scarcity = self._scarcity or None
        return plan_wanted(self.channel, wanted, self.stock, setting, scarcity, known=known, weights=self._weights)

    def _decision(self, chosen: Plan, wanted: Sequence[Wanted], setting: Setting) -> Decision | None:
        number, codes = self.config.router.ruleset.number, self.config.location_codes
        return decision_of(chosen, needs_of(wanted, self._weights), setting, number, codes, self._scarcity or None)


def _variants(wanted: Iterable[Wanted]) -> list[int]:
    return list({want.variant_id for want in wanted})
