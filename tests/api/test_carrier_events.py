"""What carriers say comes late, twice and out of order; what is known of a parcel does not depend on it."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from factories.fulfilments import events_of, followed, ok, picked, refused, set_row, state_of
from factories.orders import Shop, line, make_shop, new_id, place
from kanava.fulfilment import parcel_rules as rules
from kanava.fulfilment.service import carrier_events, doctor
from kanava.platform import clock
from kanava.platform.db import Database

pytestmark = pytest.mark.anyio
START = datetime(2026, 3, 2, 8, tzinfo=UTC)
KINDS = ("accepted", "in_transit", "out_for_delivery", "failed", "delivered", "returned")


@pytest.fixture
async def shop(db: Database) -> Shop:
    return await make_shop(db, stock=200)


def news(
    kind: str, minute: int, number: str = "T1", event_id: str | None = None, carrier: str = "DPD"
) -> dict[str, Any]:
    return {
        "carrier": carrier,
        "carrier_event_id": event_id or f"{number}-{kind}-{minute}",
        "tracking_number": number,
        "kind": kind,
        "occurred_at": (START + timedelta(minutes=minute)).isoformat(),
    }


async def tell(client: httpx.AsyncClient, *events: dict[str, Any]) -> dict[str, Any]:
    report: dict[str, Any] = await ok(await client.post("/api/carrier-events", json={"events": list(events)}))
    return report


async def packed(client: httpx.AsyncClient, db: Database, parcels: int = 1) -> tuple[dict[str, Any], dict[str, Any]]:
    """Give an order with so many parcels, and its fulfilment."""
    order = await place(client, line("CUP", parcels))
    work = await picked(client, db, order)
    for _ in range(parcels):
        body = {"parcel_id": new_id(), "lines": [{"line_no": 1, "quantity": 1}], "carrier": "DPD"}
        await ok(await client.post(f"/api/fulfilments/{work['fulfilment_id']}/parcels", json=body), 201)
    return order, work


async def ship(client: httpx.AsyncClient, order: dict[str, Any], *numbers: str) -> None:
    """Let an order's parcels leave with these numbers."""
    found = await state_of(client, order)
    parcels = [
        {"parcel_id": parcel["parcel_id"], "tracking_number": number}
        for parcel, number in zip(found["parcels"], numbers, strict=True)
    ]
    body = {"shipment_id": new_id(), "parcels": parcels}
    await ok(await client.post(f"/api/fulfilments/{found['fulfilment_id']}/shipments", json=body), 201)


async def test_a_parcel_is_followed_to_the_door(client: httpx.AsyncClient, db: Database, shop: Shop) -> None:
    order, work = await packed(client, db)
    await set_row(db, work, promised_by=START + timedelta(days=1))
    await ship(client, order, "T1")
    for minute, (kind, state) in enumerate(
        (("accepted", "in_transit"), ("out_for_delivery", "out_for_delivery"), ("delivered", "delivered"))
    ):
        report = await tell(client, news(kind, minute))
        assert report["results"] == [
            {"carrier": "DPD", "carrier_event_id": f"T1-{kind}-{minute}", "outcome": "applied"}
        ]
        assert (await state_of(client, order))["parcels"][0]["state"] == state
    seen = await state_of(client, order)
    assert seen["state"] == "delivered"
    assert seen["settled_at"] == "2026-03-02T08:02:00Z", "the promise was kept when the carrier says it was"
    told = [kind for kind, _ in await events_of(db, order, "parcel.")]
    assert told == ["parcel.shipped", "parcel.in_transit", "parcel.out_for_delivery", "parcel.delivered"]
    await followed(db)
    assert await state_of(client, order) == seen
    await shop.all_sound()


async def test_news_counts_once_and_never_moves_a_parcel_back(
    client: httpx.AsyncClient, db: Database, shop: Shop
) -> None:
    order, _ = await packed(client, db)
    await ship(client, order, "T1")
    report = await tell(client, news("delivered", 9), news("delivered", 9), news("in_transit", 1))
    assert [each["outcome"] for each in report["results"]] == ["applied", "repeated", "applied"]
    report = await tell(client, news("delivered", 9), news("in_transit", 20), news("failed", 30))
    assert (report["repeated"], report["late"], report["applied"]) == (1, 2, 0)
    assert (await state_of(client, order))["state"] == "delivered"
    assert (await tell(client, news("returned", 5)))["applied"] == 1, "what came back came back"
    assert (await state_of(client, order))["state"] == "returned"
    assert (await tell(client, news("delivered", 99)))["late"] == 1


