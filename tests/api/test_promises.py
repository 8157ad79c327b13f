"""Promises: what is shown is what placing stores, dated by cut-offs, hours, holidays, load and what is on its way."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import httpx
import msgspec
import pytest

from factories.carriers import POINT, make_carrier, put, service, zone
from factories.orders import SHIP_TO, Shop, line, make_shop, new_id, pickup, place
from kanava.platform.db import Database
from kanava.sourcing.promise.errors import AddressOutsideZones
from kanava.sourcing.promise.model import PageAnswer, PageQuestion, PromiseAnswer, PromiseQuestion
from kanava.sourcing.promise.service import PromiseReader

pytestmark = pytest.mark.anyio

LJUBLJANA = {"latitude": 46.05, "longitude": 14.51}
HERE = {"country": "SI", "postal_code": "1000"}
MONDAY = datetime(2026, 11, 23, 8, tzinfo=UTC)
"""Nine o'clock in Ljubljana."""


async def confirm_caller(_version: int | None) -> None:
    """Nobody calls in these tests."""


async def ask(db: Database, now: datetime = MONDAY, channel: str | None = "web", **question: Any) -> PromiseAnswer:
    question.setdefault("lines", [{"sku": "CUP"}])
    asked = msgspec.convert({"channel": channel, **question}, PromiseQuestion)
    async with db.connection() as connection:
        return await PromiseReader(db).promise(connection, asked, now, confirm_caller)


async def open_town(db: Database, client: httpx.AsyncClient, stock: int = 10, **services: dict[str, Any]) -> Shop:
    """The shop on the map, stores open on workdays from 9 to 18, and a carrier that collects until 16:00."""
    shop = await make_shop(db, stock)
    async with db.transaction() as tx:
        await tx.execute("""
            UPDATE location SET opening_hours = CASE kind WHEN 'store' THEN 'Mo-Fr 09:00-18:00' ELSE '' END,
                   latitude = CASE code WHEN 'MB' THEN 46.55 ELSE 46.05 END,
                   longitude = CASE code WHEN 'MB' THEN 15.65 ELSE 14.51 END,
                   postal_code = CASE code WHEN 'MB' THEN '2000' ELSE '1000' END
        """)
    await make_carrier(client, **(services or {"post_home": service()}))
    return shop


async def test_a_delivery_is_dated_and_priced(db: Database, client: httpx.AsyncClient) -> None:
    await open_town(db, client)
    answer = await ask(db, ship_to=HERE)
    (option,) = answer.delivery
    assert (option.carrier, option.carrier_service, option.kind, option.parcels) == ("post", "post-home", "address", 1)
    assert (option.deliver_on, option.price.amount_minor) == (date(2026, 11, 24), 490)  # type: ignore[union-attr]
    assert option.deliver_by == datetime(2026, 11, 24, 19, tzinfo=UTC)
    (parcels,) = option.places
    assert (parcels.location, parcels.dispatch_on) == ("WH", date(2026, 11, 23))
    assert parcels.work_by == datetime(2026, 11, 23, 15, tzinfo=UTC)
    assert (answer.no_delivery, answer.unfillable) == (None, [])


async def test_after_the_cut_off_and_before_a_weekend_it_takes_longer(db: Database, client: httpx.AsyncClient) -> None:
    await open_town(db, client)
    # An hour of handling: 14:59 in Ljubljana is in time for 16:00, 15:01 is not.
    friday = datetime(2026, 11, 27, 13, 59, tzinfo=UTC)
    assert (await ask(db, friday, ship_to=HERE)).delivery[0].deliver_on == date(2026, 11, 30)
    assert (await ask(db, friday + timedelta(minutes=2), ship_to=HERE)).delivery[0].deliver_on == date(2026, 12, 1)


async def test_nothing_is_promised_for_a_holiday(db: Database, client: httpx.AsyncClient) -> None:
    await open_town(db, client)
    # 25 December 2026 is a Friday; the next working day is the Monday.
    wednesday = datetime(2026, 12, 24, 8, tzinfo=UTC)
    assert (await ask(db, wednesday, ship_to=HERE)).delivery[0].deliver_on == date(2026, 12, 28)


