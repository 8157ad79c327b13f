"""Pure decisions about stock."""

from collections.abc import Collection
from typing import Literal, Protocol


class Counters(Protocol):
    """What `available` reads of a level; `model.Level` has it, and so has any other record with these counters."""

    @property
    def on_hand(self) -> int: ...
    @property
    def reserved(self) -> int: ...
    @property
    def safety_stock(self) -> int: ...
    @property
    def ring_fenced(self) -> int: ...


def available(
    level: Counters, own_fence: int, threshold: int, respects_safety_stock: bool, expired_held: int = 0
) -> int:
    """Say how many units of a level one channel may take; never below 0.

    `own_fence`: what is left of the channel's own ring-fence at this level. `threshold`: the one that applies to the
    channel here (see `threshold_for`). `respects_safety_stock`: False for goods carried out of the shop, which the
    customer has in the hand, True for all else. `expired_held`: reserved units of holds whose time is over and that
    nobody has tidied yet, without those that fall back into another channel's ring-fence.
    """
    units = level.on_hand - level.reserved - level.ring_fenced + own_fence + expired_held - threshold
    if respects_safety_stock:
        units -= level.safety_stock
    return max(0, units)


def leaves_safety_stock(fulfilment_kind: str) -> bool:
    """Say whether a way of handing over leaves the safety stock alone: all but carrying it out of the shop."""
    return fulfilment_kind != "carry_out"


ThresholdOf = Literal["variant_at_location", "variant", "channel_at_location", "channel"]
WhyNot = Literal["switched_off", "not_online", "no_shipping", "no_pickup", "no_curbside"]


def threshold_for(
    *, variant_at_location: int | None, variant: int | None, channel_at_location: int | None, channel: int
) -> tuple[int, ThresholdOf]:
    """Give the threshold that applies and where it is set; the most specific one wins, even when it is 0."""
    if variant_at_location is not None:
        return variant_at_location, "variant_at_location"
    if variant is not None:
        return variant, "variant"
    if channel_at_location is not None:
        return channel_at_location, "channel_at_location"
    return channel, "channel"


def why_not_from(
    *, kind: str, services: Collection[str], active: bool, fulfils_online: bool, fulfilment_kind: str
) -> WhyNot | None:
    """Say why a location cannot hand goods over in this way; None when it can."""
    if not active:
        return "switched_off"
    if fulfilment_kind == "carry_out":
        return None
    if not fulfils_online:
        return "not_online"
    if fulfilment_kind == "ship":
        return None if kind == "warehouse" or "ship_from_store" in services else "no_shipping"
    if fulfilment_kind in services:
        return None
    return "no_pickup" if fulfilment_kind == "pickup" else "no_curbside"
