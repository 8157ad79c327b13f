"""How long goods wait for their customers, as the settings say."""

import msgspec

from kanava.settings import Settings


class CollectionPolicy(msgspec.Struct, frozen=True):
    """Days from ready to expiry, days before it on which the customer is reminded, minutes in a car at most."""

    days: int = 7
    reminder_days: tuple[int, ...] = (3, 1)
    curbside_sla_minutes: int = 5


def policy_of(settings: Settings) -> CollectionPolicy:
    """Give what the settings say; reminders, the earliest first."""
    days = {int(part) for part in settings.collection_reminder_days.split(",") if part}
    return CollectionPolicy(settings.collection_days, tuple(sorted(days, reverse=True)), settings.curbside_sla_minutes)
