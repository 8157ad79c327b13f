"""A retailer in the middle of the day: orders, work, parcels, transfers and purchases in every state, with their names."""

from typing import Any

import httpx

from factories.carriers import POINT, make_carrier, service
from factories.fulfilments import fulfilments_of, ok, picked
from factories.incoming import add_supplier, ordered, purchase
from factories.orders import line, make_shop, new_id, payment, pickup, place
from factories.policies import write_policy
from kanava.engagement.telling import CONSUMER as TELLING
from kanava.platform.consumers import drain
from kanava.platform.db import Database
from tests_support import settled

Names = dict[str, list[str]]
"""What things are called, by the name of a path parameter or a field of a body."""

IMPORTED = "handle,sku,title_en,status\nspare,SPARE-1,Spare,active\n"


async def make_trade(client: httpx.AsyncClient, db: Database, each: int = 6) -> Names:
    """Make it, `each` of everything that a request can use up; give the names."""
    shop = await make_shop(db, stock=500)
    await add_supplier(db, shop)
    await drain(db, [TELLING])
    names: Names = {
        "sku": ["CUP", "MUG", "COAT"],
        "handle": ["goods", "spare"],
        "location": ["WH", "LJ", "MB"],
        "from_location": ["WH"],
        "to_location": ["LJ", "MB"],
        "supplier": ["SUP"],
        "channel": ["web", "till", "market"],
        "price_list": ["eur"],
        "currency": ["EUR"],
        "country": ["SI", "HR"],
        "tax_category": ["standard"],
        "service_code": ["home"],
        "point_code": [POINT["code"]],
        "locations/code": ["WH", "LJ", "MB"],
        "channels/code": ["web", "till"],
        "price-lists/code": ["eur"],
        "carriers/code": ["post"],
        "suppliers/code": ["SUP"],
        "policies/kind": ["terms", "privacy"],
        "policies/language": ["sl", "en"],
    }
    await _carry(client)
    await _buy(client, names, each)
    await _sell(client, db, names, each)
    await _tell(client, db, names)
    await write_policy(client)
    return names


async def _post(client: httpx.AsyncClient, path: str, body: Any = None) -> dict[str, Any]:
    answer = await client.post(f"/api/{path}", json=body)
    assert answer.status_code in {200, 201}, f"{path}: {answer.text}"
    made: dict[str, Any] = answer.json()
    return made


async def _carry(client: httpx.AsyncClient) -> None:
    await make_carrier(client, home=service(), locker=service("pickup_point"))
    points = await client.put("/api/carriers/post/pickup-points", json={"points": [POINT]})
    assert points.status_code == 200, points.text


async def _buy(client: httpx.AsyncClient, names: Names, each: int) -> None:
    purchases, transfers = [], []
    for number in range(each):
        draft = purchase(("CUP", 5), ("MUG", 5))
        await _post(client, "purchase-orders", draft)
        purchases += [draft, await ordered(client, ("CUP", 5), ("COAT", 2))]
        transfer = {
            "transfer_id": new_id(),
            "from_location": "WH",
            "to_location": ("LJ", "MB")[number % 2],
            "lines": [{"sku": "CUP", "quantity": 2}],
        }
        transfers.append(await _post(client, "transfers", transfer))
        if number % 2:
            await _post(client, f"transfers/{transfer['transfer_id']}/ship")
    names["purchase_order_id"] = [found["purchase_order_id"] for found in purchases]
    names["transfer_id"] = [found["transfer_id"] for found in transfers]


async def _sell(client: httpx.AsyncClient, db: Database, names: Names, each: int) -> None:
    paid = {"customer": {"email": "ana@example.com", "name": "Ana Novak"}}
    orders, works, parcels, carts, holds = [], [], [], [], []
    for _ in range(each):
        fresh, packed, left, staged = [
            await place(client, line(sku, 2, how), payments=[payment(40_000, 10_000)], **paid)
            for sku, how in (("CUP", None), ("MUG", None), ("CUP", None), ("MUG", pickup("LJ")))
        ]
        orders += [fresh, packed, left, staged]
        works += await fulfilments_of(client, db, fresh)
        for order in (packed, left):
            work = await picked(client, db, order)
            parcel = {"parcel_id": new_id(), "weight_grams": 900}
            await _post(client, f"fulfilments/{work['fulfilment_id']}/parcels", parcel)
            works.append(work)
            parcels.append(parcel)
        shipment = {"shipment_id": new_id(), "carrier": "Brza"}
        shipment["parcels"] = [{"parcel_id": parcels[-1]["parcel_id"], "tracking_number": f"SI{len(parcels)}"}]
        await _post(client, f"fulfilments/{works[-1]['fulfilment_id']}/shipments", shipment)
        work = await picked(client, db, staged)
        await _post(client, f"fulfilments/{work['fulfilment_id']}/stage", {"staging_id": new_id(), "bay": "A3"})
        works.append(work)
        cart = {"cart_id": new_id(), "channel": "web", "lines": [line("CUP"), line("COAT", 1, pickup("MB"))]}
        carts.append(await _post(client, "carts", cart))
        held = {"reservation_id": new_id(), "channel": "web", "location": "LJ", "sku": "CUP", "quantity": 1}
        holds.append(await _post(client, "reservations", held))
    wave = await _post(client, "locations/WH/waves", {"wave_id": new_id(), "fulfilments_max": 2})
    names["order_id"] = [order["order_id"] for order in orders]
    names["order_number"] = [str(order["number"]) for order in orders]
    names["payment_id"] = [order["payments"][0]["payment_id"] for order in orders]
    names["fulfilment_id"] = [work["fulfilment_id"] for work in works]
    names["parcel_id"] = [parcel["parcel_id"] for parcel in parcels]
    names["wave_id"] = [wave["wave_id"]]
    names["cart_id"] = [cart["cart_id"] for cart in carts]
    names["reservation_id"] = [hold["reservation_id"] for hold in holds]


async def _tell(client: httpx.AsyncClient, db: Database, names: Names) -> None:
    hooks = [await _post(client, "webhook-endpoints", {"url": "https://93.184.216.34/"}) for _ in range(5)]
    names["endpoint_id"] = [hook["endpoint"]["endpoint_id"] for hook in hooks]
    told = await _post(client, f"webhook-endpoints/{names['endpoint_id'][0]}/test")
    names["event_id"] = [told["event_id"]]
    for number in range(3):
        person = {"name": "Maja", "password": "correct horse", "roles": [{"role": "analyst"}]}
        await _post(client, "staff", {"email": f"maja{number}@example.com", **person})
    names["email"] = [f"maja{number}@example.com" for number in range(3)]
    keys = [await _post(client, "api-keys", {"name": "till", "scopes": ["orders:write"]}) for _ in range(2)]
    names["prefix"] = [key["api_key"]["prefix"] for key in keys]
    rulesets = [await _post(client, "routing/rulesets", {"name": "Near"}) for _ in range(3)]
    names["number"] = [str(ruleset["number"]) for ruleset in rulesets]
    report = await client.post("/api/catalog/imports", content=IMPORTED)
    names["import_run_id"] = [str((await ok(report, 201))["run"]["import_run_id"])]
    await settled(db)
    await drain(db, [TELLING])
    messages = (await ok(await client.get("/api/messages")))["items"]
    names["message_id"] = [message["message_id"] for message in messages]
    names["kind"] = [messages[0]["kind"]]
