"""Records of the catalogue."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

import msgspec

from kanava.platform.tables.model import RowError

ProductStatus = Literal["draft", "active", "archived"]
VariantStatus = Literal["active", "archived"]
MediaKind = Literal["image", "model_3d"]
AttributeType = Literal["text", "integer", "decimal", "boolean", "choice", "measure"]
AttributeLevel = Literal["product", "variant"]
Layout = Literal["native", "shopify"]
# Decimals and measures are integers in units of 10^-scale; the family says the scale.
AttributeValue = str | int | bool

TEXT_FIELDS = ("title", "description", "seo_title", "seo_description")
VARIANTS_MAX = 2000
MEDIA_MAX = 250

Code = Annotated[str, msgspec.Meta(min_length=1, max_length=100)]


class Text(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """The texts of a product in one language; `description` is HTML, the others plain text."""

    title: Annotated[str, msgspec.Meta(max_length=500)] = ""
    description: Annotated[str, msgspec.Meta(max_length=30_000)] = ""
    seo_title: Annotated[str, msgspec.Meta(max_length=500)] = ""
    seo_description: Annotated[str, msgspec.Meta(max_length=2_000)] = ""


class Media(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A picture or a 3D model; `alt` is a text per language."""

    url: str
    kind: MediaKind = "image"
    alt: dict[str, str] = {}


