"""Changing a product on its page; who saves second is told what changed, and keeps what she typed."""

import re
from collections.abc import Callable, Mapping
from typing import Any, cast

import msgspec
from litestar import Response, post
from msgspec import UNSET

from kanava.catalog import service as catalog
from kanava.catalog.model import AttributeDefinition, AttributeValue, Product, ProductPatch, Text, VariantPatch
from kanava.channels import service as channels
from kanava.channels.model import ListingChange
from kanava.platform import clock
from kanava.platform.db import Connection
from kanava.platform.errors import FieldError, InvalidInput, KanavaError, PreconditionFailed
from kanava.platform.http import AnyRequest, database_of
from kanava.web.common.pages import see_other
from kanava.web.console.forms import transaction
from kanava.web.console.history_words import FIELDS
from kanava.web.console.products import PATH
from kanava.web.console.products_forms import last_editor, read_fields, read_lists, version_of, whole
from kanava.web.console.products_page import show_product
from kanava.web.console.shell import Desk, Refused, may, refused

Write = Callable[[Connection], Any]
MEASURES = ("weight_grams", "length_mm", "width_mm", "height_mm")


class Met(msgspec.Struct, frozen=True):
    """What somebody else saved meanwhile: who, and of the fields of this form, what they hold now."""

    who: str
    changed: dict[str, str]


async def save(
    request: AnyRequest,
    desk: Desk,
    handle: str,
    tab: str,
    typed: Mapping[str, str],
    write: Write,
    now_held: Callable[[Product], dict[str, str]],
    *,
    suffix: str = "",
    language: str = "",
) -> Response[Any]:
    """Write and come back to the tab; a refusal shows the tab with what was typed and why."""
    try:
        async with transaction(request) as tx:
            await write(tx)
    except PreconditionFailed as error:
        async with database_of(request).connection() as connection:
            held = now_held(await catalog.get_product(connection, handle))
            who = await last_editor(connection, "product", handle)
        changed = {name: value for name, value in held.items() if value != typed.get(name, "")}
        return await show_product(
            request, desk, handle, tab, status=error.status, typed=typed, conflict=Met(who, changed), language=language
        )
    except KanavaError as error:
        problem = problem_of_form(desk, refused(desk, error))
        return await show_product(
            request, desk, handle, tab, status=error.status, typed=typed, problem=problem, language=language
        )
    return see_other(f"{PATH}/{handle}?tab={tab}&saved=yes{suffix}")


def problem_of_form(desk: Desk, problem: Refused) -> Refused:
    """Name the fields of a refusal as the forms do: `variants[0].gtins[1]` is the field `gtins`, called GTIN."""
    fields = {_field_of_form(name): reason for name, reason in problem.fields.items()}
    named = [f"{desk.text(FIELDS[name])}: {reason}" for name, reason in fields.items() if name in FIELDS]
    if len(named) < len(fields) or not named:
        return msgspec.structs.replace(problem, fields=fields)
    return Refused(" · ".join(named), "", fields)


def _field_of_form(field: str) -> str:
    name = re.sub(r"^variants\[\d+\]\.", "", field)
    if name.startswith("texts"):
        return name.rpartition(".")[2] if "." in name else "title"
    option = re.fullmatch(r"option_(axes|values)(?:\[(\d+)\])?", name)
    if option:
        return f"{'axis' if option[1] == 'axes' else 'value'}_{int(option[2] or 0) + 1}"
    return re.sub(r"\[\d+\]$", "", re.sub(r"^attributes\.", "attribute.", name))


@post(f"{PATH}/{{handle:str}}/texts", guards=may("catalog:write"))
async def save_texts(request: AnyRequest, desk: Desk, handle: str) -> Response[Any]:
    """Replace the texts of one language."""
    typed = await read_fields(request)
    language = typed.get("language", "")
    names = ("title", "description", "seo_title", "seo_description")

    async def write(tx: Connection) -> None:
        try:
            text = msgspec.convert({name: typed.get(name, "") for name in names}, Text)
        except msgspec.ValidationError as error:
            raise InvalidInput(f"A text is too long: {error}.", field="title") from None
        patch = ProductPatch(texts={language: text})
        await catalog.patch_product(tx, desk.actor, handle, patch, clock.now(), version=version_of(typed))

    def held(product: Product) -> dict[str, str]:
        text = product.texts.get(language, Text())
        return {name: getattr(text, name) for name in names}

    return await save(
        request, desk, handle, "texts", typed, write, held, suffix=f"&language={language}", language=language
    )


async def _family_of(tx: Connection, code: str | None) -> Mapping[str, AttributeDefinition]:
    return (await catalog.get_family(tx, code)).attributes if code else {}


