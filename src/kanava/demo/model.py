"""Records of the demo retailer, before any of it is in a database; codes and SKUs name things, amounts are minor."""

from datetime import date
from typing import Literal

import msgspec

LANGUAGES = ("en", "sl", "pl", "hr", "hu")
"""The order of every array of texts in `texts/*.toml`."""

Audience = Literal["women", "men", "kids", ""]


class ProductType(msgspec.Struct, frozen=True):
    """What `texts/types_*.toml` says about one kind of product; `price` is a range in whole euros, `box` in mm."""

    sku: str
    noun: list[str]
    text: list[str]
    category: str
    family: str
    count: list[int]
    colours: str
    sizes: str
    price: tuple[int, int]
    weight: int
    box: tuple[int, int, int]
    materials: list[str]
    care: str
    features: list[str]
    adjectives: list[str]
    tax: str = "standard"
    breaks: bool = False
    code: str = ""


class DemoException(msgspec.Struct, frozen=True):
    """A day with other hours than the week; empty hours mean closed."""

    on_date: date
    opening_hours: str
    reason: str


class DemoLocation(msgspec.Struct, frozen=True):
    """A store or warehouse."""

    code: str
    kind: str
    name: str
    street: str
    city: str
    region: str
    postal_code: str
    country: str
    latitude: float
    longitude: float
    time_zone: str
    phone: str
    opening_hours: str
    services: tuple[str, ...]
    handling_minutes: int
    pick_capacity_per_hour: int
    parcel_cost_domestic_minor: int
    parcel_cost_abroad_minor: int
    fulfils_online: bool
    size: str
    exceptions: tuple[DemoException, ...]


class DemoText(msgspec.Struct, frozen=True):
    """The texts of a product in one language; `description` is HTML."""

    title: str
    description: str
    material: str
    care: str


class DemoVariant(msgspec.Struct, frozen=True):
    """One thing on a shelf. `colour` is a code of the palette (or a scent), empty when there is no choice."""

    sku: str
    option_values: tuple[str, ...]
    gtin: str
    colour: str
    weight_grams: int
    length_mm: int
    width_mm: int
    height_mm: int
    images: tuple[str, ...]
    model: str = ""
    size_index: int = 0
    size_count: int = 1


class DemoProduct(msgspec.Struct, frozen=True):
    """A product with its variants; `attributes` are integers, booleans and choices by attribute code."""

    handle: str
    type: str
    status: str
    brand: str
    category: str
    family: str
    tax_category: str
    option_axes: tuple[str, ...]
    attributes: dict[str, int | bool | str]
    texts: dict[str, DemoText]
    variants: tuple[DemoVariant, ...]
    images: tuple[str, ...]
    price_eur_minor: int
    breaks: bool


class Picture(msgspec.Struct, frozen=True):
    """A file of the media folder and what is drawn in it; `look` is a word such as `striped` or empty."""

    name: str
    product_type: str
    hex: str
    style: int
    look: str = ""
    view: str = "front"


class Model(msgspec.Struct, frozen=True):
    """A 3D model of the media folder: what it shows, how large, in which colour."""

    name: str
    product_type: str
    hex: str
    style: int
    width_mm: int
    height_mm: int


class DemoCategory(msgspec.Struct, frozen=True):
    """A node of the category tree; `path` is the codes from the root, joined with slashes."""

    code: str
    parent: str
    path: str
    names: dict[str, str]


class DemoAttribute(msgspec.Struct, frozen=True):
    """A typed attribute of a family."""

    code: str
    type: str
    unit: str
    names: dict[str, str]
    choices: tuple[str, ...] = ()
    level: str = "product"
    choice_names: dict[str, dict[str, str]] = {}


class DemoFamily(msgspec.Struct, frozen=True):
    """A family and its attributes."""

    code: str
    attributes: tuple[DemoAttribute, ...]


class DemoPrice(msgspec.Struct, frozen=True):
    """The price of one unit of a variant from a quantity on."""

    sku: str
    quantity_from: int
    amount_minor: int


class DemoPriceList(msgspec.Struct, frozen=True):
    """A price list with all its prices, tax-inclusive."""

    code: str
    name: str
    currency: str
    customer_group: str | None
    prices: tuple[DemoPrice, ...]


class DemoChannel(msgspec.Struct, frozen=True):
    """A channel; `locations` serve it, each with its own threshold or None; `listed` are SKUs when it lists some."""

    code: str
    kind: str
    name: str
    country: str
    currency: str
    language: str
    price_list: str
    threshold: int
    hold_seconds: int
    fee_basis_points: int
    fee_fixed_minor: int
    locations: tuple[tuple[str, int | None], ...]
    listed: tuple[str, ...] | None = None
    bank_holder: str = ""
    bank_iban: str = ""
    bank_bic: str = ""


class DemoStock(msgspec.Struct, frozen=True):
    """Goods received of one variant at one location, and how many of them are kept back."""

    sku: str
    location: str
    quantity: int
    safety_stock: int


class DemoRingFence(msgspec.Struct, frozen=True):
    """Units at a location that only one channel may sell."""

    sku: str
    location: str
    channel: str
    quantity: int


class DemoThreshold(msgspec.Struct, frozen=True):
    """The last units of one variant that a channel may not sell, anywhere."""

    sku: str
    channel: str
    threshold: int


class DemoTransfer(msgspec.Struct, frozen=True):
    """Goods on the road between two locations; `arrives_in_days` counts from the day of loading."""

    from_location: str
    to_location: str
    arrives_in_days: int
    lines: tuple[tuple[str, int], ...]


class DemoOptionName(msgspec.Struct, frozen=True):
    """What an axis (empty value) or one of its values is called, by language."""

    axis: str
    value: str
    names: dict[str, str]


class DemoRetailer(msgspec.Struct, frozen=True):
    """All of it."""

    name: str
    seed: int
    locations: tuple[DemoLocation, ...]
    categories: tuple[DemoCategory, ...]
    families: tuple[DemoFamily, ...]
    option_names: tuple[DemoOptionName, ...]
    products: tuple[DemoProduct, ...]
    price_lists: tuple[DemoPriceList, ...]
    channels: tuple[DemoChannel, ...]
    stock: tuple[DemoStock, ...]
    ring_fences: tuple[DemoRingFence, ...]
    thresholds: tuple[DemoThreshold, ...]
    transfers: tuple[DemoTransfer, ...]
    pictures: tuple[Picture, ...]
    models: tuple[Model, ...]
