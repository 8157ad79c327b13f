"""Amending an order: one set of changes, all of them or none; extra units are guarded as in placing."""

from collections.abc import Mapping
from datetime import datetime

import msgspec
from msgspec import UNSET

from kanava.inventory import service as inventory
from kanava.inventory.errors import InsufficientStock
from kanava.inventory.model import Movement, Reservation
from kanava.inventory.service import portions
from kanava.orders.errors import LineUnknown, OrderLinesInvalid, TooManyUnits
from kanava.orders.model import LINES_MAX, Fulfilment, Order
from kanava.orders.requests import AmendOrder, LineChange
from kanava.orders.service import reading
from kanava.orders.service.change import OrderChange, Target
from kanava.orders.service.pricing_changes import Extra, Pricing
from kanava.orders.store.reading import LineRow
from kanava.platform.auth import Actor
from kanava.platform.db import Connection
from kanava.platform.errors import FieldError
from kanava.platform.ids import uuid7
from kanava.pricing.model import QUANTITY_MAX
from kanava.sourcing.model import ChannelRules
from kanava.sourcing.planning import Wanted
from kanava.sourcing.taking import Planned, Taking


async def amend(tx: Connection, actor: Actor, target: Target, request: AmendOrder, now: datetime) -> Order:
    """Change quantities, hand-over, lines, address and contact together.

    What was bought keeps its price, also when a quantity shrinks; see `AmendOrder` for added units.
    OrderNotOpen, LineUnknown, TooManyUnits, OrderLinesInvalid, PriceMissing, InsufficientStock: nothing is changed.
    """
    change = await OrderChange.open(tx, actor, target, now)
    if await change.begin(request.amendment_id, "amendment", request):
        return await reading.get_order(tx, target.order_id)
    await change.load_units()
    return await _Amendment(change, request).carry_out()


