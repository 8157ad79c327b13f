"""HTTP edge of policies."""

from typing import Annotated

from litestar import Response, delete, get, put
from litestar.params import Parameter

from kanava.platform.auth import requires
from kanava.platform.http import AnyRequest, Cursor, Limit, Page, check_limit, expected_version, read, write
from kanava.policies import service
from kanava.policies.model import Kind, Policy, PolicyHead, PolicyInput, PolicyKey

TAGS = ["Policies"]
PATH = "/api/policies/{country:str}/{kind:str}/{language:str}"
Country = Annotated[str, Parameter(pattern="^[A-Z]{2}$", description="ISO 3166-1 alpha-2")]
Language = Annotated[str, Parameter(pattern="^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$", max_length=35, description="BCP 47")]


@get("/api/policies", guards=[requires("channels:read")], tags=TAGS, summary="List policies, of a country or of all")
async def list_policies(
    request: AnyRequest, country: Country | None = None, cursor: Cursor = None, limit: Limit = 50
) -> Response[Page[PolicyHead]]:
    """Give policies by country, kind and language, without their texts."""
    check_limit(limit)
    return await read(request, lambda tx, _actor, _now: service.list_policies(tx, country, cursor, limit))


@get(PATH, guards=[requires("channels:read")], tags=TAGS, summary="Get a policy")
async def get_policy(request: AnyRequest, country: Country, kind: Kind, language: Language) -> Response[Policy]:
    """Give one policy with its text."""
    key = PolicyKey(country, kind, language)
    return await read(request, lambda tx, _actor, _now: service.get_policy(tx, key))


@put(PATH, guards=[requires("channels:write")], tags=TAGS, summary="Make a policy, or replace it (If-Match)")
async def put_policy(
    request: AnyRequest, country: Country, kind: Kind, language: Language, data: PolicyInput
) -> Response[Policy]:
    """Make it when there is none; to replace one, send the ETag that was read as If-Match."""
    version = expected_version(request) if "if-match" in request.headers else None
    key = PolicyKey(country, kind, language)
    return await write(request, lambda tx, actor, now: service.put_policy(tx, actor, key, data, version, now), 200)


@delete(PATH, guards=[requires("channels:write")], tags=TAGS, status_code=204, summary="Remove a policy")
async def remove_policy(request: AnyRequest, country: Country, kind: Kind, language: Language) -> Response[None]:
    """Remove one policy; pages of the shop no longer lead to it."""
    key = PolicyKey(country, kind, language)
    return await write(request, lambda tx, actor, now: service.delete_policy(tx, actor, key, now), 204)


routes = [list_policies, get_policy, put_policy, remove_policy]
