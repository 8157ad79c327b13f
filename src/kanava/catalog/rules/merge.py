"""What drafts change: each is laid over what is stored; what does not fit together becomes an error of its row."""

from collections.abc import Callable, Mapping, Sequence

from kanava.catalog.model import AttributeDefinition, AttributeValue
from kanava.catalog.rules.attributes import stored_value, value_of_cell
from kanava.catalog.rules.record import Merged, Recorder, definitions_of, still_valid
from kanava.catalog.rules.shapes import Errors, ProductDraft, Scope, VariantDraft
from kanava.catalog.rules.states import Changes, ProductState, Stored, StoredProduct, StoredVariant, VariantState

Definitions = Mapping[str, AttributeDefinition]


GTIN_MOVES_ATTEMPTS = 3


def merge(drafts: Sequence[ProductDraft], stored: Stored, scope: Scope, errors: Errors) -> Changes:
    """Give what is to be written; drafts with errors are left out and reported in `errors`."""
    checked = errors.copy()
    for attempt in range(GTIN_MOVES_ATTEMPTS + 1):
        # A GTIN may move between two variants of a chunk, unless the row that gives it up turns out to be bad.
        merger = _Merger(drafts, stored, scope, errors, moves=attempt < GTIN_MOVES_ATTEMPTS)
        for draft in drafts:
            merger.merge_product(draft)
        stuck = merger.recorder.stuck_gtins()
        if not stuck:
            break
        errors.reset(checked)
        for row, gtin in stuck:
            reason = f"the GTIN belongs to the variant {stored.gtin_owner[gtin]!r}"
            errors.add(row, "gtin", reason, gtin)
            checked.add(row, "gtin", reason, gtin)
    return merger.recorder.changes


