"""A product as its page shows it: one variant chosen, the ways to the others, pictures, what it is made of."""

import re
from collections.abc import Mapping, Sequence

import msgspec

from kanava.catalog.model import AttributeDefinition, AttributeValue, Product, Text, Variant
from kanava.web.shop.facet_boxes import size_key
from kanava.web.shop.layout import name_in

NEIGHBOURS_MAX = 96
"""Variants whose stock and price a page asks for: those that one choice leads to."""
COLOUR_AXES = ("colour", "color")
HIDDEN_ATTRIBUTES = frozenset({"colour", "colour_hex"})
_TAG = re.compile(r"<[^>]*>")


class AxisValue(msgspec.Struct, frozen=True):
    """A value to choose, and the variant that choosing it leads to.

    `combines`: there is such a variant with everything else as chosen; without one it leads to another that has the
    value. `available`: it can be had now.
    """

    value: str
    name: str
    hex: str | None
    image_url: str | None
    sku: str
    chosen: bool
    combines: bool
    available: bool


class Axis(msgspec.Struct, frozen=True):
    """What can be chosen, such as the colour."""

    code: str
    name: str
    values: list[AxisValue]

    @property
    def is_colour(self) -> bool:
        """Whether its values are shown as colours."""
        return self.code.lower() in COLOUR_AXES

    @property
    def chosen(self) -> AxisValue | None:
        """The value of the variant that is shown."""
        return next((value for value in self.values if value.chosen), None)


class Picture(msgspec.Struct, frozen=True):
    """A picture with its text."""

    url: str
    alt: str


class Attribute(msgspec.Struct, frozen=True):
    """A row of the table of attributes; `kind` is how `value` is written."""

    name: str
    kind: str
    value: AttributeValue
    unit: str
    scale: int


class ProductView(msgspec.Struct, frozen=True):
    """A product with the variant that is shown."""

    product: Product
    variant: Variant
    text: Text
    axes: list[Axis]
    pictures: list[Picture]
    model_3d: str | None
    attributes: list[Attribute]

    @property
    def options(self) -> list[str]:
        """The names of what is chosen."""
        return [axis.chosen.name for axis in self.axes if axis.chosen is not None]

    @property
    def plain_text(self) -> str:
        """The description without its tags."""
        return " ".join(_TAG.sub(" ", self.text.description).replace("&nbsp;", " ").replace("&amp;", "&").split())

    @property
    def summary(self) -> str:
        """The beginning of the description without its tags, for search engines."""
        if self.text.seo_description:
            return self.text.seo_description
        plain = self.plain_text
        return plain if len(plain) <= 160 else plain[:157].rsplit(" ", 1)[0] + "…"


def on_sale(product: Product) -> list[Variant]:
    """Give the variants that are not archived."""
    return [variant for variant in product.variants if variant.status == "active"]


def neighbours(variants: Sequence[Variant], chosen: Variant | None) -> list[Variant]:
    """Give the chosen variant and those that differ from it in one value; the first ones when none is chosen."""
    if chosen is None:
        return list(variants[:NEIGHBOURS_MAX])
    near = [
        variant
        for variant in variants
        if variant.sku != chosen.sku
        and sum(a != b for a, b in zip(variant.option_values, chosen.option_values, strict=False)) <= 1
    ]
    return [chosen, *near][:NEIGHBOURS_MAX]


def view_of(
    product: Product,
    variant: Variant,
    available: Mapping[str, bool],
    family: Mapping[str, AttributeDefinition],
    languages: Sequence[str],
) -> ProductView:
    """Make what the page shows. `available` says of near variants whether they can be had."""
    texts = [product.texts[language] for language in languages if language in product.texts]
    texts += [text for language, text in product.texts.items() if language not in languages]
    text = next((each for each in texts if each.title), Text(title=product.handle))
    if not text.description:
        description = next((each.description for each in texts if each.description), "")
        text = msgspec.structs.replace(text, description=description)
    names = {(row.axis, row.value): name_in(row.names, languages) for row in product.option_names}
    variants = on_sale(product)
    axes = [
        _axis(product, position, variants, variant, available, names) for position in range(len(product.option_axes))
    ]
    media = [*variant.media, *product.media]
    seen: dict[str, Picture] = {}
    for each in media:
        if each.kind == "image":
            seen.setdefault(each.url, Picture(each.url, name_in(each.alt, languages) or text.title))
    if variant.media and len(seen) > 1:
        # The product's own pictures show its first colour: beside another one only what is not a whole view helps.
        seen = _of_this_colour(seen, variants, variant)
    model = next((each.url for each in media if each.kind == "model_3d"), None)
    return ProductView(
        product, variant, text, axes, list(seen.values()), model, _attributes(product, variant, family, languages)
    )


def _of_this_colour(seen: dict[str, Picture], variants: Sequence[Variant], chosen: Variant) -> dict[str, Picture]:
    others = {media.url for variant in variants for media in variant.media} - {media.url for media in chosen.media}
    return {url: picture for url, picture in seen.items() if url not in others}


def _axis(
    product: Product,
    position: int,
    variants: Sequence[Variant],
    chosen: Variant,
    available: Mapping[str, bool],
    names: Mapping[tuple[str, str], str],
) -> Axis:
    code = product.option_axes[position]
    values: dict[str, AxisValue] = {}
    for variant in variants:
        if position >= len(variant.option_values) or variant.option_values[position] in values:
            continue
        value = variant.option_values[position]
        same = [each for each in variants if each.option_values[position : position + 1] == [value]]
        wanted = [*chosen.option_values[:position], value, *chosen.option_values[position + 1 :]]
        exact = next((each for each in same if each.option_values == wanted), None)
        picture = next((media.url for each in same for media in each.media if media.kind == "image"), None)
        colour = variant.attributes.get("colour_hex")
        values[value] = AxisValue(
            value=value,
            name=names.get((code, value)) or value,
            hex=colour if isinstance(colour, str) else None,
            image_url=picture,
            sku=(exact or same[0]).sku,
            chosen=value == chosen.option_values[position],
            combines=exact is not None,
            available=exact is not None and available.get(exact.sku, True),
        )
    ordered = list(values.values())
    if code.lower() not in COLOUR_AXES and all(size_key(each.value)[0] < 2 for each in ordered):
        ordered.sort(key=lambda each: size_key(each.value))
    return Axis(code, names.get((code, "")) or code, ordered)


def _attributes(
    product: Product, variant: Variant, family: Mapping[str, AttributeDefinition], languages: Sequence[str]
) -> list[Attribute]:
    held = {**product.attributes, **variant.attributes}
    found = []
    for code, definition in family.items():
        if code not in held or code in HIDDEN_ATTRIBUTES or code in product.option_axes:
            continue
        name = name_in(definition.names, languages) or code.replace("_", " ").capitalize()
        value = held[code]
        if definition.type == "choice":
            value = name_in(definition.choice_names.get(str(value), {}), languages) or value
        found.append(Attribute(name, definition.type, value, definition.unit, definition.scale))
    return found
