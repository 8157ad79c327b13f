"""Decisions about fulfilments, for any numbers."""

from datetime import UTC, datetime, timedelta

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from kanava.fulfilment import rules
from kanava.sourcing.promise.model import Promise

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
units = st.integers(0, 20)


class Line(msgspec.Struct):
    quantity: int
    quantity_ended: int
    quantity_picked: int
    quantity_packed: int
    quantity_done: int

    @property
    def to_pick(self) -> int:
        return self.quantity - self.quantity_ended - self.quantity_picked

    @property
    def here(self) -> int:
        return self.quantity - self.quantity_ended - self.quantity_done


@st.composite
def lines(draw: st.DrawFn) -> Line:
    done, packed, picked, to_pick, ended = (draw(units) for _ in range(5))
    packed, picked = packed + done, picked + packed + done
    return Line(picked + to_pick + ended, ended, picked, packed, done)


@given(units, units, units, units)
def test_what_is_cut_is_the_least_worked_on_and_never_more_than_there_is(
    wanted: int, to_pick: int, picked: int, packed: int
) -> None:
    cut = rules.cut_of(wanted, to_pick, picked, packed)
    assert cut.units == min(wanted, to_pick + picked + packed)
    assert cut.picked == 0 or cut.unpicked == to_pick
    assert cut.packed == 0 or cut.picked == picked


@given(
    st.lists(lines(), min_size=1), st.sampled_from(["open", "picking", "picked"]), st.sampled_from(["ship", "pickup"])
)
def test_a_state_says_what_is_left_to_do(found: list[Line], before: str, kind: str) -> None:
    after = rules.state_after(before, kind, found)  # type: ignore[arg-type]
    to_pick, here = sum(line.to_pick for line in found), sum(line.here for line in found)
    done = sum(line.quantity_done for line in found)
    if not here:
        assert after == (("shipped" if kind == "ship" else "collected") if done else "cancelled")
    else:
        assert (after in ("picked", "packed")) == (to_pick == 0)


keys = st.dictionaries(st.tuples(st.integers(1, 3), st.sampled_from(["ship", "pickup"]), st.integers(1, 3)), units)


@given(keys, keys)
def test_differences_applied_make_places_agree(committed: dict, here: dict) -> None:
    changed = dict(here)
    for key, more in rules.differences(committed, here).items():
        assert more
        changed[key] = changed.get(key, 0) + more
    assert {k: v for k, v in changed.items() if v} == {k: v for k, v in committed.items() if v}


def promise(kind: str, location: str | None, line_nos: tuple[int, ...], hours: int, **work_by: int) -> Promise:
    work = {place: NOW + timedelta(hours=at) for place, at in work_by.items()}
    return Promise(1, kind, location, "post-standard", line_nos, NOW + timedelta(hours=hours), work, None)


def test_of_what_was_promised_the_place_the_way_and_the_lines_count() -> None:
    made = [
        promise("ship", None, (1, 2), 48, WH=4, LJ=5),
        promise("ship", None, (3,), 72, WH=3),
        promise("pickup", "LJ", (4,), 2, LJ=2),
    ]
    both = rules.promised_of(made, "ship", "WH", {1, 3})
    assert (both.promised_by, both.work_by) == (NOW + timedelta(hours=72), NOW + timedelta(hours=3))
    assert both.carrier_service == "post-standard"
    one = rules.promised_of(made, "ship", "LJ", {2})
    assert (one.promised_by, one.work_by) == (NOW + timedelta(hours=48), NOW + timedelta(hours=5))
    assert rules.promised_of(made, "pickup", "LJ", {4}).work_by == NOW + timedelta(hours=2)
    assert rules.promised_of(made, "pickup", "MB", {4}) == rules.Promised(None, None, None)


@given(units, units, units, units)
def test_missing_units_are_those_that_good_ones_do_not_cover(
    on_hand: int, reserved: int, suppressed: int, stuck: int
) -> None:
    missing = rules.missing_units(on_hand, reserved, suppressed, stuck)
    assert missing == 0 or reserved - stuck - missing == on_hand - suppressed


def test_a_place_cannot_when_it_opens_after_the_work_has_to_be_done() -> None:
    facts = {"active": True, "fulfils_online": True, "offers": True, "work_by": NOW, "latest": NOW}
    assert rules.why_closed(**facts, opens_at=NOW) is None
    assert rules.why_closed(**facts, opens_at=NOW + timedelta(minutes=1)) == "hours"
    assert rules.why_closed(**(facts | {"latest": NOW + timedelta(days=1)}), opens_at=NOW + timedelta(hours=1)) is None
    for fact, why in (("active", "switched_off"), ("fulfils_online", "not_online"), ("offers", "no_service")):
        assert rules.why_closed(**(facts | {fact: False}), opens_at=NOW) == why
