"""What a channel with a `listed` assortment sells."""

from collections.abc import Sequence
from datetime import datetime

from kanava.channels import events, store
from kanava.channels.errors import UnknownSkus
from kanava.channels.model import Listing, ListingChange, ListingsChanged
from kanava.channels.service.registry import channel_row, locked_channel
from kanava.platform import audit, outbox
from kanava.platform.auth import Actor
from kanava.platform.db import Connection
from kanava.platform.errors import FieldError
from kanava.platform.http import Page, decode_cursor, encode_cursor


async def add_listings(
    tx: Connection,
    actor: Actor,
    code: str,
    request: ListingChange,
    now: datetime,  # noqa: ARG001 - every verb takes `now`
) -> ListingsChanged:
    """List skus on a channel; those that are listed already stay so."""
    channel = await locked_channel(tx, code)
    variants = await _variant_ids(tx, request.skus)
    changed = await store.ADD_LISTINGS.all(tx, channel_id=channel.channel_id, variant_ids=list(variants.values()))
    return await _announce(tx, actor, code, "added", variants, changed)


async def remove_listings(
    tx: Connection,
    actor: Actor,
    code: str,
    request: ListingChange,
    now: datetime,  # noqa: ARG001 - every verb takes `now`
) -> ListingsChanged:
    """Take skus off a channel; those that are not listed stay so."""
    channel = await locked_channel(tx, code)
    variants = await _variant_ids(tx, request.skus)
    changed = await store.REMOVE_LISTINGS.all(tx, channel_id=channel.channel_id, variant_ids=list(variants.values()))
    return await _announce(tx, actor, code, "removed", variants, changed)


async def list_listings(tx: Connection, code: str, cursor: str | None, limit: int) -> Page[Listing]:
    """Give the skus listed on a channel, the oldest variant first."""
    channel = await channel_row(tx, code)
    after = decode_cursor(cursor, int)[0] if cursor else 0
    rows = await store.LISTINGS_AFTER.all(tx, channel_id=channel.channel_id, after=after, limit=limit)
    return Page([Listing(row.sku) for row in rows], encode_cursor(rows[-1].variant_id) if len(rows) == limit else None)


async def listed_pairs(tx: Connection, variant_ids: Sequence[int]) -> set[tuple[int, int]]:
    """Give (variant, channel) for every channel that lists one of the variants."""
    rows = await store.LISTED_PAIRS.all(tx, variant_ids=list(variant_ids))
    return {(row.variant_id, row.channel_id) for row in rows}


async def channels_listing(tx: Connection, skus: Sequence[str]) -> dict[str, frozenset[str]]:
    """Give the codes of the channels that list each sku; skus that no channel lists are missing."""
    found: dict[str, set[str]] = {}
    for row in await store.CHANNELS_LISTING.all(tx, skus=list(skus)):
        found.setdefault(row.sku, set()).add(row.channel)
    return {sku: frozenset(codes) for sku, codes in found.items()}


async def _variant_ids(tx: Connection, skus: Sequence[str]) -> dict[str, int]:
    variants = {row.sku: row.variant_id for row in await store.VARIANTS_BY_SKU.all(tx, skus=list(set(skus)))}
    errors = [
        FieldError(f"skus[{position}]", f"There is no variant {sku!r}.")
        for position, sku in enumerate(skus)
        if sku not in variants
    ]
    if errors:
        raise UnknownSkus(f"{len(errors)} unknown, first {errors[0].field}: {errors[0].reason}", errors=errors[:1000])
    return variants


async def _announce(
    tx: Connection, actor: Actor, code: str, change: str, variants: dict[str, int], changed: Sequence[int]
) -> ListingsChanged:
    touched = set(changed)
    skus = sorted(sku for sku, variant_id in variants.items() if variant_id in touched)
    if skus:
        detail = {"skus": len(skus), "first_skus": skus[:20]}
        await audit.record(tx, actor, f"listings_{change}", "channel", code, detail)
        await outbox.publish(tx, list(events.listings_changed(code, change, skus)))
    return ListingsChanged(len(skus), len(variants) - len(skus))
