"""Error pages: the API's problems, in words for people, in their language and in the dress of the face they were on."""

from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import jinja2
import msgspec
from litestar import Request, Response
from litestar.exceptions import HTTPException

from kanava.platform.errors import KanavaError
from kanava.platform.problems import HANDLERS as PROBLEM_HANDLERS
from kanava.platform.problems import Problem, on_http_exception
from kanava.web.common.pages import Look, is_fragment, page, see_other, sent_from
from kanava.web.common.security import with_headers
from kanava.web.common.translations import preferred_language, translations_of

N = str
"""Marks a text for the catalogues; it is translated where it is shown."""

BY_STATUS = {
    400: N("We could not read what was sent. Please go back and try again."),
    401: N("Please sign in to go on."),
    403: N("You may not do this here."),
    404: N("There is nothing here. It may have been moved or sold out for good."),
    405: N("This address does not take what was sent."),
    409: N("Somebody was quicker: things have changed in the meantime. Please look again."),
    412: N("Somebody changed this in the meantime. Please look again before you save."),
    413: N("That is too large."),
    415: N("A file of this kind is not taken."),
    422: N("Something in the form is not right. Please check what you entered."),
    429: N("Too many attempts. Please wait a little and try again."),
    500: N("Something went wrong on our side. It has been noted; please try again."),
    503: N("We cannot answer right now. Nothing was changed; please try again in a moment."),
}


def look_of(request: Request[Any, Any, Any]) -> Look:
    """Give the look that the page had chosen, or that of the shop in the browser's language."""
    chosen: Look | None = request.scope.get("look")  # type: ignore[assignment]
    if chosen is not None:
        return chosen
    language = preferred_language(request.headers.get("accept-language", "")) or "en"
    if request.scope["path"].startswith("/kiosk/"):
        return Look("kiosk", language, f"/kiosk/{language}", request.app.state.settings.retailer_name)
    return Look("shop", language, "/", request.app.state.settings.retailer_name)


def words_for(status: int, language: str) -> str:
    """Say what a status means to the person at the screen."""
    return translations_of(language).gettext(BY_STATUS.get(status, BY_STATUS[500]))


def _as_page(answer: Callable[..., Response[bytes]]) -> Callable[[Request[Any, Any, Any], Any], Response[Any]]:
    def handler(request: Request[Any, Any, Any], error: Any) -> Response[Any]:
        problem = msgspec.json.decode(answer(request, error).content, type=Problem)
        look = look_of(request)
        sign_in = "/sign-in?next=" + quote(sent_from(request, look.base), safe="/") if problem.status == 401 else ""
        if sign_in and not is_fragment(request) and request.method == "GET":
            return see_other(sign_in)
        template = "common/error_part.html" if is_fragment(request) else "common/error.html"
        told = isinstance(error, KanavaError) and look.language == "en" and not sign_in
        detail = problem.detail if told else ""
        return page(
            request,
            template,
            look,
            status=problem.status,
            problem=problem,
            words=words_for(problem.status, look.language),
            detail=detail,
            # With it the page has the head and foot of her market; after an error of ours they may be what is broken.
            visit=request.scope.get("visit") if problem.status < 500 else None,
            sign_in=sign_in if look.face in ("console", "store") else "",
        )

    return handler


HANDLERS: dict[Any, Any] = {kind: _as_page(answer) for kind, answer in PROBLEM_HANDLERS.items()}
# A kind of OSError, which otherwise means that the database is away: a page of ours is missing.
HANDLERS[jinja2.TemplateNotFound] = HANDLERS[Exception]


def browsers_see_a_page(request: Request[Any, Any, Any], error: HTTPException) -> Response[Any]:
    """Answer for a path that leads nowhere, which belongs to no router: a page for people, a problem for programs."""
    of_programs = request.scope["path"].startswith(("/api/", "/health/", "/metrics"))
    if of_programs or "text/html" not in request.headers.get("accept", ""):
        return on_http_exception(request, error)
    answer: Response[Any] = HANDLERS[HTTPException](request, error)
    return with_headers(answer)