def read_attributes(
    typed: Mapping[str, str], family: Mapping[str, AttributeDefinition], level: str, prefix: str = "attribute."
) -> dict[str, AttributeValue | None]:
    """Read attributes as people write them: `12.50`, `yes`, a choice; an empty field takes the attribute away."""
    found: dict[str, AttributeValue | None] = {}
    errors = []
    for name, definition in family.items():
        if definition.level != level or prefix + name not in typed:
            continue
        cell = typed[prefix + name].strip()
        try:
            found[name] = catalog.read_value(definition, cell) if cell else None
        except ValueError as error:
            errors.append(FieldError(prefix + name, str(error)))
    if errors:
        raise InvalidInput(f"{errors[0].field}: {errors[0].reason}.", errors=errors)
    return found


@post(f"{PATH}/{{handle:str}}/details", guards=may("catalog:write"))
async def save_details(request: AnyRequest, desk: Desk, handle: str) -> Response[Any]:
    """Change what a product is: status, category, brand, family, attributes."""
    typed = await read_fields(request)

    async def write(tx: Connection) -> None:
        family = typed.get("family") or None
        patch = ProductPatch(
            status=cast(Any, typed.get("status", "draft")),
            brand=typed.get("brand", "").strip() or None,
            category=typed.get("category") or None,
            family=family,
            tax_category=typed.get("tax_category", "standard"),
            tags=[tag.strip() for tag in typed.get("tags", "").split(",") if tag.strip()],
            attributes=read_attributes(typed, await _family_of(tx, family), "product"),
        )
        if patch.status not in ("draft", "active", "archived"):
            raise InvalidInput("must be draft, active or archived", field="status")
        await catalog.patch_product(tx, desk.actor, handle, patch, clock.now(), version=version_of(typed))

    def held(product: Product) -> dict[str, str]:
        found = {name: getattr(product, name) or "" for name in ("status", "brand", "category", "family")}
        return found | {"tax_category": product.tax_category, "tags": ", ".join(product.tags)}

    return await save(request, desk, handle, "details", typed, write, held)


@post(f"{PATH}/{{handle:str}}/variants", guards=may("catalog:write"))
async def save_variant(request: AnyRequest, desk: Desk, handle: str) -> Response[Any]:
    """Change one variant: status, barcodes, measures, attributes."""
    typed = await read_fields(request)
    sku = typed.get("sku", "")

    async def write(tx: Connection) -> None:
        product = await catalog.get_product(tx, handle)
        status = typed.get("status", "active")
        if status not in ("active", "archived"):
            raise InvalidInput("must be active or archived", field="status")
        measures: dict[str, Any] = {name: whole(typed, name, 0, 2_000_000_000) for name in MEASURES}
        attributes = read_attributes(typed, await _family_of(tx, product.family), "variant")
        patch = VariantPatch(
            status=cast(Any, status),
            gtins=[gtin for gtin in typed.get("gtins", "").replace(",", " ").split() if gtin],
            attributes=attributes or UNSET,
            **measures,
        )
        await catalog.patch_variant(tx, desk.actor, sku, patch, clock.now(), version=version_of(typed))

    def held(product: Product) -> dict[str, str]:
        variant = next((each for each in product.variants if each.sku == sku), None)
        if variant is None:
            return {}
        numbers = {name: getattr(variant, name) for name in MEASURES}
        written = {name: "" if value is None else str(value) for name, value in numbers.items()}
        return written | {"status": variant.status, "gtins": " ".join(variant.gtins)}

    return await save(request, desk, handle, "variants", typed, write, held)


@post(f"{PATH}/{{handle:str}}/listings", guards=may("channels:write"))
async def save_listings(request: AnyRequest, desk: Desk, handle: str) -> Response[Any]:
    """List every active variant of the product on a channel, or take it off."""
    fields = await read_lists(request)
    code, wanted = fields.get("channel", [""])[0], fields.get("do", [""])[0]

    async def write(tx: Connection) -> None:
        product = await catalog.get_product(tx, handle)
        change = ListingChange([v.sku for v in product.variants if v.status == "active" or wanted == "remove"])
        verb = channels.add_listings if wanted == "add" else channels.remove_listings
        if change.skus:
            await verb(tx, desk.actor, code, change, clock.now())

    return await save(request, desk, handle, "channels", {}, write, lambda _product: {})


@post(f"{PATH}/{{handle:str}}/restore", guards=may("catalog:write"))
async def restore(request: AnyRequest, desk: Desk, handle: str) -> Response[Any]:
    """Bring the texts and details of an earlier version back."""
    typed = await read_fields(request)

    async def write(tx: Connection) -> None:
        wanted = whole(typed, "wanted") or 0
        await catalog.restore_version(tx, desk.actor, handle, wanted, clock.now(), version=version_of(typed))

    return await save(request, desk, handle, "history", typed, write, lambda _product: {})


routes: list[Any] = [save_texts, save_details, save_variant, save_listings, restore]
