"""What an amendment's units cost and where they may be had: the checks and the prices of placing."""

import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager

import msgspec

from kanava.channels import service as channels
from kanava.orders.errors import OrderLinesInvalid, UnknownChannel
from kanava.orders.model import Customer, Fulfilment, FulfilmentKind, NewLine, PlaceOrder, PostalAddress
from kanava.orders.placing import prepare
from kanava.orders.placing.prepare import Prepared, Sellable
from kanava.orders.placing.request import Placing
from kanava.orders.service.change import OrderChange
from kanava.orders.store.reading import LineRow
from kanava.platform.errors import FieldError, KanavaError
from kanava.pricing import service as pricing
from kanava.pricing.errors import TaxRateMissing
from kanava.pricing.model import CartLine, CartToPrice, PricePoint
from kanava.pricing.records import PriceInForce
from kanava.sourcing.model import ChannelRules

_LINE_FIELD = re.compile(r"lines\[(\d+)\](\.variant)?")


class Extra(msgspec.Struct, frozen=True):
    """Units of an amendment as a line to place; `field` is where the caller wrote them.

    `line` is the line they belong to. `bought`: they are on it already and only change their hand-over.
    """

    field: str
    new: NewLine
    line: LineRow | None = None
    bought: bool = False

    @classmethod
    def of_line(cls, field: str, line: LineRow, units: int, goal: Fulfilment, *, bought: bool) -> "Extra":
        """Make units of an existing line."""
        return cls(field, NewLine(line.sku, units, goal), line, bought)

    @property
    def kind(self) -> FulfilmentKind:
        """How they are handed over."""
        return self.new.fulfilment.kind

    @property
    def quantity(self) -> int:
        """How many."""
        return self.new.quantity


class Pricing:
    """Places, prices and tax rates for the units of one amendment."""

    def __init__(self, change: OrderChange, channel: ChannelRules, extras: Sequence[Extra], prepared: Prepared) -> None:
        self.change, self.channel, self.prepared = change, channel, prepared
        self.ship_country = prepared.ship_country
        self.extras = extras
        self.position = {id(extra): index for index, extra in enumerate(extras)}
        self.rows: dict[str, PriceInForce] = {}
        self.points: dict[str, tuple[PricePoint, ...]] = {}

    @classmethod
    async def load(cls, change: OrderChange, extras: Sequence[Extra]) -> "Pricing":
        """Check places and skus as placing does, errors in the caller's words, and read the prices in force."""
        channel = change.config.channels.get(change.row.channel)
        if channel is None:
            raise UnknownChannel(f"The channel {change.row.channel!r} is gone.", field="channel")
        ship_to = None if change.ship_to is None else msgspec.convert(change.ship_to, PostalAddress)
        customer = Customer(group=change.row.customer_group)
        order = PlaceOrder(
            change.row.order_id, channel.code, [e.new for e in extras], customer=customer, ship_to=ship_to
        )
        with _in_callers_words([e.field for e in extras]):
            prepared = prepare.prepare(Placing(change.actor, "", b"", order), change.config, change.now)
        # What was bought was bought with tax inside or outside its prices; a channel's switch does not change that.
        if channel.price_list.tax_inclusive != change.row.tax_inclusive and any(e.line is None for e in extras):
            raise OrderLinesInvalid("The channel's prices treat tax in another way than this order's.", field="add")
        found = cls(change, channel, extras, prepared)
        await found._read_prices()
        return found

    async def _read_prices(self) -> None:
        prepared, change = self.prepared, self.change
        skus = {e.new.sku for e in self.extras}
        if change.ship_to is not None:
            skus |= {line.sku for line in change.lines.values() if line.fulfilment_kind == "ship" and line.open}
        pairs = sorted((each.price_list_id, sku) for each in prepared.price_lists for sku in skus)
        found = await pricing.prices_in_force(change.tx, [p[0] for p in pairs], [p[1] for p in pairs], change.now)
        sellable = Sellable({(row.price_list_id, row.sku): row for row in found}, set())
        if self.channel.assortment == "listed":
            sellable.listed = await channels.listed_pairs(change.tx, list({row.variant_id for row in found}))
        self.rows = {row.sku: row for row in found}
        # Units that only move were bought already: they need not be for sale any more.
        added = [e for e in self.extras if not e.bought]
        order = msgspec.structs.replace(prepared.placing.order, lines=[e.new for e in added])
        part = msgspec.structs.replace(prepared, placing=msgspec.structs.replace(prepared.placing, order=order))
        with _in_callers_words([e.field for e in added]):
            self.points = {
                extra.field: offer.points
                for extra, offer in zip(added, prepare.resolve_lines(part, sellable), strict=True)
            }

    def location_id(self, extra: Extra) -> int | None:
        """Give the place where units are handed over; None when they are shipped."""
        spot = self.prepared.spots[self.position[id(extra)]]
        return None if spot is None else spot.location_id

    def variant_id(self, extra: Extra) -> int:
        """Give the variant of a sku."""
        return self.rows[extra.new.sku].variant_id

    def tax_rate(self, extra: Extra) -> int:
        """Give the VAT rate where units are handed over, or where they are shipped to."""
        spot = self.prepared.spots[self.position[id(extra)]]
        return self._rate(extra.new.sku, self.ship_country if spot is None else spot.country, f"{extra.field}.sku")

    def shipped_rate(self, line: LineRow) -> int | None:
        """Give the rate that a shipped line has now; None for lines that an address does not concern."""
        if (
            line.fulfilment_kind != "ship"
            or line.sku not in self.rows
            or self.change.ship_to == self.change.row.ship_to
        ):
            return None
        return self._rate(line.sku, self.ship_country, "ship_to.country")

    def _rate(self, sku: str, country: str, field: str) -> int:
        try:
            category = self.rows[sku].tax_category
            return pricing.tax_rate_in_force(self.change.config.taxes, country, category, self.change.now.date())
        except TaxRateMissing as error:
            raise OrderLinesInvalid(error.detail, field=field) from error

    def unit_prices(self, standing: Iterable[LineRow]) -> dict[str, int]:
        """Give the price in force of the added units by field; what stands of their variants counts for breaks."""
        added = [e for e in self.extras if not e.bought]
        skus = {e.new.sku for e in added}
        # Only how many stand counts; what they cost was agreed and is not asked here.
        agreed = (PricePoint(1, 0),)
        lines = [
            CartLine(f"line {line.line_no}", line.sku, line.standing, agreed, 0)
            for line in standing
            if line.standing and line.sku in skus
        ]
        lines += [CartLine(e.field, e.new.sku, e.quantity, self.points[e.field], 0) for e in added]
        currency, inclusive = self.change.row.currency, self.change.row.tax_inclusive
        with _in_callers_words([str(line.key) for line in lines]):
            priced = pricing.price_cart(CartToPrice(currency, inclusive, tuple(lines)))
        return {str(line.key): line.unit_price_minor for line in priced.lines}


@contextmanager
def _in_callers_words(fields: Sequence[str]) -> Iterator[None]:
    """Name fields as the amendment has them: placing and pricing know lines by their position."""

    def written(match: re.Match[str]) -> str:
        return fields[int(match[1])] + (".sku" if match[2] else "")

    try:
        yield
    except KanavaError as error:
        error.detail = _LINE_FIELD.sub(written, error.detail)
        error.errors = tuple(FieldError(_LINE_FIELD.sub(written, e.field), e.reason) for e in error.errors)
        raise
