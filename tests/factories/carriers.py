"""Carriers for tests: services in the words of the API."""

from typing import Any

import httpx

WORKDAYS = ["mo", "tu", "we", "th", "fr"]
POINT = {"code": "P-1", "name": "Locker 1", "country": "SI", "latitude": 46.051, "longitude": 14.511}


def zone(code: str = "home", *, origins: list[str] | None = None, **more: Any) -> dict[str, Any]:
    """Make a zone from Slovenia to Slovenia: a day, 10 kg, 3.10 for us, 4.90 for the customer."""
    return {
        "code": code,
        "origins": origins or ["SI"],
        "destinations": [{"country": "SI"}],
        "transit_days": 1,
        "rates": [{"weight_grams_up_to": 10_000, "cost_minor": 310, "prices": {"EUR": 490}}],
    } | more


def service(kind: str = "address", *zones: dict[str, Any], **terms: Any) -> dict[str, Any]:
    """Make a service that collects until 16:00 on workdays."""
    return {
        "name": "Home",
        "kind": kind,
        "weight_grams_max": 10_000,
        "terms": {
            "cut_offs": dict.fromkeys(WORKDAYS, "16:00"),
            "delivery_weekdays": WORKDAYS,
            "zones": list(zones) or [zone()],
        }
        | terms,
    }


async def put(client: httpx.AsyncClient, path: str, body: Any, status: int = 200, version: int | None = None) -> Any:
    """Write something under its path, which must be answered with this status."""
    headers = {} if version is None else {"If-Match": f'"{version}"'}
    answer = await client.put(path, json=body, headers=headers)
    assert answer.status_code == status, answer.text
    return answer.json()


async def make_carrier(client: httpx.AsyncClient, code: str = "post", **services: dict[str, Any]) -> None:
    """Make a carrier with services by their codes (underscores read as dashes)."""
    await put(client, f"/api/carriers/{code}", {"name": code.title()})
    for name, body in services.items():
        await put(client, f"/api/carriers/{code}/services/{name.replace('_', '-')}", body)
