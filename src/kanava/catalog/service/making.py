"""New products and variants: made once, however often the same is asked for. A product is a draft until published."""

from collections.abc import Mapping
from datetime import datetime

import asyncpg
import msgspec

from kanava.catalog.errors import HandleTaken, InvalidProduct, ProductNotFound
from kanava.catalog.files.shopify import slug_of
from kanava.catalog.model import Product, ProductInput, Text, Variant, VariantInput
from kanava.catalog.service.products import get_product, put_product
from kanava.platform.auth import Actor
from kanava.platform.db import Connection
from kanava.platform.errors import FieldError

HANDLE_CHARACTERS_MAX = 200
FIRST_VERSION = 1


class NewVariant(msgspec.Struct, frozen=True):
    """A variant for a product; of one without options it says what they differ in, and what the first one has of it."""

    variant: VariantInput
    axis: str = ""
    first_value: str = ""


class Duplicate(msgspec.Struct, frozen=True):
    """A product like another: with a handle and titles of its own, its skus those of the other and a suffix."""

    handle: str
    sku_suffix: str
    titles: Mapping[str, str]


def handle_for(title: str) -> str:
    """Give a handle for a title; empty when it has no letter or digit that a handle may have."""
    return slug_of(title)[:HANDLE_CHARACTERS_MAX].strip("-")


async def create_product(tx: Connection, actor: Actor, handle: str, request: ProductInput, now: datetime) -> Product:
    """Create a product; HandleTaken when another has the handle, the product itself when it is this one already."""
    try:
        async with tx.transaction():
            return await _created(tx, actor, handle, request, now)
    except asyncpg.UniqueViolationError:
        # Somebody made a product with this handle or sku between our reading and our writing: read again.
        return await _created(tx, actor, handle, request, now)


async def _created(tx: Connection, actor: Actor, handle: str, request: ProductInput, now: datetime) -> Product:
    try:
        version = (await get_product(tx, handle)).version
    except ProductNotFound:
        version = FIRST_VERSION
    product = await put_product(tx, actor, handle, request, now)
    if product.version != version:
        # It was another product, or somebody has gone on with it: the transaction takes the change back.
        raise HandleTaken("There is another product with this handle.", field="handle")
    return product


async def add_variant(
    tx: Connection, actor: Actor, handle: str, new: NewVariant, now: datetime, *, version: int
) -> Product:
    """Add a variant behind those that the product has."""
    product = await get_product(tx, handle)
    known = next((each for each in product.variants if each.sku == new.variant.sku.strip()), None)
    if known is not None:
        if known.option_values == new.variant.option_values:
            return product
        error = FieldError(f"variants[{len(product.variants)}].sku", "stands in an earlier variant")
        raise InvalidProduct("The product has a variant with this sku.", errors=[error])
    request = input_of(product)
    axes, variants = request.option_axes, request.variants
    if not axes and new.axis:
        axes = [new.axis]
        variants = [msgspec.structs.replace(each, option_values=[new.first_value]) for each in variants]
    request = msgspec.structs.replace(request, option_axes=axes, variants=[*variants, new.variant])
    return await put_product(tx, actor, handle, request, now, version=version)


async def duplicate_product(tx: Connection, actor: Actor, source: str, new: Duplicate, now: datetime) -> Product:
    """Make a draft like a product: its variants on sale, else all, without their barcodes, which no two share."""
    product = await get_product(tx, source)
    copied = input_of(product)
    variants = [
        msgspec.structs.replace(each, sku=each.sku + new.sku_suffix, gtins=[], status="active")
        for each in [each for each in copied.variants if each.status == "active"] or copied.variants
    ]
    texts = dict(copied.texts)
    for language, title in new.titles.items():
        texts[language] = msgspec.structs.replace(texts.get(language, Text()), title=title)
    request = msgspec.structs.replace(copied, status="draft", texts=texts, variants=variants)
    return await create_product(tx, actor, new.handle, request, now)


def input_of(product: Product) -> ProductInput:
    """Give a product as a caller would send it: putting it back changes nothing."""
    return ProductInput(
        product.texts,
        [_variant_input(variant) for variant in product.variants],
        product.status,
        product.brand,
        product.category,
        product.family,
        product.tax_category,
        product.tags,
        product.option_axes,
        product.attributes,
        product.media,
    )


def _variant_input(variant: Variant) -> VariantInput:
    return VariantInput(
        variant.sku,
        variant.status,
        variant.option_values,
        variant.gtins,
        variant.attributes,
        variant.weight_grams,
        variant.length_mm,
        variant.width_mm,
        variant.height_mm,
        variant.media,
    )
