"""Stock, receiving, counting and orders in words for the person at the counter."""

from collections.abc import Mapping

import msgspec

from kanava.inventory.messages import Explanation, Step
from kanava.inventory.model import LevelView
from kanava.web.common.errors import N
from kanava.web.common.translations import translations_of

WITHOUT_NUMBER = {
    "own_ring_fence": N("Some of them are kept for this channel itself."),
    "never_below_zero": N("Fewer than none is none."),
    "channel_inactive": N("The channel is switched off."),
    "not_sold": N("The article is not on sale."),
    "not_listed": N("The article is not in the range of this channel."),
    "not_serving": N("This location does not serve the channel."),
    "location_excluded": N("This location does not hand over in this way."),
}
WITH_NUMBER = {
    "on_hand": N("On hand"),
    "reserved": N("Reserved for orders and baskets"),
    "expired_holds": N("Held too long: free again"),
    "ring_fence": N("Kept for another channel"),
    "safety_stock": N("Safety stock"),
    "suppressed": N("Not found or broken: not promised until counted"),
    "threshold": N("The last ones are not sold on this channel"),
    "incoming": N("On the way here"),
    "awaited": N("Of those on the way, sold already"),
}
ORDER_STATUS = {
    "placed": N("Placed"),
    "on_hold": N("On hold"),
    "completed": N("Completed"),
    "cancelled": N("Cancelled"),
}
PAYMENT_STATUS = {
    "unpaid": N("Not paid yet"),
    "partly_authorised": N("Partly agreed"),
    "authorised": N("Paid on collection or delivery"),
    "partly_paid": N("Partly paid"),
    "paid": N("Paid"),
    "partly_refunded": N("Partly paid back"),
    "refunded": N("Paid back"),
    "voided": N("Payment cancelled"),
}
METHODS = {
    "cash": N("Cash"),
    "card": N("Card"),
    "bank_transfer": N("Bank transfer"),
    "gift_card": N("Gift card"),
    "on_delivery": N("When collected or delivered"),
    "wallet": N("Wallet"),
    "marketplace": N("Marketplace"),
    "other": N("Other"),
}
WAYS = {
    "carry_out": N("Taken along"),
    "pickup": N("Pickup"),
    "curbside": N("Curbside"),
    "ship": N("Delivery"),
}
WAY_ICONS = {"carry_out": "shopping-bag", "pickup": "store", "curbside": "car", "ship": "truck"}
REASONS_MISSING = {
    "not_delivered": N("Not delivered"),
    "damaged": N("Damaged"),
    "lost": N("Lost"),
    "miscounted": N("Miscounted by the sender"),
    "wrong_goods": N("Wrong goods"),
}


class Sentence(msgspec.Struct, frozen=True):
    """A reason with what it adds or takes away; `units` None: the text says it all. `counts`: it is in the sum."""

    text: str
    units: int | None
    counts: bool


def explained(explanation: Explanation | None, level: LevelView, language: str) -> list[Sentence]:
    """Say why a channel sees so many of a variant at the place, a reason a line."""
    if explanation is None or not explanation.locations:
        return []
    gettext = translations_of(language).gettext
    known = {
        "safety_stock": level.safety_stock,
        "suppressed": level.suppressed,
        "incoming": level.incoming,
        "awaited": level.awaited,
    }
    return [_sentence(step, known, gettext) for step in explanation.locations[0].steps]


def _sentence(step: Step, known: Mapping[str, int], gettext: object) -> Sentence:
    assert callable(gettext)  # noqa: S101 -- a function of a catalogue
    if step.code in WITH_NUMBER:
        counts = bool(step.units) or step.code not in known
        return Sentence(gettext(WITH_NUMBER[step.code]), step.units if counts else known[step.code], counts)
    return Sentence(gettext(WITHOUT_NUMBER.get(step.code, step.text)), step.units or None, bool(step.units))
