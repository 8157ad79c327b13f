"""Events reach a real receiver: signed, in order for each aggregate, tried again, given up, sent again."""

import asyncio
import time
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from factories.receiver import Reply, receiving
from factories.webhooks import (
    QUICK,
    deliveries,
    dispatching,
    nothing_waits,
    register,
    standing,
    tell,
    until_off,
    until_state,
)
from kanava.platform import clock
from kanava.platform.auth import SYSTEM
from kanava.platform.consumers import drain
from kanava.platform.db import Database
from kanava.webhooks import service
from kanava.webhooks.dispatcher import PER_ENDPOINT_MAX
from kanava.webhooks.jobs import CONSUMER, prune
from kanava.webhooks.model import ReplaySince, Rotation
from kanava.webhooks.rules import sending as rules
from kanava.webhooks.service import sending
from tests_support import settled

pytestmark = pytest.mark.anyio


@pytest.fixture(autouse=True)
def quick_retries(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rules, "RETRY_DELAYS", QUICK)
    monkeypatch.setattr("kanava.webhooks.dispatcher.IDLE_SECONDS", 0.02)


async def test_an_event_arrives_signed_and_what_came_back_is_kept(db: Database) -> None:
    async with receiving() as receiver, dispatching(db) as dispatcher:
        receiver.reply = lambda _: Reply(201, body=b"thanks" + b"!" * 5000)
        endpoint = await register(db, receiver.url)
        await tell(db, [1])
        dispatcher.wake()
        (delivered,) = await until_state(db, endpoint, "delivered")
    (request,) = receiver.received
    event = request.verified(endpoint.secret)
    assert event["specversion"] == "1.0"
    assert event["id"] == request.headers["webhook-id"] == str(delivered.event_id)
    assert (event["type"], event["subject"], event["data"]) == ("order.placed", "order/1", {"number": 1})
    assert request.headers["content-type"].startswith("application/cloudevents+json")
    assert request.headers["host"] == f"127.0.0.1:{receiver.port}"
    assert (delivered.attempts, delivered.response_status, delivered.error) == (1, 201, None)
    assert delivered.response_body == "thanks" + "!" * 1018
    assert await nothing_waits(db)


async def test_an_endpoint_gets_the_types_it_wants_and_without_endpoints_nothing_is_written(db: Database) -> None:
    await drain(db, [CONSUMER])
    await tell(db, [0])
    async with receiving() as receiver, dispatching(db):
        some = await register(db, receiver.url + "/some", "order.cancelled")
        every = await register(db, receiver.url + "/all")
        await tell(db, [1])
        await tell(db, [2], type_="order.cancelled")
        await receiver.until(3)
        await until_state(db, every, "delivered", 2)
        await until_state(db, some, "delivered", 1)
    assert sorted((r.path, r.number) for r in receiver.received) == [
        ("/hook/all", 1),
        ("/hook/all", 2),
        ("/hook/some", 2),
    ]


async def test_what_comes_later_waits_until_the_one_before_is_delivered(db: Database) -> None:
    failures = {2: 2, 3: 1}
    async with receiving() as receiver, dispatching(db):

        def reply(request: Any) -> Reply:
            left = failures.get(request.number, 0)
            failures[request.number] = left - 1
            return Reply(500 if left > 0 else 200)

        receiver.reply = reply
        endpoint = await register(db, receiver.url)
        await tell(db, [1, 2, 3, 4])
        found = await until_state(db, endpoint, "delivered", 4)
    assert receiver.numbers == [1, 2, 2, 2, 3, 3, 4]
    assert [delivery.attempts for delivery in found] == [1, 3, 2, 1]
    assert len({r.headers["webhook-id"] for r in receiver.received if r.number == 2}) == 1
    assert await nothing_waits(db)


async def test_another_aggregate_does_not_wait(db: Database) -> None:
    async with receiving() as receiver, dispatching(db):
        receiver.reply = lambda request: Reply(500 if request.number < 10 else 200)
        endpoint = await register(db, receiver.url)
        await tell(db, [1, 2], aggregate_id="bad")
        await tell(db, [10, 11], aggregate_id="good")
        await until_state(db, endpoint, "delivered", 2)
    assert [n for n in receiver.numbers if n >= 10] == [10, 11]


async def test_a_delivery_that_never_succeeds_is_dead_the_next_one_goes_and_it_can_be_replayed(db: Database) -> None:
    async with receiving() as receiver, dispatching(db):
        receiver.reply = lambda request: Reply(500, body=b"no") if request.number == 1 else Reply()
        endpoint = await register(db, receiver.url)
        await tell(db, [1, 2])
        (dead,) = await until_state(db, endpoint, "dead")
        await until_state(db, endpoint, "delivered")
        assert receiver.numbers == [1] * (len(QUICK) + 1) + [2]
        assert (dead.attempts, dead.response_status, dead.response_body) == (len(QUICK) + 1, 500, "no")
        assert dead.error == "It answered 500."
        receiver.reply = lambda _: Reply()
        async with db.transaction() as tx:
            again = await service.replay(tx, SYSTEM, endpoint.endpoint.endpoint_id, dead.event_id, clock.now())
        assert (again.state, again.attempts) == ("pending", 0)
        found = await until_state(db, endpoint, "delivered", 2)
    assert [delivery.attempts for delivery in found] == [1, 1]
    assert await nothing_waits(db)


