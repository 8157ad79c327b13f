"""HTTP edge of devices: which there are, and ending one's access.

A device is enrolled on itself, by a member of staff in its browser: its token never travels through another machine.
"""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from litestar import Response, get, post
from litestar.params import Parameter

from kanava.platform import devices
from kanava.platform.auth import Actor, requires
from kanava.platform.db import Connection
from kanava.platform.devices import Device, Kind
from kanava.platform.http import AnyRequest, Page, read, write

Location = Annotated[str | None, Parameter(description="Only devices at this location.", max_length=100)]


@get("/api/devices", tags=["Access"], guards=[requires("locations:read")], summary="List kiosks and tills")
async def list_devices(
    request: AnyRequest, kind: Kind | None = None, location: Location = None
) -> Response[Page[Device]]:
    """Give the devices, those in use first."""

    async def verb(connection: Connection, actor: Actor, _now: datetime) -> Page[Device]:
        return Page(await devices.list_devices(connection, actor, kind, location))

    return await read(request, verb)


@get("/api/devices/{device_id:uuid}", tags=["Access"], guards=[requires("locations:read")], summary="Get a device")
async def get_device(request: AnyRequest, device_id: UUID) -> Response[Device]:
    """Give one device."""

    async def verb(connection: Connection, actor: Actor, _now: datetime) -> Device:
        return await devices.get_device(connection, actor, device_id)

    return await read(request, verb)


@post(
    "/api/devices/{device_id:uuid}/revoke",
    tags=["Access"],
    guards=[requires("locations:write")],
    summary="End a device's access",
)
async def revoke_device(request: AnyRequest, device_id: UUID) -> Response[Device]:
    """Stop a kiosk or till at once; it can be enrolled again."""

    async def verb(tx: Connection, actor: Actor, now: datetime) -> Device:
        return await devices.revoke_device(tx, actor, device_id, now)

    return await write(request, verb, 200)


routes = [list_devices, get_device, revoke_device]
