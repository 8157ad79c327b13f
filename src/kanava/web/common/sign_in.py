"""Signing in and out of the store app and the console, and the language of a member of staff."""

from typing import Annotated

import msgspec
from litestar import Response, get, post
from litestar.enums import RequestEncodingType
from litestar.params import Body

from kanava.platform import clock, staff
from kanava.platform.errors import KanavaError, TooManyAttempts, Unauthenticated
from kanava.platform.http import AnyRequest, database_of
from kanava.web.common.pages import Look, page, safe_next, see_other
from kanava.web.common.sessions import (
    A_YEAR,
    LANGUAGE_COOKIE,
    STAFF_COOKIE,
    cookie,
    forget,
    requires_staff,
    seconds_until,
)
from kanava.web.common.translations import known_language, preferred_language

AFTER_SIGN_IN = "/store"


class SignInForm(msgspec.Struct, frozen=True):
    """What the page sends."""

    email: Annotated[str, msgspec.Meta(max_length=200)] = ""
    password: Annotated[str, msgspec.Meta(max_length=200)] = ""
    next: Annotated[str, msgspec.Meta(max_length=2000)] = ""


class LanguageForm(msgspec.Struct, frozen=True):
    """The language that somebody chose, and the page to come back to."""

    language: Annotated[str, msgspec.Meta(max_length=10)]
    next: Annotated[str, msgspec.Meta(max_length=2000)] = ""


def staff_language(request: AnyRequest) -> str:
    """Give the language of the staff's pages: chosen in this browser, else the browser's own, else English."""
    chosen = known_language(request.cookies.get(LANGUAGE_COOKIE))
    return chosen or preferred_language(request.headers.get("accept-language", "")) or "en"


def _look(request: AnyRequest) -> Look:
    return Look("store", staff_language(request), "/store", request.app.state.settings.retailer_name)


@get("/sign-in")
async def sign_in_page(request: AnyRequest, next_path: str = "") -> Response[str]:
    """Show the form."""
    wanted = safe_next(request.query_params.get("next", next_path), "")
    return page(request, "common/sign_in.html", _look(request), email="", problem=None, next=wanted)


@post("/sign-in")
async def sign_in(
    request: AnyRequest, data: Annotated[SignInForm, Body(media_type=RequestEncodingType.URL_ENCODED)]
) -> Response[str]:
    """Sign in and go on to where the browser was going; a wrong password shows the form again."""
    async with database_of(request).transaction() as tx:
        outcome = await staff.sign_in(tx, data.email.strip(), data.password, clock.now())
    if isinstance(outcome, Unauthenticated | TooManyAttempts):
        problem = "wait" if isinstance(outcome, TooManyAttempts) else "wrong"
        wanted = safe_next(data.next, "")
        return page(
            request,
            "common/sign_in.html",
            _look(request),
            status=outcome.status,
            email=data.email,
            problem=problem,
            minutes=_minutes_to_wait(outcome),
            next=wanted,
        )
    if isinstance(outcome, Exception):
        raise outcome
    token, end = outcome
    response = see_other(safe_next(data.next, AFTER_SIGN_IN))
    response.set_cookie(cookie(request, STAFF_COOKIE, token, seconds_until(end, clock.now())))
    return response


def _minutes_to_wait(refusal: KanavaError) -> int:
    seconds = refusal.extra.get("retry_after_seconds")
    return -(-seconds // 60) if isinstance(seconds, int) else 1


@post("/sign-out", guards=[requires_staff("locations:read")])
async def sign_out(request: AnyRequest) -> Response[str]:
    """End the session here and on the server."""
    async with database_of(request).transaction() as tx:
        await staff.sign_out(tx, request.cookies[STAFF_COOKIE])
    response = see_other("/sign-in")
    forget(request, response, STAFF_COOKIE)
    return response


@post("/staff-language")
async def choose_language(
    request: AnyRequest, data: Annotated[LanguageForm, Body(media_type=RequestEncodingType.URL_ENCODED)]
) -> Response[str]:
    """Keep the language of this browser."""
    response = see_other(safe_next(data.next, AFTER_SIGN_IN))
    response.set_cookie(cookie(request, LANGUAGE_COOKIE, known_language(data.language) or "en", A_YEAR))
    return response


routes = [sign_in_page, sign_in, sign_out, choose_language]
