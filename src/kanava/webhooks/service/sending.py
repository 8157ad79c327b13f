"""Claiming what is due, and recording what came of it; what is between the two is the dispatcher's."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from random import Random
from typing import TypeAlias
from uuid import UUID

from kanava.platform import outbox
from kanava.platform.db import Connection
from kanava.platform.ids import uuid7
from kanava.webhooks.events import endpoint_disabled
from kanava.webhooks.model import Answer, Attempt, Due, Recorded, SwitchedOff
from kanava.webhooks.rules.sending import GONE_REASON, reason_for_failing, retry_at
from kanava.webhooks.store import endpoints, lanes

LEASE = timedelta(seconds=60)
"""A claim that nobody recorded, because its worker died, is taken again after this time."""
FAILURES_STRUGGLING = 5
"""An endpoint that failed so often in a row is tried with one delivery at a time."""
GONE = 410

_Made: TypeAlias = tuple[Attempt, Answer, datetime | None]
"""An attempt, its answer, and when it is tried again."""

_chance = Random()  # noqa: S311 -- scatters retries; nobody gains by guessing them


async def claim(
    tx: Connection, busy: Mapping[UUID, int], room: int, per_endpoint: int, now: datetime
) -> tuple[UUID, list[Due]]:
    """Claim up to `room` due lanes, giving the next delivery of each; `busy` says how many an endpoint has in work."""
    claim_id = uuid7()
    claimed = await lanes.CLAIM.all(
        tx,
        room=room,
        struggling=FAILURES_STRUGGLING,
        per_endpoint=per_endpoint,
        busy_ids=list(busy),
        busy=list(busy.values()),
        now=now,
        claim_id=claim_id,
        until=now + LEASE,
    )
    if not claimed:
        return claim_id, []
    due = await lanes.HEADS.all(
        tx,
        endpoint_ids=[lane.endpoint_id for lane in claimed],
        aggregates=[lane.aggregate for lane in claimed],
        aggregate_ids=[lane.aggregate_id for lane in claimed],
        now=now,
    )
    return claim_id, due


async def record(tx: Connection, attempts: Sequence[Attempt], now: datetime) -> Recorded:
    """Write down what came of attempts and let their lanes go on."""
    kept = await _still_ours(tx, attempts)
    if not kept:
        return Recorded(0, [])
    retries = [_retry_at(attempt) for attempt in kept]
    made = [(a, a.answer, retry) for a, retry in zip(kept, retries, strict=True) if a.answer is not None]
    if made:
        await _record_deliveries(tx, made)
    lanes_open = await lanes.RELEASE.run(
        tx,
        endpoint_ids=[attempt.due.endpoint_id for attempt in kept],
        aggregates=[attempt.due.aggregate for attempt in kept],
        aggregate_ids=[attempt.due.aggregate_id for attempt in kept],
        next_due_at=retries,
        now=now,
    )
    return Recorded(lanes_open, await _note_attempts(tx, made, now) if made else [])


def _retry_at(attempt: Attempt) -> datetime | None:
    if attempt.answer is None or attempt.answer.delivered:
        return None
    return retry_at(attempt.due.attempts + 1, attempt.ended_at, _chance.random())


def _state(answer: Answer, retry: datetime | None) -> str:
    if answer.delivered:
        return "delivered"
    return "dead" if retry is None else "failed"


async def _still_ours(tx: Connection, attempts: Sequence[Attempt]) -> list[Attempt]:
    held = await lanes.HOLD.all(
        tx,
        endpoint_ids=[attempt.due.endpoint_id for attempt in attempts],
        aggregates=[attempt.due.aggregate for attempt in attempts],
        aggregate_ids=[attempt.due.aggregate_id for attempt in attempts],
        claim_ids=[attempt.claim_id for attempt in attempts],
    )
    keys = {(lane.endpoint_id, lane.aggregate, lane.aggregate_id) for lane in held}
    return [a for a in attempts if (a.due.endpoint_id, a.due.aggregate, a.due.aggregate_id) in keys]


async def _record_deliveries(tx: Connection, made: Sequence[_Made]) -> None:
    await lanes.RECORD.run(
        tx,
        endpoint_ids=[attempt.due.endpoint_id for attempt, _, _ in made],
        event_ids=[attempt.due.event_id for attempt, _, _ in made],
        states=[_state(answer, retry) for _, answer, retry in made],
        next_attempts_at=[retry for _, _, retry in made],
        ended_at=[attempt.ended_at for attempt, _, _ in made],
        statuses=[answer.status for _, answer, _ in made],
        bodies=[answer.body for _, answer, _ in made],
        errors=[answer.error for _, answer, _ in made],
        durations_ms=[answer.duration_ms for _, answer, _ in made],
    )


async def _note_attempts(tx: Connection, made: Sequence[_Made], now: datetime) -> list[SwitchedOff]:
    """Keep how each endpoint stands; one that is gone, or has failed for days, is switched off."""
    succeeded = {attempt.due.endpoint_id for attempt, answer, _ in made if answer.delivered}
    failed = Counter(attempt.due.endpoint_id for attempt, answer, _ in made if not answer.delivered)
    gone = {attempt.due.endpoint_id for attempt, answer, _ in made if answer.status == GONE}
    ids = sorted({attempt.due.endpoint_id for attempt, _, _ in made})
    standings = await endpoints.NOTE_ATTEMPTS.all(
        tx, endpoint_ids=ids, succeeded=[i in succeeded for i in ids], failed=[failed[i] for i in ids], now=now
    )
    off = []
    for standing in standings:
        reason = GONE_REASON if standing.endpoint_id in gone else None
        if reason is None and standing.failing_since is not None:
            reason = reason_for_failing(standing.failing_since, standing.failures_in_row, now)
        if standing.active and reason is not None:
            off.append(SwitchedOff(standing.endpoint_id, standing.url, reason))
    if off:
        await endpoints.DISABLE.run(
            tx,
            endpoint_ids=[each.endpoint_id for each in off],
            reasons=[each.disabled_reason for each in off],
            now=now,
        )
        await outbox.publish(tx, [endpoint_disabled(e.endpoint_id, e.url, e.disabled_reason) for e in off])
    return off
