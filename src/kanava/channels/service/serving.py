"""Which locations serve a channel."""

from datetime import datetime

from kanava.channels import events, store
from kanava.channels.errors import UnknownLocations
from kanava.channels.model import ServingLocation, ServingLocations, ServingLocationsStored
from kanava.channels.service.registry import channel_row, locked_channel
from kanava.platform import audit, outbox
from kanava.platform.auth import Actor
from kanava.platform.db import Connection
from kanava.platform.errors import FieldError
from kanava.platform.http import Page, decode_cursor, encode_cursor


async def put_serving_locations(
    tx: Connection,
    actor: Actor,
    code: str,
    request: ServingLocations,
    now: datetime,  # noqa: ARG001 - every verb takes `now`
) -> ServingLocationsStored:
    """Make the channel be served by these locations and no others; UnknownLocations names every wrong code."""
    channel = await locked_channel(tx, code)
    wanted = request.locations
    found = await store.LOCATIONS_BY_CODE.all(tx, codes=[entry.location for entry in wanted])
    id_of = {row.code: row.location_id for row in found}
    errors: list[FieldError] = []
    seen: dict[str, int] = {}
    for position, entry in enumerate(wanted):
        first = seen.setdefault(entry.location, position)
        if entry.location not in id_of:
            errors.append(FieldError(f"locations[{position}].location", f"There is no location {entry.location!r}."))
        elif first != position:
            errors.append(FieldError(f"locations[{position}].location", f"It is named in locations[{first}] already."))
    if errors:
        raise UnknownLocations(f"{errors[0].field}: {errors[0].reason}", errors=errors)
    ids = [id_of[entry.location] for entry in wanted]
    removed = await store.REMOVE_OTHER_LOCATIONS.all(tx, channel_id=channel.channel_id, location_ids=ids)
    changed = await store.UPSERT_LOCATIONS.all(
        tx, channel_id=channel.channel_id, location_ids=ids, thresholds=[entry.threshold for entry in wanted]
    )
    if removed or changed:
        detail = {"serving": len(ids), "added_or_changed": len(changed), "removed": len(removed)}
        await audit.record(tx, actor, "put_locations", "channel", code, detail)
        await outbox.publish(tx, [events.channel_changed(code, "locations")])
    return ServingLocationsStored(len(ids), len(changed), len(removed))


async def list_serving_locations(tx: Connection, code: str, cursor: str | None, limit: int) -> Page[ServingLocation]:
    """Give the locations that serve a channel, by code."""
    channel = await channel_row(tx, code)
    after = decode_cursor(cursor, str)[0] if cursor else ""
    rows = await store.LOCATIONS_AFTER.all(tx, channel_id=channel.channel_id, after=after, limit=limit)
    return Page(rows, encode_cursor(rows[-1].location) if len(rows) == limit else None)