async def test_a_store_hands_over_when_it_has_been_open_long_enough(db: Database, client: httpx.AsyncClient) -> None:
    await open_town(db, client)
    answer = await ask(db, position=LJUBLJANA)
    near, far = answer.stores
    assert (near.location, far.location, near.open_now) == ("LJ", "MB", True)
    assert (near.pickup, near.curbside, near.carry_out) == (MONDAY + timedelta(hours=1), near.pickup, True)
    assert (far.pickup, far.curbside) == (MONDAY + timedelta(hours=1), None)
    assert answer.no_delivery == "not_asked"
    night = await ask(db, MONDAY + timedelta(hours=12), position=LJUBLJANA)
    assert night.stores[0].pickup == datetime(2026, 11, 24, 9, tzinfo=UTC)
    assert (night.stores[0].open_now, night.stores[0].carry_out) == (False, False)


async def test_load_delays_and_no_capacity_ends_it(db: Database, client: httpx.AsyncClient) -> None:
    shop = await open_town(db, client)
    async with db.transaction() as tx:
        await tx.execute("INSERT INTO location_load_share VALUES ($1, 40)", shop.locations["LJ"])
        await tx.execute("UPDATE location SET pick_capacity_per_hour = 0 WHERE code IN ('MB', 'WH')")
    answer = await ask(db, position=LJUBLJANA, ship_to=HERE)
    near, far = answer.stores
    # 40 units at 20 an hour lie before it.
    assert near.pickup == MONDAY + timedelta(hours=3)
    assert (far.pickup, far.reason) == (None, "no_capacity")
    assert answer.delivery[0].places[0].location == "LJ"


async def test_a_store_closed_for_a_month_has_a_next_opening_and_no_promise(
    db: Database, client: httpx.AsyncClient
) -> None:
    shop = await open_town(db, client)
    async with db.transaction() as tx:
        await tx.execute(
            """INSERT INTO location_hours_exception (location_id, on_date)
               SELECT $1, '2026-11-23'::date + n FROM generate_series(0, 32) n""",
            shop.locations["LJ"],
        )
    near = (await ask(db, position=LJUBLJANA)).stores[0]
    assert (near.location, near.pickup, near.reason, near.carry_out) == ("LJ", None, "closed", False)
    assert near.next_opening == datetime(2026, 12, 28, 8, tzinfo=UTC)


async def test_a_closed_place_hands_no_parcel_over(db: Database, client: httpx.AsyncClient) -> None:
    shop = await open_town(db, client, stock=0)
    await shop.stock("CUP", "LJ", 1)
    async with db.transaction() as tx:
        await tx.execute("UPDATE location SET handling_minutes = 480 WHERE code = 'LJ'")
        await tx.execute(
            "INSERT INTO location_hours_exception (location_id, on_date) VALUES ($1, '2026-11-24')",
            shop.locations["LJ"],
        )
    # Ready on Monday at 17:00, after the cut-off; the shop is shut on Tuesday, so it goes on Wednesday.
    (option,) = (await ask(db, ship_to=HERE)).delivery
    assert (option.places[0].dispatch_on, option.deliver_on) == (date(2026, 11, 25), date(2026, 11, 26))


async def test_a_cart_that_is_split_comes_with_its_last_parcel(db: Database, client: httpx.AsyncClient) -> None:
    shop = await open_town(db, client, stock=0)
    await shop.stock("CUP", "WH", 2)
    await shop.stock("MUG", "LJ", 1)
    async with db.transaction() as tx:
        await tx.execute("UPDATE location SET handling_minutes = 600 WHERE code = 'LJ'")
    lines = [{"sku": "CUP", "quantity": 2}, {"sku": "MUG"}]
    (option,) = (await ask(db, lines=lines, ship_to=HERE)).delivery
    assert (option.parcels, option.price.amount_minor) == (2, 490)  # type: ignore[union-attr]
    leaves = {each.location: each.dispatch_on for each in option.places}
    assert leaves == {"WH": date(2026, 11, 23), "LJ": date(2026, 11, 24)}
    assert option.deliver_on == date(2026, 11, 25)


