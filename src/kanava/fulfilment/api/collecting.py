"""Collecting over HTTP: stage, hand over, the customer's own words, who waits."""

from typing import Literal
from uuid import UUID

from litestar import Response, get, post

from kanava.fulfilment.model import Fulfilment
from kanava.fulfilment.requests import (
    Arrived,
    CollectionPass,
    CollectionStatus,
    HandOver,
    OnMyWay,
    StageUnits,
    WaitingCustomer,
)
from kanava.fulfilment.service import collecting, curbside
from kanava.fulfilment.service.policy import CollectionPolicy, policy_of
from kanava.inventory.attempts import until_settled
from kanava.platform import clock
from kanava.platform.auth import actor_of, check_scope, requires, signed_in
from kanava.platform.http import AnyRequest, Page, database_of, read, write

CAN = [requires("fulfilment:write")]
TAGS = ["Fulfilment"]
PICTURES: dict[Literal["svg", "png"], str] = {"svg": "image/svg+xml", "png": "image/png"}
# Whoever may tell customers things may know what they are told; people at counters may not.
MAY_TELL = [requires("messages:write")]


def _policy(request: AnyRequest) -> CollectionPolicy:
    return policy_of(request.app.state.settings)


@post(
    "/api/fulfilments/{fulfilment_id:uuid}/stage",
    guards=CAN,
    tags=TAGS,
    status_code=200,
    summary="Put picked units where they wait for the customer",
)
async def stage_units(request: AnyRequest, fulfilment_id: UUID, data: StageUnits) -> Response[Fulfilment]:
    """Stage all or part; when that is everything, it is ready and the customer is told."""
    policy = _policy(request)
    return await write(
        request, lambda tx, actor, now: collecting.stage(tx, actor, fulfilment_id, data, policy, now), 200
    )


@post(
    "/api/fulfilments/{fulfilment_id:uuid}/hand-overs",
    guards=CAN,
    tags=TAGS,
    summary="Give staged units to the customer, against her code or an identity document",
)
async def hand_over_units(request: AnyRequest, fulfilment_id: UUID, data: HandOver) -> Response[Fulfilment]:
    """Hand over all or part, and take back what she refuses. Ten wrong codes lock it for 15 minutes, then longer."""
    async with database_of(request).transaction() as tx:
        # Of its own, so that a wrong try is written down although the request fails.
        refusal = await collecting.check_code(tx, actor_of(request), fulfilment_id, data, clock.now())
    if refusal is not None:
        raise refusal
    return await until_settled(
        lambda: write(request, lambda tx, actor, now: collecting.hand_over(tx, actor, fulfilment_id, data, now))
    )


async def _admit(request: AnyRequest, order_id: UUID, fulfilment_id: UUID, token: str | None) -> None:
    """Let the customer in by the token of her link, everybody else by scope."""
    if token is None:
        await signed_in(request, request.route_handler)
        check_scope(actor_of(request), "fulfilment:write")
        return
    async with database_of(request).connection() as connection:
        customer = await curbside.customer_of(connection, order_id, fulfilment_id, token)
    request.scope["actor"] = customer  # type: ignore[typeddict-unknown-key]


@post(
    "/api/orders/{order_id:uuid}/fulfilments/{fulfilment_id:uuid}/on-my-way",
    tags=TAGS,
    status_code=200,
    security=[],
    summary="The customer has set out (her link's token, or fulfilment:write)",
)
async def set_out(
    request: AnyRequest, order_id: UUID, fulfilment_id: UUID, data: OnMyWay
) -> Response[CollectionStatus]:
    """Tell the place that she is coming, and when."""
    await _admit(request, order_id, fulfilment_id, data.token)
    return await write(
        request, lambda tx, actor, now: curbside.set_out(tx, actor, order_id, fulfilment_id, data, now), 200
    )


@post(
    "/api/orders/{order_id:uuid}/fulfilments/{fulfilment_id:uuid}/arrived",
    tags=TAGS,
    status_code=200,
    security=[],
    summary="The customer waits in her car (her link's token, or fulfilment:write)",
)
async def arrive(request: AnyRequest, order_id: UUID, fulfilment_id: UUID, data: Arrived) -> Response[CollectionStatus]:
    """Start her waiting clock; said again, only the parking bay may change."""
    await _admit(request, order_id, fulfilment_id, data.token)
    return await write(
        request, lambda tx, actor, now: curbside.arrive(tx, actor, order_id, fulfilment_id, data, now), 200
    )


@get(
    "/api/locations/{code:str}/curbside",
    guards=[requires("fulfilment:read")],
    tags=TAGS,
    summary="Who waits in a car at a place, and who is on the way",
)
async def waiting_customers(request: AnyRequest, code: str) -> Response[Page[WaitingCustomer]]:
    """Give who waits, the longest first, then who is coming."""
    policy = _policy(request)
    return await read(request, lambda c, actor, now: curbside.waiting_at(c, actor, code, policy, now))


@get(
    "/api/orders/{order_id:uuid}/fulfilments/{fulfilment_id:uuid}/collection-pass",
    guards=MAY_TELL,
    tags=TAGS,
    summary="The collection code, for messages to the customer",
)
async def collection_pass(request: AnyRequest, order_id: UUID, fulfilment_id: UUID) -> Response[CollectionPass]:
    """Give the code, the text of its QR code and the token of her links."""
    return await read(request, lambda c, _actor, _now: collecting.collection_pass(c, order_id, fulfilment_id))


async def _picture(
    request: AnyRequest, order_id: UUID, fulfilment_id: UUID, kind: Literal["svg", "png"]
) -> Response[bytes]:
    from kanava.fulfilment.printing.qr import render_qr

    async with database_of(request).connection() as connection:
        found = await collecting.collection_pass(connection, order_id, fulfilment_id)
    return Response(
        render_qr(found.qr_text, kind), media_type=PICTURES[kind], headers={"cache-control": "private, no-store"}
    )


@get(
    "/api/orders/{order_id:uuid}/fulfilments/{fulfilment_id:uuid}/collection-qr.svg",
    guards=MAY_TELL,
    tags=TAGS,
    media_type="image/svg+xml",
    summary="The collection code as a QR code (SVG)",
)
async def collection_qr_svg(request: AnyRequest, order_id: UUID, fulfilment_id: UUID) -> Response[bytes]:
    """Give the picture."""
    return await _picture(request, order_id, fulfilment_id, "svg")


@get(
    "/api/orders/{order_id:uuid}/fulfilments/{fulfilment_id:uuid}/collection-qr.png",
    guards=MAY_TELL,
    tags=TAGS,
    media_type="image/png",
    summary="The collection code as a QR code (PNG)",
)
async def collection_qr_png(request: AnyRequest, order_id: UUID, fulfilment_id: UUID) -> Response[bytes]:
    """Give the picture."""
    return await _picture(request, order_id, fulfilment_id, "png")


routes = [
    stage_units,
    hand_over_units,
    set_out,
    arrive,
    waiting_customers,
    collection_pass,
    collection_qr_svg,
    collection_qr_png,
]
