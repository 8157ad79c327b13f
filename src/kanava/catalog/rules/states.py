"""What is stored and what is to be written: the two sides of a merge."""

import msgspec

from kanava.catalog.model import AttributeDefinition, AttributeValue


class ProductState(msgspec.Struct):
    """The own columns of a product."""

    handle: str
    status: str = "draft"
    brand: str | None = None
    category: str | None = None
    family: str | None = None
    tax_category: str = "standard"
    tags: list[str] = []
    option_axes: list[str] = []
    attributes: dict[str, AttributeValue] = {}
    texts: dict[str, dict[str, str]] = {}


class VariantState(msgspec.Struct):
    """The own columns of a variant."""

    sku: str
    status: str = "active"
    option_values: list[str] = []
    attributes: dict[str, AttributeValue] = {}
    weight_grams: int | None = None
    length_mm: int | None = None
    width_mm: int | None = None
    height_mm: int | None = None
    position: int = 0


class StoredProduct(msgspec.Struct, frozen=True):
    """A product in the database, locked."""

    product_id: int
    version: int
    state: ProductState


class StoredVariant(msgspec.Struct, frozen=True):
    """A variant in the database."""

    variant_id: int
    product_id: int
    handle: str
    state: VariantState


class StoredMedia(msgspec.Struct, frozen=True):
    """A picture or a model in the database; `variant_id` None: of the product."""

    media_id: int
    product_id: int
    variant_id: int | None
    kind: str
    url: str
    alt: dict[str, str]
    position: int


class Stored(msgspec.Struct):
    """Everything in the database that the drafts of a chunk touch."""

    families: dict[str, dict[str, AttributeDefinition]] = msgspec.field(default_factory=dict)
    # code → code of the parent
    categories: dict[str, str | None] = msgspec.field(default_factory=dict)
    products: dict[str, StoredProduct] = msgspec.field(default_factory=dict)
    variants: dict[str, StoredVariant] = msgspec.field(default_factory=dict)
    variants_of: dict[int, list[StoredVariant]] = msgspec.field(default_factory=dict)
    gtin_owner: dict[str, str] = msgspec.field(default_factory=dict)
    gtins_of: dict[str, set[str]] = msgspec.field(default_factory=dict)
    media_of: dict[int, list[StoredMedia]] = msgspec.field(default_factory=dict)


class NewMedia(msgspec.Struct, frozen=True):
    """A picture or a model to be written; `sku` None: of the product."""

    handle: str
    sku: str | None
    kind: str
    url: str
    alt: dict[str, str]
    position: int


class Changes(msgspec.Struct):
    """What is to be written. New rows are named by handle and sku, as they have no id yet."""

    products_new: list[ProductState] = msgspec.field(default_factory=list)
    products_changed: list[tuple[int, ProductState]] = msgspec.field(default_factory=list)
    variants_new: list[tuple[str, VariantState]] = msgspec.field(default_factory=list)
    variants_changed: list[tuple[int, VariantState]] = msgspec.field(default_factory=list)
    gtins_new: list[tuple[str, str]] = msgspec.field(default_factory=list)  # gtin, sku
    gtins_gone: list[str] = msgspec.field(default_factory=list)
    media_new: list[NewMedia] = msgspec.field(default_factory=list)
    media_changed: list[tuple[int, NewMedia]] = msgspec.field(default_factory=list)
    media_gone: list[int] = msgspec.field(default_factory=list)
    categories_new: dict[str, str | None] = msgspec.field(default_factory=dict)
    brands: set[str] = msgspec.field(default_factory=set)
    # Of the variants that the drafts name, whether something of them (barcodes and media too) changes.
    variants_touched: int = 0