class _Amendment:
    """The steps of one amendment: give up, move, price, take, write."""

    def __init__(self, change: OrderChange, request: AmendOrder) -> None:
        self.change, self.request = change, request
        self.kept: list[tuple[Reservation, tuple[int, str]]] = []
        self.moves: list[Extra] = []
        self.extras: list[Extra] = []
        self.fields: dict[int, str] = {}

    async def carry_out(self) -> Order:
        change, request = self.change, self.request
        self._write_contact()
        for index, wanted in enumerate(request.lines):
            self._change_line(index, wanted)
        for index, added in enumerate(request.add):
            self.extras.append(Extra(f"add[{index}]", added))
        if self.moves or self.extras or change.ship_to != change.row.ship_to:
            await self._move_and_grow(await Pricing.load(change, self.moves + self.extras))
        else:
            await change.end("released")
        change.reprice()
        change.happened(
            "order.amended",
            {
                "amendment_id": request.amendment_id,
                "reason": request.reason,
                "total": change.money(change.totals[2]),
                "lines": _lines_of(change),
            },
        )
        await change.close_if_done()
        detail = msgspec.to_builtins(request)
        # The audit log keeps that they changed, not the personal data itself.
        for personal in ("customer", "ship_to"):
            if personal in detail:
                detail[personal] = "changed"
        return await change.finish("amend", detail)

    async def _move_and_grow(self, pricing: Pricing) -> None:
        change = self.change
        wanted = self._move_lines(pricing)
        self._follow_address(pricing)
        wanted += self._grow_lines(pricing)
        if len(change.lines) > LINES_MAX:
            raise OrderLinesInvalid(f"An order has at most {LINES_MAX} lines.", field="add")
        change.reprice()
        facts, back = await change.facts(pricing.channel), change.ending_portions()
        there = [each for each in back if each.reservation.state != "awaited"]
        taking = Taking(change.tx, pricing.channel, facts, change.config, change.now, lent=there)
        planned = await self._plan(wanted, taking)
        await taking.lock()
        await change.end("released")
        await portions.move_to_line(change.tx, [row for row, _ in self.kept], [to for _, to in self.kept], change.now)
        change.note_levels(await taking.write())
        await self._write_taken(planned, pricing.channel)

    def _write_contact(self) -> None:
        change, request = self.change, self.request
        if request.customer is not UNSET:
            given = (request.customer.email, request.customer.name, request.customer.phone)
            change.customer = tuple(  # type: ignore[assignment]
                old if new is UNSET else new for old, new in zip(change.customer, given, strict=True)
            )
        if request.ship_to is not UNSET:
            change.ship_to = msgspec.to_builtins(request.ship_to)

    def _change_line(self, index: int, wanted: LineChange) -> None:
        change, field = self.change, f"lines[{index}]"
        line = change.line(wanted.line_no, f"{field}.line_no")
        if line.line_no in self.fields:
            raise LineUnknown(f"Line {line.line_no} stands twice in the amendment.", field=f"{field}.line_no")
        self.fields[line.line_no] = field
        more = 0 if wanted.quantity is None else wanted.quantity - line.standing
        if more < 0:
            if -more > line.open:
                raise TooManyUnits(
                    f"{line.quantity_fulfilled} units of line {line.line_no} were fulfilled already.",
                    field=f"{field}.quantity",
                    line_no=line.line_no,
                    open=line.open,
                )
            change.end_units(line, -more, f"{field}.quantity")
            line.quantity_cancelled -= more
        now = Fulfilment(line.fulfilment_kind, line.location)
        goal = wanted.fulfilment or now
        if goal != now and goal.kind == "carry_out":
            raise OrderLinesInvalid(
                "Goods that the customer takes along are fulfilled, not amended.", field=f"{field}.fulfilment.kind"
            )
        if goal != now and line.open:
            self.moves.append(Extra.of_line(field, line, line.open, goal, bought=True))
        if more > 0:
            self.extras.append(Extra.of_line(field, line, more, goal, bought=False))

    def _move_lines(self, pricing: Pricing) -> list[Wanted]:
        """Give lines their new hand-over; gives the units that have to be taken at the new place."""
        wanted = []
        for move in self.moves:
            change, line = self.change, move.line
            if line is None:
                continue
            goal = pricing.location_id(move)
            kept = change.reserved_for(line.line_no, goal) if goal is not None else []
            kept_units = sum(change.left[row.reservation_id] for row in kept)
            missing = line.open - kept_units
            for row in change.reserved_for(line.line_no):
                if row not in kept:
                    change.ending[row.reservation_id] = (
                        change.ending.get(row.reservation_id, 0) + change.left[row.reservation_id]
                    )
                    change.left[row.reservation_id] = 0
            moved = self._own_line(line)
            moved.fulfilment_kind, moved.location_id, moved.location = move.kind, goal, move.new.fulfilment.location
            moved.tax_rate_basis_points = pricing.tax_rate(move)
            self.kept += [(row, (moved.line_no, move.kind)) for row in kept]
            if missing:
                wanted.append(Wanted(moved.line_no, line.variant_id, missing, move.kind, goal))
                self.fields[moved.line_no] = move.field
        return wanted

    def _own_line(self, line: LineRow) -> LineRow:
        """Give the line itself, or a new one for its open units when some have been fulfilled the old way."""
        if not line.quantity_fulfilled:
            return line
        units = line.open
        line.quantity -= units
        return self._new_line(msgspec.structs.replace(line, quantity=units, quantity_cancelled=0, quantity_fulfilled=0))

    def _new_line(self, line: LineRow) -> LineRow:
        line.line_no = max(self.change.lines) + 1
        self.change.lines[line.line_no] = line
        return line

    def _grow_lines(self, pricing: Pricing) -> list[Wanted]:
        """Add units at the prices in force: to their line when it has that price, else on a line of their own."""
        wanted = []
        prices = pricing.unit_prices(self.change.lines.values())
        for extra in self.extras:
            unit, rate, goal = prices[extra.field], pricing.tax_rate(extra), pricing.location_id(extra)
            line = extra.line
            same = line is not None and (unit, rate, extra.kind, goal) == (
                line.unit_price_minor,
                line.tax_rate_basis_points,
                line.fulfilment_kind,
                line.location_id,
            )
            if line is not None and same and line.quantity + extra.quantity <= QUANTITY_MAX:
                line.quantity += extra.quantity
            else:
                line = self._new_line(
                    LineRow(
                        self.change.row.order_id,
                        0,
                        pricing.variant_id(extra),
                        extra.new.sku,
                        extra.quantity,
                        0,
                        0,
                        extra.kind,
                        goal,
                        extra.new.fulfilment.location,
                        unit,
                        0,
                        0,
                        0,
                        rate,
                    )
                )
            if extra.kind == "carry_out":
                line.quantity_fulfilled += extra.quantity
            self.fields[line.line_no] = extra.field
            wanted.append(Wanted(line.line_no, line.variant_id, extra.quantity, extra.kind, goal))
        return wanted

    def _follow_address(self, pricing: Pricing) -> None:
        """Units that are still to be shipped take the tax rate of the country that they now go to."""
        for line in list(self.change.lines.values()):
            rate = pricing.shipped_rate(line)
            if rate is None or rate == line.tax_rate_basis_points or not line.open:
                continue
            own = self._own_line(line)
            own.tax_rate_basis_points = rate
            if own is not line:
                self.kept += [
                    (row, (own.line_no, own.fulfilment_kind)) for row in self.change.reserved_for(line.line_no)
                ]

    async def _plan(self, wanted: list[Wanted], taking: Taking) -> Planned:
        """Decide where added units come from, those that are given up among what there is; InsufficientStock."""
        together: dict[tuple[int, int | None, str], Wanted] = {}
        for want in wanted:
            key = (want.line_no, want.location_id, want.kind)
            known = together.get(key)
            together[key] = (
                want if known is None else msgspec.structs.replace(known, quantity=known.quantity + want.quantity)
            )
        wanted = list(together.values())
        planned = await taking.plan(wanted)
        if planned.short:
            raise self._shortage(wanted, planned.short)
        return planned

    async def _write_taken(self, planned: Planned, channel: ChannelRules) -> None:
        """Write the reservations and the ledger of what was taken."""
        change, reservations, movements = self.change, [], []
        for part in planned.parts:
            sold = part.kind == "carry_out"
            reservations.append(
                Reservation(
                    part.variant_id,
                    uuid7(),
                    part.location_id,
                    part.quantity,
                    "fulfilled" if sold else "committed",
                    channel.channel_id,
                    part.from_ring_fence,
                    None,
                    change.row.order_id,
                    part.line_no,
                    part.kind,
                )
            )
            movements.append(
                Movement(
                    part.variant_id,
                    part.location_id,
                    uuid7(),
                    "sale" if sold else "reserve",
                    -part.quantity if sold else 0,
                    0 if sold else part.quantity,
                    0,
                    f"order:{change.row.order_id}",
                )
            )
        await inventory.write_reservations(change.tx, reservations)
        await inventory.write_movements(change.tx, movements, [change.actor.label] * len(movements))

    def _shortage(self, wanted: list[Wanted], short: Mapping[int, int]) -> InsufficientStock:
        errors, lines = [], []
        for want in wanted:
            if want.line_no not in short:
                continue
            there = short[want.line_no]
            sku = self.change.lines[want.line_no].sku
            field = f"{self.fields[want.line_no]}.quantity"
            errors.append(FieldError(field, f"{there} more of {sku} can be had here."))
            lines.append({"sku": sku, "requested": want.quantity, "available": there})
        reasons = list(dict.fromkeys([error.reason for error in errors]))
        return InsufficientStock("; ".join(reasons[:3]), errors=errors, lines=lines)


def _lines_of(change: OrderChange) -> list[dict[str, object]]:
    return [
        {
            "line_no": line.line_no,
            "sku": line.sku,
            "quantity": line.standing,
            "fulfilment": line.fulfilment_kind,
            "location": line.location,
        }
        for line in change.lines.values()
    ]