async def test_what_cannot_be_filled_says_which_line_and_how_many_can(db: Database, client: httpx.AsyncClient) -> None:
    shop = await open_town(db, client, stock=0)
    await shop.stock("CUP", "WH", 2)
    await shop.stock("CUP", "LJ", 3)
    await shop.stock("MUG", "MB", 1)
    lines = [{"sku": "CUP", "quantity": 6}, {"sku": "MUG"}]
    answer = await ask(db, lines=lines, ship_to=HERE, position=LJUBLJANA)
    assert (answer.delivery, answer.no_delivery) == ([], "not_in_stock")
    # MB does not ship.
    assert [(s.line_no, s.requested, s.available) for s in answer.delivery_short] == [(1, 6, 5), (2, 1, 0)]
    assert [(s.location, s.reason, [(x.line_no, x.available) for x in s.short]) for s in answer.stores] == [
        ("LJ", "not_in_stock", [(1, 3), (2, 0)]),
        ("MB", "not_in_stock", [(1, 0)]),
    ]
    (nowhere,) = answer.unfillable
    assert (nowhere.line_no, nowhere.sku, nowhere.shippable, nowhere.at_a_store) == (1, "CUP", 5, 3)


async def test_what_a_channel_does_not_sell_is_not_promised(db: Database, client: httpx.AsyncClient) -> None:
    await open_town(db, client)
    answer = await ask(db, channel="agent", lines=[{"sku": "CUP"}, {"sku": "MUG"}], ship_to=HERE)
    assert answer.delivery == []
    assert [(each.line_no, each.reason) for each in answer.unfillable] == [(2, "not_for_sale")]


async def test_what_is_carried_out_may_be_safety_stock(db: Database, client: httpx.AsyncClient) -> None:
    shop = await open_town(db, client, stock=0)
    await shop.stock("CUP", "LJ", 2)
    async with db.transaction() as tx:
        await tx.execute("UPDATE stock_level SET safety_stock = 2 WHERE location_id = $1", shop.locations["LJ"])
    near = (await ask(db, position=LJUBLJANA)).stores[0]
    assert (near.carry_out, near.pickup, near.reason) == (True, None, "not_in_stock")


async def test_thresholds_fences_and_dead_holds_count_as_in_placing(db: Database, client: httpx.AsyncClient) -> None:
    shop = await open_town(db, client, stock=0)
    await shop.stock("CUP", "WH", 5)
    async with db.transaction() as tx:
        await tx.execute(
            "INSERT INTO stock_threshold VALUES ($1, $2, 0, 4)", shop.variants["CUP"], shop.channels["web"]
        )
    assert (await ask(db, ship_to=HERE)).delivery
    short = await ask(db, lines=[{"sku": "CUP", "quantity": 2}], ship_to=HERE)
    assert short.delivery_short[0].available == 1
    assert (await ask(db, channel="market", lines=[{"sku": "CUP", "quantity": 5}], ship_to=HERE)).delivery


async def test_services_differ_in_weight_zone_and_currency(db: Database, client: httpx.AsyncClient) -> None:
    light = zone(rates=[{"weight_grams_up_to": 1_000, "cost_minor": 200, "prices": {"EUR": 290}}])
    abroad = zone("abroad", destinations=[{"country": "HR", "postal_prefixes": ["10"]}], transit_days=3)
    zlotys = zone(rates=[{"weight_grams_up_to": 10_000, "cost_minor": 1, "prices": {"PLN": 1}}])
    shop = await open_town(
        db,
        client,
        post_home=service("address", zone(), abroad),
        post_letter=service("address", light) | {"weight_grams_max": 1_000},
        post_poland=service("address", zlotys),
    )
    async with db.transaction() as tx:
        await tx.execute("UPDATE variant SET weight_grams = 800 WHERE variant_id = $1", shop.variants["CUP"])
        await tx.execute("UPDATE variant SET weight_grams = 1200 WHERE variant_id = $1", shop.variants["MUG"])
    one = (await ask(db, ship_to=HERE)).delivery
    assert [(each.carrier_service, each.parcels, each.price.amount_minor) for each in one if each.price] == [
        ("post-letter", 1, 290),
        ("post-home", 1, 490),
    ]
    # Two are two letters, or one parcel; a mug is no letter.
    two = (await ask(db, lines=[{"sku": "CUP", "quantity": 2}], ship_to=HERE)).delivery
    assert [(each.carrier_service, each.parcels, each.price.amount_minor) for each in two if each.price] == [
        ("post-home", 1, 490),
        ("post-letter", 2, 580),
    ]
    mug = (await ask(db, lines=[{"sku": "MUG"}], ship_to=HERE)).delivery
    assert [each.carrier_service for each in mug] == ["post-home"]
    zagreb = (await ask(db, ship_to={"country": "HR", "postal_code": "10 000"})).delivery
    assert [each.deliver_on for each in zagreb] == [date(2026, 11, 26)]


