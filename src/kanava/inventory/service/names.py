"""From public names (sku, location code, channel code) to ids and back."""

from collections.abc import Iterable, Sequence

from kanava.inventory.errors import UnknownSku
from kanava.inventory.model import ChangedLevel
from kanava.inventory.service.reserve import levels_changed
from kanava.inventory.store import names
from kanava.platform.db import Connection
from kanava.platform.errors import FieldError, InvalidInput, NotFound
from kanava.platform.outbox import publish


async def variant_ids(tx: Connection, skus: Iterable[str]) -> dict[str, int | None]:
    """Give the variant id of each sku, None where no variant has it."""
    wanted = list(dict.fromkeys(skus))
    found = await names.VARIANT_IDS.one(tx, skus=wanted)
    return dict(zip(wanted, found.ids, strict=True))


async def location_ids(tx: Connection, codes: Iterable[str]) -> dict[str, int | None]:
    """Give the id of each location code, None where no location has it."""
    wanted = list(dict.fromkeys(codes))
    found = await names.LOCATION_IDS.one(tx, codes=wanted)
    return dict(zip(wanted, found.ids, strict=True))


async def channel_ids(tx: Connection, codes: Iterable[str]) -> dict[str, int | None]:
    """Give the id of each channel code, None where no channel has it."""
    wanted = list(dict.fromkeys(codes))
    found = await names.CHANNEL_IDS.one(tx, codes=wanted)
    return dict(zip(wanted, found.ids, strict=True))


async def line_variants(tx: Connection, skus: Sequence[str], field: str = "lines") -> list[int]:
    """Give the variants of the lines of one request; each sku must be known and stand there once."""
    found = await variant_ids(tx, skus)
    unknown = [
        FieldError(f"{field}[{index}].sku", f"no variant has the sku {sku!r}")
        for index, sku in enumerate(skus)
        if found[sku] is None
    ]
    if unknown:
        raise UnknownSku(unknown[0].reason, errors=unknown[:100])
    seen: set[str] = set()
    twice = [
        FieldError(f"{field}[{index}].sku", f"{sku!r} stands there twice")
        for index, sku in enumerate(skus)
        if sku in seen or seen.add(sku)  # type: ignore[func-returns-value]
    ]
    if twice:
        raise InvalidInput(twice[0].reason, errors=twice[:100])
    return [variant_id for sku in skus if (variant_id := found[sku]) is not None]


async def variant_id(tx: Connection, sku: str) -> int:
    """Give the id of the sku of a path; NotFound when there is none."""
    found = (await variant_ids(tx, [sku]))[sku]
    if found is None:
        raise NotFound(f"No variant has the sku {sku!r}.", field="sku")
    return found


async def location_id(tx: Connection, code: str, field: str = "location") -> int:
    """Give the id of a location named in a request."""
    found = (await location_ids(tx, [code]))[code]
    if found is None:
        raise InvalidInput(f"No location has the code {code!r}.", field=field)
    return found


async def channel_id(tx: Connection, code: str, field: str = "channel") -> int:
    """Give the id of a channel named in a request."""
    found = (await channel_ids(tx, [code]))[code]
    if found is None:
        raise InvalidInput(f"No channel has the code {code!r}.", field=field)
    return found


async def announce(tx: Connection, changed: Sequence[ChangedLevel]) -> None:
    """Publish `stock.changed` for levels that this transaction changed."""
    if not changed:
        return
    skus = await names.SKUS.all(tx, ids=list({row.variant_id for row in changed}))
    codes = await names.LOCATION_CODES.all(tx, ids=list({row.location_id for row in changed}))
    await publish(tx, levels_changed(changed, {row.id: row.name for row in skus}, {row.id: row.name for row in codes}))
