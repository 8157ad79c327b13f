"""What a write changed, product by product and field by field: what it was and what it is."""

from typing import Any

import msgspec

from kanava.catalog.rules.states import Changes, ProductState, Stored, VariantState

FIELDS_MAX = 200
PLAIN = ("status", "brand", "category", "family", "tax_category", "tags", "option_axes")

FieldChanges = dict[str, list[Any]]
"""Field → [before, after]: `brand`, `texts.sl.title`, `attributes.material`, `variants.SKU.weight_grams`, `gtin.…`."""


def told_changes(changes: Changes, stored: Stored) -> dict[str, FieldChanges]:
    """Give what changed of each product that was there before, by handle; at most 200 fields of each."""
    found: dict[str, FieldChanges] = {}
    by_id = {product.product_id: product.state for product in stored.products.values()}
    for product_id, new in changes.products_changed:
        found[new.handle] = _of_product(by_id[product_id], new)
    handles = {variant.state.sku: variant.handle for variant in stored.variants.values()}
    handles |= {state.sku: handle for handle, state in changes.variants_new}

    def tell(handle: str | None, name: str, before: Any, after: Any) -> None:
        if handle in found and before != after:
            found[handle][name] = [before, after]

    variants = {variant.variant_id: variant for variant in stored.variants.values()}
    for variant_id, state in changes.variants_changed:
        for name, before, after in _of_variant(variants[variant_id].state, state):
            tell(variants[variant_id].handle, f"variants.{state.sku}.{name}", before, after)
    for handle, state in changes.variants_new:
        tell(handle, f"variants.{state.sku}", None, "new")
    moved = dict(changes.gtins_new)
    for gtin in changes.gtins_gone:
        owner = stored.gtin_owner.get(gtin)
        tell(handles.get(owner or ""), f"gtin.{gtin}", owner, moved.get(gtin))
    for gtin, sku in changes.gtins_new:
        tell(handles.get(sku), f"gtin.{gtin}", stored.gtin_owner.get(gtin), sku)
    for handle, name, count in _of_media(changes, stored):
        tell(handle, name, None, count)
    return {handle: dict(list(fields.items())[:FIELDS_MAX]) for handle, fields in found.items()}


def _of_product(old: ProductState, new: ProductState) -> FieldChanges:
    pairs = {name: [getattr(old, name), getattr(new, name)] for name in PLAIN}
    for language in sorted({*old.texts, *new.texts}):
        before, after = old.texts.get(language, {}), new.texts.get(language, {})
        pairs |= {f"texts.{language}.{n}": [before.get(n), after.get(n)] for n in sorted({*before, *after})}
    for name in sorted({*old.attributes, *new.attributes}):
        pairs[f"attributes.{name}"] = [old.attributes.get(name), new.attributes.get(name)]
    return {name: pair for name, pair in pairs.items() if pair[0] != pair[1]}


def _of_variant(old: VariantState, new: VariantState) -> list[tuple[str, Any, Any]]:
    before, after = msgspec.structs.asdict(old), msgspec.structs.asdict(new)
    return [(name, before[name], value) for name, value in after.items()]


def _of_media(changes: Changes, stored: Stored) -> list[tuple[str, str, int]]:
    """Give (handle, name, how many) of pictures and models."""
    by_id = {product.product_id: handle for handle, product in stored.products.items()}
    gone_of = {media.media_id: by_id.get(product_id, "") for product_id, m in stored.media_of.items() for media in m}
    named = [(media.handle, "media.added") for media in changes.media_new]
    named += [(media.handle, "media.changed") for _media_id, media in changes.media_changed]
    named += [(gone_of.get(media_id, ""), "media.removed") for media_id in changes.media_gone]
    return [(handle, name, named.count((handle, name))) for handle, name in dict.fromkeys(named)]
