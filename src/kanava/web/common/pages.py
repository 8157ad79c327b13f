"""A template, the facts it shows and the face it belongs to, made into a page; or a part of one, for htmx."""

from functools import cache, partial
from typing import Any, Literal
from urllib.parse import urlsplit

import jinja2
import msgspec
import structlog
from litestar import Response
from litestar.response import Redirect
from markupsafe import Markup, escape

from kanava.platform import clock
from kanava.platform.http import AnyRequest
from kanava.web.common import assets
from kanava.web.common.formatting import Format
from kanava.web.common.templates import new_environment, query
from kanava.web.common.translations import LANGUAGE_NAMES, LANGUAGES, translations_of

Face = Literal["shop", "kiosk", "store", "console"]
HTML = "text/html"
log = structlog.get_logger()


class Look(msgspec.Struct, frozen=True):
    """What a page of a face needs besides its own facts; `base` is the path that the face's links begin with."""

    face: Face
    language: str
    base: str
    brand: str


@cache
def environment(language: str, face: Face) -> jinja2.Environment:
    """Give the templates of a face in a language."""
    made = new_environment()
    words, form = translations_of(language), Format(language)

    def counted(one: str, many: str, number: int) -> str:
        """Give a plural with its number written as the language writes numbers: 5,880 variants."""
        return words.ngettext(one, many, number).replace("%(num)d", form.number(number))

    made.install_gettext_callables(words.gettext, counted, newstyle=True)  # type: ignore[attr-defined]
    made.globals.update(
        f=form,
        entry=assets.entry,
        languages=LANGUAGES,
        language_names=LANGUAGE_NAMES,
        icon=partial(icon, face),
        json_for_script=json_for_script,
    )
    return made


@cache
def icon(face: Face, name: str, classes: str = "size-5") -> Markup:
    """Draw an icon of the face's sprite; it says nothing to a screen reader, so words must stand beside it."""
    if name not in assets.icon_names(face):
        return without_icon(face, name)
    drawn = '<svg class="{}" aria-hidden="true"><use href="{}#icon-{}"></use></svg>'
    return Markup(drawn).format(classes, assets.icons_path(face), name)  # noqa: S704 # nosec B704


def without_icon(face: Face, name: str) -> Markup:
    """Note that the build has not seen an icon; a page is not refused for want of a picture (in tests it is)."""
    log.error("icon_missing", face=face, icon=name)
    return Markup()


def json_for_script(value: object) -> Markup:
    """Write data for a `<script type="application/…json">`: nothing in it can end the element."""
    text = msgspec.json.encode(value).decode()
    return Markup(text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026"))  # noqa: S704 # nosec B704


def is_fragment(request: AnyRequest) -> bool:
    """Say whether htmx asks, and so only for the part of the page that changes."""
    return request.headers.get("hx-request") == "true"


def render(request: AnyRequest, template: str, look: Look, facts: dict[str, Any]) -> str:
    """Write a template. Every template knows `look`, `f`, `now`, `path` and `gettext` in the page's language."""
    common = {
        "look": look,
        "language": look.language,
        "now": clock.now(),
        "path": request.scope["path"],
        "origin": origin_of(request),
    }
    return environment(look.language, look.face).get_template(template).render({**common, **facts})


def page(
    request: AnyRequest,
    template: str,
    look: Look,
    *,
    status: int = 200,
    headers: dict[str, str] | None = None,
    **facts: Any,
) -> Response[str]:
    """Answer with a page, or with a part of one when the template is a part."""
    text = render(request, template, look, facts)
    return Response(text, status_code=status, media_type=HTML, headers=headers)


def origin_of(request: AnyRequest) -> str:
    """Give what a whole address begins with, as the browser wrote it: https://shop.example."""
    scheme = request.headers.get("x-forwarded-proto", request.scope["scheme"])
    return f"{scheme}://{request.headers.get('host', 'localhost')}"


def see_other(path: str) -> Redirect:
    """Send the browser on after a form (303); going back does not send the form again."""
    return Redirect(path, status_code=303)


def safe_next(path: str | None, otherwise: str) -> str:
    """Give a path of this site to go on to; what leads elsewhere is left out."""
    if path and path.startswith("/") and not path.startswith(("//", "/\\")) and "\n" not in path and "\r" not in path:
        return path
    return otherwise


def sent_from(request: AnyRequest, otherwise: str) -> str:
    """Give the path of the page that a form or a part was asked for from, for coming back to it."""
    if request.method == "GET" and not is_fragment(request):
        asked = request.scope["query_string"].decode("latin-1")
        return request.scope["path"] + (f"?{asked}" if asked else "")
    came_from = urlsplit(str(request.headers.get("hx-current-url") or request.headers.get("referer", "")))
    return safe_next(came_from.path + (f"?{came_from.query}" if came_from.query else ""), otherwise)


__all__ = [
    "Face",
    "Look",
    "Markup",
    "environment",
    "escape",
    "is_fragment",
    "page",
    "query",
    "render",
    "safe_next",
    "see_other",
    "sent_from",
]
