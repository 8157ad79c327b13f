"""Records of the webhooks module."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

import msgspec
from msgspec import UNSET, Meta, UnsetType

State = Literal["pending", "failed", "delivered", "dead"]
"""pending: not tried yet; failed: tried, and tried again later; dead: given up, may be replayed."""

Url = Annotated[str, Meta(min_length=1, max_length=2000)]
Description = Annotated[str, Meta(max_length=500)]
EventTypes = Annotated[list[Annotated[str, Meta(min_length=1, max_length=100)]], Meta(max_length=100)]
OverlapHours = Annotated[int, Meta(ge=0, le=168)]


class NewEndpoint(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What an endpoint begins with; without `event_types` it gets every event."""

    url: Url
    event_types: EventTypes = []
    description: Description = ""


class EndpointChange(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The fields of an endpoint that change."""

    url: Url | UnsetType = UNSET
    event_types: EventTypes | UnsetType = UNSET
    description: Description | UnsetType = UNSET


class Endpoint(msgspec.Struct, frozen=True):
    """Where events are sent to. `last_success_at` is exact to ten seconds."""

    endpoint_id: UUID
    url: str
    description: str
    event_types: list[str]
    active: bool
    disabled_at: datetime | None
    disabled_reason: str | None
    failing_since: datetime | None
    failures_in_row: int
    last_success_at: datetime | None
    last_failure_at: datetime | None
    version: int
    created_at: datetime
    updated_at: datetime


class EndpointWithSecret(msgspec.Struct, frozen=True):
    """An endpoint and its new secret, which is shown this once."""

    endpoint: Endpoint
    secret: str
    previous_secrets_expire_at: datetime | None = None

    @property
    def version(self) -> int:
        """The version for the ETag."""
        return self.endpoint.version


class Rotation(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How long the secrets of before go on signing beside the new one."""

    overlap_hours: OverlapHours = 24


class Disabling(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Why an endpoint is switched off."""

    reason: Annotated[str, Meta(min_length=1, max_length=500)] = "Switched off by hand."


class ReplaySince(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """From where events are sent again: an instant, or a cursor of the event feed; one of the two."""

    since: Annotated[datetime, Meta(tz=True)] | None = None
    cursor: Annotated[str, Meta(min_length=1, max_length=500)] | None = None


class Replayed(msgspec.Struct, frozen=True):
    """How many deliveries will be sent again; `next_cursor` is null when that was all."""

    deliveries: int
    next_cursor: str | None


class Delivery(msgspec.Struct, frozen=True):
    """One event for one endpoint, and what came back at the last attempt."""

    event_id: UUID
    type: str
    aggregate: str
    aggregate_id: str
    state: str
    attempts: int
    created_at: datetime
    first_attempt_at: datetime | None
    last_attempt_at: datetime | None
    next_attempt_at: datetime | None
    settled_at: datetime | None
    response_status: int | None
    response_body: str | None
    error: str | None
    duration_ms: int | None


class Due(msgspec.Struct, frozen=True, gc=False):
    """A claimed delivery with all that sending it needs; `data` is JSON text, `secrets` the newest first."""

    endpoint_id: UUID
    aggregate: str
    aggregate_id: str
    event_id: UUID
    type: str
    occurred_at: datetime
    data: str
    attempts: int
    url: str
    secrets: list[str]


class Answer(msgspec.Struct, frozen=True):
    """What came back: a status and the beginning of the body, or `error` in words where there was no good answer."""

    status: int | None
    body: str | None
    error: str | None
    duration_ms: int

    @property
    def delivered(self) -> bool:
        """Whether the endpoint has taken the event."""
        return self.error is None


class Attempt(msgspec.Struct, frozen=True):
    """An attempt that is over; `answer` None: it was broken off and does not count."""

    due: Due
    claim_id: UUID
    answer: Answer | None
    ended_at: datetime


class SwitchedOff(msgspec.Struct, frozen=True):
    """An endpoint that was switched off because it failed."""

    endpoint_id: UUID
    url: str
    disabled_reason: str


class Recorded(msgspec.Struct, frozen=True):
    """What recording attempts left: how many of their lanes go on, and which endpoints it switched off."""

    lanes_open: int
    switched_off: list[SwitchedOff]
