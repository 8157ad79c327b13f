"""What callers send and get: receipts, adjustments, counts, returns, transfers, protections, holds."""

from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

import msgspec
from msgspec import UNSET, Meta, UnsetType

from kanava.inventory.model import QUANTITY_MAX, FulfilmentKind, LevelView, StepCode

LINES_MAX = 2_000
Code = Annotated[str, Meta(min_length=1, max_length=100)]
Text = Annotated[str, Meta(max_length=500)]
Quantity = Annotated[int, Meta(ge=1, le=QUANTITY_MAX)]
Units = Annotated[int, Meta(ge=0, le=QUANTITY_MAX)]
AdjustmentReason = Literal[
    "damaged", "lost", "stolen", "found", "expired", "sample", "internal_use", "correction", "supplier_return"
]
Disposition = Literal["restock", "quarantine", "scrap"]
DifferenceReason = Literal["damaged", "lost", "miscounted", "wrong_goods", "not_delivered"]
TransferState = Literal["draft", "in_transit", "received", "cancelled"]
PurchaseOrderState = Literal["draft", "ordered", "received", "cancelled"]


class ReceiptLine(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Units that came in."""

    sku: Code
    quantity: Quantity


class Receipt(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Goods received at a location; the sender makes the id, and the same one twice is one receipt."""

    receipt_id: UUID
    location: Code
    lines: Annotated[list[ReceiptLine], Meta(min_length=1, max_length=LINES_MAX)]
    reference: Text = ""


class AdjustmentLine(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Units more (above 0) or less (below 0) than the ledger says."""

    sku: Code
    delta: Annotated[int, Meta(ge=-QUANTITY_MAX, le=QUANTITY_MAX)]


class Adjustment(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A correction of on-hand stock with its reason; it takes no unit that is reserved or ring-fenced."""

    adjustment_id: UUID
    location: Code
    reason: AdjustmentReason
    lines: Annotated[list[AdjustmentLine], Meta(min_length=1, max_length=LINES_MAX)]
    note: Text = ""


class CountLine(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Units found on the shelf; with `expected_on_hand` the line is left out when stock has moved since it was read."""

    sku: Code
    counted: Units
    expected_on_hand: Units | None = None


class Count(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A count at a location; what differs becomes a movement, reserved units that are not there a shortfall."""

    count_id: UUID
    location: Code
    lines: Annotated[list[CountLine], Meta(min_length=1, max_length=LINES_MAX)]


class ReturnLine(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Units that came back; only `restock` can be sold again."""

    sku: Code
    quantity: Quantity
    disposition: Disposition


class ReturnToStock(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Goods that customers brought or sent back to a location."""

    return_id: UUID
    location: Code
    lines: Annotated[list[ReturnLine], Meta(min_length=1, max_length=LINES_MAX)]
    reference: Text = ""


class DocumentLine(msgspec.Struct, frozen=True, omit_defaults=True):
    """What became of a line: the change on hand and what is on hand after it; `outcome` left_out: stock had moved."""

    sku: str
    on_hand_delta: int
    on_hand: int
    outcome: Literal["applied", "left_out"] = "applied"
    disposition: Disposition | None = None
    quantity: int | None = None


class StockDocument(msgspec.Struct, frozen=True):
    """A receipt, adjustment, count or return as it was carried out; `lines` in the order of the request."""

    document_id: UUID
    kind: str
    location: str
    recorded_at: datetime
    lines: list[DocumentLine]


class ExpectedLine(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Units to be moved or ordered."""

    sku: Code
    quantity: Quantity


class NewTransfer(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A transfer in draft: nothing moves before it is shipped."""

    transfer_id: UUID
    from_location: Code
    to_location: Code
    lines: Annotated[list[ExpectedLine], Meta(min_length=1, max_length=LINES_MAX)]
    expected_on: date | None = None
    reference: Text = ""


class ArrivalLine(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Units that arrived, and shipped ones that will not: those need a reason."""

    sku: Code
    quantity: Units = 0
    missing: Units = 0
    reason: DifferenceReason | None = None


class Arrival(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Part or all of a transfer or purchase order arrives; the same `arrival_id` twice counts once."""

    arrival_id: UUID
    lines: Annotated[list[ArrivalLine], Meta(min_length=1, max_length=LINES_MAX)]


class ExpectedLineView(msgspec.Struct, frozen=True):
    """A line of a transfer or purchase order as it stands."""

    sku: str
    quantity: int
    quantity_received: int
    quantity_missing: int
    difference_reason: str | None


class ExpectationChange(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """What may change of a transfer or purchase order that has not ended; a field that is left out stays."""

    expected_on: date | UnsetType | None = UNSET
    reference: Text | UnsetType = UNSET


class Transfer(msgspec.Struct, frozen=True):
    """Goods on their way from one location to another."""

    transfer_id: UUID
    from_location: str
    to_location: str
    state: TransferState
    expected_on: date | None
    reference: str
    created_at: datetime
    shipped_at: datetime | None
    received_at: datetime | None
    version: int
    lines: list[ExpectedLineView]


class NewPurchaseOrder(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A purchase order in draft: nothing is on its way before it is ordered.

    `supplier` is a location of kind supplier. Without `expected_on` nothing is promised of it.
    """

    purchase_order_id: UUID
    supplier: Code
    location: Code
    lines: Annotated[list[ExpectedLine], Meta(min_length=1, max_length=LINES_MAX)]
    expected_on: date | None = None
    reference: Text = ""


class PurchaseOrder(msgspec.Struct, frozen=True):
    """Goods ordered from a supplier."""

    purchase_order_id: UUID
    supplier: str
    location: str
    state: PurchaseOrderState
    expected_on: date | None
    reference: str
    created_at: datetime
    ordered_at: datetime | None
    received_at: datetime | None
    version: int
    lines: list[ExpectedLineView]


class SafetyStockRow(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The units of a level that only carry-out may take."""

    sku: Code
    location: Code
    safety_stock: Units


class SafetyStocks(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Safety stock of several levels."""

    rows: Annotated[list[SafetyStockRow], Meta(min_length=1, max_length=LINES_MAX)]


class ThresholdRow(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The last units that a channel may not sell, everywhere or at one location; null takes the threshold away."""

    sku: Code
    channel: Code
    threshold: Units | None
    location: Code | None = None


class Thresholds(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Thresholds of several variants."""

    rows: Annotated[list[ThresholdRow], Meta(min_length=1, max_length=LINES_MAX)]


class RingFenceRow(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Units of a level kept for one channel; what was sold out of it is no longer in `remaining`."""

    sku: Code
    location: Code
    channel: Code
    remaining: Units


class RingFences(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Ring-fences of several levels."""

    rows: Annotated[list[RingFenceRow], Meta(min_length=1, max_length=LINES_MAX)]


class ProtectionsSet(msgspec.Struct, frozen=True):
    """How many rows are now as asked for; they are in force."""

    rows: int


class ThresholdView(msgspec.Struct, frozen=True):
    """A threshold; `location` null: at every location."""

    channel: str
    location: str | None
    threshold: int


class RingFenceView(msgspec.Struct, frozen=True):
    """A ring-fence."""

    channel: str
    location: str
    remaining: int


class Protections(msgspec.Struct, frozen=True):
    """What protects a variant besides safety stock (which stands with the levels) and the channels' own thresholds."""

    sku: str
    thresholds: list[ThresholdView]
    ring_fences: list[RingFenceView]


ProtectionKind = Literal["threshold", "ring_fence", "safety_stock"]


class ProtectionQuestion(msgspec.Struct, frozen=True):
    """Which protections: of a kind, of variants, of a channel, at a location; None: all."""

    kind: ProtectionKind | None = None
    skus: list[str] | None = None
    channel: str | None = None
    location: str | None = None


class ProtectionRow(msgspec.Struct, frozen=True):
    """Something that is kept back: `channel` null is every channel (safety stock), `location` null every location."""

    kind: ProtectionKind
    sku: str
    channel: str | None
    location: str | None
    units: int
    variant_id: int
    kind_no: int
    channel_id: int
    location_id: int


class NewHold(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Units to be held for a channel at a location; `seconds` null: as long as the channel's holds last."""

    reservation_id: UUID
    channel: Code
    sku: Code
    location: Code
    quantity: Quantity
    seconds: Annotated[int, Meta(ge=1, le=604_800)] | None = None
    fulfilment_kind: FulfilmentKind = "pickup"


class HoldExtension(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How long the hold lasts from now."""

    seconds: Annotated[int, Meta(ge=1, le=604_800)]


class Hold(msgspec.Struct, frozen=True):
    """A reservation; `state` is expired as soon as its time is over."""

    reservation_id: UUID
    channel: str
    sku: str
    location: str
    quantity: int
    state: Literal["held", "committed", "fulfilled", "released", "expired"]
    expires_at: datetime | None


class UnitsOn(msgspec.Struct, frozen=True):
    """Units that come on a day."""

    units: int
    on_date: date


ORDERS_NAMED = 5
"""As many orders as a step names; there may be more."""


class Step(msgspec.Struct, frozen=True, omit_defaults=True):
    """One reason: `units` is what it adds or takes away, `text` says it in a sentence, all others are its parts.

    `amount`: the units that it speaks of. `why`: where a threshold is set, or what a location lacks. `orders`: numbers
    of those that have the units, `ORDERS_NAMED` at most; `held`: units in carts and holds. What a code has no use for
    is left out.
    """

    code: StepCode
    units: int
    text: str = ""
    amount: int = 0
    why: str = ""
    channel: str = ""
    orders: list[int] = []
    held: int = 0
    days: list[UnitsOn] = []
    undated: int = 0


class PlaceExplanation(msgspec.Struct, frozen=True):
    """Why the channel sees `seen` units at this location; the steps add up to it, unless a rule ends it at 0."""

    location: str
    on_hand: int
    seen: int
    steps: list[Step]


class Explanation(msgspec.Struct, frozen=True):
    """Why a channel sees `seen` of the `on_hand` units of a variant, in total and by location."""

    sku: str
    channel: str
    fulfilment_kind: FulfilmentKind
    on_hand: int
    seen: int
    text: str
    locations: list[PlaceExplanation]


class VariantStock(msgspec.Struct, frozen=True):
    """The stock of a variant, in total and by location."""

    sku: str
    on_hand: int
    reserved: int
    incoming: int
    locations: list[LevelView]
