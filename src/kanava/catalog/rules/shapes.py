"""The shapes that rows take on their way into the database: batches, drafts, and what is wrong with them."""

from collections.abc import Mapping, Sequence

import msgspec

from kanava.catalog.model import AttributeValue
from kanava.catalog.rules.columns import ColumnPlan
from kanava.platform.tables.model import RowError

TEXT_LENGTHS = {"title": 500, "seo_title": 500, "seo_description": 2_000}


class Batch(msgspec.Struct):
    """Rows of a file that are checked and committed together; `numbers` are their row numbers."""

    numbers: list[int] = []
    rows: list[Sequence[str]] = []
    errors: list[RowError] = []


class MediaDraft(msgspec.Struct, frozen=True):
    """A picture or a model as a draft wants it; its place in the list is its position."""

    kind: str
    url: str
    alt: dict[str, str]


class VariantDraft(msgspec.Struct):
    """A variant as a row wants it."""

    row: int
    sku: str
    status: str = "active"
    option_values: list[str] = []
    gtins: list[str] = []
    attributes: Mapping[str, AttributeValue] = {}
    measures: Sequence[int | None] = (None, None, None, None)
    position: int | None = None
    media: list[MediaDraft] = []


class ProductDraft(msgspec.Struct):
    """A product as its first row wants it; `continued` when that row stood in an earlier batch."""

    row: int
    handle: str
    status: str = "draft"
    brand: str | None = None
    category_path: tuple[str, ...] = ()
    family: str | None = None
    tax_category: str = "standard"
    tags: list[str] = []
    option_axes: list[str] = []
    attributes: Mapping[str, AttributeValue] = {}
    texts: dict[str, dict[str, str]] = {}
    media: list[MediaDraft] = []
    variants: list[VariantDraft] = []
    continued: bool = False


class Scope(msgspec.Struct, frozen=True):
    """What drafts speak of; everything else stays as stored. None means all texts, all attributes."""

    fields: frozenset[str]
    texts: frozenset[tuple[str, str]] | None = None
    attributes: frozenset[str] | None = None
    product_media: frozenset[str] = frozenset({"image", "model_3d"})
    variant_media: frozenset[str] = frozenset({"image", "model_3d"})
    # Alternative texts: (of a variant?, kind, language).
    alts: frozenset[tuple[bool, str, str]] | None = None
    archive_others: bool = False
    dry_run: bool = False


class SeenProduct(msgspec.Struct, frozen=True):
    """What is kept of a product's first row once its batch is gone."""

    row: int
    cells_hash: int
    option_axes: list[str]
    rejected: bool


class Seen(msgspec.Struct):
    """What the file had so far, to find what it has twice."""

    skus: set[str] = msgspec.field(default_factory=set)
    gtins: set[str] = msgspec.field(default_factory=set)
    products: dict[str, SeenProduct] = msgspec.field(default_factory=dict)


class Errors:
    """Collects errors; a row or a product with one is not imported."""

    def __init__(self) -> None:
        self.all: list[RowError] = []
        self.rows: set[int] = set()

    def add(self, row: int, column: str, reason: str, value: str = "") -> None:
        """Reject a row."""
        self.all.append(RowError(row, column, reason, shown(value)))
        self.rows.add(row)

    def copy(self) -> "Errors":
        """Remember what there is now."""
        other = Errors()
        other.reset(self)
        return other

    def reset(self, other: "Errors") -> None:
        """Go back to what was remembered."""
        self.all, self.rows = list(other.all), set(other.rows)


def shown(value: str) -> str:
    """Give the start of a value in a form that can be stored and printed."""
    text = value[:100] + ("…" if len(value) > 100 else "")
    return text if text.isprintable() else text.encode("unicode_escape").decode("ascii")[:200]


def scope_of(plan: ColumnPlan, *, dry_run: bool = False) -> Scope:
    """Say what a file with these columns speaks of."""
    media = [(False, item) for item in plan.product_media] + [(True, item) for item in plan.variant_media]
    return Scope(
        fields=plan.present | ({"options"} if plan.option_names else frozenset()),
        texts=frozenset((language, field) for language, field, _ in plan.texts),
        attributes=frozenset(name for name, _ in plan.attributes),
        product_media=frozenset(media.kind for media in plan.product_media),
        variant_media=frozenset(media.kind for media in plan.variant_media),
        alts=frozenset((of_variant, item.kind, language) for of_variant, item in media for language, _ in item.alts),
        dry_run=dry_run,
    )
