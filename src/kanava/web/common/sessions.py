"""Staff in a browser: the session token of `POST /api/sessions` in a cookie that no script can read."""

from datetime import datetime
from typing import Any

from litestar import Response
from litestar.connection import ASGIConnection
from litestar.datastructures import Cookie
from litestar.handlers import BaseRouteHandler

from kanava.platform.auth import Actor, Guard, actor_of, check_scope
from kanava.platform.errors import Unauthenticated
from kanava.platform.http import AnyRequest

STAFF_COOKIE = "kanava_staff"
LANGUAGE_COOKIE = "kanava_language"
A_YEAR = 365 * 24 * 3600

__all__ = ["STAFF_COOKIE", "cookie", "read_token", "requires_staff", "staff_of"]


def is_secure(request: AnyRequest) -> bool:
    """Say whether the browser came by HTTPS, so that cookies are for HTTPS only."""
    return request.headers.get("x-forwarded-proto", request.scope["scheme"]) == "https"


def cookie(request: AnyRequest, name: str, value: str, seconds: int, path: str = "/") -> Cookie:
    """Make a cookie that no script reads and no other site sends along."""
    return Cookie(
        key=name, value=value, max_age=seconds, path=path, httponly=True, secure=is_secure(request), samesite="lax"
    )


def forget(request: AnyRequest, response: Response[Any], name: str, path: str = "/") -> None:
    """Have the browser forget a cookie."""
    response.set_cookie(cookie(request, name, "", 0, path))


def read_token(connection: ASGIConnection[Any, Any, Any, Any]) -> str:
    """Give the session token of the browser; Unauthenticated without one."""
    token = connection.cookies.get(STAFF_COOKIE, "")
    if not token:
        raise Unauthenticated("Please sign in.", field="session")
    return token


def requires_staff(scope: str) -> Guard:
    """Make a route guard: somebody of the staff is signed in and has `scope`."""

    async def guard(connection: ASGIConnection[Any, Any, Any, Any], _handler: BaseRouteHandler) -> None:
        actor = await connection.app.state.authenticator.actor_of(read_token(connection))
        connection.scope["actor"] = actor  # type: ignore[typeddict-unknown-key]
        check_scope(actor, scope)

    return guard


def staff_of(request: AnyRequest) -> Actor:
    """Give who is signed in."""
    return actor_of(request)


def seconds_until(end: datetime, now: datetime) -> int:
    """Give how long a cookie shall live."""
    return max(0, int((end - now).total_seconds()))
