"""New products: written from nothing, or like another; and a further variant of one."""

import re
from datetime import datetime
from typing import Annotated, Any

import msgspec
from litestar import Response, get, post

from kanava.catalog import service as catalog
from kanava.catalog.model import Product, ProductInput, Text, VariantInput
from kanava.catalog.service import Duplicate, NewVariant
from kanava.platform import clock
from kanava.platform.auth import Actor
from kanava.platform.db import Connection
from kanava.platform.http import AnyRequest, database_of
from kanava.web.console.forms import FORM, Short, carry_out
from kanava.web.console.products import PATH, title_of
from kanava.web.console.products_edit import problem_of_form, save
from kanava.web.console.products_forms import (
    all_channels,
    brand_names,
    category_choices,
    languages_of,
    read_fields,
    version_of,
    whole,
)
from kanava.web.console.products_page import FAMILIES_MAX, TAX_CATEGORIES
from kanava.web.console.shell import Desk, Refused, console_page, may

WEIGHT_GRAMS_MAX = 2_000_000_000


class NewForm(msgspec.Struct, frozen=True):
    """A product with its first variant; with `copied` the handle of the product that it is to be like."""

    language: Annotated[str, msgspec.Meta(max_length=35)] = ""
    title: Annotated[str, msgspec.Meta(max_length=500)] = ""
    handle: Short = ""
    category: Short = ""
    brand: Short = ""
    family: Short = ""
    tax_category: Short = "standard"
    sku: Short = ""
    gtins: Annotated[str, msgspec.Meta(max_length=400)] = ""
    weight_grams: Annotated[str, msgspec.Meta(max_length=12)] = ""
    axis_1: Short = ""
    value_1: Short = ""
    axis_2: Short = ""
    value_2: Short = ""
    copied: Short = ""
    sku_suffix: Short = ""

    @property
    def handle_meant(self) -> str:
        """The handle that was written, else one made of the title."""
        return self.handle.strip() or catalog.handle_for(self.title)


async def _show(
    request: AnyRequest, desk: Desk, form: NewForm, problem: Refused | None = None, status: int = 200
) -> Response[Any]:
    async with database_of(request).connection() as connection:
        tree = category_choices(await catalog.category_tree(connection), desk.language)
        families = await catalog.list_families(connection, "", FAMILIES_MAX)
        source = await catalog.get_product(connection, form.copied) if form.copied else None
        languages = languages_of(await all_channels(connection))
        brands = await brand_names(connection)
    return console_page(
        request,
        desk,
        "console/product_new.html",
        status=status,
        problem=problem,
        form=form,
        source_title=title_of(source, desk.language) if source else "",
        categories=tree,
        families=[each.code for each in families],
        brands=brands,
        tax_categories=TAX_CATEGORIES,
        languages_spoken=languages,
    )


@get(f"{PATH}/new", guards=may("catalog:write"))
async def new_product(request: AnyRequest, desk: Desk) -> Response[Any]:
    """Show the form of a new product, empty or filled with what another is called."""
    handle = request.query_params.get("like", "")
    if not handle:
        return await _show(request, desk, NewForm(language=desk.language))
    async with database_of(request).connection() as connection:
        source = await catalog.get_product(connection, handle)
    like = NewForm(desk.language, title_of(source, desk.language), copied=handle, sku_suffix="-2")
    return await _show(request, desk, like)


@post(f"{PATH}/new", guards=may("catalog:write"))
async def make_product(request: AnyRequest, desk: Desk, data: Annotated[NewForm, FORM]) -> Response[Any]:
    """Make a product; it is a draft until somebody publishes it."""

    async def verb(tx: Connection, actor: Actor, now: datetime) -> object:
        titles = {data.language: data.title}
        if data.copied:
            new = Duplicate(data.handle_meant, data.sku_suffix.strip(), titles)
            return await catalog.duplicate_product(tx, actor, data.copied, new, now)
        pairs = [(data.axis_1.strip(), data.value_1.strip()), (data.axis_2.strip(), data.value_2.strip())]
        named = [(axis, value) for axis, value in pairs if axis or value]
        product = ProductInput(
            {data.language: Text(data.title)},
            [_variant(msgspec.structs.asdict(data), [value for _axis, value in named])],
            brand=data.brand.strip() or None,
            category=data.category or None,
            family=data.family or None,
            tax_category=data.tax_category,
            option_axes=[axis for axis, _value in named],
        )
        return await catalog.create_product(tx, actor, data.handle_meant, product, now)

    async def again(problem: Refused, status: int) -> Response[Any]:
        return await _show(request, desk, data, problem_of_form(desk, problem), status)

    return await carry_out(request, desk, verb, f"{PATH}/{data.handle_meant}?tab=texts&saved=yes", again)


def _variant(typed: dict[str, str], values: list[str]) -> VariantInput:
    gtins = [gtin for gtin in typed.get("gtins", "").replace(",", " ").split() if gtin]
    weight = whole(typed, "weight_grams", 0, WEIGHT_GRAMS_MAX)
    return VariantInput(typed.get("sku", "").strip(), option_values=values, gtins=gtins, weight_grams=weight)


@post(f"{PATH}/{{handle:str}}/new-variant", guards=may("catalog:write"))
async def make_variant(request: AnyRequest, desk: Desk, handle: str) -> Response[Any]:
    """Add a variant to a product."""
    typed = await read_fields(request)
    values = [typed[name].strip() for name in sorted(typed) if re.fullmatch(r"value_\d+", name)]

    async def write(tx: Connection) -> None:
        new = NewVariant(_variant(typed, values), typed.get("axis_1", "").strip(), typed.get("first_value", "").strip())
        await catalog.add_variant(tx, desk.actor, handle, new, clock.now(), version=version_of(typed))

    def held(_product: Product) -> dict[str, str]:
        return {}

    return await save(request, desk, handle, "variants", {**typed, "new": "yes"}, write, held)


routes: list[Any] = [new_product, make_product, make_variant]
