"""What other modules and the HTTP edge may ask of policies."""

from datetime import datetime

import msgspec

from kanava.platform import audit
from kanava.platform.auth import Actor
from kanava.platform.countries import check_country
from kanava.platform.db import Connection
from kanava.platform.errors import InvalidInput, PreconditionFailed, PreconditionRequired
from kanava.platform.http import Page, decode_cursor, encode_cursor
from kanava.platform.languages import check_language
from kanava.policies import store
from kanava.policies.errors import PolicyNotFound
from kanava.policies.model import KINDS, Policy, PolicyHead, PolicyInput, PolicyKey
from kanava.policies.rules import to_html


async def put_policy(
    tx: Connection, actor: Actor, key: PolicyKey, request: PolicyInput, version: int | None, now: datetime
) -> Policy:
    """Make a policy, or replace one that is still at `version`."""
    _check_key(key)
    check_language(key.language)
    title, body = request.title.strip(), request.body.strip()
    for field, text in (("title", title), ("body", body)):
        if not text:
            raise InvalidInput("It says nothing.", field=field)
    values = {**msgspec.structs.asdict(key), "title": title, "body": body}
    if version is None and await store.INSERT_POLICY.one_or_none(tx, **values, now=now) is not None:
        what = "create"
    else:
        row = await store.LOCK_POLICY.one_or_none(tx, **msgspec.structs.asdict(key))
        if row is None:
            raise _not_found(key)
        if version is None:
            raise PreconditionRequired(
                "It is there already: send If-Match with the ETag that you read.", field="If-Match"
            )
        if row.version != version:
            raise PreconditionFailed(f"The policy is at version {row.version}, not {version}.", field="If-Match")
        await store.UPDATE_POLICY.run(tx, **values, now=now)
        what = "change"
    # Whole: which text stood when an order was placed is read here.
    await audit.record(tx, actor, what, "policy", key.label, {"title": title, "body": body})
    return await get_policy(tx, key)


async def delete_policy(
    tx: Connection,
    actor: Actor,
    key: PolicyKey,
    now: datetime,  # noqa: ARG001 - every verb takes `now`
) -> None:
    """Remove a policy; PolicyNotFound."""
    if await store.DELETE_POLICY.one_or_none(tx, **msgspec.structs.asdict(key)) is None:
        raise _not_found(key)
    await audit.record(tx, actor, "delete", "policy", key.label)


async def get_policy(tx: Connection, key: PolicyKey) -> Policy:
    """Give a policy; PolicyNotFound."""
    found = await store.POLICY.one_or_none(tx, **msgspec.structs.asdict(key))
    if found is None:
        raise _not_found(key)
    return found


async def list_policies(tx: Connection, country: str | None, cursor: str | None, limit: int) -> Page[PolicyHead]:
    """Give policies by country, kind and language, without their texts."""
    after = decode_cursor(cursor, str, str, str) if cursor else ("", "", "")
    names = dict(zip(("after_country", "after_kind", "after_language"), after, strict=True))
    rows = await store.POLICIES_AFTER.all(tx, country=country, **names, limit=limit)
    last = encode_cursor(rows[-1].country, rows[-1].kind, rows[-1].language) if len(rows) == limit else None
    return Page(rows, last)


async def all_heads(tx: Connection) -> list[PolicyHead]:
    """Give every policy without its text, for settings guarded by `config_version`."""
    return await store.ALL_HEADS.all(tx)


def html_of(policy: Policy) -> str:
    """Write the text of a policy as HTML in which nothing runs."""
    return to_html(policy.body)


def _check_key(key: PolicyKey) -> None:
    check_country(key.country)
    if key.kind not in KINDS:
        raise InvalidInput(f"A policy is one of {', '.join(KINDS)}.", field="kind")


def _not_found(key: PolicyKey) -> PolicyNotFound:
    return PolicyNotFound(f"There is no policy {key.label!r}.", field="kind")
