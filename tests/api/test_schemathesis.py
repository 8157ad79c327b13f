"""Whatever the OpenAPI document lets in, and what it does not: no answer is a 5xx, every answer is as documented."""

import asyncio
from typing import Any

import httpx
import pytest
import schemathesis
from schemathesis.config import SchemathesisConfig
from schemathesis.engine import Status, events, from_schema

from factories.orders import SHIP_TO, line, make_shop, new_id, payment, pickup
from kanava.platform.db import Database

pytestmark = [pytest.mark.anyio, pytest.mark.slow]

CHECKS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_schema_conformance",
)
# The boundaries of every parameter and field are tried one by one; on top of them so many random requests.
RANDOM_EXAMPLES = 2


async def seed(server: httpx.AsyncClient, db: Database) -> dict[str, list[str]]:
    """Make a retailer and give the names that requests are to find something under."""
    await make_shop(db)
    order = {
        "order_id": new_id(),
        "channel": "web",
        "lines": [line("CUP", 2), line("MUG", 1, pickup("LJ"))],
        "ship_to": SHIP_TO,
        "payments": [payment(4880, 1220)],
    }
    cart = {"cart_id": new_id(), "channel": "web", "lines": [line("CUP"), line("COAT", 1, pickup("MB"))]}
    hold = {"reservation_id": new_id(), "channel": "web", "location": "LJ", "sku": "CUP", "quantity": 1}
    for path, body in (("orders", order), ("carts", cart), ("reservations", hold)):
        answer = await server.post(f"/api/{path}", json=body)
        assert answer.status_code == 201, answer.text
    hooks = [await server.post("/api/webhook-endpoints", json={"url": "https://93.184.216.34/"}) for _ in range(5)]
    endpoints = [hook.json()["endpoint"]["endpoint_id"] for hook in hooks]
    told = await server.post(f"/api/webhook-endpoints/{endpoints[0]}/test")
    return {
        "endpoint_id": endpoints,
        "event_id": [told.json()["event_id"]],
        "order_id": [order["order_id"]],
        "payment_id": [order["payments"][0]["payment_id"]],
        "cart_id": [cart["cart_id"]],
        "reservation_id": [hold["reservation_id"]],
        "sku": ["CUP", "MUG", "COAT"],
        "handle": ["goods"],
        # Of locations, channels and price lists.
        "code": ["LJ", "web", "eur"],
        "country": ["SI"],
        "tax_category": ["standard"],
    }


def configuration(server: httpx.AsyncClient, known: dict[str, list[str]]) -> SchemathesisConfig:
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
            "dictionaries": {name: {"values": values} for name, values in known.items()},
            "parameters": {f"path.{name}": {"dictionary": name, "probability": 0.7} for name in known},
            "checks": {"enabled": False, **checks},
            "phases": {
                "examples": {"enabled": False},
                "coverage": {"enabled": True, "unexpected-methods": []},
                "fuzzing": {"enabled": True},
                "stateful": {"enabled": False},
            },
        }
    )


def wrong_answers(server: httpx.AsyncClient, known: dict[str, list[str]], own_key: str) -> tuple[int, list[str]]:
    """Run everything; give the number of requests, and what went wrong with the command that shows it."""
    schema = schemathesis.openapi.from_url(f"{server.base_url}/api/openapi.json", config=configuration(server, known))

    @schema.hook
    def filter_case(_context: object, case: schemathesis.Case) -> bool:
        # The key that everything else is asked with lives on.
        return not (case.operation.path.endswith("/revoke") and own_key in str(case.path_parameters))

    wrong, requests = [], 0
    for event in from_schema(schema).execute():
        if isinstance(event, events.ScenarioFinished):
            requests += len(event.recorder.interactions)
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
    return requests, wrong


async def test_no_request_is_answered_with_a_fault_of_ours(server: httpx.AsyncClient, db: Database) -> None:
    known = await seed(server, db)
    own_key = server.headers["Authorization"].split("_")[1]
    requests, wrong = await asyncio.to_thread(wrong_answers, server, known, own_key)
    assert wrong == [], "\n\n".join(wrong[:10])
    assert requests > 5_000
    assert (await server.get("/api/me")).status_code == 200
