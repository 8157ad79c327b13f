"""Rulesets over HTTP, and why an order comes from where it does."""

import httpx
import pytest

from factories.orders import line, make_shop, pickup, place
from kanava.platform import clock
from kanava.platform.consumers import drain
from kanava.platform.db import Database
from kanava.platform.ids import uuid7
from kanava.platform.outbox import Event, publish
from kanava.sourcing.routing import decisions, service
from kanava.sourcing.routing.costing import OrderFacts
from kanava.sourcing.routing.decisions import decision_of
from kanava.sourcing.routing.model import Need
from kanava.sourcing.routing.rules import route
from tests_support import settled

pytestmark = pytest.mark.anyio

KEEP_SHOPS = {
    "name": "Shops keep theirs",
    "costs": {"split_penalty_minor": 150, "handling_per_parcel_minor": 80},
    "rules": [
        {"name": "Never from Ljubljana at the market", "effect": "never",
         "when": {"channels": ["market"], "locations": ["LJ"]}},
        {"name": "Warehouse first", "effect": "prefer", "amount_minor": 200, "when": {"kinds": ["warehouse"]}},
        {"name": "Small orders in one parcel", "effect": "parcels_max", "parcels_max": 1,
         "when": {"value_below_minor": 2000}},
    ],
}  # fmt: skip


async def put(client: httpx.AsyncClient, ruleset: dict, body: dict, version: int | None = None) -> httpx.Response:
    etag = f'"{version or ruleset["version"]}"'
    return await client.put(f"/api/routing/rulesets/{ruleset['number']}", json=body, headers={"If-Match": etag})


async def publish_(client: httpx.AsyncClient, ruleset: dict) -> httpx.Response:
    headers = {"If-Match": f'"{ruleset["version"]}"'}
    return await client.post(f"/api/routing/rulesets/{ruleset['number']}/publish", headers=headers)


async def draft(client: httpx.AsyncClient, body: dict) -> dict:
    answer = await client.post("/api/routing/rulesets", json=body)
    assert answer.status_code == 201, answer.text
    return answer.json()


async def test_a_draft_is_edited_published_and_then_stands(client: httpx.AsyncClient, db: Database) -> None:
    await make_shop(db)
    first = await draft(client, KEEP_SHOPS)
    assert (first["state"], first["version"]) == ("draft", 1)
    assert first["rules"][0]["when"] == {"channels": ["market"], "locations": ["LJ"]}
    changed = await put(client, first, {**KEEP_SHOPS, "name": "Shops keep most"})
    assert changed.json()["name"] == "Shops keep most"
    assert (await put(client, first, KEEP_SHOPS)).status_code == 412
    live = await publish_(client, changed.json())
    assert live.json()["state"] == "live"
    assert (await put(client, live.json(), KEEP_SHOPS)).status_code == 409
    second = await draft(client, {"name": "Nothing special"})
    assert (await publish_(client, second)).status_code == 200
    states = {row["number"]: row["state"] for row in (await client.get("/api/routing/rulesets")).json()["items"]}
    assert states == {first["number"]: "retired", second["number"]: "live"}
    listed = (await client.get("/api/routing/rulesets", params={"state": "live"})).json()["items"]
    assert [row["number"] for row in listed] == [second["number"]]


@pytest.mark.parametrize(
    ("rule", "field"),
    [
        ({"effect": "prefer", "when": {"kinds": ["store"]}}, "rules[0].amount_minor"),
        ({"effect": "avoid", "amount_minor": 5}, "rules[0].when"),
        ({"effect": "never", "when": {"locations": ["LJ", "NOWHERE"]}}, "rules[0].when.locations[1]"),
        ({"effect": "never", "when": {"kinds": ["store"], "countries": ["ZZ"]}}, "rules[0].when.countries[0]"),
        ({"effect": "never", "when": {"kinds": ["store"], "categories": ["tents"]}}, "rules[0].when.categories[0]"),
        ({"effect": "parcels_max", "when": {"channels": ["web"]}}, "rules[0].parcels_max"),
        ({"effect": "parcels_max", "parcels_max": 1, "when": {"kinds": ["store"]}}, "rules[0].when"),
        (
            {"effect": "parcels_max", "parcels_max": 1, "when": {"value_from_minor": 9, "value_below_minor": 9}},
            "rules[0].when.value_below_minor",
        ),
    ],
)
async def test_a_rule_that_cannot_hold_is_named(
    client: httpx.AsyncClient, db: Database, rule: dict, field: str
) -> None:
    await make_shop(db)
    answer = await client.post("/api/routing/rulesets", json={"name": "Wrong", "rules": [{"name": "It", **rule}]})
    assert answer.status_code == 422, answer.text
    assert [error["field"] for error in answer.json()["errors"]] == [field]


