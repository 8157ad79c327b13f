"""What callers ask of a fulfilment once it is picked, and what they are answered."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

import msgspec
from msgspec import Meta

from kanava.fulfilment.model import LINES_MAX, Code, Kind, LineNo, Note, Quantity, ShortText, State

ParcelState = Literal[
    "packed", "shipped", "in_transit", "out_for_delivery", "delivered", "failed", "returned", "cancelled"
]
CarrierEventKind = Literal["accepted", "in_transit", "out_for_delivery", "delivered", "failed", "returned"]
Disposition = Literal["restock", "quarantine", "scrap"]
IdDocument = Literal["identity_card", "passport", "driving_licence", "residence_permit", "other"]
Outcome = Literal["applied", "late", "repeated", "unknown"]
# What a person can read aloud, and a Code 128 barcode as wide as a label can carry.
TrackingNumber = Annotated[
    str, Meta(pattern="^[A-Za-z0-9][A-Za-z0-9 ./_-]{0,34}$", description="Up to 35 letters, digits and ' ./_-'.")
]
Instant = Annotated[datetime, Meta(tz=True)]
WeightGrams = Annotated[int, Meta(ge=1, le=10_000_000)]
Bay = Annotated[str, Meta(min_length=1, max_length=40)]

PARCELS_MAX = 100
CARRIER_EVENTS_MAX = 1_000


class UnitsOfLine(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Units of a line; without `quantity` all that there are."""

    line_no: LineNo
    quantity: Quantity | None = None


