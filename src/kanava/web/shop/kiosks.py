"""The device behind a visit to `/kiosk/…`: at which store it stands, for which channel, and what it may show."""

from typing import Any
from uuid import UUID

import msgspec
from litestar import Response

from kanava.platform import clock, devices
from kanava.platform.db import Connection
from kanava.platform.errors import NotFound, Unauthenticated
from kanava.platform.http import AnyRequest, database_of
from kanava.web.common.pages import is_fragment, see_other
from kanava.web.shop.layout import ShopSettings
from kanava.web.shop.markets import Market

KIOSK = "kiosk"
"""The first part of a kiosk's paths, where a web shop has its country."""
DEVICE_COOKIE = "kanava_device"
SET_UP = f"/{KIOSK}/set-up"
# Everything else of the shop stays closed: accounts, links to orders, what leads to other countries.
SHOWN = frozenset(
    {"", "c", "cart", "checkout", "hand-over", "p", "placed", "policies", "scan", "search", "suggestions", "welcome"}
)


class DeviceUnknown(Unauthenticated):
    """This browser is no kiosk, or is none any more."""


class Standing(msgspec.Struct, frozen=True):
    """Where a kiosk stands and what it sells; `store` is a location's code."""

    market: Market
    store: str
    device_id: UUID


async def standing_of(request: AnyRequest, connection: Connection, shop: ShopSettings) -> Standing | None:
    """Give where the device of this browser stands; None when it is no kiosk that may sell."""
    device = await devices.device_of(connection, request.cookies.get(DEVICE_COOKIE, ""))
    market = shop.markets.kiosks.get(device.channel) if device is not None and device.kind == "kiosk" else None
    if device is None or market is None:
        return None
    now = clock.now()
    if not device.seen_lately(now):
        async with database_of(request).transaction() as tx:
            await devices.note_seen(tx, device, now)
    return Standing(market, device.location, device.device_id)


async def admit_kiosk(request: AnyRequest, connection: Connection, shop: ShopSettings) -> Standing:
    """Give where the kiosk stands; DeviceUnknown, NotFound for pages that a kiosk does not show."""
    parts = request.scope["path"].split("/")
    if len(parts) > 3 and parts[3] not in SHOWN:
        raise NotFound("A kiosk does not show this.", field="path")
    standing = await standing_of(request, connection, shop)
    if standing is None:
        raise DeviceUnknown("This device is not set up as a kiosk.", field="device")
    return standing


def to_set_up(request: AnyRequest, _error: Any) -> Response[Any]:
    """Lead an unknown device to where it is enrolled."""
    if is_fragment(request):
        return Response("", headers={"hx-redirect": SET_UP})
    return see_other(SET_UP)
