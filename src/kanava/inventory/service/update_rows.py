"""The rows of a message of an outside system: which are good, and the good ones by column."""

from collections.abc import Sequence
from hashlib import blake2b
from uuid import UUID

import msgspec

from kanava.inventory.model import QUANTITY_MAX, RowResult, StockUpdate, UpdateRow
from kanava.platform.auth import Actor
from kanava.platform.ids import uuid7

SEQUENCE_MAX = 2**63 - 1
_SUFFIXES = [f"{number:012x}" for number in range(10_000)]


class Changes(msgspec.Struct):
    """Rows to be applied, by column; a column of None is not sent.

    `row_nos` says where the rows stood in the request. `movement_ids` is an array literal; None: new ones are made.
    """

    row_nos: Sequence[int]
    variant_ids: Sequence[int]
    location_ids: Sequence[int]
    absolutes: Sequence[int | None]
    movement_ids: str | None = None
    deltas: Sequence[int | None] | None = None
    expecteds: Sequence[int | None] | None = None
    safety_stocks: Sequence[int | None] | None = None
    sequences: Sequence[int] | None = None

    @property
    def is_plain(self) -> bool:
        """Whether there are only absolutes, without conditions, under the message's sequence."""
        conditions = (self.deltas, self.expecteds, self.safety_stocks, self.sequences)
        return bool(self.row_nos) and conditions == (None, None, None, None)


def new_movement_ids(count: int) -> str:
    """Make the ids of up to 10,000 movements, as an array literal."""
    prefix = str(uuid7())[:24]
    return "{" + prefix + f",{prefix}".join(_SUFFIXES[:count]) + "}"


class CheckedRows:
    """The rows of a message one by one: each is good or refused."""

    def __init__(
        self,
        actor: Actor,
        variants: dict[str, int | None],
        locations: dict[str, int | None],
        malformed: dict[int, RowResult],
    ) -> None:
        self.malformed = malformed
        self.actor = actor
        self.variants = variants
        self.locations = locations
        self.seen: set[tuple[int, int]] = set()
        self.good: list[tuple[int, int, int, UpdateRow]] = []

    def refusals(self, rows: Sequence[UpdateRow]) -> list[RowResult]:
        """Sort the rows into good ones, which are kept, and refused ones, which are given."""
        refused = []
        for number, row in enumerate(rows):
            if number in self.malformed:
                refused.append(self.malformed[number])
                continue
            problem = self._problem(number, row)
            if problem:
                refused.append(RowResult(number, "refused", *problem))
        return refused

    def _problem(self, number: int, row: UpdateRow) -> tuple[str, str] | None:
        variant, location = self.variants[row.sku], self.locations[row.location]
        if variant is None:
            return "sku", f"no variant has the sku {row.sku[:100]!r}"
        if location is None:
            return "location", f"no location has the code {row.location[:100]!r}"
        if self.actor.location_ids is not None and location not in self.actor.location_ids:
            return "location", "your role is bound to other locations"
        if (problem := _value_problem(row)) is not None:
            return problem
        if (variant, location) in self.seen:
            return "sku", "this sku at this location stands further up in the same message"
        self.seen.add((variant, location))
        self.good.append((number, variant, location, row))
        return None

    def changes(self, message: StockUpdate, source: int) -> Changes:
        """Make the columns of the good rows."""
        good = self.good
        prefix = str(uuid7())[:24]
        sequences = [message.sequence if row.sequence is None else row.sequence for *_, row in good]
        movement_ids = [
            prefix + _SUFFIXES[number] if row.delta is None else _delta_id(source, sequence, location)
            for (number, _, location, row), sequence in zip(good, sequences, strict=True)
        ]
        return Changes(
            row_nos=[number for number, *_ in good],
            variant_ids=[variant for _, variant, _, _ in good],
            location_ids=[location for _, _, location, _ in good],
            movement_ids="{" + ",".join(movement_ids) + "}",
            absolutes=[row.on_hand for *_, row in good],
            deltas=_column([row.delta for *_, row in good]),
            expecteds=_column([row.expected_on_hand for *_, row in good]),
            safety_stocks=_column([row.safety_stock for *_, row in good]),
            sequences=sequences if any(row.sequence is not None for *_, row in good) else None,
        )


def _column(values: list[int | None]) -> list[int | None] | None:
    return None if values.count(None) == len(values) else values


def _value_problem(row: UpdateRow) -> tuple[str, str] | None:
    if (row.on_hand is None) == (row.delta is None):
        return "on_hand", "give either on_hand or delta"
    for field, value, low, high in (
        ("on_hand", row.on_hand, 0, QUANTITY_MAX),
        ("delta", row.delta, -QUANTITY_MAX, QUANTITY_MAX),
        ("expected_on_hand", row.expected_on_hand, 0, 2**31 - 1),
        ("safety_stock", row.safety_stock, 0, QUANTITY_MAX),
        ("sequence", row.sequence, 0, SEQUENCE_MAX),
    ):
        if value is not None and not low <= value <= high:
            return field, f"must lie between {low} and {high}"
    return None


def _delta_id(source: int, sequence: int, location: int) -> str:
    """Name a delta by what makes it the same one when it comes again; the variant is the other half of the key."""
    return str(UUID(bytes=blake2b(f"{source}:{sequence}:{location}".encode(), digest_size=16).digest()))
