"""Kiosks and tills: where they stand, when they were last seen, and ending one's access."""

from datetime import datetime
from typing import Any
from uuid import UUID

from litestar import Response, get, post

from kanava.platform import devices
from kanava.platform.auth import Actor
from kanava.platform.db import Connection
from kanava.platform.devices import Device
from kanava.platform.http import AnyRequest, database_of
from kanava.web.console.forms import carry_out
from kanava.web.console.labels import N
from kanava.web.console.shell import BASE, Desk, Refused, choices, console_page, may
from kanava.web.console.tables import (
    Asked,
    Cell,
    Cells,
    Column,
    Filter,
    Rows,
    TableSpec,
    answer_table,
    matches,
    sorted_page,
)

KINDS = {"kiosk": N("Kiosk"), "till": N("Till")}


def _spec(desk: Desk) -> TableSpec:
    _ = desk.text
    return TableSpec(
        "devices",
        f"{BASE}/devices",
        _("Devices"),
        [
            Column("name", _("Device"), sortable=True),
            Column("kind", _("Kind"), sortable=True),
            Column("location", _("Place"), sortable=True),
            Column("channel", _("Channel"), "code"),
            Column("state", _("Status"), "badge"),
            Column("seen", _("Last seen"), "moment", sortable=True),
            Column("enrolled", _("Set up"), "moment", sortable=True, shown=False),
        ],
        [
            Filter("q", _("Device")),
            Filter("kind", _("Kind"), "select", choices(KINDS, desk)),
            Filter("location", _("Place"), placeholder=_("Code of a place")),
        ],
        views=False,
        empty=_("No device is set up. A kiosk is set up on the device itself: open /kiosk on it."),
    )


def _row(desk: Desk, device: Device) -> dict[str, Cell]:
    _, cells = desk.text, Cells(desk)
    works = device.revoked_at is None
    return {
        "name": cells.text(device.name, f"{BASE}/devices/{device.device_id}"),
        "kind": cells.text(_(KINDS.get(device.kind, device.kind))),
        "location": cells.text(device.location),
        "channel": cells.text(device.channel),
        "state": cells.badge(_(N("Works")), "success") if works else cells.badge(_(N("Revoked")), "ghost"),
        "seen": cells.moment(device.last_seen_at),
        "enrolled": cells.moment(device.enrolled_at),
    }


@get("/console/devices", guards=may("locations:read"))
async def list_devices(request: AnyRequest, desk: Desk) -> Response[Any]:
    """Show the devices at her places, those in use first."""

    async def load(asked: Asked, limit: int, offset: int) -> Rows:
        async with database_of(request).connection() as connection:
            found = await devices.list_devices(connection, desk.actor, asked.get("kind"), asked.get("location"))
        rows = [_row(desk, each) for each in found if matches(asked.get("q"), each.name)]
        return sorted_page(rows, asked, limit, offset)

    return await answer_table(request, desk, "console/list.html", _spec(desk), load, problem=None)


async def _device(
    request: AnyRequest, desk: Desk, device_id: UUID, problem: Refused | None = None, status: int = 200
) -> Response[Any]:
    async with database_of(request).connection() as connection:
        device = await devices.get_device(connection, desk.actor, device_id)
    kind = desk.text(KINDS.get(device.kind, device.kind))
    return console_page(request, desk, "console/device.html", status=status, problem=problem, device=device, kind=kind)


@get("/console/devices/{device_id:uuid}", guards=may("locations:read"))
async def show_device(request: AnyRequest, desk: Desk, device_id: UUID) -> Response[Any]:
    """Show a device, with the button that ends its access."""
    return await _device(request, desk, device_id)


@post("/console/devices/{device_id:uuid}/revoke", guards=may("locations:write"))
async def revoke_device(request: AnyRequest, desk: Desk, device_id: UUID) -> Response[Any]:
    """Stop a device at once."""

    async def verb(tx: Connection, actor: Actor, now: datetime) -> object:
        return await devices.revoke_device(tx, actor, device_id, now)

    async def again(problem: Refused, status: int) -> Response[Any]:
        return await _device(request, desk, device_id, problem, status)

    return await carry_out(request, desk, verb, f"{BASE}/devices/{device_id}", again)


routes = [list_devices, show_device, revoke_device]
