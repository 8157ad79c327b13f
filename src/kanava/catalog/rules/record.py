"""What the merge of a draft leads to: the rows that are to be written, and whether anything changes at all."""

from collections.abc import Sequence

import msgspec

from kanava.catalog.model import AttributeDefinition, AttributeValue
from kanava.catalog.rules.shapes import MediaDraft, ProductDraft, Scope, VariantDraft
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

Merged = tuple[VariantDraft, VariantState, StoredVariant | None]


def definitions_of(stored: Stored, state: ProductState) -> dict[str, AttributeDefinition]:
    """Give the attributes that a product has by its family."""
    return stored.families.get(state.family, {}) if state.family else {}


def still_valid(
    stored: Stored, old: ProductState, wanted: ProductState, attributes: dict[str, AttributeValue]
) -> dict[str, AttributeValue]:
    """Leave out the values that mean nothing, or something else, in the family that the product gets."""
    if old.family == wanted.family or not attributes:
        return attributes
    before, after = definitions_of(stored, old), definitions_of(stored, wanted)
    return {name: value for name, value in attributes.items() if name in after and before.get(name) == after[name]}


class Recorder:
    """Collects the changes of merged drafts."""

    def __init__(self, stored: Stored, scope: Scope) -> None:
        self.stored, self.scope = stored, scope
        self.changes = Changes()
        self.row_of_gtin: dict[str, int] = {}

    def stuck_gtins(self) -> list[tuple[int, str]]:
        """Give (row, GTIN) of each GTIN that was to move here, but that its present variant keeps."""
        gone = set(self.changes.gtins_gone)
        owner = self.stored.gtin_owner
        return [
            (self.row_of_gtin[gtin], gtin) for gtin, _ in self.changes.gtins_new if gtin in owner and gtin not in gone
        ]

    def record(
        self,
        draft: ProductDraft,
        stored: StoredProduct | None,
        wanted: ProductState,
        variants: Sequence[Merged],
        siblings: list[StoredVariant],
    ) -> None:
        """Note a product and the variants that its draft names."""
        changes = self.changes
        touched = False
        media_of: dict[int | None, list[StoredMedia]] = {}
        for media in self.stored.media_of.get(stored.product_id, ()) if stored else ():
            media_of.setdefault(media.variant_id, []).append(media)
        for variant, state, old in variants:
            touched |= self._record_variant(draft.handle, variant, state, old, media_of)
        if self.scope.archive_others:
            touched |= self._archive_others(draft, siblings)
        elif stored is not None and stored.state.family != wanted.family:
            self._prune_siblings(draft, stored.state, wanted, siblings)
        if not draft.continued and (draft.media or None in media_of):
            touched |= self._record_media(
                draft.handle, None, draft.media, media_of.get(None, []), self.scope.product_media
            )
        if wanted.brand:
            changes.brands.add(wanted.brand)
        if stored is None:
            if not draft.continued:
                changes.products_new.append(wanted)
        elif touched or stored.state != wanted:
            changes.products_changed.append((stored.product_id, wanted))

    def _record_variant(
        self,
        handle: str,
        variant: VariantDraft,
        state: VariantState,
        old: StoredVariant | None,
        media_of: dict[int | None, list[StoredMedia]],
    ) -> bool:
        changed = old is None or old.state != state
        if old is None:
            self.changes.variants_new.append((handle, state))
        elif changed:
            self.changes.variants_changed.append((old.variant_id, state))
        if "gtin" in self.scope.fields:
            changed |= self._record_gtins(variant)
        if variant.media or (old is not None and old.variant_id in media_of):
            mine = media_of.get(old.variant_id, []) if old is not None else []
            changed |= self._record_media(handle, variant.sku, variant.media, mine, self.scope.variant_media)
        self.changes.variants_touched += changed and old is not None
        return changed

    def _record_gtins(self, variant: VariantDraft) -> bool:
        old = self.stored.gtins_of.get(variant.sku, set())
        gone, new = [gtin for gtin in old if gtin not in variant.gtins], [g for g in variant.gtins if g not in old]
        self.changes.gtins_gone.extend(gone)
        self.changes.gtins_new.extend((gtin, variant.sku) for gtin in new)
        if self.stored.gtin_owner:
            self.row_of_gtin.update((gtin, variant.row) for gtin in new)
        return bool(gone or new)

    def _record_media(
        self, handle: str, sku: str | None, drafts: list[MediaDraft], stored: list[StoredMedia], kinds: frozenset[str]
    ) -> bool:
        before = {media.url: media for media in stored}
        places: dict[str, int] = {}
        changed = False
        for media in drafts:
            position = places[media.kind] = places.get(media.kind, -1) + 1
            new = NewMedia(handle, sku, media.kind, media.url, media.alt, position)
            old = before.pop(media.url, None)
            if old is None:
                self.changes.media_new.append(new)
                changed = True
            else:
                alt = self._alt(old, new)
                if (old.kind, old.alt, old.position) != (new.kind, alt, new.position):
                    self.changes.media_changed.append((old.media_id, msgspec.structs.replace(new, alt=alt)))
                    changed = True
        for old in before.values():
            if old.kind in kinds:
                self.changes.media_gone.append(old.media_id)
                changed = True
        return changed

    def _alt(self, old: StoredMedia, new: NewMedia) -> dict[str, str]:
        spoken = self.scope.alts
        if spoken is None:
            return new.alt
        of_variant = new.sku is not None
        kept = {tag: text for tag, text in old.alt.items() if (of_variant, new.kind, tag) not in spoken}
        return {**kept, **new.alt}

    def _archive_others(self, draft: ProductDraft, siblings: list[StoredVariant]) -> bool:
        named = {variant.sku for variant in draft.variants}
        gone = [s for s in siblings if s.state.sku not in named and s.state.status != "archived"]
        self.changes.variants_changed.extend(
            (sibling.variant_id, msgspec.structs.replace(sibling.state, status="archived")) for sibling in gone
        )
        self.changes.variants_touched += len(gone)
        return bool(gone)

    def _prune_siblings(
        self, draft: ProductDraft, old: ProductState, wanted: ProductState, siblings: list[StoredVariant]
    ) -> None:
        """The variants that the drafts do not name lose the values that the product's new family does not have."""
        named = {variant.sku for variant in draft.variants}
        for sibling in siblings:
            kept = still_valid(self.stored, old, wanted, sibling.state.attributes)
            if sibling.state.sku not in named and kept != sibling.state.attributes:
                state = msgspec.structs.replace(sibling.state, attributes=kept)
                self.changes.variants_changed.append((sibling.variant_id, state))
