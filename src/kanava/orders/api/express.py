"""`POST /api/orders` past the router, for requests that are plainly well formed (ADR-0005).

The framework's routing, decoding and answering cost as much for a request as deciding the order does. Whatever is not
plain, and every refusal, goes on to the ordinary handler (`placing.py`) with its body played again: there is one place
where errors are put into words.
"""

from collections.abc import Mapping
from typing import cast

import msgspec
from litestar.datastructures import State
from litestar.enums import ScopeType
from litestar.types import ASGIApp, HTTPReceiveMessage, HTTPRequestEvent, Receive, Scope, Send

from kanava.orders.model import PlaceOrder
from kanava.orders.placing.request import Placing
from kanava.platform import idempotency
from kanava.platform.express import answer_json, plain_token
from kanava.platform.http import etag_of

PATH = "/api/orders"
BODY_BYTES_MAX = 65_536
"""Larger bodies take the ordinary way, which asks who sends them before it reads them."""

ETAG = etag_of(1).encode()
_decode = msgspec.json.Decoder(PlaceOrder).decode


def with_express_orders(app: ASGIApp, state: State) -> ASGIApp:
    """Wrap an application so that plain orders are placed without it."""

    async def handle(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != ScopeType.HTTP or scope["path"] != PATH:
            await app(scope, receive, send)
            return
        headers = dict(scope["headers"])
        token = _plain_token(headers) if scope["method"] == "POST" and not scope["query_string"] else None
        if token is None:
            await app(scope, receive, send)
            return
        body = await _body(receive)
        wanted = _wanted(headers, body)
        if wanted is not None:
            order, key = wanted
            try:
                presumed = await state.authenticator.presume(token)
                digest = idempotency.hash_request("POST", PATH + "?", body)
                placed = await state.order_placer.place(Placing(presumed.actor, key, digest, order, presumed=presumed))
            except Exception as error:  # noqa: BLE001 -- the ordinary handler raises it where it is put into words
                scope["placing_refused"] = error  # type: ignore[typeddict-unknown-key]
            else:
                scope["path_template"] = PATH
                await answer_json(send, 201, placed.body, ETAG)
                return
        await app(scope, _played_again(body, receive), send)

    return handle


def _plain_token(headers: Mapping[bytes, bytes]) -> str | None:
    """Give the bearer token of a request with a small JSON body, None for any other request."""
    length = headers.get(b"content-length", b"")
    plain = length.isdigit() and int(length) <= BODY_BYTES_MAX and headers.get(b"content-type") == b"application/json"
    return plain_token(headers) if plain else None


async def _body(receive: Receive) -> bytes:
    parts = []
    while True:
        message = await receive()
        if message["type"] != "http.request":
            return b""
        parts.append(message["body"])
        if not message["more_body"]:
            return b"".join(parts)


def _wanted(headers: Mapping[bytes, bytes], body: bytes) -> tuple[PlaceOrder, str] | None:
    """Decode a request into the order and its idempotency key; None when anything about it wants words."""
    key = headers.get(b"idempotency-key")
    try:
        order = _decode(body)
        name = f"order:{order.order_id}" if key is None else idempotency.check_key(key.decode("latin-1"))
    except Exception:  # noqa: BLE001 -- whatever it is, the ordinary handler finds and says it
        return None
    return None if b"\\u0000" in body else (order, name)


def _played_again(body: bytes, receive: Receive) -> Receive:
    waiting = [body]

    async def receive_again() -> HTTPReceiveMessage:
        if waiting:
            return HTTPRequestEvent(type="http.request", body=waiting.pop(), more_body=False)
        return cast("HTTPReceiveMessage", await receive())

    return receive_again
