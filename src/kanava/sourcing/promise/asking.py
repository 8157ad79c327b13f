"""What every question about promises needs before stock is looked at."""

from datetime import datetime

from kanava.platform.db import Connection
from kanava.platform.errors import InvalidInput
from kanava.sourcing.model import ChannelRules
from kanava.sourcing.promise.errors import AddressOutsideZones
from kanava.sourcing.promise.model import AskedAddress, AskedPosition
from kanava.sourcing.promise.view import Position, View
from kanava.sourcing.routing import service as routing
from kanava.sourcing.routing.costing import Setting


def check_address(view: View, address: AskedAddress | None) -> None:
    """Refuse an address to which nobody brings anything."""
    known = view.terms.carriers
    if address is None or not known.any or known.reaches(address.country, address.postal_code):
        return
    if known.reaches_country(address.country):
        raise AddressOutsideZones(
            f"No carrier service goes to {address.country} {address.postal_code}.".replace(" .", "."),
            field="ship_to.postal_code",
        )
    raise AddressOutsideZones(f"No carrier service goes to {address.country}.", field="ship_to.country")


async def setting_of(
    connection: Connection, view: View, channel: ChannelRules, address: AskedAddress, now: datetime
) -> Setting:
    """Give the places that may ship to an address and what each costs, as placing sees them."""
    router = view.config.router
    await routing.observe(connection, router, now)
    facts = channel.facts(address.country, {"postal_code": address.postal_code})
    return router.setting(channel.thresholds, facts, now)


def channel_of(view: View, code: str | None) -> ChannelRules:
    """Give the active channel of a code."""
    channel = view.channel(code)
    if channel is None:
        raise InvalidInput(f"No active channel has the code {code!r}.", field="channel")
    return channel


async def position_of(
    connection: Connection, view: View, position: AskedPosition | None, address: AskedAddress | None
) -> Position | None:
    """Say where the customer is: as she says, or more or less where the address is."""
    if position is not None:
        return position.latitude, position.longitude
    if address is not None:
        return await view.position_of(connection, address.country, address.postal_code)
    return None
