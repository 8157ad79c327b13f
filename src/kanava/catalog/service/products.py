"""Products and variants, one at a time: read, create, replace, change."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, cast

import msgspec

from kanava.catalog import events
from kanava.catalog.errors import InvalidProduct, ProductNotFound, VariantNotFound
from kanava.catalog.model import (
    AttributeValue,
    Media,
    MediaKind,
    Product,
    ProductInput,
    ProductPatch,
    ProductStatus,
    ProductSummary,
    Text,
    Variant,
    VariantPatch,
    VariantStatus,
)
from kanava.catalog.rules.cells import check_handle
from kanava.catalog.rules.changed import told_changes
from kanava.catalog.rules.gtin import check_gtin
from kanava.catalog.rules.inputs import EVERYTHING, InputReader, field_errors
from kanava.catalog.rules.merge import merge
from kanava.catalog.rules.shapes import Errors, ProductDraft, Scope
from kanava.catalog.service.writing import read_stored, write_changes
from kanava.catalog.store import lookups, options
from kanava.catalog.store import products as store
from kanava.platform import audit, outbox
from kanava.platform.auth import Actor
from kanava.platform.db import Connection
from kanava.platform.errors import FieldError, InvalidInput, PreconditionFailed


class ProductFilter(msgspec.Struct, frozen=True):
    """Which products a list has; `text` is part of a title, a brand, a handle or a sku."""

    status: ProductStatus | None = None
    category: str | None = None
    brand: str | None = None
    text: str | None = None


async def list_products(tx: Connection, wanted: ProductFilter, after: str | None, limit: int) -> list[ProductSummary]:
    """Give products in the order of their handles; a category includes those below it."""
    pattern = None
    if wanted.text:
        escaped = wanted.text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
        pattern = f"%{escaped}%"
    return await store.LIST.all(
        tx,
        status=wanted.status,
        category=wanted.category,
        brand=wanted.brand,
        pattern=pattern,
        after=after,
        limit=limit,
    )


async def get_product(tx: Connection, handle: str) -> Product:
    """Give a product with all its variants."""
    row = await store.GET.one_or_none(tx, handle=handle)
    if row is None:
        raise ProductNotFound(f"No product has the handle {handle!r}.", field="handle")
    variants = await store.VARIANTS.all(tx, product_id=row.product_id)
    media = await lookups.MEDIA_OF_PRODUCTS.all(tx, product_ids=[row.product_id])
    return Product(
        row.handle,
        cast(ProductStatus, row.status),
        row.brand,
        row.category,
        row.family,
        row.tax_category,
        row.tags,
        row.option_axes,
        await options.OF_PRODUCT.all(tx, axes=row.option_axes, values=_values_of(variants)),
        row.attributes,
        {tag: Text(**text) for tag, text in row.texts.items()},
        _media(media, None),
        [variant_of(variant, media) for variant in variants],
        row.version,
        row.created_at,
        row.updated_at,
    )


def _values_of(variants: Sequence[store.VariantDetail]) -> list[str]:
    return sorted({value for variant in variants for value in variant.option_values})


async def get_variant(tx: Connection, sku: str) -> Variant:
    """Give one variant."""
    row = await store.VARIANT.one_or_none(tx, sku=sku)
    if row is None:
        raise VariantNotFound(f"No variant has the sku {sku!r}.", field="sku")
    return variant_of(row, await lookups.MEDIA_OF_PRODUCTS.all(tx, product_ids=[row.product_id]))


async def variants_by_gtin(tx: Connection, gtin: str) -> list[Variant]:
    """Give the variant of a barcode, however it is padded with zeros; an empty list when there is none."""
    try:
        wanted = check_gtin(gtin)
    except ValueError as error:
        raise InvalidInput(f"{gtin[:40]!r}: {error}.", field="gtin") from None
    rows = await store.VARIANTS_BY_GTIN.all(tx, gtins=[wanted])
    media = await lookups.MEDIA_OF_PRODUCTS.all(tx, product_ids=[row.product_id for row in rows])
    return [variant_of(row, media) for row in rows]


async def put_product(
    tx: Connection, actor: Actor, handle: str, request: ProductInput, now: datetime, *, version: int | None = None
) -> Product:
    """Create a product or replace it with all its variants; a variant that is left out is archived."""
    try:
        check_handle(handle)
    except ValueError as error:
        raise InvalidInput(f"{handle[:60]!r}: {error}.", field="handle") from None
    reader = InputReader()
    draft = reader.product(handle, request)
    return await _apply(tx, actor, draft, EVERYTHING, reader.errors, now, version=version, may_create=True)


async def patch_product(
    tx: Connection, actor: Actor, handle: str, request: ProductPatch, now: datetime, *, version: int
) -> Product:
    """Change some fields of a product."""
    reader = InputReader()
    draft, scope = reader.product_patch(handle, request)
    return await _apply(tx, actor, draft, scope, reader.errors, now, version=version)


async def patch_variant(
    tx: Connection, actor: Actor, sku: str, request: VariantPatch, now: datetime, *, version: int
) -> Variant:
    """Change some fields of a variant; `version` is its product's."""
    current = await get_variant(tx, sku)
    reader = InputReader()
    draft, scope = reader.variant_patch(current.product, sku, request)
    await _apply(tx, actor, draft, scope, reader.errors, now, version=version)
    return await get_variant(tx, sku)