async def test_what_is_not_known_or_not_allowed_is_refused(client: httpx.AsyncClient) -> None:
    assert (await client.get("/api/routing/rulesets/99")).status_code == 404
    assert (await client.put("/api/routing/rulesets/1", json={"name": "x"})).status_code == 428
    bad = {"name": "x", "rules": [{"name": "x", "effect": "sometimes"}]}
    assert (await client.post("/api/routing/rulesets", json=bad)).status_code == 400
    assert (await client.get(f"/api/orders/{uuid7()}/routing")).status_code == 404


async def test_rules_change_where_goods_come_from(client: httpx.AsyncClient, db: Database) -> None:
    shop = await make_shop(db)
    body = {
        "name": "Through the shops",
        "rules": [
            {"name": "Shops first", "effect": "prefer", "amount_minor": 300, "when": {"locations": ["LJ"]}},
            {"name": "Nothing dear from shops", "effect": "never",
             "when": {"kinds": ["store"], "value_from_minor": 50_000}},
        ],
    }  # fmt: skip
    await publish_(client, await draft(client, body))
    now = clock.now()
    async with db.connection() as connection:
        live = await service.live_ruleset(connection)
        world = await service.load_world(connection, [live], now)
    router, channel = world.routers[0], world.channels["web"]
    units = {(shop.variants["CUP"], shop.locations[code]): 5 for code in ("WH", "LJ")}
    chosen = {}
    for value in (1_000, 60_000):
        setting = router.setting(channel.shipping, OrderFacts("web", "SI", value_minor=value), now)
        plan = route([Need(1, shop.variants["CUP"], 1)], setting.places, units, setting.terms)
        chosen[value] = (plan.parts[0].location_id, plan.cost_minor)
    assert chosen == {1_000: (shop.locations["LJ"], 200), 60_000: (shop.locations["WH"], 300)}


async def test_the_decision_of_an_order_is_kept_with_reasons_and_runner_up(
    client: httpx.AsyncClient, db: Database
) -> None:
    shop = await make_shop(db)
    order_id = uuid7()
    body = {
        "order_id": str(order_id),
        "channel": "web",
        "lines": [{"sku": "CUP", "quantity": 2}],
        "ship_to": {"country": "SI"},
    }
    assert (await client.post("/api/orders", json=body, headers={"Idempotency-Key": "k1"})).status_code == 201
    now = clock.now()
    async with db.transaction() as tx:
        world = await service.load_world(tx, [await service.live_ruleset(tx)], now)
        setting = world.routers[0].setting(world.channels["web"].shipping, OrderFacts("web", "SI"), now)
        needs = [Need(1, shop.variants["CUP"], 2)]
        units = {(shop.variants["CUP"], shop.locations[code]): 5 for code in ("WH", "LJ")}
        plan = route(needs, setting.places, units, setting.terms)
        codes = {location_id: code for code, location_id in shop.locations.items()}
        decision = decision_of(plan, needs, setting, 0, codes)
        await publish(tx, [Event("order.placed", "order", str(order_id), {"routing": decision})])
    await settled(db)
    await drain(db, [decisions.CONSUMER])
    routing = (await client.get(f"/api/orders/{order_id}/routing")).json()
    last = routing["decisions"][-1]
    assert (last["cause"], last["cost_minor"]) == ("placed", 300)
    assert last["chosen"][0]["location"] == "WH"
    assert last["chosen"][0]["lines"] == [{"line_no": 1, "quantity": 2}]
    assert sum(charge["amount_minor"] for charge in last["chosen"][0]["charges"]) == 300
    assert last["runner_up"] == {"locations": ["LJ"], "cost_minor": 500}


async def test_the_decision_of_placing_is_kept_with_its_reasons(client: httpx.AsyncClient, db: Database) -> None:
    shop = await make_shop(db)
    order = await place(client, line("CUP", 2), line("MUG", 1, pickup("LJ")))
    await settled(db)
    await drain(db, [decisions.CONSUMER])
    found = (await client.get(f"/api/orders/{order['order_id']}/routing")).json()
    (decision,) = found["decisions"]
    assert decision["cause"] == "placed"
    (chosen,) = [place for place in decision["chosen"] if place["location"]]
    assert chosen["location"] == "WH"
    assert chosen["lines"] == [{"line_no": 1, "quantity": 2}]
    assert sum(charge["amount_minor"] for charge in chosen["charges"]) == decision["cost_minor"]
    assert decision["runner_up"]["locations"] == ["LJ"]
    await shop.all_sound()
