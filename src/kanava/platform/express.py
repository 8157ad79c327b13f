"""What requests that pass the router by have in common: who sends them, and their answer (ADR-0005)."""

from collections.abc import Mapping

from litestar.types import Send

JSON_HEADER = (b"content-type", b"application/json")


def plain_token(headers: Mapping[bytes, bytes]) -> str | None:
    """Give the bearer token of a request, None when there is none or it wants words."""
    kind, _, token = headers.get(b"authorization", b"").partition(b" ")
    token = token.strip()
    return token.decode() if token and token.isascii() and kind.lower() == b"bearer" else None


async def answer_json(send: Send, status: int, body: bytes, etag: bytes | None = None) -> None:
    """Answer with bytes that are JSON already."""
    headers = [JSON_HEADER, (b"content-length", str(len(body)).encode())]
    if etag is not None:
        headers.append((b"etag", etag))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body, "more_body": False})