async def test_unknown_parcels_are_kept_until_they_are_known(
    client: httpx.AsyncClient, db: Database, shop: Shop
) -> None:
    order, _ = await packed(client, db)
    report = await tell(client, news("accepted", 1), news("delivered", 5), news("delivered", 5, "T1", carrier="GLS"))
    assert (report["unknown"], report["applied"]) == (3, 0)
    assert (await tell(client, news("accepted", 1)))["repeated"] == 1
    await ship(client, order, "T1")
    seen = await state_of(client, order)
    assert (seen["state"], seen["parcels"][0]["delivered_at"]) == ("delivered", "2026-03-02T08:05:00Z")
    async with db.connection() as connection:
        left = await connection.fetch("SELECT carrier FROM carrier_event WHERE order_id IS NULL")
    assert [row[0] for row in left] == ["gls"], "another carrier's parcel with the same number is another parcel"


async def test_news_and_shipment_of_the_same_moment_find_each_other(
    client: httpx.AsyncClient, db: Database, shop: Shop
) -> None:
    order, _ = await packed(client, db)
    await ship(client, order, "T1")
    async with db.transaction() as tx:
        # As if it had been written while the shipment had not been committed yet.
        await tx.execute(
            """INSERT INTO carrier_event (carrier, carrier_event_id, tracking_number, kind, occurred_at, received_at,
                                          applied) VALUES ('dpd', '1', 'T1', 'delivered', $1, now(), false)""",
            START,
        )
    async with db.transaction() as tx:
        assert await carrier_events.match_again(tx, clock.now()) == 1
    assert (await state_of(client, order))["state"] == "delivered"
    async with db.transaction() as tx:
        assert await carrier_events.match_again(tx, clock.now()) == 0


async def test_a_fulfilment_is_delivered_with_its_last_parcel(
    client: httpx.AsyncClient, db: Database, shop: Shop
) -> None:
    order, _ = await packed(client, db, parcels=2)
    await ship(client, order, "A", "B")
    await tell(client, news("delivered", 7, "B"))
    seen = await state_of(client, order)
    assert (seen["state"], seen["settled_at"]) == ("shipped", None)
    await tell(client, news("failed", 3, "A"))
    assert (await state_of(client, order))["state"] == "failed"
    await tell(client, news("delivered", 5, "A"))
    seen = await state_of(client, order)
    assert (seen["state"], seen["settled_at"]) == ("delivered", "2026-03-02T08:07:00Z")


async def test_what_cannot_be_news_is_refused_by_its_field(client: httpx.AsyncClient, shop: Shop) -> None:
    future = {**news("delivered", 0), "occurred_at": (clock.now() + timedelta(days=2)).isoformat()}
    problem = refused(
        await client.post("/api/carrier-events", json={"events": [news("accepted", 1), future]}), 422, "invalid-input"
    )
    assert problem["errors"][0]["field"] == "events[1].occurred_at"
    for wrong in (
        [],
        [{**news("accepted", 1), "kind": "lost"}],
        [news("accepted", 1, "")],
        [news("accepted", 1)] * 1001,
    ):
        answer = await client.post("/api/carrier-events", json={"events": wrong})
        assert answer.status_code in (400, 422), answer.text
    naive = {**news("accepted", 1), "occurred_at": "2026-03-02T08:00:00"}
    assert (await client.post("/api/carrier-events", json={"events": [naive]})).status_code in (400, 422)
    report = await tell(client, *[news("in_transit", minute, f"N{minute}") for minute in range(1000)])
    assert report["unknown"] == 1000