async def _apply(
    tx: Connection,
    actor: Actor,
    draft: ProductDraft,
    scope: Scope,
    errors: Errors,
    now: datetime,
    *,
    version: int | None,
    may_create: bool = False,
) -> Product:
    indexed = not draft.continued
    _refuse(errors, indexed)
    stored = await read_stored(tx, [draft], scope)
    old = stored.products.get(draft.handle)
    if old is None and not may_create:
        raise ProductNotFound(f"No product has the handle {draft.handle!r}.", field="handle")
    if version is not None and (old is None or old.version != version):
        now_at = "there is no such product" if old is None else f"it is at version {old.version}"
        raise PreconditionFailed(f"You change version {version}, but {now_at}.", field="If-Match")
    for code in draft.category_path:
        if code not in stored.categories:
            errors.add(0, "category", f"there is no category {code!r}")
    changes = merge([draft], stored, scope, errors)
    _refuse(errors, indexed)
    if changes.products_new or changes.products_changed:
        await write_changes(tx, changes, stored, now)
        product = await get_product(tx, draft.handle)
        detail: dict[str, Any] = {"version": product.version}
        if old is not None:
            detail["changes"] = told_changes(changes, stored).get(draft.handle, {})
        await audit.record(tx, actor, "create" if old is None else "update", "product", draft.handle, detail)
        await outbox.publish(tx, [events.product_changed(draft.handle, product.version)])
        return product
    return await get_product(tx, draft.handle)


def _refuse(errors: Errors, indexed: bool) -> None:
    if errors.all:
        found = [FieldError(field, reason) for field, reason in field_errors(errors.all, indexed)]
        raise InvalidProduct(f"{found[0].field}: {found[0].reason}.", errors=found[:100])


def _media(rows: Sequence[lookups.MediaRow], variant_id: int | None) -> list[Media]:
    return [Media(row.url, cast(MediaKind, row.kind), row.alt) for row in rows if row.variant_id == variant_id]


def variant_of(row: store.VariantDetail, media: Sequence[lookups.MediaRow]) -> Variant:
    attributes: dict[str, AttributeValue] = row.attributes
    return Variant(
        row.sku,
        row.handle,
        cast(VariantStatus, row.status),
        row.option_values,
        row.gtins,
        attributes,
        row.weight_grams,
        row.length_mm,
        row.width_mm,
        row.height_mm,
        _media(media, row.variant_id),
        row.version,
        row.updated_at,
    )
