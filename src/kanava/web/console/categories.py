"""The tree of categories, with names in every language."""

from typing import Any
from urllib.parse import quote

from litestar import Response, get, post

from kanava.catalog import service as catalog
from kanava.catalog.model import CategoryInput
from kanava.platform import clock
from kanava.platform.errors import KanavaError
from kanava.platform.http import AnyRequest, database_of
from kanava.web.common.pages import see_other
from kanava.web.console.forms import transaction
from kanava.web.console.products_forms import all_channels, category_choices, languages_of, read_fields, whole
from kanava.web.console.shell import Desk, console_page, may, refused

PATH = "/console/categories"


async def _show(request: AnyRequest, desk: Desk, code: str, *, status: int = 200, **facts: Any) -> Response[str]:
    async with database_of(request).connection() as connection:
        tree = await catalog.category_tree(connection)
        languages = languages_of(await all_channels(connection))
        chosen = await catalog.get_category(connection, code) if code and "typed" not in facts else None
    everything: dict[str, Any] = {
        "choices": category_choices(tree, desk.language),
        "chosen": chosen,
        "code": code,
        "languages_spoken": languages,
        "typed": None,
        "saved": request.query_params.get("saved") == "yes",
        **facts,
    }
    return console_page(request, desk, "console/categories.html", status=status, **everything)


@get(PATH, guards=may("catalog:read"))
async def categories_page(request: AnyRequest, desk: Desk) -> Response[str]:
    """Show the tree, and one category beside it."""
    return await _show(request, desk, request.query_params.get("code", "")[:100])


@post(PATH, guards=may("catalog:write"))
async def save_category(request: AnyRequest, desk: Desk) -> Response[Any]:
    """Make or change a category."""
    typed = await read_fields(request)
    code = typed.get("code", "").strip()
    try:
        names = {name[5:]: text.strip() for name, text in typed.items() if name.startswith("name.") and text.strip()}
        wanted = CategoryInput(typed.get("parent") or None, whole(typed, "position", 0, 1_000_000) or 0, names)
        async with transaction(request) as tx:
            await catalog.put_category(tx, desk.actor, code, wanted, clock.now())
    except KanavaError as error:
        problem = refused(desk, error)
        return await _show(request, desk, code, status=error.status, typed=typed, problem=problem)
    return see_other(f"{PATH}?code={quote(code, safe='')}&saved=yes")


routes: list[Any] = [categories_page, save_category]
