"""The reasons of an explanation in English, as the API says them; pages have words of their own for the same data."""

from collections.abc import Mapping

from kanava.inventory.messages import ORDERS_NAMED, Step
from kanava.inventory.rules import ThresholdOf, WhyNot

SHUT = {
    "channel_inactive": "the channel is switched off",
    "not_sold": "the variant is not on sale",
    "not_listed": "the variant is not listed on the channel",
    "not_serving": "the location does not serve the channel",
    "never_below_zero": "fewer than none is none",
}
WHY_NOT: Mapping[WhyNot, str] = {
    "switched_off": "the location is switched off",
    "not_online": "the location does not fulfil online orders at present",
    "no_shipping": "the location does not ship",
    "no_pickup": "the location does not offer pickup",
    "no_curbside": "the location does not offer curbside",
}
SET_AT: Mapping[ThresholdOf, str] = {
    "variant_at_location": "the variant at this location",
    "variant": "the variant",
    "channel_at_location": "the channel at this location",
    "channel": "the channel",
}


def in_english(step: Step) -> str:
    """Say a reason in a sentence, numbers first."""
    if step.code in SHUT:
        return SHUT[step.code]
    if step.code == "location_excluded":
        return WHY_NOT[step.why]  # type: ignore[index]  # this code carries no other
    takes = "" if step.units else ", which carry-out may take"
    return {
        "on_hand": f"{step.amount} on hand",
        "reserved": f"{step.amount} reserved{_for_whom(step)}",
        "expired_holds": f"{step.amount} of those are holds that have expired and count as free again",
        "ring_fence": f"{step.amount} ring-fenced for {step.channel}",
        "own_ring_fence": f"{step.amount} of them are ring-fenced for this channel itself",
        "safety_stock": f"safety stock {step.amount}{takes}",
        "suppressed": f"suppressed until counted: {step.amount}{takes}",
        "threshold": f"threshold {step.amount} of {SET_AT.get(step.why, '')}",  # type: ignore[call-overload]
        "incoming": f"{step.amount} incoming: {_days(step)}",
        "awaited": f"{step.amount} awaited{_by_orders(step)}",
    }[step.code]


def _named(orders: list[int]) -> str:
    return ", ".join(str(number) for number in orders) + (" …" if len(orders) == ORDERS_NAMED else "")


def _for_whom(step: Step) -> str:
    parts = [f"orders {_named(step.orders)}"] if step.orders else []
    if step.held:
        parts.append(f"{step.held} held for carts and holds")
    return f" ({'; '.join(parts)})" if parts else ""


def _by_orders(step: Step) -> str:
    orders = f" by orders {_named(step.orders)}" if step.orders else ""
    return orders + (f", {step.undated} of them without a date" if step.undated else "")


def _days(step: Step) -> str:
    days = [f"{each.units} on {each.on_date}" for each in step.days]
    return ", ".join([*days, f"{step.undated} without a date, or past it"] if step.undated else days)
