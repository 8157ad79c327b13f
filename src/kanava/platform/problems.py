"""Every error as an `application/problem+json` document (RFC 9457) that names the field at fault."""

import re
from typing import Any

import asyncpg
import msgspec
import structlog
from litestar import Request, Response
from litestar.exceptions import HTTPException, ValidationException
from litestar.utils.scope.state import ScopeState

from kanava.platform.errors import FieldError, KanavaError, Overloaded
from kanava.platform.intake import field_not_storable

log = structlog.get_logger()
PROBLEM_JSON = "application/problem+json"
_FRAMEWORK_PROBLEMS = {
    400: ("malformed-request", "The request does not have the right form."),
    404: ("no-such-path", "There is nothing at this path."),
    405: ("method-not-allowed", "This path does not know the method."),
    413: ("body-too-large", "The body is too large."),
    415: ("unsupported-media-type", "The body is of a kind that is not read here."),
}
_MISSING_PARAMETER = re.compile(r"Missing required (?:query|header|cookie|path) parameter '(.+?)'")
_PATH_IN_MESSAGE = re.compile(r" - at `\$?\.?(.*?)`$")
_FIELD_IN_MESSAGE = re.compile(r"Object (contains unknown|missing required) field `(.+)`")


class Problem(msgspec.Struct, omit_defaults=True):
    """An error as callers see it: `type` is stable, `errors` name fields as the caller wrote them."""

    type: str
    title: str
    status: int
    detail: str
    errors: list[FieldError] = []
    request_id: str | None = None


def _respond(
    request: Request[Any, Any, Any],
    problem: Problem,
    extra: dict[str, Any] | None = None,
    headers: dict[str, str] | None = None,
) -> Response[bytes]:
    problem.request_id = request.scope.get("request_id")  # type: ignore[assignment]
    document = msgspec.to_builtins(problem)
    return Response(
        msgspec.json.encode({**(extra or {}), **document}),
        status_code=problem.status,
        media_type=PROBLEM_JSON,
        headers=headers,
    )


def on_kanava_error(request: Request[Any, Any, Any], error: KanavaError) -> Response[bytes]:
    """Answer a condition of ours."""
    problem = Problem(error.problem_type(), error.title, error.status, error.detail, list(error.errors))
    headers = {}
    if error.status == 401:
        headers["www-authenticate"] = "Bearer"
    if isinstance(error, Overloaded):
        headers["retry-after"] = "1"
    if "retry_after_seconds" in error.extra:
        headers["retry-after"] = str(error.extra["retry_after_seconds"])
    return _respond(request, problem, dict(error.extra), headers or None)


def on_validation_error(request: Request[Any, Any, Any], error: ValidationException) -> Response[bytes]:
    """Answer a body or a parameter that does not have the documented form."""
    errors = []
    for item in error.extra if isinstance(error.extra, list) else []:
        message = str(item.get("message", "")) if isinstance(item, dict) else str(item)
        key = str(item.get("key", "")) if isinstance(item, dict) else ""
        at = _PATH_IN_MESSAGE.search(message)
        errors.append(_named(at[1] if at and at[1] else key, _PATH_IN_MESSAGE.sub("", message)))
    if not errors and (missing := _MISSING_PARAMETER.match(error.detail)):
        errors.append(FieldError(missing[1], "The parameter is missing."))
    detail = "; ".join(f"{item.field}: {item.reason}" for item in errors[:3]) or error.detail
    return _respond(
        request,
        Problem(
            "urn:kanava:problem:malformed-request", "The request does not have the right form.", 400, detail, errors
        ),
    )


def _named(path: str, reason: str) -> FieldError:
    """Name a field as the caller would: the framework calls the body `data`, and an object for a field of it."""
    path = "" if path == "data" else path.removeprefix("data.")
    if found := _FIELD_IN_MESSAGE.fullmatch(reason):
        path = f"{path}.{found[2]}" if path else found[2]
        reason = "There is no such field." if found[1] == "contains unknown" else "The field is missing."
    return FieldError(path or "body", reason)


