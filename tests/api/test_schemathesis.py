"""Whatever the OpenAPI document lets in, and what it does not: no answer is a 5xx, every answer is as documented."""

import asyncio
import random
from typing import Any
from zlib import crc32

import httpx
import pytest
import schemathesis
from schemathesis.config import SchemathesisConfig
from schemathesis.core import NotSet
from schemathesis.engine import Status, events, from_schema

from factories.trading import Names, make_trade
from kanava.platform.db import Database
from tests_support import THOROUGH

pytestmark = [pytest.mark.anyio, pytest.mark.slow]

CHECKS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_schema_conformance",
)
# The boundaries of every parameter and field are tried one by one; on top of them so many random requests.
RANDOM_EXAMPLES = 10 if THOROUGH else 1
# Of the boundaries of an operation the first few are tried, and of the others one in so many: always the same ones.
FIRST_BOUNDARIES = 6
BOUNDARIES_ONE_IN = 1 if THOROUGH else 6
# The operations are dealt out, so that two workers of pytest share them.
PARTS = 2
# So many requests in ten ask for what is there; the others for what the document's types let in.
KNOWN_IN_TEN = 8


def configuration(server: httpx.AsyncClient) -> SchemathesisConfig:
    """Give what is tried: the same on every run."""
    checks: dict[str, Any] = {name: {"enabled": True} for name in CHECKS}
    return SchemathesisConfig.from_dict(
        {
            "seed": 1,
            "workers": 2,
            "headers": {"Authorization": server.headers["Authorization"]},
            "continue-on-failure": True,
            "suppress-health-check": ["all"],
            "request-timeout": 30,
            "generation": {"deterministic": True, "database": "none", "max-examples": RANDOM_EXAMPLES},
            "checks": {"enabled": False, **checks},
            "phases": {
                "examples": {"enabled": False},
                "coverage": {"enabled": True, "unexpected-methods": []},
                "fuzzing": {"enabled": True},
                "stateful": {"enabled": False},
            },
        }
    )


def chance_of(case: schemathesis.Case) -> random.Random:
    """Give chances that depend on the request alone: threads make no difference."""
    body = None if isinstance(case.body, NotSet) else case.body
    return random.Random(repr((case.operation.label, case.path_parameters, case.query, case.headers, body)))


def known(name: str, path: str, names: Names) -> list[str] | None:
    """Give what is there under the name of a parameter; a `code` is something else in every collection."""
    return names.get(f"{path.split('/')[2]}/{name}", names.get(name))


def with_known(body: Any, names: Names, chance: random.Random) -> Any:
    """Give a body whose references lead to what is there, wherever it has text."""
    if isinstance(body, list):
        return [with_known(each, names, chance) for each in body]
    if not isinstance(body, dict):
        return body
    return {
        name: chance.choice(names[name])
        if name in names and isinstance(value, str) and chance.randrange(10) < KNOWN_IN_TEN
        else with_known(value, names, chance)
        for name, value in body.items()
    }


def put_into_the_trade(case: schemathesis.Case, names: Names) -> schemathesis.Case:
    """Let a request ask for what is there."""
    chance, path = chance_of(case), case.operation.path
    made_here = f"{path.rsplit('/', 1)[-1].replace('-', '_').removesuffix('s')}_id"
    for name in case.path_parameters or {}:
        if (found := known(name, path, names)) and chance.randrange(10) < KNOWN_IN_TEN:
            case.path_parameters[name] = chance.choice(found)
    if path.endswith("/stream"):
        # What streams does not end; tests/runtime/test_fulfilment_stream.py listens to it.
        case.path_parameters["code"] = "NOWHERE"
    for name in case.query or {}:
        if name in names and isinstance(case.query[name], str) and chance.randrange(10) < KNOWN_IN_TEN:
            case.query[name] = chance.choice(names[name])
    if "If-Match" in (case.headers or {}) and chance.randrange(10) < KNOWN_IN_TEN:
        case.headers["If-Match"] = f'"{chance.randint(1, 3)}"'
    if isinstance(case.body, list | dict):
        # The id of what the request makes stays new.
        case.body = with_known(case.body, {key: names[key] for key in names if key != made_here}, chance)
    return case


def wrong_answers(server: httpx.AsyncClient, names: Names, own_key: str, part: int) -> tuple[dict[int, int], list[str]]:
    """Run a part of everything; give how often each status came, and what went wrong with the command that shows it."""
    schema = schemathesis.openapi.from_url(f"{server.base_url}/api/openapi.json", config=configuration(server))
    schema = schema.include(func=lambda context: crc32(context.operation.label.encode()) % PARTS == part)
    seen: dict[str, int] = {}

    @schema.hook
    def filter_case(_context: object, case: schemathesis.Case) -> bool:
        if case.meta is None or case.meta.phase.name.value != "coverage":
            return True
        label = case.operation.label
        seen[label] = seen.get(label, 0) + 1
        return seen[label] <= FIRST_BOUNDARIES or chance_of(case).randrange(BOUNDARIES_ONE_IN) == 0

    @schema.hook
    def map_case(_context: object, case: schemathesis.Case) -> schemathesis.Case:
        case = put_into_the_trade(case, names)
        # The key that everything else is asked with lives on.
        if own_key in str(case.path_parameters):
            case.path_parameters = {"prefix": names["prefix"][0]}
        return case

    wrong: list[str] = []
    statuses: dict[int, int] = {}
    for event in from_schema(schema).execute():
        if isinstance(event, events.ScenarioFinished):
            for interaction in event.recorder.interactions.values():
                status = interaction.response.status_code if interaction.response else 0
                statuses[status] = statuses.get(status, 0) + 1
            wrong += [
                f"{event.recorder.label}: {check.failure_info.failure.title}: {check.failure_info.failure.message}\n"
                f"{check.failure_info.code_sample}"
                for checks in event.recorder.checks.values()
                for check in checks
                if check.status is Status.FAILURE and check.failure_info
            ]
        elif isinstance(event, events.NonFatalError):
            # CPython 3.11's own compiler stumbles now and then when two threads compile at once; no request was sent.
            if "AST constructor recursion depth mismatch" not in repr(event.value):
                wrong.append(f"{event.label}: {event.value!r}")
        elif isinstance(event, events.FatalError):
            raise event.exception
    return statuses, wrong


@pytest.mark.parametrize("part", range(PARTS))
async def test_no_request_is_answered_with_a_fault_of_ours(server: httpx.AsyncClient, db: Database, part: int) -> None:
    names = await make_trade(server, db)
    own_key = server.headers["Authorization"].split("_")[1]
    statuses, wrong = await asyncio.to_thread(wrong_answers, server, names, own_key, part)
    assert wrong == [], "\n\n".join(wrong[:10])
    assert sum(statuses.values()) > 900
    assert sum(count for status, count in statuses.items() if status < 300) > 150, "paths lead to what is there"
    assert (await server.get("/api/me")).status_code == 200