class PackParcel(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Picked units that go into one parcel; without lines all that are not packed. The id is the client's.

    Without `weight_grams` it is what the variants weigh, where all of them say so. `carrier_service` names one of
    ours, `carrier` is for couriers that are none.
    """

    parcel_id: UUID
    lines: Annotated[list[UnitsOfLine], Meta(max_length=LINES_MAX)] = []
    weight_grams: WeightGrams | None = None
    carrier_service: Code | None = None
    carrier: ShortText | None = None
    tracking_number: TrackingNumber | None = None


class ShippedParcel(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A parcel that leaves; what is not said stays as it was packed."""

    parcel_id: UUID
    tracking_number: TrackingNumber | None = None
    weight_grams: WeightGrams | None = None


class ShipParcels(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Parcels handed to a carrier; without `parcels` all that are packed. The id is the client's."""

    shipment_id: UUID
    parcels: Annotated[list[ShippedParcel], Meta(max_length=PARCELS_MAX)] = []
    carrier_service: Code | None = None
    carrier: ShortText | None = None


class ReturnedUnits(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Units of a line that came back, and what becomes of them."""

    line_no: LineNo
    quantity: Quantity
    disposition: Disposition


class TakeParcelBack(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A parcel that came back to the sender: what was in it, and what becomes of it. The id is the client's.

    `location` is where it came back to; without it, where it was sent from. Units not named are missing.
    """

    return_id: UUID
    lines: Annotated[list[ReturnedUnits], Meta(min_length=1, max_length=LINES_MAX)]
    location: Code | None = None


class ParcelLine(msgspec.Struct, frozen=True):
    """Units in a parcel."""

    line_no: int
    sku: str
    quantity: int


class Parcel(msgspec.Struct, frozen=True):
    """A parcel as it stands; `state_at` is when the news that counts happened, by the carrier's clock."""

    parcel_id: UUID
    order_id: UUID
    fulfilment_id: UUID
    fulfilment_number: str
    location: str
    state: ParcelState
    state_at: datetime
    carrier_service_id: int | None
    carrier: str
    service: str
    tracking_number: str | None
    tracking_url: str | None
    weight_grams: int | None
    packed_at: datetime
    shipped_at: datetime | None
    delivered_at: datetime | None
    return_id: UUID | None
    lines: list[ParcelLine]


class CarrierEvent(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a carrier says of a tracking number; the id is the carrier's."""

    carrier: Code
    carrier_event_id: Code
    tracking_number: Code
    kind: CarrierEventKind
    occurred_at: Instant
    detail: Note = ""


class CarrierEvents(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """News of carriers, in any order, as often as they like."""

    events: Annotated[list[CarrierEvent], Meta(min_length=1, max_length=CARRIER_EVENTS_MAX)]


class CarrierEventResult(msgspec.Struct, frozen=True):
    """What became of one piece of news.

    `applied`: the parcel's state moved. `late`: something newer or final was known. `repeated`: known by its id.
    `unknown`: no parcel of ours has the number yet; kept, and looked at again.
    """

    carrier: str
    carrier_event_id: str
    outcome: Outcome


class CarrierEventReport(msgspec.Struct, frozen=True):
    """What became of a list of news; `results` in the order of the request."""

    applied: int
    late: int
    repeated: int
    unknown: int
    results: list[CarrierEventResult]


class StageUnits(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Picked units put where the customer's goods wait; without lines all. The id is the client's.

    When nothing is left to pick or to stage, the customer is told. A fulfilment that is ready moves to another bay.
    """

    staging_id: UUID
    bay: Bay
    lines: Annotated[list[UnitsOfLine], Meta(max_length=LINES_MAX)] = []


class RefusedUnits(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Units that the customer does not want after all."""

    line_no: LineNo
    quantity: Quantity | None = None
    reason: ShortText = ""


class CodeProof(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="kind", tag="code"):
    """The collection code that the customer shows."""

    code: Annotated[str, Meta(pattern="^[0-9]{6}$", description="Six digits.")]


class IdProof(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="kind", tag="id_check"):
    """An identity document that an associate looked at: whose, which kind. Its number is never written down."""

    document: IdDocument
    name: Annotated[str, Meta(min_length=1, max_length=200)]


class HandOver(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Staged units given to the customer; without lines all but those refused. The id is the client's."""

    hand_over_id: UUID
    proof: CodeProof | IdProof
    lines: Annotated[list[UnitsOfLine], Meta(max_length=LINES_MAX)] = []
    refused: Annotated[list[RefusedUnits], Meta(max_length=LINES_MAX)] = []


class OnMyWay(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The customer has set out. `token` is the one of her message; a caller with the scope needs none."""

    token: ShortText | None = None
    eta_minutes: Annotated[int, Meta(ge=0, le=1440)] | None = None


class Arrived(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The customer waits in her car; `parking_bay` is where, in her words."""

    token: ShortText | None = None
    parking_bay: Annotated[str, Meta(max_length=40)] = ""


class CollectionStatus(msgspec.Struct, frozen=True):
    """What a customer is shown of what waits for her."""

    order_id: UUID
    fulfilment_id: UUID
    fulfilment_number: str
    location: str
    kind: Kind
    state: State
    collect_by: datetime | None
    on_my_way_at: datetime | None
    expected_at: datetime | None
    arrived_at: datetime | None
    parking_bay: str | None


class CollectionPass(msgspec.Struct, frozen=True):
    """What a customer needs to collect: the code, what a QR code of it says, and the token of her links."""

    order_id: UUID
    fulfilment_id: UUID
    fulfilment_number: str
    location: str
    collect_by: datetime | None
    code: str
    qr_text: str
    token: str


class WaitingCustomer(msgspec.Struct, frozen=True):
    """Somebody in a car, or on the way. `late`: she has waited longer than `curbside_sla_minutes`."""

    order_id: UUID
    fulfilment_id: UUID
    fulfilment_number: str
    customer_name: str | None
    bay: str | None
    on_my_way_at: datetime | None
    expected_at: datetime | None
    arrived_at: datetime | None
    parking_bay: str | None
    waiting_seconds: int | None
    late: bool


class StatusLine(msgspec.Struct, frozen=True):
    """Units of an order line in one fulfilment: `done` have left the house, `ended` were given up here."""

    line_no: int
    sku: str
    quantity: int
    quantity_done: int
    quantity_ended: int


class FulfilmentStatus(msgspec.Struct, frozen=True):
    """What a customer may see of a fulfilment; its collection code is not in it."""

    fulfilment_id: UUID
    fulfilment_number: str
    location: str
    kind: Kind
    state: State
    promised_by: datetime | None
    first_promised_by: datetime | None
    settled_at: datetime | None
    ready_at: datetime | None
    collect_by: datetime | None
    lines: list[StatusLine]
    parcels: list[Parcel]