async def test_replays_since_an_instant_and_behind_a_cursor_send_everything_again_in_order(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kanava.webhooks.service.deliveries.REPLAYED_MAX", 2)
    async with receiving() as receiver, dispatching(db):
        await tell(db, [1])
        await asyncio.sleep(0.01)
        since = clock.now()
        # Before the endpoint was there, too: the feed remembers.
        await tell(db, [2])
        endpoint = await register(db, receiver.url)
        await tell(db, [3, 4])
        await until_state(db, endpoint, "delivered", 2)
        # The test event is nobody else's, and no replay brings it.
        async with db.transaction() as tx:
            await service.send_test(tx, SYSTEM, endpoint.endpoint.endpoint_id, clock.now())
        await until_state(db, endpoint, "delivered", 3)
        await settled(db)
        counts, request = [], ReplaySince(since=since)
        while True:
            async with db.transaction() as tx:
                done = await service.replay_since(tx, SYSTEM, endpoint.endpoint.endpoint_id, request, clock.now())
            counts.append(done.deliveries)
            if done.next_cursor is None:
                break
            request = ReplaySince(cursor=done.next_cursor)
        await until_state(db, endpoint, "delivered", 4)
    assert counts == [2, 1]
    numbers = [r.event["data"].get("number") for r in receiver.received]
    assert numbers == [3, 4, None, 2, 3, 4]


async def test_both_secrets_sign_while_they_overlap_and_then_only_the_new_one(db: Database) -> None:
    async with receiving() as receiver, dispatching(db):
        endpoint = await register(db, receiver.url)
        async with db.transaction() as tx:
            rotated = await service.rotate_secret(tx, SYSTEM, endpoint.endpoint.endpoint_id, Rotation(24), clock.now())
        await tell(db, [1])
        await receiver.until(1)
        assert receiver.received[0].verified(endpoint.secret) == receiver.received[0].verified(rotated.secret)
        async with db.transaction() as tx:
            last = await service.rotate_secret(tx, SYSTEM, endpoint.endpoint.endpoint_id, Rotation(0), clock.now())
        await tell(db, [2])
        await receiver.until(2)
    second = receiver.received[1]
    assert second.verified(last.secret)
    assert second.verified(endpoint.secret), "its own day is not over"
    assert len(second.headers["webhook-signature"].split()) == 2
    with pytest.raises(Exception, match="No matching signature"):
        second.verified(rotated.secret)


async def test_a_receiver_that_hangs_or_drips_is_a_failure_and_holds_up_nobody(db: Database) -> None:
    async with receiving() as slow, receiving() as good, dispatching(db, seconds_max=0.5):
        slow.reply = lambda request: (
            Reply(200, wait_seconds=30) if request.number % 2 else Reply(200, body=b"x" * 10_000, body_seconds=20)
        )
        hanging = await register(db, slow.url)
        healthy = await register(db, good.url)
        for number in range(60):
            await tell(db, [number], aggregate_id=str(number))
        await until_state(db, healthy, "delivered", 60)
        assert len(slow.received) < 60
        failed = await until_state(db, hanging, "failed")
    assert slow.open_max <= PER_ENDPOINT_MAX
    assert failed[0].error == "There was no whole answer within 0.5 seconds."
    assert failed[0].response_status is None


async def test_an_endpoint_that_keeps_failing_gets_one_request_at_a_time(db: Database) -> None:
    async with receiving() as receiver, dispatching(db):
        receiver.reply = lambda _: Reply(500, wait_seconds=0.05)
        endpoint = await register(db, receiver.url)
        for number in range(80):
            await tell(db, [number], aggregate_id=str(number))
        async with asyncio.timeout(20):
            while (await standing(db, endpoint)).failures_in_row < sending.FAILURES_STRUGGLING:  # noqa: ASYNC110
                await asyncio.sleep(0.02)
        # What had been claimed before its failures were known may still come, at most so many.
        await receiver.until(len(receiver.received) + PER_ENDPOINT_MAX + 1)
        receiver.open_max = 0
        await receiver.until(len(receiver.received) + 5)
        assert receiver.open_max <= 1


async def test_of_a_huge_answer_only_the_beginning_is_read(db: Database) -> None:
    async with receiving() as receiver, dispatching(db):
        receiver.reply = lambda _: Reply(200, body=b"z" * 50_000_000)
        endpoint = await register(db, receiver.url)
        await tell(db, [1])
        (delivery,) = await until_state(db, endpoint, "delivered")
    assert delivery.response_body == "z" * 1024
    assert receiver.bytes_sent == 0 or receiver.open_now == 0


async def test_410_switches_the_endpoint_off_what_waits_comes_when_it_is_on_again(db: Database) -> None:
    async with receiving() as receiver, dispatching(db):
        receiver.reply = lambda _: Reply(410)
        endpoint = await register(db, receiver.url)
        await tell(db, [1, 2])
        found = await until_off(db, endpoint)
        assert found.disabled_reason == "It answered 410 Gone."
        await tell(db, [3])
        await asyncio.sleep(0.2)
        assert receiver.numbers == [1]
        receiver.reply = lambda _: Reply()
        async with db.transaction() as tx:
            await service.enable_endpoint(tx, SYSTEM, endpoint.endpoint.endpoint_id, clock.now())
        await until_state(db, endpoint, "delivered", 2)
        async with db.connection() as connection:
            announced = await connection.fetchval(
                "SELECT data->>'reason' FROM outbox_event WHERE type = 'webhook_endpoint.disabled'"
            )
    assert receiver.numbers == [1, 1, 2], "what happened while it was off comes by a replay only"
    assert announced == "It answered 410 Gone."


async def test_an_endpoint_that_only_fails_for_days_is_switched_off(db: Database) -> None:
    async with receiving() as receiver, dispatching(db):
        receiver.reply = lambda _: Reply(503)
        endpoint = await register(db, receiver.url)
        async with db.transaction() as tx:
            await tx.execute(
                "UPDATE webhook_endpoint SET failing_since = now() - interval '4 days', failures_in_row = 18"
            )
        await tell(db, [1])
        found = await until_off(db, endpoint)
    assert found.disabled_reason is not None
    assert found.disabled_reason.startswith("Nothing was delivered since")
    assert found.failures_in_row == 20


async def test_two_workers_send_nothing_twice_and_keep_the_order(db: Database, database_url: str) -> None:
    other = await Database.open(database_url, pool_size=4)
    async with receiving() as receiver:
        receiver.reply = lambda _: Reply(200, wait_seconds=0.003)
        endpoint = await register(db, receiver.url)
        async with dispatching(db), dispatching(other):
            for batch in range(6):
                for aggregate in range(5):
                    await tell(db, range(batch * 3, batch * 3 + 3), aggregate_id=str(aggregate))
            found = await until_state(db, endpoint, "delivered", 90)
    await other.close()
    assert {delivery.attempts for delivery in found} == {1}
    for aggregate in range(5):
        numbers = [r.number for r in receiver.received if r.event["subject"] == f"order/{aggregate}"]
        assert numbers == list(range(18))
    assert await nothing_waits(db)


async def test_what_a_dead_worker_had_claimed_is_sent_by_another_when_its_lease_is_over(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with receiving() as receiver:
        endpoint = await register(db, receiver.url)
        await tell(db, [1])
        monkeypatch.setattr(sending, "LEASE", timedelta(seconds=0.5))
        async with db.transaction() as tx:
            claimed = time.monotonic()
            _, due = await sending.claim(tx, {}, 10, 10, clock.now())
        assert [each.url for each in due] == [receiver.url]
        async with dispatching(db):
            await until_state(db, endpoint, "delivered")
        assert time.monotonic() - claimed >= 0.5


async def test_a_worker_that_stops_leaves_what_hangs_to_the_next_one(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kanava.webhooks.dispatcher.STOP_SECONDS", 0.1)
    async with receiving() as receiver:
        receiver.reply = lambda _: Reply(200, wait_seconds=30)
        endpoint = await register(db, receiver.url)
        async with dispatching(db, seconds_max=10):
            await tell(db, [1])
            await receiver.until(1)
        assert [d.attempts for d in await deliveries(db, endpoint, "pending")] == [0]
        receiver.reply = lambda _: Reply()
        async with dispatching(db):
            await until_state(db, endpoint, "delivered")
    assert receiver.numbers == [1, 1]


async def test_a_removed_endpoint_leaves_nothing_behind_even_while_it_is_being_sent_to(db: Database) -> None:
    async with receiving() as receiver, dispatching(db):
        receiver.reply = lambda _: Reply(200, wait_seconds=0.3)
        endpoint = await register(db, receiver.url)
        await tell(db, [1, 2])
        await receiver.until(1)
        async with db.transaction() as tx:
            await service.delete_endpoint(tx, SYSTEM, endpoint.endpoint.endpoint_id)
        await asyncio.sleep(0.5)
    assert receiver.numbers == [1]
    assert await nothing_waits(db)


async def test_old_deliveries_are_pruned_and_what_waits_is_not(db: Database) -> None:
    endpoint = await register(db, "https://example.com/")
    await tell(db, [1, 2, 3])
    async with db.transaction() as tx:
        rows = await tx.fetch("SELECT event_id FROM webhook_delivery ORDER BY tx_id")
        ids: list[UUID] = [row[0] for row in rows]
        settle = "UPDATE webhook_delivery SET state = $3, settled_at = now() - $2::interval WHERE event_id = $1"
        await tx.execute(settle, ids[0], timedelta(days=31), "delivered")
        await tx.execute(settle, ids[1], timedelta(days=29), "dead")
    assert await prune(db, 30, clock.now()) == 1
    assert [delivery.event_id for delivery in await deliveries(db, endpoint)] == ids[1:]