class _Merger:
    def __init__(
        self, drafts: Sequence[ProductDraft], stored: Stored, scope: Scope, errors: Errors, *, moves: bool
    ) -> None:
        self.stored, self.scope, self.errors = stored, scope, errors
        self.recorder = Recorder(stored, scope)
        self.gtins_after: dict[str, set[str]] = {}
        if moves and stored.gtin_owner:
            self.gtins_after = {variant.sku: set(variant.gtins) for draft in drafts for variant in draft.variants}

    def merge_product(self, draft: ProductDraft) -> None:
        stored = self.stored.products.get(draft.handle)
        errors_before = len(self.errors.all)
        siblings = self.stored.variants_of.get(stored.product_id, []) if stored else []
        wanted = self._product(draft, stored)
        if wanted is not None:
            self._check_axes(draft, wanted, siblings)
        if wanted is None or len(self.errors.all) > errors_before:
            self._reject_all(draft)
            return
        product_attributes = {} if draft.continued else draft.attributes
        position = max((variant.state.position for variant in siblings), default=-1) + 1
        variants: list[Merged] = []
        for variant in draft.variants:
            if variant.row in self.errors.rows:
                continue
            state, old = self._variant(draft, wanted, variant, product_attributes, position)
            if state is not None:
                position += old is None
                variants.append((variant, state, old))
        variants = self._distinct_options(wanted, variants, siblings)
        if variants or (stored is not None and not draft.variants):
            self.recorder.record(draft, stored, wanted, variants, siblings)
            self._add_categories(draft)

    # The product's own columns.

    def _product(self, draft: ProductDraft, stored: StoredProduct | None) -> ProductState | None:
        if stored is None and draft.continued and not self.scope.dry_run:
            self._fail(draft, "handle", "the first row of this product was not imported", draft.handle)
            return None
        old = stored.state if stored else ProductState(draft.handle)
        if draft.continued:
            return old if stored else ProductState(draft.handle, option_axes=draft.option_axes)
        has = self.scope.fields.__contains__
        wanted = ProductState(
            draft.handle,
            draft.status if has("status") else old.status,
            draft.brand if has("brand") else old.brand,
            (draft.category_path[-1] if draft.category_path else None) if has("category") else old.category,
            draft.family if has("family") else old.family,
            draft.tax_category if has("tax_category") else old.tax_category,
            draft.tags if has("tags") else old.tags,
            draft.option_axes if has("options") else old.option_axes,
            {},
            self._texts(draft, old.texts),
        )
        if wanted.family is not None and wanted.family not in self.stored.families:
            self._fail(draft, "family", "there is no such attribute family", wanted.family)
            return None
        if not any(text.get("title") for text in wanted.texts.values()):
            self._fail(draft, "title", "a product needs a title in one language at least, as in title_en", "")
        self._check_category(draft)
        wanted.attributes = self._attributes(
            draft.row,
            definitions_of(self.stored, wanted),
            draft.attributes,
            still_valid(self.stored, old, wanted, old.attributes),
            "product",
        )
        return wanted

    def _texts(self, draft: ProductDraft, old: dict[str, dict[str, str]]) -> dict[str, dict[str, str]]:
        if self.scope.texts is None or not old:
            return draft.texts
        texts = {language: dict(fields) for language, fields in old.items()}
        for language, field in self.scope.texts:
            value = draft.texts.get(language, {}).get(field, "")
            if value:
                texts.setdefault(language, {})[field] = value
            elif language in texts:
                texts[language].pop(field, None)
        return {language: fields for language, fields in texts.items() if fields}

    def _check_category(self, draft: ProductDraft) -> None:
        for parent, code in zip((None, *draft.category_path), draft.category_path, strict=False):
            known = self.stored.categories.get(code, self.recorder.changes.categories_new.get(code, parent))
            # A path of one code names a category wherever it stands.
            if known != parent and len(draft.category_path) > 1:
                where = f"below {known!r}" if known else "at the top"
                self._fail(draft, "category", f"the category {code!r} stands {where}", "/".join(draft.category_path))

    def _add_categories(self, draft: ProductDraft) -> None:
        if "category" in self.scope.fields:
            for parent, code in zip((None, *draft.category_path), draft.category_path, strict=False):
                if code not in self.stored.categories:
                    self.recorder.changes.categories_new.setdefault(code, parent)

    def _attributes(
        self,
        row: int,
        definitions: Definitions,
        given: Mapping[str, AttributeValue],
        old: Mapping[str, AttributeValue],
        level: str,
    ) -> dict[str, AttributeValue]:
        """Check the given values of a level; values that the drafts do not speak of stay while the family has them."""
        spoken = self.scope.attributes
        kept = (
            {}
            if spoken is None
            else {name: value for name, value in old.items() if name not in spoken and name in definitions}
        )
        for name, value in given.items():
            definition = definitions.get(name)
            if definition is None:
                if level == "product":
                    self.errors.add(
                        row, f"attribute.{name}", "the family of the product has no such attribute", str(value)
                    )
                continue
            if definition.level != level:
                if spoken is None and level == "product":
                    self.errors.add(row, f"attribute.{name}", "is an attribute of each variant", str(value))
                continue
            read: Callable[..., AttributeValue] = value_of_cell if isinstance(value, str) else stored_value
            try:
                kept[name] = read(definition, value)
            except ValueError as error:
                self.errors.add(row, f"attribute.{name}", str(error), str(value))
        return dict(sorted(kept.items()))

    # Variants.

    def _check_axes(self, draft: ProductDraft, wanted: ProductState, siblings: list[StoredVariant]) -> None:
        """A product whose axes change needs all its active variants in the same file."""
        named = {variant.sku for variant in draft.variants}
        for sibling in siblings:
            if self.scope.archive_others or sibling.state.status == "archived" or sibling.state.sku in named:
                continue
            if len(sibling.state.option_values) != len(wanted.option_axes):
                reason = f"the options of variant {sibling.state.sku!r} no longer fit; name it in the same file"
                self._fail(draft, "option1_name", reason, ", ".join(wanted.option_axes))
                return

    def _variant(
        self,
        draft: ProductDraft,
        wanted: ProductState,
        variant: VariantDraft,
        product_attributes: Mapping[str, AttributeValue],
        position: int,
    ) -> tuple[VariantState | None, StoredVariant | None]:
        stored, definitions = self.stored.variants.get(variant.sku), definitions_of(self.stored, wanted)
        if stored is not None and stored.handle != draft.handle:
            self.errors.add(variant.row, "sku", f"the sku belongs to the product {stored.handle!r}", variant.sku)
        for gtin in variant.gtins:
            owner = self.stored.gtin_owner.get(gtin)
            if owner not in (None, variant.sku) and gtin in self.gtins_after.get(owner, (gtin,)):
                self.errors.add(variant.row, "gtin", f"the GTIN belongs to the variant {owner!r}", gtin)
        old = stored.state if stored else VariantState(variant.sku, position=position)
        for name, value in variant.attributes.items() if variant.attributes else ():
            definition = definitions.get(name)
            if definition is None and name not in product_attributes:
                self.errors.add(
                    variant.row, f"attribute.{name}", "the family of the product has no such attribute", str(value)
                )
            elif definition is not None and definition.level == "product" and product_attributes.get(name) != value:
                reason = "is an attribute of the whole product and differs from what the product has"
                self.errors.add(variant.row, f"attribute.{name}", reason, str(value))
        product = self.stored.products.get(draft.handle)
        attributes = still_valid(self.stored, product.state, wanted, old.attributes) if product else {}
        if self.scope.attributes is None or self.scope.attributes:
            attributes = self._attributes(variant.row, definitions, variant.attributes, attributes, "variant")
        if variant.row in self.errors.rows:
            return None, stored
        return self._variant_state(variant, old, attributes), stored

    def _variant_state(
        self, variant: VariantDraft, old: VariantState, attributes: dict[str, AttributeValue]
    ) -> VariantState:
        fields = self.scope.fields
        weight, length, width, height = variant.measures
        return VariantState(
            variant.sku,
            variant.status if "variant_status" in fields else old.status,
            variant.option_values if "options" in fields else old.option_values,
            attributes,
            weight if "weight_grams" in fields else old.weight_grams,
            length if "length_mm" in fields else old.length_mm,
            width if "width_mm" in fields else old.width_mm,
            height if "height_mm" in fields else old.height_mm,
            variant.position if "position" in fields and variant.position is not None else old.position,
        )

    def _distinct_options(
        self,
        wanted: ProductState,
        variants: list[Merged],
        siblings: list[StoredVariant],
    ) -> list[Merged]:
        axes = len(wanted.option_axes)
        if not axes and not any(state.option_values for _, state, _ in variants):
            return variants
        named = {state.sku for _, state, _ in variants}
        taken = {
            tuple(sibling.state.option_values): sibling.state.sku
            for sibling in siblings
            if sibling.state.status == "active" and sibling.state.sku not in named and not self.scope.archive_others
        }
        kept = []
        for variant, state, old in variants:
            values = tuple(state.option_values)
            if len(values) != axes or not all(values):
                reason = f"the product has {axes} option{'' if axes == 1 else 's'}, the variant {len(values)}"
                self.errors.add(variant.row, f"option{min(axes, len(values)) + 1}_value", reason, " / ".join(values))
            elif state.status == "active" and values in taken:
                self.errors.add(
                    variant.row, "option1_value", f"has the options of variant {taken[values]!r}", " / ".join(values)
                )
            else:
                if state.status == "active":
                    taken[values] = state.sku
                kept.append((variant, state, old))
        return kept

    def _fail(self, draft: ProductDraft, column: str, reason: str, value: str) -> None:
        self.errors.add(draft.row, column, reason, value)

    def _reject_all(self, draft: ProductDraft) -> None:
        for variant in draft.variants:
            # Row 0 is the product of a request, which is refused as a whole anyway.
            if draft.row and variant.row not in self.errors.rows:
                reason = f"row {draft.row}, the first row of this product, has an error"
                self.errors.add(variant.row, "handle", reason)
