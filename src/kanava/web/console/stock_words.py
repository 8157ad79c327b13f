"""Why a channel sees what it sees, in the reader's words; inventory gives the reasons as data."""

from collections.abc import Mapping

from kanava.inventory.messages import ORDERS_NAMED, Step
from kanava.web.common.formatting import Format
from kanava.web.common.translations import translations_of
from kanava.web.console.labels import N

WORDS = {
    "on_hand": N("On hand"),
    "reserved": N("Reserved"),
    "expired_holds": N("Of these kept too long and free again"),
    "ring_fence": N("Only for %(channel)s"),
    "own_ring_fence": N("Of these only for this channel: %(units)s"),
    "safety_stock": N("Safety stock"),
    "suppressed": N("Not found or broken, until somebody counts"),
    "never_below_zero": N("Less than nothing counts as nothing"),
    "incoming": N("On the way, not here yet: %(units)s"),
    "awaited": N("Of what is on the way, sold already: %(units)s"),
    "channel_inactive": N("The channel is switched off"),
    "not_sold": N("The variant is not on sale"),
    "not_listed": N("The variant is not in the channel's range"),
    "not_serving": N("The place does not serve the channel"),
}
TAKEN_ALONG = {
    "safety_stock": N("Safety stock of %(units)s, which may be sold at the till"),
    "suppressed": N("Not found or broken: %(units)s; they may be sold at the till"),
}
THRESHOLDS = {
    "variant_at_location": N("Threshold of the variant at this place"),
    "variant": N("Threshold of the variant"),
    "channel_at_location": N("Threshold of the channel at this place"),
    "channel": N("Threshold of the channel"),
}
EXCLUDED = {
    "switched_off": N("The place is switched off"),
    "not_online": N("The place takes no online orders at present"),
    "no_shipping": N("The place does not send parcels"),
    "no_pickup": N("The place offers no pickup"),
    "no_curbside": N("The place does not bring goods to the car"),
}


class StepWords:
    """Says reasons in one language, channels by name."""

    def __init__(self, language: str, channels: Mapping[str, str]) -> None:
        self._text, self._format, self._channels = translations_of(language).gettext, Format(language), channels

    def of(self, step: Step) -> str:
        """Say one reason; the units that it adds or takes away stand beside it."""
        words = WORDS.get(step.code, "")
        if step.code == "threshold":
            words = THRESHOLDS[step.why]
        elif step.code == "location_excluded":
            words = EXCLUDED[step.why]
        elif not step.units:
            words = TAKEN_ALONG.get(step.code, words)
        channel = self._channels.get(step.channel, step.channel)
        said = self._text(words) % {"units": self._format.number(step.amount), "channel": channel}
        details = "; ".join(self._details(step))
        return f"{said} ({details})" if details else said

    def _details(self, step: Step) -> list[str]:
        details = []
        if step.orders:
            numbers = ", ".join(str(number) for number in step.orders)
            more = " …" if len(step.orders) == ORDERS_NAMED else ""
            details.append(self._text(N("orders %(numbers)s")) % {"numbers": numbers + more})
        if step.held:
            held = self._format.number(step.held)
            details.append(self._text(N("in baskets and on hold: %(units)s")) % {"units": held})
        details += [f"{self._format.date(day.on_date)}: {self._format.number(day.units)}" for day in step.days]
        if step.undated:
            undated = self._format.number(step.undated)
            details.append(self._text(N("without a day: %(units)s")) % {"units": undated})
        return details