async def test_many_senders_at_once_agree(client: httpx.AsyncClient, db: Database, shop: Shop) -> None:
    numbers = ("A", "B", "C")
    order, _ = await packed(client, db, parcels=3)
    every = [news(kind, minute, number) for number in numbers for minute, kind in enumerate(KINDS[:5])]

    async def send(start: int) -> None:
        rotated = every[start:] + every[:start]
        for begin in range(0, len(rotated), 4):
            await tell(client, *rotated[begin : begin + 4])

    await asyncio.gather(ship(client, order, *numbers), *[send(start) for start in (0, 4, 9, 13)])
    async with db.transaction() as tx:
        await carrier_events.match_again(tx, clock.now())
    seen = await state_of(client, order)
    assert {parcel["state"] for parcel in seen["parcels"]} == {"delivered"}
    assert seen["state"] == "delivered"
    assert [kind for kind, _ in await events_of(db, order, "parcel.")].count("parcel.delivered") == 3


Story = list[tuple[str, int]]
stories = st.lists(st.tuples(st.sampled_from(KINDS), st.integers(0, 6)), min_size=1, max_size=8, unique=True)


@given(stories, st.randoms(use_true_random=False))
def test_any_order_of_news_ends_the_same(story: Story, random: Any) -> None:
    def end(events: Story) -> tuple[str, datetime]:
        state, at = "shipped", START + timedelta(days=9)
        for kind, minute in events:
            new, when = rules.STATE_OF[kind], START + timedelta(minutes=minute)  # type: ignore[index]
            if rules.outranks(new, when, state, at):  # type: ignore[arg-type]
                state, at = new, when
        return state, at

    other = story + story[: len(story) // 2]
    random.shuffle(other)
    assert end(other) == end(story)


async def test_any_order_and_any_duplicates_over_http_end_the_same(
    client: httpx.AsyncClient, db: Database, shop: Shop
) -> None:
    """The same news of two parcels, told to many orders in many ways, some of it before they were shipped."""
    tried: list[tuple[Story, list[list[int]], int]] = []

    @settings(max_examples=12, database=None, deadline=None)
    @given(st.data())
    def collect(data: st.DataObject) -> None:
        story = data.draw(stories)
        order = data.draw(st.permutations(list(range(len(story))) * 2))
        cuts = sorted(data.draw(st.sets(st.integers(1, max(1, len(order) - 1)), max_size=4)))
        batches = [order[a:b] for a, b in zip([0, *cuts], [*cuts, len(order)], strict=True)]
        tried.append((story, [batch for batch in batches if batch], data.draw(st.integers(0, len(batches)))))

    collect()
    for number, (story, batches, shipped_before) in enumerate(tried):
        ends = []
        for way, (told, ship_at) in enumerate((([list(range(len(story)))], 0), (batches, shipped_before))):
            numbers = [f"{number}-{way}-{parcel}" for parcel in range(2)]
            order, _ = await packed(client, db, parcels=2)
            for position in range(len(told) + 1):
                if position == min(ship_at, len(told)):
                    await ship(client, order, *numbers)
                if position < len(told):
                    # The second parcel has every other piece of news only.
                    events = [news(*story[i], numbers[0]) for i in told[position]]
                    events += [news(*story[i], numbers[1]) for i in told[position] if i % 2 == 0]
                    await tell(client, *events)
            seen = await state_of(client, order)
            shown = [(p["state"], p["delivered_at"], p["state"] == "shipped" or p["state_at"]) for p in seen["parcels"]]
            ends.append((seen["state"], seen["settled_at"], shown))
        assert ends[0] == ends[1], (story, batches, shipped_before)


async def test_what_needs_a_human_is_found(client: httpx.AsyncClient, db: Database, shop: Shop) -> None:
    order, work = await packed(client, db, parcels=2)
    await ship(client, order, "A", "B")
    await tell(client, news("returned", 1, "A"), news("failed", 1, "B"), news("delivered", 1, "NOBODYS"))
    async with db.connection() as connection:
        found = await doctor.diagnose(connection, clock.now() + timedelta(hours=2))
        at_once = await doctor.diagnose(connection, START + timedelta(hours=2))
        days_later = await doctor.diagnose(connection, START + timedelta(days=4))
    assert [(each.kind, each.number, each.location) for each in found.waiting] == [
        ("parcel_returned", work["fulfilment_number"], "WH"),
        ("delivery_failed", work["fulfilment_number"], "WH"),
        ("unknown_parcel", "NOBODYS", ""),
    ]
    returned = {"parcel_returned", "delivery_failed"}
    assert returned.isdisjoint(each.kind for each in at_once.waiting if each.overdue)
    assert returned <= {each.kind for each in days_later.waiting if each.overdue}
