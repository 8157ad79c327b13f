"""What every question about promises needs before stock is looked at."""

from collections.abc import Sequence
from datetime import datetime

from kanava.platform.db import Connection
from kanava.platform.errors import InvalidInput
from kanava.sourcing.model import ChannelRules
from kanava.sourcing.promise.errors import AddressOutsideZones
from kanava.sourcing.promise.facts import facts_of
from kanava.sourcing.promise.model import AskedAddress, AskedLine, AskedPosition
from kanava.sourcing.promise.view import Position, View
from kanava.sourcing.routing import service as routing
from kanava.sourcing.routing.costing import Setting


def check_address(view: View, address: AskedAddress | None, prefix: str = "ship_to.") -> None:
    """Refuse an address to which nobody brings anything; `prefix`: how the caller writes the address's fields."""
    known = view.terms.carriers
    if address is None or not known.any or known.reaches(address.country, address.postal_code):
        return
    if known.reaches_country(address.country):
        raise AddressOutsideZones(
            f"No carrier service goes to {address.country} {address.postal_code}.".replace(" .", "."),
            field=f"{prefix}postal_code",
        )
    raise AddressOutsideZones(f"No carrier service goes to {address.country}.", field=f"{prefix}country")


async def settings_of(
    connection: Connection,
    view: View,
    channel: ChannelRules,
    address: AskedAddress,
    customer_group: str | None,
    carts: Sequence[Sequence[AskedLine]],
    now: datetime,
) -> list[Setting]:
    """Give for each cart the places that may ship it to an address and what each costs, as placing sees them."""
    router = view.config.router
    await routing.observe(connection, router, now)
    facts = await facts_of(connection, view, channel, address, customer_group, carts, now)
    made = {each: router.setting(channel.thresholds, each, now) for each in dict.fromkeys(facts)}
    return [made[each] for each in facts]


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
