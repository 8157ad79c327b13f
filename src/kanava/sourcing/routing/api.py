"""HTTP edge of routing: rulesets, and why an order comes from where it does."""

from typing import Annotated
from uuid import UUID

from litestar import Response, get, post, put
from litestar.params import Parameter, QueryParameter

from kanava.platform.auth import requires
from kanava.platform.http import AnyRequest, Cursor, Limit, Page, check_limit, expected_version, read, write
from kanava.sourcing.routing import service
from kanava.sourcing.routing.ruleset import Ruleset, RulesetContent, State
from kanava.sourcing.routing.service import OrderRouting

TAGS = ["Routing"]
InState = Annotated[State | None, QueryParameter(name="state")]
Number = Annotated[int, Parameter(ge=1, le=2**62)]


@get("/api/routing/rulesets", guards=[requires("routing:read")], tags=TAGS, summary="List rulesets, newest first")
async def list_rulesets(
    request: AnyRequest, in_state: InState = None, cursor: Cursor = None, limit: Limit = 50
) -> Response[Page[Ruleset]]:
    """Give rulesets; `state=live` gives the one that decides."""
    check_limit(limit)
    return await read(request, lambda tx, _actor, _now: service.list_rulesets(tx, in_state, cursor, limit))


@post("/api/routing/rulesets", guards=[requires("routing:write")], tags=TAGS, summary="Make a draft of a ruleset")
async def create_ruleset(request: AnyRequest, data: RulesetContent) -> Response[Ruleset]:
    """Make a draft; it decides nothing until it is published."""
    return await write(request, lambda tx, actor, now: service.create_ruleset(tx, actor, data, now))


@get("/api/routing/rulesets/{number:int}", guards=[requires("routing:read")], tags=TAGS, summary="Get a ruleset")
async def get_ruleset(request: AnyRequest, number: Number) -> Response[Ruleset]:
    """Give one ruleset."""
    return await read(request, lambda tx, _actor, _now: service.get_ruleset(tx, number))


@put(
    "/api/routing/rulesets/{number:int}",
    guards=[requires("routing:write")],
    tags=TAGS,
    summary="Put other rules into a draft (If-Match)",
)
async def change_ruleset(request: AnyRequest, number: Number, data: RulesetContent) -> Response[Ruleset]:
    """Replace what a draft says; send the ETag that was read as If-Match."""
    version = expected_version(request)
    return await write(
        request, lambda tx, actor, now: service.change_ruleset(tx, actor, number, data, version, now), 200
    )


@post(
    "/api/routing/rulesets/{number:int}/publish",
    guards=[requires("routing:write")],
    tags=TAGS,
    status_code=200,
    summary="Let a draft decide from now on (If-Match)",
)
async def publish_ruleset(request: AnyRequest, number: Number) -> Response[Ruleset]:
    """Publish a draft; the ruleset that decided until now is retired. Run `kanava routing simulate` before."""
    version = expected_version(request)
    return await write(request, lambda tx, actor, now: service.publish_ruleset(tx, actor, number, version, now), 200)


@get(
    "/api/orders/{order_id:uuid}/routing",
    guards=[requires("routing:read")],
    tags=["Orders", "Routing"],
    summary="Why an order's goods come from where they do",
)
async def get_order_routing(request: AnyRequest, order_id: UUID) -> Response[OrderRouting]:
    """Give every decision with its cost, its reasons and what came second."""
    return await read(request, lambda tx, _actor, _now: service.order_routing(tx, order_id))


routes = [list_rulesets, create_ruleset, get_ruleset, change_ruleset, publish_ruleset, get_order_routing]
