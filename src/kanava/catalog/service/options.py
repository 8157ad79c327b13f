"""How people read option axes and their values."""

from collections.abc import Mapping
from datetime import datetime

import msgspec

from kanava.catalog import events
from kanava.catalog.model import OptionName, OptionNames, OptionNamesSet
from kanava.catalog.rules.cells import check_short
from kanava.catalog.rules.options import NamesByWord
from kanava.catalog.rules.texts import check_language
from kanava.catalog.store import options as store
from kanava.platform import audit, outbox
from kanava.platform.auth import Actor
from kanava.platform.db import Connection
from kanava.platform.errors import FieldError, InvalidInput


async def put_option_names(tx: Connection, actor: Actor, request: OptionNames, _now: datetime) -> OptionNamesSet:
    """Replace the names of axes and values, all or none."""
    wanted: dict[tuple[str, str], Mapping[str, str]] = {}
    errors: list[FieldError] = []
    for number, row in enumerate(request.rows):
        try:
            word = (check_short(row.axis), check_short(row.value))
            names = {check_language(tag): check_short(name) for tag, name in row.names.items()}
        except ValueError as error:
            errors.append(FieldError(f"rows[{number}].names", str(error)))
            continue
        if word in wanted or not word[0]:
            reason = "This axis and value stand further up already." if word[0] else "An axis is not empty."
            errors.append(FieldError(f"rows[{number}].axis", reason))
        wanted[word] = names
    if errors:
        raise InvalidInput(f"{len(errors)} of the rows are wrong; nothing was changed.", errors=errors)
    changed = await store.PUT.all(tx, merge=False, **_columns(wanted))
    if changed:
        await audit.record(tx, actor, "put", "option_names", "*", {"rows": len(changed), "axes": sorted(set(changed))})
        await outbox.publish(tx, [events.option_names_changed(sorted(set(changed)))])
    return OptionNamesSet(rows=len(wanted), changed=len(changed))


async def add_option_names(tx: Connection, names: NamesByWord) -> None:
    """Store the names of a file; languages that it does not have stay."""
    if names:
        await store.PUT.all(tx, merge=True, **_columns(names))


async def list_option_names(tx: Connection, axis: str | None, after: tuple[str, str], limit: int) -> list[OptionName]:
    """Give names in the order of axes and values, an axis before its values."""
    return await store.LIST.all(tx, axis=axis, after_axis=after[0], after_value=after[1], limit=limit)


def _columns(names: Mapping[tuple[str, str], Mapping[str, str]]) -> dict[str, list[str]]:
    return {
        "axes": [axis for axis, _ in names],
        "values": [value for _, value in names],
        "names": [msgspec.json.encode(texts).decode() for texts in names.values()],
    }
