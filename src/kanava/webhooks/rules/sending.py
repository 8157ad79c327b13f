"""What is sent, how it is signed, and when it is tried again."""

import base64
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec
from standardwebhooks import Webhook

from kanava.webhooks.model import Due

SECRET_PREFIX = "whsec_"  # noqa: S105 -- the prefix of all of them (Standard Webhooks)
SECRET_BYTES = 32
SOURCE = "urn:kanava"
CONTENT_TYPE = "application/cloudevents+json; charset=utf-8"
RETRY_DELAYS = (
    timedelta(seconds=5),
    timedelta(seconds=30),
    timedelta(minutes=2),
    timedelta(minutes=10),
    timedelta(hours=1),
    timedelta(hours=3),
    timedelta(hours=8),
    timedelta(hours=24),
)
"""After each failure in turn; the one after the last is the end."""
JITTER_SHARE = 0.2
"""A delay is up to so much longer, so that what failed together does not come back together."""
FAILING_FOR_MAX = timedelta(days=3)
FAILURES_MIN = 20
"""An endpoint is switched off after that time without any success, and that many failures."""
GONE_REASON = "It answered 410 Gone."


class CloudEvent(msgspec.Struct, frozen=True, gc=False):
    """An event in the structured JSON of CloudEvents 1.0."""

    specversion: str
    id: UUID
    source: str
    type: str
    subject: str
    time: datetime
    datacontenttype: str
    data: Any


def body_of(due: Due) -> bytes:
    """Give the body: the same bytes at every attempt."""
    return msgspec.json.encode(
        CloudEvent(
            specversion="1.0",
            id=due.event_id,
            source=SOURCE,
            type=due.type,
            subject=f"{due.aggregate}/{due.aggregate_id}",
            time=due.occurred_at,
            datacontenttype="application/json",
            data=msgspec.Raw(due.data.encode()),
        )
    )


def headers_of(due: Due, body: bytes, now: datetime) -> dict[str, str]:
    """Give the headers: the event's id, the instant of this attempt, a signature by each secret in force."""
    message_id, text, at = str(due.event_id), body.decode(), now.astimezone(UTC)
    return {
        "content-type": CONTENT_TYPE,
        "webhook-id": message_id,
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": " ".join([Webhook(secret).sign(message_id, at, text) for secret in due.secrets]),
    }


def secret_of(random: bytes) -> str:
    """Write random bytes as a secret."""
    return SECRET_PREFIX + base64.b64encode(random).decode()


def retry_at(attempts: int, now: datetime, chance: float) -> datetime | None:
    """Say when to try again after so many attempts, None: never; `chance` is between 0 and 1."""
    if attempts > len(RETRY_DELAYS):
        return None
    return now + RETRY_DELAYS[attempts - 1] * (1 + JITTER_SHARE * chance)


def failure_of(status: int, location: str | None) -> str | None:
    """Say why an answer is no delivery; None when it is one."""
    if 200 <= status < 300:
        return None
    if 300 <= status < 400:
        where = f" to {location[:200]}" if location else ""
        return f"It answered {status}, a redirect{where}; redirects are not followed."
    return GONE_REASON if status == 410 else f"It answered {status}."


def beginning_of(body: bytes, length_max: int) -> str:
    """Give the beginning of an answer as text that can be stored."""
    return body[:length_max].decode(errors="replace").replace("\x00", "\ufffd")


def reason_for_failing(since: datetime, failures: int, now: datetime) -> str | None:
    """Say why an endpoint is switched off; None while it may go on."""
    if failures < FAILURES_MIN or now - since < FAILING_FOR_MAX:
        return None
    return f"Nothing was delivered since {since:%Y-%m-%d %H:%M} UTC ({failures} attempts)."
