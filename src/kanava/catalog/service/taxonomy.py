"""Brands, the category tree and attribute families."""

from datetime import datetime
from typing import Any

import msgspec

from kanava.catalog import events
from kanava.catalog.errors import AttributeFamilyNotFound, AttributeInUse, CategoryCycle, CategoryNotFound
from kanava.catalog.model import (
    AttributeDefinition,
    AttributeFamily,
    AttributeFamilyInput,
    Brand,
    Category,
    CategoryInput,
    CategoryNode,
)
from kanava.catalog.rules import attributes as attribute_rules
from kanava.catalog.rules.cells import check_brand, check_code
from kanava.catalog.rules.texts import check_language, check_plain
from kanava.catalog.store import taxonomy as store
from kanava.platform import audit, outbox
from kanava.platform.auth import Actor
from kanava.platform.db import Connection
from kanava.platform.errors import FieldError, InvalidInput


async def list_brands(tx: Connection, after: str | None, limit: int) -> list[Brand]:
    """Give brands in the order of their names."""
    return await store.LIST_BRANDS.all(tx, after=after, limit=limit)


async def put_brand(tx: Connection, actor: Actor, request: Brand, _now: datetime) -> Brand:
    """Make a brand; one that exists is left as it is."""
    name = _checked(check_brand, request.name, "name")
    if not name:
        raise InvalidInput("A brand has a name.", field="name")
    if await store.ADD_BRAND.run(tx, name=name):
        await audit.record(tx, actor, "create", "brand", name, {})
    return Brand(name)


async def category_tree(tx: Connection) -> list[CategoryNode]:
    """Give the top categories with everything below them."""
    nodes: dict[str, CategoryNode] = {}
    roots: list[CategoryNode] = []
    rows = await store.LIST_CATEGORIES.all(tx)
    for row in rows:
        nodes[row.code] = CategoryNode(row.code, row.position, row.names, [])
    for row in rows:
        (nodes[row.parent].children if row.parent else roots).append(nodes[row.code])
    return roots


async def category_pictures(tx: Connection) -> dict[str, str]:
    """Give a picture of one of its own products for each category that has any."""
    return {row.code: row.url for row in await store.CATEGORY_PICTURES.all(tx)}


async def categories(tx: Connection) -> list[Category]:
    """Give every category, without the tree."""
    return await store.LIST_CATEGORIES.all(tx)


async def get_category(tx: Connection, code: str) -> Category:
    """Give one category."""
    found = await store.GET_CATEGORY.one_or_none(tx, code=code)
    if found is None:
        raise CategoryNotFound(f"No category has the code {code!r}.", field="code")
    return found


async def put_category(tx: Connection, actor: Actor, code: str, request: CategoryInput, _now: datetime) -> Category:
    """Make or change a category."""
    _checked(check_code, code, "code")
    names = {}
    for language, name in request.names.items():
        tag = _checked(check_language, language, f"names.{language}")
        names[tag] = _checked(lambda text: check_plain(text, 200), name, f"names.{language}")
    # Two moves at once could close a circle that neither of them sees.
    await store.LOCK_CATEGORIES.run(tx)
    if request.parent is not None:
        above = await store.ANCESTORS.all(tx, code=request.parent)
        if request.parent == code or code in above:
            raise CategoryCycle(f"{request.parent!r} stands below {code!r}.", field="parent")
        if not above:
            raise CategoryNotFound(f"No category has the code {request.parent!r}.", field="parent")
    await store.PUT_CATEGORY.one(tx, code=code, parent=request.parent, position=request.position, names=names)
    await audit.record(tx, actor, "put", "category", code, {"parent": request.parent, "position": request.position})
    await outbox.publish(tx, [events.category_changed(code)])
    return await get_category(tx, code)


async def list_families(tx: Connection, after: str | None, limit: int) -> list[AttributeFamily]:
    """Give families in the order of their codes."""
    return [_family(row) for row in await store.LIST_FAMILIES.all(tx, after=after, limit=limit)]


async def get_family(tx: Connection, code: str) -> AttributeFamily:
    """Give one family."""
    rows = await store.FAMILIES_BY_CODE.all(tx, codes=[code])
    if not rows:
        raise AttributeFamilyNotFound(f"No attribute family has the code {code!r}.", field="code")
    return _family(rows[0])


async def families_by_code(tx: Connection, codes: list[str]) -> dict[str, dict[str, AttributeDefinition]]:
    """Give the definitions of several families; unknown codes are left out."""
    return {row.code: _family(row).attributes for row in await store.FAMILIES_BY_CODE.all(tx, codes=codes)}


async def put_family(
    tx: Connection, actor: Actor, code: str, request: AttributeFamilyInput, _now: datetime
) -> AttributeFamily:
    """Make or change a family; the type, level and scale of an attribute that products use stay."""
    _checked(check_code, code, "code")
    wrong = attribute_rules.check_definitions(request.attributes)
    if wrong:
        raise InvalidInput(
            "An attribute cannot be defined so.",
            errors=[FieldError(f"attributes.{name}", reason) for name, reason in wrong],
        )
    stored = await store.LOCK_FAMILY.one_or_none(tx, code=code)
    if stored is not None:
        old = _family(stored).attributes
        changed = [
            name for name, definition in old.items() if not _compatible(definition, request.attributes.get(name))
        ]
        used = await store.ATTRIBUTES_IN_USE.all(tx, code=code, names=changed) if changed else []
        if used:
            detail = f"Products have values of {used[0].name!r}: its type, level, unit, scale and choices in use stay."
            raise AttributeInUse(detail, field=f"attributes.{used[0].name}")
    row = await store.PUT_FAMILY.one(tx, code=code, attributes=msgspec.to_builtins(request.attributes))
    await audit.record(tx, actor, "put", "attribute_family", code, {"attributes": sorted(request.attributes)})
    await outbox.publish(tx, [events.attribute_family_changed(code)])
    return _family(row)


def _compatible(old: AttributeDefinition, new: AttributeDefinition | None) -> bool:
    return (
        new is not None
        and (old.type, old.level, old.scale, old.unit) == (new.type, new.level, new.scale, new.unit)
        and set(old.choices) <= set(new.choices)
    )


def _family(row: store.FamilyRow) -> AttributeFamily:
    return AttributeFamily(row.code, msgspec.convert(row.attributes, dict[str, AttributeDefinition]))


def _checked(check: Any, value: str, field: str) -> Any:
    try:
        return check(value)
    except ValueError as error:
        raise InvalidInput(f"{value[:60]!r}: {error}.", field=field) from None
