"""What a document shows, as records."""

from datetime import datetime

import msgspec


class PrintedLine(msgspec.Struct, frozen=True):
    """Units of a variant as a person reads them; `options` are colour, size and the like."""

    sku: str
    title: str
    options: str
    quantity: int
    gtin: str | None = None
    note: str = ""


class Label(msgspec.Struct, frozen=True):
    """A parcel's label; addresses are lines of text, `barcode` is what a scanner reads."""

    language: str
    sender: list[str]
    receiver: list[str]
    carrier: str
    service: str
    barcode: str
    reference: str
    parcel_no: int
    parcels: int
    weight_grams: int | None


class PackingSlip(msgspec.Struct, frozen=True):
    """What is in a parcel, for the customer; `units_elsewhere` of the order come in other parcels or ways."""

    language: str
    sender: list[str]
    receiver: list[str]
    order_number: int
    reference: str
    placed_at: datetime
    time_zone: str
    parcel_no: int
    parcels: int
    lines: list[PrintedLine]
    units_elsewhere: int


class PickList(msgspec.Struct, frozen=True):
    """What to fetch in one walk; a line's `note` names the fulfilments that it is for."""

    language: str
    location: str
    title: str
    printed_at: datetime
    time_zone: str
    lines: list[PrintedLine]
    more: bool = False
