"""HTTP edge of messages."""

from dataclasses import dataclass
from typing import Annotated, Literal
from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.openapi.spec import OpenAPIMediaType, OpenAPIResponse, OpenAPIType, Operation, Schema
from litestar.params import QueryParameter
from litestar.response import Response as AnyResponse

from kanava.engagement import service
from kanava.engagement.model import Message, State, Template
from kanava.platform.auth import requires
from kanava.platform.http import AnyRequest, Cursor, Limit, Page, check_limit, read, write

Name = Annotated[str, msgspec.Meta(max_length=100)]
PREVIEW_HEADERS = {
    # A preview is looked at in a browser: it runs nothing and loads nothing.
    "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'; img-src data:; sandbox",
    "x-content-type-options": "nosniff",
}


@dataclass
class PreviewOperation(Operation):
    """What the document says of an answer that is a page or plain text."""

    def __post_init__(self) -> None:
        """Name both."""
        text = OpenAPIMediaType(schema=Schema(type=OpenAPIType.STRING))
        answer = (self.responses or {})["200"]
        if isinstance(answer, OpenAPIResponse):
            answer.content = {"text/html": text, "text/plain": text}


@get("/api/messages", guards=[requires("messages:read")], tags=["Messages"], summary="What people were told")
async def list_messages(
    request: AnyRequest,
    order_id: UUID | None = None,
    in_state: Annotated[State | None, QueryParameter(name="state")] = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Response[Page[Message]]:
    """Give messages, the newest first. Texts are not kept; a preview shows how a kind is written."""
    check_limit(limit)
    return await read(request, lambda c, _actor, _now: service.list_messages(c, order_id, in_state, cursor, limit))


@post(
    "/api/messages/{message_id:uuid}/send-again",
    guards=[requires("messages:write")],
    tags=["Messages"],
    summary="Send a message once more",
    status_code=200,
)
async def send_again(request: AnyRequest, message_id: UUID) -> Response[Message]:
    """Send a message again that was sent or has failed."""
    return await write(request, lambda tx, actor, now: service.send_again(tx, actor, message_id, now), status=200)


@get("/api/message-templates", guards=[requires("messages:read")], tags=["Messages"], summary="Kinds of messages")
async def list_templates() -> Page[Template]:
    """Give every kind of message with its languages."""
    return service.list_templates()


@get(
    "/api/message-templates/{kind:str}/preview",
    guards=[requires("messages:read")],
    tags=["Messages"],
    summary="How a kind of message is written",
    operation_class=PreviewOperation,
)
async def preview(
    request: AnyRequest, kind: Name, language: Name = "en", form: Literal["html", "text"] = "html"
) -> AnyResponse[str]:
    """Write a message from made-up facts, as HTML or plain text."""
    written = service.preview(kind, language, request.app.state.settings.retailer_name)
    if form == "text":
        return AnyResponse(written.text, media_type="text/plain", headers=PREVIEW_HEADERS)
    return AnyResponse(written.html, media_type="text/html", headers=PREVIEW_HEADERS)


routes = [list_messages, send_again, list_templates, preview]
