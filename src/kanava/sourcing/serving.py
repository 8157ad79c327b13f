"""Whether a place hands goods over for a channel. Pure."""

from kanava.sourcing.model import ChannelRules, Spot


def refusal(kind: str, code: str | None, spot: Spot | None, channel: ChannelRules) -> str | None:
    """Say why goods cannot be handed over this way at the place named `code`; None when they can.

    `spot` is the place of that code, None when there is none. Shipped goods name no place.
    """
    if kind == "ship":
        return None if code is None else "A shipped line names no location."
    if code is None:
        return f"A line with {kind} names its location."
    if spot is None:
        return f"No location has the code {code!r}."
    if spot.location_id not in channel.thresholds:
        return f"{code} does not serve the channel {channel.code}."
    if not spot.active:
        return f"{code} is closed."
    offered = {"pickup": spot.offers_pickup, "curbside": spot.offers_curbside, "carry_out": spot.kind == "store"}
    return None if offered[kind] else f"{code} does not offer {kind}."
