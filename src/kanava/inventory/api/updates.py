"""Bulk updates over HTTP: the body is decoded here, straight into rows, because it may hold 10,000 of them."""

import re
from dataclasses import dataclass
from typing import Annotated, Any

import msgspec
from litestar import Response, post
from litestar.openapi.spec import OpenAPIMediaType, OpenAPIType, Operation, RequestBody, Schema

from kanava.inventory.model import (
    MESSAGE_ROWS_MAX,
    QUANTITY_MAX,
    MessageSequence,
    RowResult,
    SourceCode,
    StockUpdate,
    StockUpdateReport,
    UpdateRow,
)
from kanava.inventory.service import updates
from kanava.platform.auth import requires
from kanava.platform.errors import FieldError, KanavaError
from kanava.platform.http import JSON, AnyRequest, write
from kanava.platform.intake import refuse_zero_bytes

CAN_WRITE: list[Any] = [requires("stock:write")]
_AT = re.compile(r"^(?P<reason>.*?)(?: - at `\$\.?(?P<path>.*?)`)?$", re.DOTALL)
_FIELD = re.compile(r"field `(\w+)`")


class MalformedRequest(KanavaError):
    """The body is no JSON, or not of the documented form."""

    title = "The request does not have the right form."


class LooseUpdate(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A message whose rows are still to be read, one by one."""

    source: SourceCode
    sequence: MessageSequence
    rows: Annotated[list[msgspec.Raw], msgspec.Meta(min_length=1, max_length=MESSAGE_ROWS_MAX)]


# What msgspec raises for bytes that are not what they should be: no JSON, no UTF-8, nested too deep.
BROKEN = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
_MESSAGE = msgspec.json.Decoder(StockUpdate)
_LOOSE = msgspec.json.Decoder(LooseUpdate)
_ROW = msgspec.json.Decoder(UpdateRow)


def _where(error: Exception) -> tuple[str, str]:
    found = _AT.match(str(error))
    path, reason = (found["path"] or "", found["reason"]) if found else ("", str(error))
    named = _FIELD.search(reason)
    return (".".join(filter(None, (path, named[1]))) if named else path), reason


def decode_message(body: bytes) -> tuple[StockUpdate, dict[int, RowResult]]:
    """Read a message; a row that is not of the right form is refused alone, an empty one stands in its place."""
    try:
        message = _MESSAGE.decode(body)
        refuse_zero_bytes(body, message)
        return message, {}
    except msgspec.ValidationError:
        loose = _decode_loose(body)
    except BROKEN as error:
        raise MalformedRequest(str(error), field="body") from None
    rows: list[UpdateRow] = []
    refused = {}
    for number, raw in enumerate(loose.rows):
        try:
            rows.append(_ROW.decode(raw))
        except BROKEN as error:
            rows.append(UpdateRow("", ""))
            refused[number] = RowResult(number, "refused", *_where(error))
    message = StockUpdate(loose.source, loose.sequence, rows)
    refuse_zero_bytes(body, message)
    return message, refused


def _decode_loose(body: bytes) -> LooseUpdate:
    try:
        return _LOOSE.decode(body)
    except msgspec.ValidationError as error:
        path, reason = _where(error)
        raise MalformedRequest(reason, errors=[FieldError(path or "body", reason)]) from None
    except BROKEN as error:
        raise MalformedRequest(str(error), field="body") from None


def _integer(**limits: int) -> Schema:
    return Schema(type=OpenAPIType.INTEGER, **limits)  # type: ignore[arg-type]


_ROW_SCHEMA = Schema(
    type=OpenAPIType.OBJECT,
    description="One level: either `on_hand` (absolute) or `delta`.",
    required=["sku", "location"],
    additional_properties=False,
    properties={
        "sku": Schema(type=OpenAPIType.STRING),
        "location": Schema(type=OpenAPIType.STRING),
        "on_hand": _integer(minimum=0, maximum=QUANTITY_MAX),
        "delta": _integer(minimum=-QUANTITY_MAX, maximum=QUANTITY_MAX),
        "expected_on_hand": _integer(minimum=0),
        "safety_stock": _integer(minimum=0, maximum=QUANTITY_MAX),
        "sequence": _integer(minimum=0),
    },
)
_BODY_SCHEMA = Schema(
    type=OpenAPIType.OBJECT,
    required=["source", "sequence", "rows"],
    additional_properties=False,
    properties={
        "source": Schema(type=OpenAPIType.STRING, min_length=1, max_length=100),
        "sequence": _integer(minimum=0),
        "rows": Schema(type=OpenAPIType.ARRAY, items=_ROW_SCHEMA, min_items=1, max_items=10_000),
    },
)


@dataclass
class UpdateOperation(Operation):
    """The documentation of a body that the framework does not decode itself."""

    def __post_init__(self) -> None:
        """Describe the body."""
        self.request_body = RequestBody(required=True, content={JSON: OpenAPIMediaType(schema=_BODY_SCHEMA)})


@post(
    "/api/stock/updates",
    guards=CAN_WRITE,
    tags=["Stock"],
    status_code=200,
    operation_class=UpdateOperation,
    summary="Report stock from an ERP, WMS or POS: up to 10,000 levels",
)
async def update_stock(request: AnyRequest) -> Response[StockUpdateReport]:
    """Apply absolutes and deltas; a late or repeated message never overwrites a newer one."""
    message, refused = decode_message(await request.body())
    return await write(request, lambda tx, actor, now: updates.update_stock(tx, actor, message, now, refused), 200)


routes = [update_stock]