class VariantInput(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A variant as a caller sends it; `option_values` stand in the order of the product's `option_axes`."""

    sku: Annotated[str, msgspec.Meta(min_length=1, max_length=100)]
    status: VariantStatus = "active"
    option_values: list[str] = []
    gtins: Annotated[list[str], msgspec.Meta(max_length=20)] = []
    attributes: dict[str, AttributeValue] = {}
    weight_grams: int | None = None
    length_mm: int | None = None
    width_mm: int | None = None
    height_mm: int | None = None
    media: Annotated[list[Media], msgspec.Meta(max_length=MEDIA_MAX)] = []


class ProductInput(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A whole product as a caller sends it: what is left out is empty afterwards; a variant left out is archived."""

    texts: dict[str, Text]
    variants: Annotated[list[VariantInput], msgspec.Meta(min_length=1, max_length=VARIANTS_MAX)]
    status: ProductStatus = "draft"
    brand: str | None = None
    category: str | None = None
    family: str | None = None
    tax_category: Code = "standard"
    tags: Annotated[list[str], msgspec.Meta(max_length=250)] = []
    option_axes: Annotated[list[str], msgspec.Meta(max_length=10)] = []
    attributes: dict[str, AttributeValue] = {}
    media: Annotated[list[Media], msgspec.Meta(max_length=MEDIA_MAX)] = []


class ProductPatch(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Some fields of a product; a field left out stays. Texts replace by language, attributes by name (null: gone)."""

    texts: dict[str, Text] | msgspec.UnsetType = msgspec.UNSET
    status: ProductStatus | msgspec.UnsetType = msgspec.UNSET
    brand: str | None | msgspec.UnsetType = msgspec.UNSET
    category: str | None | msgspec.UnsetType = msgspec.UNSET
    family: str | None | msgspec.UnsetType = msgspec.UNSET
    tax_category: Code | msgspec.UnsetType = msgspec.UNSET
    tags: Annotated[list[str], msgspec.Meta(max_length=250)] | msgspec.UnsetType = msgspec.UNSET
    attributes: dict[str, AttributeValue | None] | msgspec.UnsetType = msgspec.UNSET
    media: Annotated[list[Media], msgspec.Meta(max_length=MEDIA_MAX)] | msgspec.UnsetType = msgspec.UNSET


class VariantPatch(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Some fields of a variant; a field left out stays. To take a variant out of sale, set its status to archived."""

    status: VariantStatus | msgspec.UnsetType = msgspec.UNSET
    option_values: list[str] | msgspec.UnsetType = msgspec.UNSET
    gtins: Annotated[list[str], msgspec.Meta(max_length=20)] | msgspec.UnsetType = msgspec.UNSET
    attributes: dict[str, AttributeValue | None] | msgspec.UnsetType = msgspec.UNSET
    weight_grams: int | None | msgspec.UnsetType = msgspec.UNSET
    length_mm: int | None | msgspec.UnsetType = msgspec.UNSET
    width_mm: int | None | msgspec.UnsetType = msgspec.UNSET
    height_mm: int | None | msgspec.UnsetType = msgspec.UNSET
    media: Annotated[list[Media], msgspec.Meta(max_length=MEDIA_MAX)] | msgspec.UnsetType = msgspec.UNSET


class Variant(msgspec.Struct, frozen=True):
    """A variant; lengths in millimetres, weight in grams."""

    sku: str
    product: str
    status: VariantStatus
    option_values: list[str]
    gtins: list[str]
    attributes: dict[str, AttributeValue]
    weight_grams: int | None
    length_mm: int | None
    width_mm: int | None
    height_mm: int | None
    media: list[Media]
    # Of the product: a change of a variant is a change of its product.
    version: int
    updated_at: datetime


class OptionName(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How people read an option axis (`value` empty) or one of its values, a text per language."""

    axis: Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
    names: dict[str, Annotated[str, msgspec.Meta(max_length=200)]]
    value: Annotated[str, msgspec.Meta(max_length=200)] = ""


class OptionNames(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Names of axes and values; those of a row replace what is stored for it."""

    rows: Annotated[list[OptionName], msgspec.Meta(min_length=1, max_length=10_000)]


class OptionNamesSet(msgspec.Struct, frozen=True):
    """How many rows were sent, and how many of them were not stored like that already."""

    rows: int
    changed: int


class Product(msgspec.Struct, frozen=True):
    """A product with its variants in order."""

    handle: str
    status: ProductStatus
    brand: str | None
    category: str | None
    family: str | None
    tax_category: str
    tags: list[str]
    option_axes: list[str]
    option_names: list[OptionName]
    attributes: dict[str, AttributeValue]
    texts: dict[str, Text]
    media: list[Media]
    variants: list[Variant]
    version: int
    created_at: datetime
    updated_at: datetime


class ProductSummary(msgspec.Struct, frozen=True):
    """A product in a list."""

    handle: str
    status: ProductStatus
    brand: str | None
    category: str | None
    titles: dict[str, str]
    image_url: str | None
    variant_count: int
    version: int
    updated_at: datetime


class Brand(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A brand is its name."""

    name: Annotated[str, msgspec.Meta(min_length=1, max_length=200)]


class CategoryInput(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where a category stands, and its name per language."""

    parent: str | None = None
    position: Annotated[int, msgspec.Meta(ge=0, le=1_000_000)] = 0
    names: dict[str, Annotated[str, msgspec.Meta(max_length=200)]] = {}


class Category(msgspec.Struct, frozen=True):
    """A category of the tree."""

    code: str
    parent: str | None
    position: int
    names: dict[str, str]


class CategoryNode(msgspec.Struct, frozen=True):
    """A category with the ones below it."""

    code: str
    position: int
    names: dict[str, str]
    children: list["CategoryNode"]


class AttributeDefinition(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """What values an attribute has. `scale` (decimal, measure): digits after the point. `unit`: of a measure.

    `names`: what the attribute is called by language; `choice_names`: the same of each choice.
    """

    type: AttributeType
    level: AttributeLevel = "product"
    choices: Annotated[list[str], msgspec.Meta(max_length=1000)] = []
    unit: Annotated[str, msgspec.Meta(max_length=20)] = ""
    scale: Annotated[int, msgspec.Meta(ge=0, le=9)] = 0
    names: dict[str, str] = {}
    choice_names: Annotated[dict[str, dict[str, str]], msgspec.Meta(max_length=1000)] = {}


class AttributeFamilyInput(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The attributes that products of a family have, by name."""

    attributes: dict[str, AttributeDefinition]


class AttributeFamily(msgspec.Struct, frozen=True):
    """A family and its attributes."""

    code: str
    attributes: dict[str, AttributeDefinition]


class NativeRow(msgspec.Struct, frozen=True):
    """One variant, with its product: a row of the native layout, typed.

    None leaves what is stored as it is. Product fields are taken from the first row of a handle. `options` is
    axis → value in order; `category` a path of codes (`outdoor/jackets`); categories and brands that do not exist
    yet are made; `attributes` hold values as they are written in a file (`"12.50"`, `250`, `True`); `image_alts` are
    language → texts in the order of the pictures.
    """

    handle: str
    sku: str
    titles: dict[str, str] | None = None
    descriptions: dict[str, str] | None = None
    status: ProductStatus | None = None
    brand: str | None = None
    category: str | None = None
    family: str | None = None
    tax_category: str | None = None
    tags: list[str] | None = None
    options: dict[str, str] | None = None
    attributes: dict[str, AttributeValue] | None = None
    variant_status: VariantStatus | None = None
    gtins: list[str] | None = None
    weight_grams: int | None = None
    length_mm: int | None = None
    width_mm: int | None = None
    height_mm: int | None = None
    image_urls: list[str] | None = None
    image_alts: dict[str, list[str]] | None = None
    model_3d_url: str | None = None
    product_image_urls: list[str] | None = None
    product_image_alts: dict[str, list[str]] | None = None


class Counts(msgspec.Struct):
    """What an import did. A rejected row is a row of the file of which nothing was imported."""

    rows_read: int = 0
    rows_rejected: int = 0
    products_created: int = 0
    products_updated: int = 0
    variants_created: int = 0
    variants_updated: int = 0
    error_count: int = 0


class ImportOutcome(msgspec.Struct):
    """The counts and the errors of rows that were imported from a program."""

    counts: Counts
    errors: list[RowError]


class ImportRun(msgspec.Struct, frozen=True):
    """A run of a file: `position` is the last row whose chunk is committed."""

    import_run_id: UUID
    file_name: str
    fingerprint: str
    format: str
    layout: str
    dry_run: bool
    status: str
    failure: str | None
    position: int
    rows_read: int
    rows_rejected: int
    products_created: int
    products_updated: int
    variants_created: int
    variants_updated: int
    error_count: int
    columns_ignored: list[str]
    actor: str
    started_at: datetime
    finished_at: datetime | None


class ImportReport(msgspec.Struct, frozen=True):
    """A run with its first errors."""

    run: ImportRun
    errors: list[RowError]


class VariantShown(msgspec.Struct, frozen=True):
    """A variant as a line of a cart or an order shows it: `options` are the names of its values, in order of axes."""

    sku: str
    handle: str
    for_sale: bool
    title: str
    options: list[str]
    image_url: str | None