async def test_an_address_outside_every_zone_is_named(db: Database, client: httpx.AsyncClient) -> None:
    part = zone("abroad", destinations=[{"country": "HR", "postal_prefixes": ["10"]}])
    await open_town(db, client, post_home=service("address", zone(), part))
    with pytest.raises(AddressOutsideZones) as raised:
        await ask(db, ship_to={"country": "HR", "postal_code": "21000"})
    assert raised.value.errors[0].field == "ship_to.postal_code"
    with pytest.raises(AddressOutsideZones) as raised:
        await ask(db, ship_to={"country": "JP", "postal_code": "100"})
    assert raised.value.errors[0].field == "ship_to.country"


async def test_without_a_carrier_service_there_is_no_date(db: Database, client: httpx.AsyncClient) -> None:
    await open_town(db, client)
    await put(client, "/api/carriers/post", {"name": "Post", "active": False}, version=1)
    (option,) = (await ask(db, ship_to=HERE)).delivery
    assert (option.carrier_service, option.deliver_on, option.price) == (None, None, None)
    assert option.places[0].work_by == MONDAY + timedelta(hours=1)


async def test_a_service_that_cannot_take_it_says_so(db: Database, client: httpx.AsyncClient) -> None:
    shop = await open_town(db, client)
    async with db.transaction() as tx:
        await tx.execute("UPDATE variant SET weight_grams = 20000 WHERE variant_id = $1", shop.variants["CUP"])
    answer = await ask(db, ship_to=HERE)
    assert (answer.delivery, answer.no_delivery, answer.delivery_short) == ([], "no_service", [])


async def test_a_locker_service_names_the_nearest_lockers(db: Database, client: httpx.AsyncClient) -> None:
    await open_town(db, client, post_locker=service("pickup_point"))
    assert (await ask(db, ship_to=HERE)).no_delivery == "no_service"
    points = [POINT | {"code": f"P-{n}", "latitude": 46.05 + n / 100, "postal_code": "1000"} for n in range(1, 7)]
    points.append(POINT | {"code": "HR-1", "country": "HR"})
    await put(client, "/api/carriers/post/pickup-points", {"points": points})
    # Where the address is, its postal code says.
    (option,) = (await ask(db, ship_to=HERE, pickup_points=2)).delivery
    assert [point.code for point in option.pickup_points] == ["P-1", "P-2"]
    assert 1_000 < option.pickup_points[0].distance_metres < 1_300
    (option,) = (await ask(db, ship_to=HERE, position={"latitude": 46.12, "longitude": 14.51})).delivery
    assert [point.code for point in option.pickup_points] == ["P-6", "P-5", "P-4"]


