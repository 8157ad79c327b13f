"""HEAD: what GET would answer, without its body (RFC 9110, 9.3.2); crawlers, proxies and monitors ask so."""

from typing import Any

from litestar.enums import ScopeType
from litestar.types import ASGIApp, Message, Receive, Scope, Send


def answering_heads(app: ASGIApp) -> ASGIApp:
    """Wrap an application that knows GET."""

    async def answering(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != ScopeType.HTTP or scope["method"] != "HEAD":
            await app(scope, receive, send)
            return
        begun = False

        async def receive_until_begun() -> Any:
            # What would stream for hours hears that nobody listens.
            return {"type": "http.disconnect"} if begun else await receive()

        async def send_head(message: Message) -> None:
            nonlocal begun
            if message["type"] != "http.response.start" or begun:
                return
            begun = True
            await send(message)
            await send({"type": "http.response.body", "body": b"", "more_body": False})

        # In the scope itself: whoever stands around this reads from it which route it was.
        scope["method"] = "GET"
        try:
            await app(scope, receive_until_begun, send_head)
        finally:
            scope["method"] = "HEAD"

    return answering
