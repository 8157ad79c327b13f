"""What a write changed, field by field, for the audit log: what it was and what it is, long texts cut short."""

from typing import Any

import msgspec

from kanava.catalog.rules.states import Changes, ProductState, Stored, VariantState

SHOWN_CHARACTERS = 160
CHANGES_MAX = 100
_PLAIN = ("status", "brand", "category", "family", "tax_category", "tags", "option_axes")


def told_changes(changes: Changes, stored: Stored, old: ProductState) -> dict[str, list[Any]]:
    """Give field → [before, after] of one product and its variants; at most 100 fields."""
    found: dict[str, list[Any]] = {}
    for _product_id, new in changes.products_changed:
        for name in _PLAIN:
            _tell(found, name, getattr(old, name), getattr(new, name))
        for language in sorted({*old.texts, *new.texts}):
            before, after = old.texts.get(language, {}), new.texts.get(language, {})
            for name in sorted({*before, *after}):
                _tell(found, f"texts.{language}.{name}", before.get(name), after.get(name))
        for name in sorted({*old.attributes, *new.attributes}):
            _tell(found, f"attributes.{name}", old.attributes.get(name), new.attributes.get(name))
    before_by_id = {variant.variant_id: variant.state for variant in stored.variants.values()}
    for variant_id, state in changes.variants_changed:
        _tell_variant(found, before_by_id.get(variant_id), state)
    for _handle, state in changes.variants_new:
        found[f"variants.{state.sku}"] = [None, "new"]
    for gtin in changes.gtins_gone:
        found[f"gtin.{gtin}"] = [stored.gtin_owner.get(gtin), None]
    for gtin, sku in changes.gtins_new:
        found[f"gtin.{gtin}"] = [found.get(f"gtin.{gtin}", [None])[0], sku]
    media = (len(changes.media_new), len(changes.media_changed), len(changes.media_gone))
    for name, count in zip(("media.added", "media.changed", "media.removed"), media, strict=True):
        if count:
            found[name] = [None, count]
    return dict(list(found.items())[:CHANGES_MAX])


def _tell_variant(found: dict[str, list[Any]], old: VariantState | None, new: VariantState) -> None:
    if old is None:
        return
    before, after = msgspec.structs.asdict(old), msgspec.structs.asdict(new)
    for name, value in after.items():
        _tell(found, f"variants.{new.sku}.{name}", before[name], value)


def _tell(found: dict[str, list[Any]], name: str, before: Any, after: Any) -> None:
    if before != after:
        found[name] = [_short(before), _short(after)]


def _short(value: Any) -> Any:
    if isinstance(value, str) and len(value) > SHOWN_CHARACTERS:
        return value[:SHOWN_CHARACTERS] + "…"
    return value
