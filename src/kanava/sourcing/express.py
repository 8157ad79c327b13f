"""`GET /api/availability` past the router, for questions that are plainly well formed (ADR-0005).

Routing, reading the parameters and making the answer cost the framework as much as answering costs us. Whatever is not
plain, and every refusal, goes on to the ordinary handler (`api.py`), which asks again: there is one place where errors
are put into words.
"""

import re
from urllib.parse import parse_qsl

import msgspec
from litestar.datastructures import State
from litestar.enums import ScopeType
from litestar.types import ASGIApp, Receive, Scope, Send

from kanava.platform import clock
from kanava.platform.auth import check_scope
from kanava.platform.express import answer_json, plain_token
from kanava.sourcing.api import PATH, SCOPE, confirm_with
from kanava.sourcing.availability import SKUS_MAX, STORES_DEFAULT, STORES_MAX, Question

_DEGREES = re.compile(r"-?[0-9]{1,3}(\.[0-9]{1,12})?")
_FORMS = {
    "channel": re.compile(r".{1,100}", re.DOTALL),
    "latitude": _DEGREES,
    "longitude": _DEGREES,
    "locations": re.compile(r"[1-9][0-9]?"),
    "country": re.compile(r"[A-Z]{2}"),
}


def with_express_availability(app: ASGIApp, state: State) -> ASGIApp:
    """Wrap an application so that plain questions are answered without it."""

    async def handle(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != ScopeType.HTTP or scope["path"] != PATH:
            await app(scope, receive, send)
            return
        headers = dict(scope["headers"])
        plain = scope["method"] == "GET" and b"content-length" not in headers and b"transfer-encoding" not in headers
        question = read_question(scope["query_string"]) if plain else None
        token = plain_token(headers) if question is not None else None
        if question is None or token is None:
            await app(scope, receive, send)
            return
        try:
            body = await _answer(state, token, question)
        except Exception:  # noqa: BLE001 -- the ordinary handler raises it where it is put into words
            await app(scope, receive, send)
            return
        scope["path_template"] = PATH
        await answer_json(send, 200, body)

    return handle


async def _answer(state: State, token: str, question: Question) -> bytes:
    presumed = await state.authenticator.presume(token)
    check_scope(presumed.actor, SCOPE)
    now = clock.now()
    confirm_caller = confirm_with(state.authenticator, presumed, now)
    async with state.availability.db.connection() as connection:
        return msgspec.json.encode(await state.availability.answer(connection, question, now, confirm_caller))


def read_question(query: bytes) -> Question | None:
    """Read the parameters; None when anything about them wants words."""
    try:
        pairs = parse_qsl(query.decode("ascii"), keep_blank_values=True, strict_parsing=True, errors="strict")
    except ValueError:
        return None
    skus = [value for name, value in pairs if name == "sku"]
    once = {name: value for name, value in pairs if name in _FORMS}
    known = len(skus) + len(once) == len(pairs) and 1 <= len(skus) <= SKUS_MAX and "channel" in once
    if not known or b"%00" in query or not all(_FORMS[name].fullmatch(value) for name, value in once.items()):
        return None
    latitude, longitude = once.get("latitude"), once.get("longitude")
    position = None if latitude is None or longitude is None else (float(latitude), float(longitude))
    if (latitude is None) != (longitude is None) or (position and (abs(position[0]) > 90 or abs(position[1]) > 180)):
        return None
    count = int(once.get("locations", STORES_DEFAULT))
    return Question(once["channel"], skus, position, count, once.get("country")) if count <= STORES_MAX else None
