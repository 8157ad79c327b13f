"""The OpenAPI document: the framework's, plus what it cannot know — our errors, who may call, and our headers."""

from dataclasses import dataclass
from typing import Any

from litestar import Litestar
from litestar.openapi.spec import OpenAPIFormat, OpenAPIMediaType, OpenAPIType, Operation, RequestBody, Schema

from kanava.platform.idempotency import KEY_LENGTH_MAX

OPEN_PATHS = frozenset({"/health/live", "/health/ready", "/metrics", "/api/sessions"})
"""What is answered without credentials."""

COMPONENTS: dict[str, Any] = {
    "securitySchemes": {
        "bearer": {"type": "http", "scheme": "bearer", "description": "An API key or the token of a session."}
    },
    "parameters": {
        "IdempotencyKey": {
            "name": "Idempotency-Key",
            "in": "header",
            "description": "The same key and the same request again get the first answer; another request, 409.",
            "schema": {"type": "string", "minLength": 1, "maxLength": KEY_LENGTH_MAX, "pattern": "^[!-~]+$"},
        },
        "IfMatch": {
            "name": "If-Match",
            "in": "header",
            "description": "The ETag of the version that is changed.",
            "schema": {"type": "string", "pattern": '^"[0-9]{1,18}"$'},
        },
    },
    "responses": {
        "Problem": {
            "description": "What went wrong, in words, with the fields at fault (RFC 9457).",
            "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
        }
    },
}
PROBLEM_SCHEMA: dict[str, Any] = {
    "type": "object",
    "description": "An error; `type` is stable, `errors` name fields as the caller wrote them.",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": {"type": "string", "pattern": "^urn:kanava:problem:"},
        "title": {"type": "string"},
        "status": {"type": "integer", "minimum": 400, "maximum": 599},
        "detail": {"type": "string"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["field", "reason"],
                "properties": {"field": {"type": "string"}, "reason": {"type": "string"}},
            },
        },
        "request_id": {"type": "string"},
    },
}


FILE = OpenAPIMediaType(schema=Schema(type=OpenAPIType.STRING, format=OpenAPIFormat.BINARY))


@dataclass
class FileUpload(Operation):
    """An operation whose body is a file; what kind of file is seen from its content."""

    def __post_init__(self) -> None:
        """Describe the body."""
        self.request_body = RequestBody(required=True, content={"application/octet-stream": FILE})


def _complete(operation: dict[str, Any], method: str, needs_key: bool) -> None:
    responses = operation["responses"]
    # The framework describes its own errors, which nobody ever sees.
    responses.pop("400", None)
    responses["default"] = {"$ref": "#/components/responses/Problem"}
    if "204" in responses:
        responses["204"].pop("content", None)
    if not needs_key:
        return
    operation["security"] = [{"bearer": []}]
    parameters = operation.setdefault("parameters", [])
    if method != "get":
        parameters.append({"$ref": "#/components/parameters/IdempotencyKey"})
    if "If-Match" in operation["summary"]:
        parameters.append({"$ref": "#/components/parameters/IfMatch"})


def describe(app: Litestar) -> dict[str, Any]:
    """Give the OpenAPI 3.1 document of an application."""
    document = app.openapi_schema.to_schema()
    for kind, named in COMPONENTS.items():
        document["components"][kind] = named
    document["components"]["schemas"]["Problem"] = PROBLEM_SCHEMA
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            _complete(operation, method, path not in OPEN_PATHS)
    return document
