"""Work as the pages show it: fulfilments with names and pictures, grouped by when they have to be done."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

import msgspec

from kanava.catalog import service as catalog
from kanava.catalog.model import VariantShown
from kanava.fulfilment.model import BoardEntry, Fulfilment, FulfilmentLine
from kanava.platform.db import Connection
from kanava.web.store.shell import Shift

Group = Literal["late", "hour", "today", "later"]
GROUPS: tuple[Group, ...] = ("late", "hour", "today", "later")
PICTURES_MAX = 3


class LineView(msgspec.Struct, frozen=True):
    """A line with its name and picture; `shown` is None when the catalogue has forgotten the variant."""

    line: FulfilmentLine
    shown: VariantShown | None

    @property
    def title(self) -> str:
        """The name of the product."""
        return self.shown.title if self.shown and self.shown.title else self.line.sku

    @property
    def options(self) -> str:
        """Colour, size and the like."""
        return " · ".join(self.shown.options) if self.shown else ""

    @property
    def picture(self) -> str | None:
        """The address of a picture."""
        return self.shown.image_url if self.shown else None

    @property
    def wanted(self) -> int:
        """Units that this place gives or has given."""
        return self.line.quantity - self.line.quantity_ended

    @property
    def unpacked(self) -> int:
        """Units that are picked and neither in a parcel nor staged."""
        return self.line.quantity_picked - self.line.quantity_packed

    @property
    def staged(self) -> int:
        """Units that wait in a parcel or at a bay."""
        return self.line.quantity_packed - self.line.quantity_done


class Task(msgspec.Struct, frozen=True):
    """A fulfilment with its lines as people know them; `entry` is None when it is not read from a board."""

    work: Fulfilment
    lines: list[LineView]
    entry: BoardEntry | None = None

    @property
    def units(self) -> int:
        """Units that this place gives or has given."""
        return sum(each.wanted for each in self.lines)

    @property
    def picked(self) -> int:
        """Units that were found."""
        return sum(each.line.quantity_picked for each in self.lines)

    @property
    def unpacked(self) -> int:
        """Units that are picked and neither in a parcel nor staged."""
        return sum(each.unpacked for each in self.lines)

    @property
    def pictured(self) -> list[LineView]:
        """The first lines that have a picture."""
        return [each for each in self.lines if each.picture and each.wanted][:PICTURES_MAX]

    @property
    def by_post(self) -> bool:
        """Whether it is sent."""
        return self.work.kind == "ship"


async def tasks_of(connection: Connection, shift: Shift, found: Sequence[Fulfilment]) -> list[Task]:
    """Give names and pictures to fulfilments; one statement for all."""
    skus = {line.sku for each in found for line in each.lines}
    shown = await catalog.show_variants(connection, skus, shift.languages)
    return [Task(each, [LineView(line, shown.get(line.sku)) for line in each.lines]) for each in found]


def grouped(tasks: Iterable[Task], now: datetime, time_zone: str) -> list[tuple[Group, list[Task]]]:
    """Group work by when it has to be done, in the place's own time; groups that are empty are left out."""
    zone = ZoneInfo(time_zone)
    today = now.astimezone(zone).date()
    found: dict[Group, list[Task]] = {group: [] for group in GROUPS}
    for task in tasks:
        found[_group(task.work.work_by, now, today == task.work.work_by.astimezone(zone).date())].append(task)
    return [(group, each) for group, each in found.items() if each]


def _group(work_by: datetime, now: datetime, today: bool) -> Group:
    if work_by < now:
        return "late"
    if work_by < now + timedelta(hours=1):
        return "hour"
    return "today" if today else "later"