async def test_incoming_stock_counts_with_its_date(db: Database, client: httpx.AsyncClient) -> None:
    shop = await open_town(db, client, stock=0)
    await shop.stock("MUG", "WH", 1)
    transfer_id = new_id()
    async with db.transaction() as tx:
        await tx.execute(
            """INSERT INTO transfer (transfer_id, from_location_id, to_location_id, state, expected_on, shipped_at)
               VALUES ($1, $2, $3, 'in_transit', '2026-11-25', now())""",
            transfer_id,
            shop.locations["MB"],
            shop.locations["WH"],
        )
        await tx.execute("INSERT INTO transfer_line VALUES ($1, $2, 3, 0, 0)", transfer_id, shop.variants["CUP"])
        await tx.execute(
            "INSERT INTO stock_level (variant_id, location_id, incoming) VALUES ($1, $2, 3)",
            shop.variants["CUP"],
            shop.locations["WH"],
        )
    lines = [{"sku": "CUP", "quantity": 2}, {"sku": "MUG"}]
    assert (await ask(db, lines=lines, ship_to=HERE)).no_delivery == "not_in_stock"
    async with db.transaction() as tx:
        await tx.execute("UPDATE channel SET sells_incoming = true WHERE code = 'web'")
    (option,) = (await ask(db, lines=lines, ship_to=HERE)).delivery
    assert (option.places[0].dispatch_on, option.deliver_on) == (date(2026, 11, 25), date(2026, 11, 26))
    four = await ask(db, lines=[{"sku": "CUP", "quantity": 4}], ship_to=HERE)
    assert four.no_delivery == "not_in_stock"


async def test_a_cart_may_have_what_it_holds(db: Database, client: httpx.AsyncClient) -> None:
    await open_town(db, client, stock=1)
    cart = {"cart_id": new_id(), "channel": "web", "lines": [line("CUP", 2)]}
    assert (await client.post("/api/carts", json=cart)).status_code == 201
    assert (await client.post(f"/api/carts/{cart['cart_id']}/hold", json={})).status_code in (200, 201)
    body = {"cart_id": cart["cart_id"], "ship_to": HERE}
    answer = (await client.post("/api/promises", json=body)).json()
    assert [option["carrier_service"] for option in answer["delivery"]] == ["post-home"]
    other = {"channel": "web", "lines": [{"sku": "CUP"}], "ship_to": HERE}
    assert (await client.post("/api/promises", json=other)).json()["no_delivery"] == "not_in_stock"


async def test_what_is_shown_is_what_is_stored_with_the_order(db: Database, client: httpx.AsyncClient) -> None:
    await open_town(db, client)
    question = {"channel": "web", "lines": [{"sku": "CUP"}], "ship_to": HERE, "position": LJUBLJANA}
    shown = (await client.post("/api/promises", json=question)).json()
    shipped = await place(client, line("CUP"), ship_to=SHIP_TO)
    (promise,) = shipped["promises"]
    assert promise["promised_by"] == shown["delivery"][0]["deliver_by"]
    assert promise["carrier_service"] == shown["delivery"][0]["carrier_service"]
    fetched = await place(client, line("CUP", 1, pickup("LJ")))
    (promise,) = fetched["promises"]
    seconds = datetime.fromisoformat(promise["promised_by"]) - datetime.fromisoformat(shown["stores"][0]["pickup"])
    assert timedelta(0) <= seconds < timedelta(minutes=2)


async def test_the_stored_promise_counts_what_waits_too(db: Database, client: httpx.AsyncClient) -> None:
    shop = await open_town(db, client)
    async with db.transaction() as tx:
        await tx.execute("UPDATE location SET opening_hours = '24/7', keeps_public_holidays = false")
        await tx.execute("INSERT INTO location_load_share VALUES ($1, 40)", shop.locations["LJ"])
    fetched = await place(client, line("CUP", 1, pickup("LJ")))
    (promise,) = fetched["promises"]
    waits = datetime.fromisoformat(promise["promised_by"]) - datetime.fromisoformat(fetched["placed_at"])
    assert abs(waits - timedelta(hours=3)) < timedelta(minutes=1)


async def page(db: Database, *skus: str, now: datetime = MONDAY, **question: Any) -> PageAnswer:
    asked = msgspec.convert({"channel": "web", "skus": list(skus), **question}, PageQuestion)
    async with db.connection() as connection:
        return await PromiseReader(db).page(connection, asked, now, confirm_caller)


