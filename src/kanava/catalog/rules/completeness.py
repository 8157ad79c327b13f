"""What a product lacks before it can be sold well on a channel, in the language of that channel."""

from collections.abc import Collection, Mapping, Sequence
from typing import Literal

import msgspec

from kanava.catalog.model import AttributeDefinition, Product

Want = Literal[
    "title", "description", "seo_title", "seo_description", "alt", "picture", "category", "attribute", "gtin", "weight",
    "price",
]  # fmt: skip
"""`subject` of a gap says which attribute, or which sku."""


class Needs(msgspec.Struct, frozen=True):
    """What a channel asks of a product. `priced`: the skus that have a price there, None where that is not asked."""

    channel: str
    language: str
    priced: Collection[str] | None = None
    gtins: bool = True


class Gap(msgspec.Struct, frozen=True):
    """One thing that is missing."""

    want: Want
    subject: str = ""


class Completeness(msgspec.Struct, frozen=True):
    """How far a product is for a channel: `done` of `asked` things are there, `gaps` name the others."""

    channel: str
    language: str
    done: int
    asked: int
    gaps: tuple[Gap, ...]

    @property
    def share(self) -> float:
        """From 0 to 1."""
        return self.done / self.asked if self.asked else 1.0


def completeness(product: Product, family: Mapping[str, AttributeDefinition], needs: Needs) -> Completeness:
    """Look at a product with the eyes of one channel; archived variants are not looked at."""
    variants = [variant for variant in product.variants if variant.status == "active"]
    text = product.texts.get(needs.language)
    pictures = [item for item in product.media if item.kind == "image"]
    pictures += [item for variant in variants for item in variant.media if item.kind == "image"]
    checked: list[tuple[Gap, bool]] = [
        (Gap("title"), text is not None and bool(text.title)),
        (Gap("description"), text is not None and bool(text.description)),
        (Gap("seo_title"), text is not None and bool(text.seo_title)),
        (Gap("seo_description"), text is not None and bool(text.seo_description)),
        (Gap("category"), product.category is not None),
        (Gap("picture"), bool(pictures)),
    ]
    if pictures:
        checked.append((Gap("alt"), all(item.alt.get(needs.language) for item in pictures)))
    for name, definition in family.items():
        if definition.level == "product":
            checked.append((Gap("attribute", name), name in product.attributes))
        else:
            checked.append((Gap("attribute", name), all(name in variant.attributes for variant in variants)))
    for variant in variants:
        if needs.gtins:
            checked.append((Gap("gtin", variant.sku), bool(variant.gtins)))
        checked.append((Gap("weight", variant.sku), variant.weight_grams is not None))
        if needs.priced is not None:
            checked.append((Gap("price", variant.sku), variant.sku in needs.priced))
    gaps = tuple(gap for gap, there in checked if not there)
    return Completeness(needs.channel, needs.language, len(checked) - len(gaps), len(checked), gaps)


def least_of(found: Sequence[Completeness]) -> Completeness | None:
    """Give the one that lacks most, the first of several."""
    return min(found, key=lambda each: each.share, default=None)
