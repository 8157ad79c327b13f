"""Conditions that a caller can act upon, each a class of its own.

A condition carries its HTTP status and a stable problem type made from its name:
`InsufficientStock` becomes `urn:kanava:problem:insufficient-stock` (RFC 9457).
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

_WORD_START = re.compile(r"(?<!^)(?=[A-Z])")


@dataclass(frozen=True, slots=True)
class FieldError:
    """One thing wrong in a request: `field` as the caller wrote it (`lines[2].quantity`), `reason` in words.

    A dataclass, so that rules that run in the offline till can raise conditions with the standard library alone.
    """

    field: str
    reason: str


class KanavaError(Exception):
    """Base of every condition that a caller is told about."""

    status: ClassVar[int] = 400
    title: ClassVar[str] = "The request could not be carried out."

    def __init__(
        self, detail: str, *, field: str | None = None, errors: Sequence[FieldError] = (), **extra: object
    ) -> None:
        super().__init__(detail)
        self.detail = detail
        self.errors = (FieldError(field, detail), *errors) if field else tuple(errors)
        self.extra = extra

    @classmethod
    def problem_type(cls) -> str:
        """Give the stable identifier of this condition."""
        return "urn:kanava:problem:" + _WORD_START.sub("-", cls.__name__).lower()


class InvalidInput(KanavaError):
    """A value is outside what is allowed; the errors name the fields."""

    status = 422
    title = "The request has values that are not allowed."


class NotFound(KanavaError):
    """Nothing has the given id or code."""

    status = 404
    title = "There is no such thing."


class Conflict(KanavaError):
    """The request does not fit the present state."""

    status = 409
    title = "The request does not fit the present state."


class AlreadyExists(Conflict):
    """The id or code is taken."""

    title = "That id or code is taken."


class PreconditionFailed(KanavaError):
    """If-Match names another version than the stored one: somebody changed it in between."""

    status = 412
    title = "It was changed in the meantime."


class PreconditionRequired(KanavaError):
    """The If-Match header is missing on a change of something that people edit."""

    status = 428
    title = "Say which version you change (If-Match)."


class Unauthenticated(KanavaError):
    """No credentials, or none that are valid."""

    status = 401
    title = "Sign in or send an API key."


class Forbidden(KanavaError):
    """The caller may not do this, or not at this location."""

    status = 403
    title = "You may not do this."


class TooManyAttempts(KanavaError):
    """A limit on attempts is reached; `retry_after_seconds` says when to come back."""

    status = 429
    title = "Too many attempts."


class Overloaded(KanavaError):
    """A queue is full; nothing was written and the same request may be sent again."""

    status = 503
    title = "Too much at once; try again shortly."