async def test_a_page_is_answered_at_once(db: Database, client: httpx.AsyncClient) -> None:
    shop = await open_town(db, client, stock=0)
    await shop.stock("CUP", "WH", 1)
    await shop.stock("MUG", "MB", 1)
    answer = await page(db, "MUG", "CUP", "COAT", ship_to=HERE, position=LJUBLJANA)
    mug, cup, coat = answer.variants
    assert cup.delivery is not None
    assert (cup.delivery.deliver_on, cup.pickup) == (date(2026, 11, 24), None)
    assert mug.pickup is not None
    assert (mug.delivery, mug.pickup.location, mug.pickup.ready_by) == (None, "MB", MONDAY + timedelta(hours=1))
    assert (coat.for_sale, coat.delivery, coat.pickup) == (True, None, None)


async def test_a_page_over_http(db: Database, client: httpx.AsyncClient) -> None:
    await open_town(db, client)
    path = "/api/promises/page"
    there = {"channel": "web", "sku": ["CUP", "MUG"], "country": "SI", "postal_code": "1000"}
    answer = (await client.get(path, params=there)).json()
    assert [each["delivery"]["carrier_service"] for each in answer["variants"]] == ["post-home", "post-home"]
    # Where the customer is, is taken from the postal code.
    assert [each["pickup"]["location"] for each in answer["variants"]] == ["LJ", "LJ"]
    for wrong, field in (
        ({"latitude": 46}, "longitude"),
        ({"channel": "nowhere"}, "channel"),
        ({"sku": ["CUP", "NONE"]}, "sku[1]"),
        ({"country": "JP"}, "country"),
    ):
        refused = await client.get(path, params=there | wrong)
        assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, field)
    assert (await client.get(path, params=there, headers={"Authorization": "Bearer x"})).status_code == 401


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"channel": "nowhere"}, "channel"),
        ({"channel": None}, "channel"),
        ({"lines": []}, "lines"),
        ({"lines": [{"sku": "CUP"}, {"sku": "NONE"}]}, "lines[1].sku"),
        ({"ship_to": None}, "ship_to"),
        ({"ship_to": {"country": "JP"}}, "ship_to.country"),
        ({"cart_id": "01900000-0000-7000-8000-000000000000"}, "cart_id"),
        ({"cart_id": "01900000-0000-7000-8000-000000000000", "lines": []}, "cart_id"),
    ],
)
async def test_what_is_wrong_is_named(db: Database, client: httpx.AsyncClient, change: dict, field: str) -> None:
    await open_town(db, client)
    body = {"channel": "web", "lines": [{"sku": "CUP"}], "ship_to": HERE} | change
    answer = await client.post("/api/promises", json=body)
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, field)


async def test_a_change_of_settings_counts_at_once(db: Database, client: httpx.AsyncClient) -> None:
    await open_town(db, client)
    body = {"channel": "web", "lines": [{"sku": "CUP"}], "ship_to": HERE}
    assert (await client.post("/api/promises", json=body)).json()["delivery"][0]["price"]["amount_minor"] == 490
    dearer = zone(rates=[{"weight_grams_up_to": 10_000, "cost_minor": 310, "prices": {"EUR": 590}}])
    await put(client, "/api/carriers/post/services/post-home", service("address", dearer), version=1)
    assert (await client.post("/api/promises", json=body)).json()["delivery"][0]["price"]["amount_minor"] == 590


async def test_where_nobody_picks_that_is_the_reason(db: Database, client: httpx.AsyncClient) -> None:
    await open_town(db, client)
    async with db.transaction() as tx:
        await tx.execute("UPDATE location SET pick_capacity_per_hour = 0, opening_hours = 'Mo-Su 00:00-01:00'")
    answer = await ask(db, ship_to=HERE, position=LJUBLJANA)
    assert (answer.delivery, answer.no_delivery, answer.delivery_short) == ([], "no_capacity", [])
    assert {each.reason for each in answer.stores} == {"no_capacity"}
    assert [(each.line_no, each.shippable, each.reason) for each in answer.unfillable] == [(1, 0, "no_capacity")]


async def test_an_orders_own_address_may_be_sent(db: Database, client: httpx.AsyncClient) -> None:
    await open_town(db, client)
    answer = await client.post("/api/promises", json={"channel": "web", "lines": [{"sku": "CUP"}], "ship_to": SHIP_TO})
    assert answer.status_code == 200, answer.text
    assert len(answer.json()["delivery"]) == 1
