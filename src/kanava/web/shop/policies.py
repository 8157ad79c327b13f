"""Policies in the shop: the page of one, and those that a kiosk shows beside what is being typed."""

import asyncio
from typing import Any

import msgspec
from litestar import Response, get
from markupsafe import Markup

from kanava.platform.db import Connection
from kanava.platform.errors import NotFound
from kanava.platform.http import AnyRequest, database_of
from kanava.policies import service as policies
from kanava.policies.errors import PolicyNotFound
from kanava.policies.model import Policy, PolicyHead, PolicyKey
from kanava.web.common.translations import LANGUAGES
from kanava.web.shop.visit import Visit, shop_page

AGREED_TO = ("terms", "privacy")
"""What the checkout asks about."""


class ShownPolicy(msgspec.Struct, frozen=True):
    """A policy with its text as HTML in which nothing runs."""

    policy: Policy
    html: Markup


async def _shown(connection: Connection, head: PolicyHead) -> ShownPolicy:
    policy = await policies.get_policy(connection, PolicyKey(head.country, head.kind, head.language))
    # A text can be made so that writing it takes seconds; nobody else waits for them.
    html = await asyncio.to_thread(policies.html_of, policy)
    return ShownPolicy(policy, Markup(html))  # noqa: S704 # nosec B704


async def agreed_to(request: AnyRequest, visit: Visit) -> list[ShownPolicy]:
    """Give what a kiosk shows above its checkout, which must not be left: what is typed there is kept nowhere."""
    if not visit.kiosk:
        return []
    async with database_of(request).connection() as connection:
        found = []
        for kind in AGREED_TO:
            if head := visit.policy(kind):
                try:
                    found.append(await _shown(connection, head))
                except PolicyNotFound:
                    continue  # Removed a moment ago.
        return found


@get("/{market:str}/{language:str}/policies/{kind:str}")
async def show_policy(request: AnyRequest, visit: Visit, kind: str) -> Response[Any]:
    """Show a policy in the visitor's language, else in one that it is written in."""
    head = visit.policy(kind)
    if head is None:
        raise NotFound("There is no such policy.", field="kind")
    async with database_of(request).connection() as connection:
        shown = await _shown(connection, head)
    # A page in another language than its text is the same text again: search engines are told where it belongs.
    alternates = [
        (slug, code, market.country)
        for slug, market in visit.shop.markets.shops.items()
        for code in LANGUAGES
        if code in visit.shop.policies.get((market.country, kind), {})
    ]
    original = head.language if head.language in LANGUAGES else visit.language
    return shop_page(
        request, visit, "shop/policy.html", shown=shown, alternates=alternates, original=original, kind=kind
    )


routes = [show_policy]
