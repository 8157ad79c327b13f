"""What is asked of search and what it answers."""

from datetime import datetime
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from kanava.platform.money import Money

TEXT_LENGTH_MAX = 200
WORDS_MAX = 12
PAGE_DEFAULT = 24
PAGE_MAX = 96
PAGES_MAX = 500
FACETS_CHOSEN_MAX = 40
FACET_VALUES_MAX = 100
SUGGESTIONS_MAX = 10
SETS_MAX = 5_000
TERMS_MAX = 30

Sort = Literal["relevance", "price_up", "price_down", "newest", "name"]


class ProductQuery(msgspec.Struct, frozen=True):
    """What is looked for on a channel.

    `category` includes those below it. `facets`: code → values; several values of one facet widen. `in_stock`: at
    `location` when one is given, else anywhere that serves the channel. Prices are those of the channel. Without a sort
    it is relevance when there is a text, else newest first.
    """

    channel: str
    text: str = ""
    category: str | None = None
    facets: dict[str, list[str]] = {}
    price_from_minor: int | None = None
    price_until_minor: int | None = None
    in_stock: bool = False
    location: str | None = None
    language: str | None = None
    sort: Sort | None = None
    page: int = 1
    limit: int = PAGE_DEFAULT


class ColourShown(msgspec.Struct, frozen=True):
    """A colour in which a product can be had, with a variant of it; `hex` such as `#25345a` where it is known."""

    value: str
    name: str
    hex: str | None
    sku: str
    image_url: str | None


class ProductCard(msgspec.Struct, frozen=True):
    """A product of the answer, shown by the variant that fits best: in stock before not, then the cheapest.

    `from_price` is the lowest of the matching variants; `price_varies` when others cost more. `in_stock_at_location` is
    null when no location was named.
    """

    handle: str
    title: str
    brand: str | None
    category: str | None
    sku: str
    from_price: Money
    price_varies: bool
    image_url: str | None
    image_alt: str
    image_urls: list[str]
    colours: list[ColourShown]
    variant_count: int
    in_stock: bool
    in_stock_at_location: bool | None


class FacetValue(msgspec.Struct, frozen=True):
    """A value with the number of products that choosing it would leave."""

    value: str
    name: str
    count: int
    chosen: bool


class Facet(msgspec.Struct, frozen=True):
    """What products can be narrowed by: `brand`, `option.size`, `attribute.material`.

    `kind` is choice, boolean or number; numbers are integers in units of 10^-scale of `unit`.
    """

    code: str
    name: str
    kind: str
    unit: str
    scale: int
    values: list[FacetValue]


class PriceRange(msgspec.Struct, frozen=True):
    """The lowest and the highest price, whatever range was asked for."""

    lowest: Money
    highest: Money


class ExactHit(msgspec.Struct, frozen=True):
    """The text was this variant's sku or barcode."""

    handle: str
    sku: str


class ProductPage(msgspec.Struct, frozen=True):
    """A page of products with what they can be narrowed by.

    `total_at_least`: there may be more, the question was too broad to look at every level of stock or every match.
    `corrections`: words that nothing is called, with what was looked for as well. `relaxed`: nothing has all of the
    words, so these have some.
    """

    channel: str
    language: str
    currency: str
    sort: str
    total: int
    total_at_least: bool
    page: int
    pages: int
    items: list[ProductCard]
    categories: list[FacetValue]
    facets: list[Facet]
    prices: PriceRange | None
    exact: ExactHit | None
    corrections: dict[str, list[str]]
    relaxed: bool


class SoldProduct(msgspec.Struct, frozen=True):
    """A product of a channel's range, and when it was last changed."""

    handle: str
    updated_at: datetime


class SoldProducts(msgspec.Struct, frozen=True):
    """Some of a channel's range, and how many products it has."""

    total: int
    items: list[SoldProduct]


class Suggestion(msgspec.Struct, frozen=True):
    """Something that one may have begun to type: a `product` (code: its handle), `category`, `brand` or `query`."""

    kind: Literal["product", "category", "brand", "query"]
    text: str
    code: str | None = None


class Suggestions(msgspec.Struct, frozen=True):
    """At most ten, the best first."""

    items: list[Suggestion]


Term = Annotated[str, Meta(min_length=1, max_length=60)]
Language = Annotated[str, Meta(pattern="^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$", max_length=35, description="BCP 47")]


class SynonymSet(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Terms that find each other's products."""

    terms: Annotated[list[Term], Meta(min_length=2, max_length=TERMS_MAX)]


class Synonyms(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """All synonyms of a language."""

    language: Language
    sets: Annotated[list[SynonymSet], Meta(max_length=SETS_MAX)]


class SynonymsStored(msgspec.Struct, frozen=True):
    """How many sets the language has now."""

    language: str
    sets: int
