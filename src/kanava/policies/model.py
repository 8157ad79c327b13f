"""Policies as they are written, listed and read."""

from datetime import datetime
from typing import Annotated, Literal, get_args

import msgspec
from msgspec import Meta

BODY_LENGTH_MAX = 100_000
TITLE_LENGTH_MAX = 200

Kind = Literal["terms", "privacy", "returns", "shipping", "legal_notice"]
KINDS: tuple[Kind, ...] = get_args(Kind)
"""In the order in which a shop lists them."""
Title = Annotated[str, Meta(min_length=1, max_length=TITLE_LENGTH_MAX)]
Body = Annotated[
    str, Meta(min_length=1, max_length=BODY_LENGTH_MAX, description="CommonMark; HTML in it is shown as text.")
]


class PolicyHead(msgspec.Struct, frozen=True):
    """A policy without its text."""

    country: str
    kind: Kind
    language: str
    title: str
    version: int
    updated_at: datetime


class Policy(msgspec.Struct, frozen=True):
    """A policy."""

    country: str
    kind: Kind
    language: str
    title: str
    body: str
    version: int
    updated_at: datetime


class PolicyInput(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a policy says."""

    title: Title
    body: Body


class PolicyKey(msgspec.Struct, frozen=True):
    """Which policy: for whom, what about, in which language."""

    country: str
    kind: Kind
    language: str

    @property
    def label(self) -> str:
        """How it stands in the audit log: `SI/terms/sl`."""
        return f"{self.country}/{self.kind}/{self.language}"
