"""Reading what drafts touch, and writing what they change: a fixed number of statements for any number of drafts."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec

from kanava.catalog import events
from kanava.catalog.rules.shapes import ProductDraft, Scope
from kanava.catalog.rules.states import (
    Changes,
    NewMedia,
    ProductState,
    Stored,
    StoredMedia,
    StoredProduct,
    StoredVariant,
    VariantState,
)
from kanava.catalog.service.taxonomy import families_by_code
from kanava.catalog.store import lookups, writes
from kanava.platform import outbox
from kanava.platform.db import Connection

_ENCODER = msgspec.json.Encoder()


async def read_stored(tx: Connection, drafts: Sequence[ProductDraft], scope: Scope) -> Stored:
    """Read (and lock) what is stored of the products, variants, barcodes and categories that the drafts name."""
    stored = Stored()
    rows = await lookups.LOCK_PRODUCTS.all(tx, handles=[draft.handle for draft in drafts])
    for row in rows:
        state = ProductState(
            row.handle,
            row.status,
            row.brand,
            row.category,
            row.family,
            row.tax_category,
            row.tags,
            row.option_axes,
            row.attributes,
            row.texts,
        )
        stored.products[row.handle] = StoredProduct(row.product_id, row.version, state)
    families = {draft.family for draft in drafts if draft.family} | {row.family for row in rows if row.family}
    if families:
        stored.families = await families_by_code(tx, list(families))
    await _read_variants(tx, drafts, stored)
    codes = {code for draft in drafts for code in draft.category_path}
    if codes:
        stored.categories = {row.code: row.parent for row in await lookups.CATEGORIES.all(tx, codes=list(codes))}
    gtins = [gtin for draft in drafts for variant in draft.variants for gtin in variant.gtins]
    variant_ids = [variant.variant_id for variant in stored.variants.values()]
    if "gtin" in scope.fields and (gtins or variant_ids):
        for gtin in await lookups.GTINS.all(tx, gtins=gtins, variant_ids=variant_ids):
            stored.gtin_owner[gtin.gtin] = gtin.sku
            stored.gtins_of.setdefault(gtin.sku, set()).add(gtin.gtin)
    product_ids = [product.product_id for product in stored.products.values()]
    if product_ids and (scope.product_media or scope.variant_media):
        for media in await lookups.MEDIA_OF_PRODUCTS.all(tx, product_ids=product_ids):
            stored.media_of.setdefault(media.product_id, []).append(StoredMedia(*msgspec.structs.astuple(media)))
    return stored


async def _read_variants(tx: Connection, drafts: Sequence[ProductDraft], stored: Stored) -> None:
    skus = [variant.sku for draft in drafts for variant in draft.variants]
    rows = await lookups.VARIANTS_BY_SKU.all(tx, skus=skus)
    if stored.products:
        product_ids = [product.product_id for product in stored.products.values()]
        rows += await lookups.VARIANTS_OF_PRODUCTS.all(tx, product_ids=product_ids)
    for row in rows:
        if row.sku in stored.variants:
            continue
        state = VariantState(
            row.sku,
            row.status,
            row.option_values,
            row.attributes,
            row.weight_grams,
            row.length_mm,
            row.width_mm,
            row.height_mm,
            row.position,
        )
        variant = StoredVariant(row.variant_id, row.product_id, row.handle, state)
        stored.variants[row.sku] = variant
        stored.variants_of.setdefault(row.product_id, []).append(variant)


async def write_changes(
    tx: Connection,
    changes: Changes,
    stored: Stored,
    now: datetime,
    category_names: dict[str, dict[str, str]] | None = None,
) -> None:
    """Write everything; the caller publishes what happened."""
    await _write_brands_and_categories(tx, changes, category_names or {})
    product_ids = {handle: product.product_id for handle, product in stored.products.items()}
    if changes.products_new:
        new = await writes.INSERT_PRODUCTS.all(
            tx,
            handles=[state.handle for state in changes.products_new],
            now=now,
            **_product_columns(changes.products_new),
        )
        product_ids.update((row.handle, row.product_id) for row in new)
    if changes.products_changed:
        await writes.UPDATE_PRODUCTS.run(
            tx,
            product_ids=[product_id for product_id, _ in changes.products_changed],
            now=now,
            **_product_columns([state for _, state in changes.products_changed]),
        )
    variant_ids = {sku: variant.variant_id for sku, variant in stored.variants.items()}
    if changes.variants_new:
        states = [state for _, state in changes.variants_new]
        inserted = await writes.INSERT_VARIANTS.all(
            tx,
            product_ids=[product_ids[handle] for handle, _ in changes.variants_new],
            skus=[state.sku for state in states],
            now=now,
            **_variant_columns(states),
        )
        variant_ids.update((row.sku, row.variant_id) for row in inserted)
    if changes.variants_changed:
        await writes.UPDATE_VARIANTS.run(
            tx,
            variant_ids=[variant_id for variant_id, _ in changes.variants_changed],
            now=now,
            **_variant_columns([state for _, state in changes.variants_changed]),
        )
    await _write_gtins(tx, changes, variant_ids)
    await _write_media(tx, changes, product_ids, variant_ids)


async def publish_changes(tx: Connection, changes: Changes, source: str) -> None:
    """Announce the products of a chunk that changed."""
    handles = [state.handle for state in changes.products_new] + [state.handle for _, state in changes.products_changed]
    if handles:
        await outbox.publish(tx, [events.products_changed(source, handles)])


async def _write_brands_and_categories(
    tx: Connection, changes: Changes, category_names: dict[str, dict[str, str]]
) -> None:
    if changes.brands:
        await writes.ADD_BRANDS.run(tx, names=list(changes.brands))
    if changes.categories_new:
        codes = list(changes.categories_new)
        await writes.ADD_CATEGORIES.run(tx, codes=codes, names=[_json(category_names.get(code, {})) for code in codes])
        placed = [(code, parent) for code, parent in changes.categories_new.items() if parent]
        await writes.PLACE_CATEGORIES.run(
            tx, codes=[code for code, _ in placed], parents=[parent for _, parent in placed]
        )


async def _write_gtins(tx: Connection, changes: Changes, variant_ids: dict[str, int]) -> None:
    if changes.gtins_gone:
        await writes.DELETE_GTINS.run(tx, gtins=changes.gtins_gone)
    if changes.gtins_new:
        await writes.INSERT_GTINS.run(
            tx,
            gtins=[gtin for gtin, _ in changes.gtins_new],
            variant_ids=[variant_ids[sku] for _, sku in changes.gtins_new],
        )


async def _write_media(
    tx: Connection, changes: Changes, product_ids: dict[str, int], variant_ids: dict[str, int]
) -> None:
    if changes.media_gone:
        await writes.DELETE_MEDIA.run(tx, media_ids=changes.media_gone)
    if changes.media_changed:
        changed = [media for _, media in changes.media_changed]
        await writes.UPDATE_MEDIA.run(
            tx, media_ids=[media_id for media_id, _ in changes.media_changed], **_media_columns(changed)
        )
    if changes.media_new:
        new = changes.media_new
        await writes.INSERT_MEDIA.run(
            tx,
            product_ids=[product_ids[media.handle] for media in new],
            variant_ids=[None if media.sku is None else variant_ids[media.sku] for media in new],
            urls=[media.url for media in new],
            **_media_columns(new),
        )


def _json(value: object) -> str:
    return _ENCODER.encode(value).decode() if value else "{}"


def _media_columns(media: Sequence[NewMedia]) -> dict[str, Any]:
    return {
        "kinds": [item.kind for item in media],
        "alts": [_json(item.alt) for item in media],
        "positions": [item.position for item in media],
    }


def _product_columns(states: Sequence[ProductState]) -> dict[str, Any]:
    return {
        "statuses": [state.status for state in states],
        "brands": [state.brand for state in states],
        "categories": [state.category for state in states],
        "families": [state.family for state in states],
        "tax_categories": [state.tax_category for state in states],
        "tags": [writes.SEPARATOR.join(state.tags) for state in states],
        "option_axes": [writes.SEPARATOR.join(state.option_axes) for state in states],
        "attributes": [_json(state.attributes) for state in states],
        "texts": [_json(state.texts) for state in states],
    }


def _variant_columns(states: Sequence[VariantState]) -> dict[str, Any]:
    return {
        "statuses": [state.status for state in states],
        "option_values": [writes.SEPARATOR.join(state.option_values) for state in states],
        "attributes": [_json(state.attributes) for state in states],
        "weights": [state.weight_grams for state in states],
        "lengths": [state.length_mm for state in states],
        "widths": [state.width_mm for state in states],
        "heights": [state.height_mm for state in states],
        "positions": [state.position for state in states],
    }
