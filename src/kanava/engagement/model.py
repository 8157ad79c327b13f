"""Messages as they are kept and as people see them."""

from datetime import datetime
from typing import Any, Literal, get_args
from uuid import UUID

import msgspec

Kind = Literal[
    "order_confirmed",
    "order_changed",
    "order_cancelled",
    "delivery_changed",
    "cannot_fulfil",
    "stock_delayed",
    "stock_arrived",
    "ready_to_collect",
    "collection_reminder",
    "collected",
    "collection_expired",
    "shipped",
    "delivered",
    "delivery_failed",
    "parcel_returned",
    "refunded",
    "order_link",
    "sign_in_code",
    "work_arrived",
]
Audience = Literal["customer", "staff"]
State = Literal["waiting", "sending", "sent", "failed"]
KINDS: tuple[Kind, ...] = get_args(Kind)
LANGUAGES = ("en", "sl", "pl", "hr", "hu")
"""Languages that messages are written in; any other one gets the first."""


class Draft(msgspec.Struct, frozen=True):
    """A message to be: `once_key` names its reason and recipient, so that it is never written twice."""

    once_key: str
    kind: Kind
    audience: Audience
    recipient: str
    language: str
    facts: dict[str, Any]
    order_id: UUID | None = None
    location_id: int | None = None


class Outgoing(msgspec.Struct, frozen=True):
    """A message that a worker has taken to send."""

    message_id: UUID
    kind: Kind
    recipient: str
    language: str
    order_id: UUID | None
    facts: dict[str, Any]
    attempts: int


class Rendered(msgspec.Struct, frozen=True):
    """The text of a message: HTML with its styles inside, and the same as plain text."""

    subject: str
    html: str
    text: str


class Message(msgspec.Struct, frozen=True):
    """What was told to whom, without the text itself; `error` is why the last attempt failed."""

    message_id: UUID
    kind: Kind
    audience: Audience
    recipient: str
    language: str
    order_id: UUID | None
    state: State
    attempts: int
    subject: str | None
    error: str | None
    created_at: datetime
    due_at: datetime
    sent_at: datetime | None


class Template(msgspec.Struct, frozen=True):
    """A kind of message and the languages it is written in."""

    kind: Kind
    audience: Audience
    languages: list[str]