def on_http_exception(request: Request[Any, Any, Any], error: HTTPException) -> Response[bytes]:
    """Answer the framework's own errors (no such path, wrong method, body too large, broken JSON)."""
    status = error.status_code
    slug, title = _FRAMEWORK_PROBLEMS.get(status, ("http-error", "The request could not be understood."))
    # The framework's own words for these are the bare name of the status.
    detail = {
        404: f"Nothing is at {request.scope['path'][:200]}.",
        405: f"{request.method[:20]} is not for this path.",
        413: "The body is larger than what is read here; send it in parts.",
    }
    said = detail.get(status) or error.detail or title
    errors = [FieldError("body", said)] if status in (400, 413) else []
    problem = Problem(f"urn:kanava:problem:{slug}", title, status, said, errors)
    return _respond(request, problem, headers=dict(error.headers) if error.headers else None)


def on_database_error(request: Request[Any, Any, Any], error: asyncpg.PostgresError) -> Response[bytes]:
    """Answer what PostgreSQL refused: a named constraint, or changes that were in the way."""
    constraint = getattr(error, "constraint_name", None)
    if isinstance(error, asyncpg.IntegrityConstraintViolationError):
        status, slug, detail = 409, "constraint-violated", f"The change would break the rule {constraint}."
    elif isinstance(error, asyncpg.DeadlockDetectedError | asyncpg.SerializationError):
        status, slug, detail = 503, "try-again", "Other changes were in the way; nothing was written."
    else:
        return on_unexpected(request, error)
    if status != 503:
        log.warning("database_refused", constraint=constraint, error=str(error), path=request.scope["path"])
    problem = Problem(
        f"urn:kanava:problem:{slug}",
        "The change was refused.",
        status,
        detail,
        [FieldError(constraint, detail)] if constraint else [],
    )
    return _respond(request, problem, headers={"retry-after": "1"} if status == 503 else None)


def on_not_storable(request: Request[Any, Any, Any], error: asyncpg.DataError) -> Response[bytes]:
    """Answer a value that cannot be stored: a number too large for its column, an instant out of range."""
    # Whoever reads the body has read it by now, and the framework keeps it.
    body = ScopeState.from_scope(request.scope).body
    field = field_not_storable(request, str(error), body if isinstance(body, bytes) else b"")
    detail = "The value is outside what can be stored." if field else str(error)
    log.warning("value_not_storable", field=field, error=str(error), path=request.scope["path"])
    problem = Problem(
        "urn:kanava:problem:value-not-storable",
        "A value is outside what can be stored.",
        422,
        detail,
        [FieldError(field, detail)] if field else [],
    )
    return _respond(request, problem)


def on_unreachable(request: Request[Any, Any, Any], error: Exception) -> Response[bytes]:
    """Answer while the database is away."""
    log.error("database_unreachable", error=repr(error), path=request.scope["path"])
    problem = Problem(
        "urn:kanava:problem:unavailable",
        "The database cannot be reached.",
        503,
        "Nothing was confirmed; send the same request again with its Idempotency-Key.",
    )
    return _respond(request, problem, headers={"retry-after": "1"})


def on_unexpected(request: Request[Any, Any, Any], error: Exception) -> Response[bytes]:
    """Answer a fault of ours: logged with its trace, told without it."""
    log.error("unexpected_error", path=request.scope["path"], method=request.method, exc_info=error)
    problem = Problem(
        "urn:kanava:problem:internal-error",
        "Something went wrong on our side.",
        500,
        "The fault is logged under the request id.",
    )
    return _respond(request, problem)


HANDLERS: dict[Any, Any] = {
    KanavaError: on_kanava_error,
    ValidationException: on_validation_error,
    HTTPException: on_http_exception,
    asyncpg.CannotConnectNowError: on_unreachable,
    asyncpg.AdminShutdownError: on_unreachable,
    asyncpg.CrashShutdownError: on_unreachable,
    asyncpg.TooManyConnectionsError: on_unreachable,
    asyncpg.PostgresConnectionError: on_unreachable,
    asyncpg.PostgresError: on_database_error,
    asyncpg.DataError: on_not_storable,
    asyncpg.exceptions.InterfaceError: on_unreachable,
    asyncpg.exceptions.ClientConfigurationError: on_unreachable,
    ConnectionError: on_unreachable,
    OSError: on_unreachable,
    TimeoutError: on_unreachable,
    Exception: on_unexpected,
}
