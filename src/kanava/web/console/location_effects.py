"""What a change of a place would do at once, and the question that is asked before it is kept."""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

import msgspec

from kanava.fulfilment.service import WorkGivenUp, work_given_up
from kanava.platform.db import Connection
from kanava.stores import service
from kanava.stores.model import Location, Schedule
from kanava.web.console.labels import N
from kanava.web.console.location_forms import Form
from kanava.web.console.shell import Desk
from kanava.web.console.week import Night, nights_of, week_of

DAYS_SHOWN = timedelta(days=7)
DAY_NAMES = (
    N("Monday"),
    N("Tuesday"),
    N("Wednesday"),
    N("Thursday"),
    N("Friday"),
    N("Saturday"),
    N("Sunday"),
)


class Effect(msgspec.Struct, frozen=True):
    """Work that the place would give up, and nights that it did not have before."""

    work: WorkGivenUp
    nights: list[Night]

    @property
    def mark(self) -> str:
        """What a yes to this effect, and to no other, carries; empty when there is nothing to ask about."""
        if not self.work.pickups and not self.work.parcels and not self.nights:
            return ""
        return msgspec.json.encode((self.work.pickup_units, self.work.parcel_units, len(self.nights))).decode()


class WantsYes(Exception):
    """A change does something at once that nobody has said yes to; its transaction is taken back."""

    def __init__(self, effect: Effect) -> None:
        super().__init__()
        self.effect = effect


class Question(msgspec.Struct, frozen=True):
    """What the page asks, and the fields that a yes sends to `way`."""

    effect: Effect
    nights: list[tuple[str, Night]]
    way: str
    fields: list[tuple[str, str]]


async def confirmed_change(
    tx: Connection, code: str, confirmed: str, verb: Callable[[], Awaitable[object]], now: datetime
) -> object:
    """Run a verb on a place; WantsYes when it does more at once than what `confirmed` says yes to."""
    done, effect = await changed(tx, code, verb, now)
    if effect.mark not in ("", confirmed):
        raise WantsYes(effect)
    return done


async def changed(
    tx: Connection, code: str, verb: Callable[[], Awaitable[object]], now: datetime
) -> tuple[object, Effect]:
    """Run a verb on a place and say what follows from it at once; what it could not do before either is no matter."""
    before, could_not_before = await service.get_location(tx, code, now), await work_given_up(tx, code, now)
    done = await verb()
    after, given_up = await service.get_location(tx, code, now), await work_given_up(tx, code, now)
    nights = sorted(set(_nights(after)) - set(_nights(before)), key=lambda night: (night.day, night.opens))
    return done, Effect(WorkGivenUp() if given_up == could_not_before else given_up, nights)


def _nights(place: Location) -> list[Night]:
    week = week_of(place.opening_hours)
    return [] if week is None else nights_of(week)


def named_nights(desk: Desk, nights: list[Night]) -> list[tuple[str, Night]]:
    """Give nights with the names of their days."""
    return [(desk.text(DAY_NAMES[night.day]), night) for night in nights]


def ask_of(desk: Desk, effect: Effect, way: str, form: Form) -> Question:
    """Make the question about an effect: a yes sends the same form again."""
    fields = []
    for name, value in msgspec.structs.asdict(form).items():
        if name != "confirmed":
            fields += [(name, each) for each in (value if isinstance(value, list) else [value])]
    return Question(effect, named_nights(desk, effect.nights), way, [*fields, ("confirmed", effect.mark)])


def schedule_of(place: Location) -> Schedule:
    """Give when a place is open, as what answers questions about hours wants it."""
    return Schedule(
        place.opening_hours,
        place.time_zone,
        place.address.country,
        place.keeps_public_holidays,
        tuple(place.hours_exceptions),
    )
