"""Goods wait at a bay and are given to the customer, against her code or a look at an identity document."""

import re
from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.enums import RequestEncodingType
from litestar.params import Body

from kanava.fulfilment.model import Fulfilment
from kanava.fulfilment.requests import CodeProof, HandOver, IdDocument, IdProof, RefusedUnits, StageUnits, UnitsOfLine
from kanava.fulfilment.service import collecting
from kanava.fulfilment.service.policy import policy_of
from kanava.platform import clock
from kanava.platform.http import AnyRequest, database_of
from kanava.web.common.errors import N
from kanava.web.common.sessions import requires_staff, staff_of
from kanava.web.store.forms import Incomplete, fields_of, units_of
from kanava.web.store.shell import Shift
from kanava.web.store.tasks import SHOWN_REFUSALS, attempt, task_page

CAN = [requires_staff("fulfilment:write")]
# What her QR code says: the fulfilment and the six digits.
QR = re.compile(r"^kanava:collect:([0-9a-f-]{36}):([0-9]{6})$")
PAGE = "store/hand_over.html"


class StageForm(msgspec.Struct, frozen=True):
    """Where it waits."""

    staging_id: UUID
    bay: Annotated[str, msgspec.Meta(max_length=40)] = ""


class HandOverForm(msgspec.Struct, frozen=True):
    """How the customer shows that it is hers; units stand in fields of their own."""

    hand_over_id: UUID
    proof: Literal["code", "id_check"] = "code"
    code: Annotated[str, msgspec.Meta(max_length=100)] = ""
    document: IdDocument | None = None
    name: Annotated[str, msgspec.Meta(max_length=200)] = ""
    reason: Annotated[str, msgspec.Meta(max_length=200)] = ""


class OtherCollection(Incomplete):
    """The code that was scanned is of another fulfilment, whose id stands in `fulfilment_id`."""


@post("/tasks/{fulfilment_id:uuid}/stage", guards=CAN)
async def stage(
    request: AnyRequest,
    shift: Shift,
    fulfilment_id: UUID,
    data: Annotated[StageForm, Body(media_type=RequestEncodingType.URL_ENCODED)],
) -> Response[Any]:
    """Put picked units at a bay."""
    bay = data.bay.strip()
    if not bay:
        return await task_page(request, shift, fulfilment_id, Incomplete(N("Please name the bay."), field="bay"))
    wanted, policy = StageUnits(data.staging_id, bay), policy_of(request.app.state.settings)

    def said(now_is: Fulfilment) -> str:
        return "ready" if now_is.state == "ready" else "staged"

    return await attempt(
        request,
        shift,
        fulfilment_id,
        lambda tx, actor, now: collecting.stage(tx, actor, fulfilment_id, wanted, policy, now),
        said,
        typed={"bay": bay},
    )


@get("/tasks/{fulfilment_id:uuid}/hand-over")
async def hand_over_page(request: AnyRequest, shift: Shift, fulfilment_id: UUID) -> Response[str]:
    """Ask for the code."""
    return await task_page(request, shift, fulfilment_id, template=PAGE, other=None, not_all=False)


@post("/tasks/{fulfilment_id:uuid}/hand-over", guards=CAN)
async def hand_over(
    request: AnyRequest,
    shift: Shift,
    fulfilment_id: UUID,
    data: Annotated[HandOverForm, Body(media_type=RequestEncodingType.URL_ENCODED)],
) -> Response[Any]:
    """Give units to the customer, take back what she does not want."""
    fields = await fields_of(request)
    not_all = any(text.strip(" 0") for name, text in fields.items() if name.startswith(("refused_", "later_")))
    again: dict[str, Any] = {"template": PAGE, "typed": fields, "other": None, "not_all": not_all}
    try:
        wanted = _wanted(fulfilment_id, data, fields)
        async with database_of(request).transaction() as tx:
            # Of its own, so that a wrong try is written down although the form fails.
            refusal = await collecting.check_code(tx, staff_of(request), fulfilment_id, wanted, clock.now())
        if refusal is not None:
            raise refusal
    except OtherCollection as error:
        return await task_page(request, shift, fulfilment_id, error, **again | {"other": error.extra["fulfilment_id"]})
    except SHOWN_REFUSALS as error:
        return await task_page(request, shift, fulfilment_id, error, **again)

    def said(now_is: Fulfilment) -> str:
        return "part" if now_is.state == "ready" else "handed"

    return await attempt(
        request,
        shift,
        fulfilment_id,
        lambda tx, actor, now: collecting.hand_over(tx, actor, fulfilment_id, wanted, now),
        said,
        **again,
    )


def _wanted(fulfilment_id: UUID, data: HandOverForm, fields: dict[str, str]) -> HandOver:
    """Read a hand-over: what was staged when the form was shown, less what she refuses and what stays; Incomplete."""
    staged, refused, later = (units_of(fields, prefix) for prefix in ("staged_", "refused_", "later_"))
    left = {no: units - refused.get(no, 0) - later.get(no, 0) for no, units in staged.items()}
    wrong = next((no for no, units in left.items() if units < 0), None)
    if wrong is not None:
        raise Incomplete(N("That is more than is here."), field=f"refused_{wrong}")
    given = [UnitsOfLine(no, units) for no, units in left.items() if units]
    if not given and later:
        # A hand-over without lines would give her everything.
        raise Incomplete(N("Please hand over something, or leave all of it for later."), field="lines")
    reason = data.reason.strip()
    return HandOver(
        data.hand_over_id,
        _proof(fulfilment_id, data),
        given,
        [RefusedUnits(no, units, reason) for no, units in refused.items()],
    )


def _proof(fulfilment_id: UUID, data: HandOverForm) -> CodeProof | IdProof:
    if data.proof == "id_check":
        if data.document is None:
            raise Incomplete(N("Please say which document you saw."), field="document")
        if not data.name.strip():
            raise Incomplete(N("Please enter the name on the document."), field="name")
        return IdProof(data.document, data.name.strip())
    text = data.code.strip().lower()
    scanned = QR.match(text)
    if scanned and scanned[1] != str(fulfilment_id):
        raise OtherCollection(N("This code is of another order."), field="code", fulfilment_id=scanned[1])
    digits = scanned[2] if scanned else "".join(text.split())
    if not re.fullmatch("[0-9]{6}", digits):
        raise Incomplete(N("The code has six digits."), field="code")
    return CodeProof(digits)


routes: list[Any] = [stage, hand_over_page, hand_over]
