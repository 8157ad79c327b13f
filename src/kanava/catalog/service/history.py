"""The history of a product: what people, keys and files changed of it, and an earlier version brought back."""

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from kanava.catalog.model import Product, ProductPatch, Text
from kanava.catalog.rules.changed import FieldChanges, told_changes
from kanava.catalog.rules.states import Changes, Stored
from kanava.catalog.service.products import get_product, patch_product
from kanava.catalog.store import runs
from kanava.platform import audit
from kanava.platform.auth import Actor
from kanava.platform.db import Connection
from kanava.platform.errors import InvalidInput

VERSIONS_BACK_MAX = 500
# What is of the whole product, save its status: an old text must not publish it, nor take it off sale.
BROUGHT_BACK = ("brand", "category", "family", "tax_category", "tags")
_ENCODER = msgspec.json.Encoder()


class Change(msgspec.Struct, frozen=True):
    """A version of a product and what made it; `file_name` and `import_run_id` where a file did."""

    version: int
    at: datetime
    actor: str
    changes: FieldChanges
    file_name: str | None = None
    import_run_id: UUID | None = None


async def product_history(tx: Connection, handle: str, limit: int, *, after: int = 0) -> list[Change]:
    """Give what made the versions after one, the newest first."""
    entries = await audit.entries(tx, "product", handle, None, limit)
    found = [
        Change(entry.detail["version"], entry.occurred_at, entry.actor, entry.detail.get("changes", {}))
        for entry in entries
        if entry.detail.get("version", 0) > after
    ]
    found += [
        Change(row.version, row.recorded_at, row.actor, row.changes, row.file_name, row.import_run_id)
        for row in await runs.IMPORTS_OF.all(tx, handle=handle, after=after, limit=limit)
    ]
    return sorted(found, key=lambda change: change.version, reverse=True)[:limit]


async def restore_version(
    tx: Connection, actor: Actor, handle: str, wanted: int, now: datetime, *, version: int
) -> Product:
    """Give a product the texts and details of an earlier version; its variants, pictures and status stay."""
    product = await get_product(tx, handle)
    later = await product_history(tx, handle, VERSIONS_BACK_MAX, after=wanted)
    # Every version in between must be known, or what it changed would stay.
    if not 0 < wanted < product.version or len({change.version for change in later}) != product.version - wanted:
        raise InvalidInput("This version is no longer known well enough to be brought back.", field="wanted")
    before: dict[str, Any] = {}
    for change in later:
        before |= {name: pair[0] for name, pair in change.changes.items()}
    return await patch_product(tx, actor, handle, _patch(product, before), now, version=version)


def _patch(product: Product, before: dict[str, Any]) -> ProductPatch:
    values: dict[str, Any] = {name: before[name] for name in BROUGHT_BACK if name in before}
    texts = {language: msgspec.structs.asdict(text) for language, text in product.texts.items()}
    for name, value in before.items():
        if name.startswith("texts."):
            _texts, language, field = name.split(".", 2)
            texts.setdefault(language, {})[field] = value or ""
    changed = {name.split(".")[1] for name in before if name.startswith("texts.")}
    if changed:
        values["texts"] = {language: Text(**texts[language]) for language in changed}
    attributes = {n.removeprefix("attributes."): v for n, v in before.items() if n.startswith("attributes.")}
    if attributes:
        values["attributes"] = attributes
    return ProductPatch(**values)


async def keep_history(tx: Connection, changes: Changes, stored: Stored, import_run_id: UUID, now: datetime) -> None:
    """Write down what a chunk of a file made and changed."""
    told = told_changes(changes, stored)
    handles = [state.handle for state in changes.products_new] + [state.handle for _, state in changes.products_changed]
    if handles:
        await runs.ADD_PRODUCTS.run(
            tx,
            import_run_id=import_run_id,
            now=now,
            handles=handles,
            changes=[_ENCODER.encode(told.get(handle, {})).decode() for handle in handles],
        )
