"""The counter over HTTP: look up, sell, find, count, receive; each form does its work once and says what is refused."""

import re
from typing import Any
from urllib.parse import urlencode

import httpx
import pytest
from test_web_store import HERE, SCRIPT, Phone

from factories.fulfilments import associate_at, ok
from factories.orders import Shop, line, make_shop, new_id, place
from kanava.platform.db import Database

pytestmark = pytest.mark.anyio
WHERE = {"street": "Slovenska 1", "city": "Ljubljana", "postal_code": "1000"}


class Till(Phone):
    """A phone that keeps its basket."""

    async def sends(self, path: str, status: int = 303, **fields: Any) -> httpx.Response:
        answer = await super().sends(path, status, **fields)
        if found := re.search(r'kanava_basket="?([^;"]*)', answer.headers.get("set-cookie", "")):
            kept = [each for each in self.headers["cookie"].split("; ") if not each.startswith("kanava_basket")]
            self.headers["cookie"] = "; ".join([*kept, f"kanava_basket={found[1]}"])
        return answer

    async def order_id(self) -> str:
        """Give the id that the checkout's form carries."""
        found = re.search(r'name="order_id" value="([^"]+)"', await self.sees("sell/checkout"))
        assert found is not None
        return found[1]


@pytest.fixture
async def shop(db: Database) -> Shop:
    return await make_shop(db)


@pytest.fixture
async def maja(client: httpx.AsyncClient, db: Database, shop: Shop) -> Till:
    return Till(client, await associate_at(db, shop.locations["LJ"]))


async def goes_to(maja: Till, path: str) -> str:
    """Give where a page sends the browser on to."""
    answer = await maja.client.get(f"/store/{path}", headers=maja.headers)
    assert answer.status_code == 303, answer.text
    return str(answer.headers["location"])


async def test_a_number_leads_to_the_product_and_a_word_to_what_is_called_that(
    client: httpx.AsyncClient, db: Database, maja: Till
) -> None:
    async with db.transaction() as tx:
        await tx.execute("INSERT INTO barcode (gtin, variant_id) SELECT '4006381333931', variant_id FROM variant "
                         "WHERE sku = 'CUP'")  # fmt: skip
    assert await goes_to(maja, "look-up?code=CUP") == "/store/item?sku=CUP"
    assert await goes_to(maja, "look-up?code=04006381333931") == "/store/item?sku=CUP"
    page = await maja.sees("item?sku=CUP")
    assert "12.20" in page
    assert "Why 10?" in page
    await place(client, line("CUP", 3), channel="web")
    assert "Nothing is called that" in await maja.sees("look-up?code=zzqq")
    await maja.sees("item?sku=GONE", 404)


async def test_an_order_is_found_by_whatever_the_customer_has_of_it(client: httpx.AsyncClient, maja: Till) -> None:
    who = {"name": "Ana Novak", "email": "Ana@Example.com", "phone": "+386 40 123 456"}
    order = await place(client, line("CUP", 1), customer=who)
    there = f"/store/orders/{order['order_id']}"
    for known in (order["number"], f"{order['number']}-1", "040 123 456", "ana@example.com"):
        assert await goes_to(maja, "orders?" + urlencode({"code": known})) == there
    page = await maja.sees(f"orders/{order['order_id']}")
    assert "Ana Novak" in page
    other = await place(client, line("MUG", 1), customer=who)
    both = await maja.sees("orders?" + urlencode({"code": "ana@example.com"}))
    assert str(order["number"]) in both
    assert str(other["number"]) in both
    assert "at least nine digits" in await maja.sees("orders?code=Ana")
    assert "No order was found" in await maja.sees("orders?code=999999")
    fulfilment_id = new_id()
    code = urlencode({"code": f"kanava:collect:{fulfilment_id}:123456"})
    assert await goes_to(maja, f"orders?{code}") == f"/store/tasks/{fulfilment_id}/hand-over"


async def test_one_order_is_carried_out_and_sent_and_pressing_twice_sells_once(
    client: httpx.AsyncClient, shop: Shop, maja: Till
) -> None:
    await maja.sends("sell/add", code="CUP", way="carry_out")
    await maja.sends("sell/add", code="MUG", way="ship")
    await maja.sends("sell/lines/1", quantity="1", way="carry_out", step="more")
    order_id = await maja.order_id()
    refused = (await maja.sends("sell/checkout", 422, order_id=order_id, press="place", name=SCRIPT)).text
    assert "Please choose how it is paid" in refused
    assert "Please enter the town" in refused
    assert SCRIPT not in refused
    assert "&lt;script&gt;" in refused, "what was typed is still there"
    fields = {"order_id": order_id, "press": "place", "name": "Ana", "phone": "040 123 456", "payment": "card",
              "reference": "T-1", **WHERE}  # fmt: skip
    basket = maja.headers["cookie"]
    answer = await maja.sends("sell/checkout", **fields)
    assert answer.headers["location"] == f"/store/orders/{order_id}/receipt?said=placed"
    order = await ok(await client.get(f"/api/orders/{order_id}"))
    assert order["channel"] == "till"
    assert [(each["sku"], each["quantity"], each["fulfilment"]["kind"]) for each in order["lines"]] == [
        ("CUP", 2, "carry_out"),
        ("MUG", 1, "ship"),
    ]
    assert order["payment_status"] == "paid"
    assert order["payments"][0]["external_reference"] == "T-1"
    assert order["customer"]["phone"] == "+38640123456"
    assert (await shop.level("CUP", "LJ"))[0] == 8
    maja.headers["cookie"] = basket
    assert (await maja.sends("sell/checkout", **fields)).headers["location"].startswith(f"/store/orders/{order_id}")
    assert "The basket is empty" in await maja.sees("sell")
    assert (await shop.level("CUP", "LJ"))[0] == 8
    assert "12.20" in await maja.sees(f"orders/{order_id}/receipt")
    await shop.all_sound()


async def test_what_is_gone_meanwhile_is_said_and_nothing_typed_is_lost(
    client: httpx.AsyncClient, db: Database, maja: Till
) -> None:
    await maja.sends("sell/add", code="CUP", way="carry_out")
    order_id = await maja.order_id()
    await place(client, line("CUP", 10, {"kind": "carry_out", "location": "LJ"}), channel="till")
    fields = {"order_id": order_id, "press": "place", "payment": "cash", "name": "Ana Novak"}
    answer = await maja.sends("sell/checkout", 409, **fields)
    assert "Somebody was quicker" in answer.text
    assert 'value="Ana Novak"' in answer.text
    assert "None can be had this way" in await maja.sees("sell")
    async with db.transaction() as tx:
        await tx.execute("UPDATE product SET status = 'archived'")
    assert "not sold here any more" in await maja.sees("sell")
    assert "or not in this way" in (await maja.sends("sell/add", 422, code="CUP")).text
    assert "Nothing has this barcode" in (await maja.sends("sell/add", 422, code=SCRIPT)).text
    await maja.sends("sell/clear")
    assert "The basket is empty" in await maja.sees("sell")


async def test_goods_taken_along_are_paid_at_once_and_the_rest_may_be_paid_later(maja: Till) -> None:
    await maja.sends("sell/add", code="CUP", way="carry_out")
    later = {"press": "place", "payment": "on_delivery", "name": "Ana", "phone": "040123456"}
    assert "how it is paid" in (await maja.sends("sell/checkout", 422, order_id=await maja.order_id(), **later)).text
    await maja.sends("sell/lines/1", quantity="1", way="pickup:MB")
    order_id = await maja.order_id()
    await maja.sends("sell/checkout", order_id=order_id, **later)
    assert "When collected or delivered" in await maja.sees(f"orders/{order_id}")


async def test_units_of_an_order_are_cancelled_once(client: httpx.AsyncClient, shop: Shop, maja: Till) -> None:
    order = await place(client, line("CUP", 3), line("MUG", 1))
    path = f"orders/{order['order_id']}/cancel"
    fields = {"cancellation_id": new_id(), "units_1": "2", "reason": SCRIPT}
    assert "Choose how many" in (await maja.sends(path, 422, cancellation_id=new_id())).text
    await maja.sends(path, **fields)
    await maja.sends(path, **fields)
    now = await ok(await client.get(f"/api/orders/{order['order_id']}"))
    assert [each["quantity_cancelled"] for each in now["lines"]] == [2, 0]
    refused = (await maja.sends(path, 409, cancellation_id=new_id(), units_1="2", reason=SCRIPT)).text
    assert "more than is still open" in refused
    assert SCRIPT not in refused
    await maja.sends(path, cancellation_id=new_id(), everything="yes")
    assert "over" in (await maja.sends(path, 409, cancellation_id=new_id(), everything="yes")).text
    await shop.all_sound()


async def test_two_people_count_one_shelf_and_it_is_booked_once(
    client: httpx.AsyncClient, db: Database, shop: Shop, maja: Till
) -> None:
    jan = Till(client, await associate_at(db, shop.locations["LJ"]))
    sheet = new_id()
    await maja.sends("count", count_sheet_id=sheet, name=SCRIPT, blind="yes")
    at = f"count/{sheet}"
    again = {"entry_id": new_id(), "code": "CUP"}
    await maja.sends(f"{at}/tally", **again)
    await maja.sends(f"{at}/tally", **again)
    await jan.sends(f"{at}/tally", entry_id=new_id(), code="CUP")
    await jan.sends(f"{at}/tally", entry_id=new_id(), code="MUG", units="7")
    await jan.sends(f"{at}/tally", entry_id=new_id(), code="COAT", units="9")
    page = await jan.sees(at)
    assert "Expected" not in page
    assert SCRIPT not in page
    assert "Nothing has this barcode" in (await jan.sends(f"{at}/tally", 422, entry_id=new_id(), code="NO")).text
    assert "whole number" in (await jan.sends(f"{at}/tally", 422, entry_id=new_id(), code="CUP", units="x")).text
    await shop.stock("COAT", "LJ", 5)
    assert "moved meanwhile" in await jan.sees(f"{at}/review")
    await maja.sends(f"{at}/book")
    await jan.sends(f"{at}/book")
    assert [(await shop.level(sku, "LJ"))[0] for sku in ("CUP", "MUG", "COAT")] == [2, 7, 15]
    assert "Please count it again" in await maja.sees(at)
    assert "booked this count" in (await jan.sends(f"{at}/tally", 409, entry_id=new_id(), code="CUP")).text
    await shop.all_sound()


async def test_what_was_not_found_is_to_be_counted_first(db: Database, shop: Shop, maja: Till) -> None:
    async with db.transaction() as tx:
        await tx.execute("UPDATE stock_level SET suppressed = 4 WHERE variant_id = $1", shop.variants["MUG"])
    page = await maja.sees("count")
    assert "4 not found" in page
    assert "promised to nobody" in await maja.sees("item?sku=MUG")
    sheet = new_id()
    await maja.sends("count", count_sheet_id=sheet)
    await maja.sends(f"count/{sheet}/tally", entry_id=new_id(), code="MUG", units="10")
    await maja.sends(f"count/{sheet}/book")
    assert "Nothing waits to be counted" in await maja.sees("count")


async def transfer(client: httpx.AsyncClient, *lines: tuple[str, int], to: str = "LJ") -> str:
    """Send goods from the warehouse."""
    body = {
        "transfer_id": new_id(),
        "from_location": "WH",
        "to_location": to,
        "reference": SCRIPT,
        "lines": [{"sku": sku, "quantity": quantity} for sku, quantity in lines],
    }
    made = await ok(await client.post("/api/transfers", json=body), 201)
    await ok(await client.post(f"/api/transfers/{made['transfer_id']}/ship"))
    return str(made["transfer_id"])


async def test_goods_are_received_in_part_by_scan_and_once(client: httpx.AsyncClient, shop: Shop, maja: Till) -> None:
    at = f"receive/transfers/{await transfer(client, ('CUP', 3), ('MUG', 2))}"
    assert "5 units" in await maja.sees("receive")
    beyond = (await maja.sends(at, 422, arrival_id=new_id(), press="book", got_1="3", got_2="99999")).text
    assert 'id="wrong_2"' in beyond
    assert "No more than 2 are still to come" in beyond
    assert 'id="wrong_1"' not in beyond
    assert 'value="99999"' in beyond
    arrival = {"arrival_id": new_id(), "got_1": "1"}
    scanned = (await maja.sends(at, 200, press="scan", code="CUP", **arrival)).text
    assert re.search(r'name="got_1" value="2"', scanned)
    assert SCRIPT not in scanned
    assert (await shop.level("CUP", "LJ"))[0] == 10, "nothing is booked by a scan"
    assert "not part of this delivery" in (await maja.sends(at, 422, press="scan", code="COAT", **arrival)).text
    too_many = {**arrival, "got_1": "3"}
    assert "one more than was announced" in (await maja.sends(at, 422, press="scan", code="CUP", **too_many)).text
    assert "what has arrived first" in (await maja.sends(at, 422, press="book", arrival_id=new_id())).text
    booked = {**arrival, "got_1": "2", "missing_2": "1", "reason_2": "damaged", "press": "book"}
    for _ in range(2):
        assert (await maja.sends(at, **booked)).headers["location"].endswith("said=part")
    assert [(await shop.level(sku, "LJ"))[0] for sku in ("CUP", "MUG")] == [12, 10]
    assert (await maja.sends(at, press="all", arrival_id=new_id())).headers["location"].endswith("said=all")
    assert [(await shop.level(sku, "LJ"))[0] for sku in ("CUP", "MUG")] == [13, 11]
    assert "1 missing" in await maja.sees(at)
    await maja.sends(at, 409, press="book", arrival_id=new_id(), got_1="1")
    await maja.sees(f"receive/transfers/{await transfer(client, ('CUP', 1), to='MB')}", 404)
    await shop.all_sound()


async def test_forms_of_other_sites_and_of_nobody_do_nothing(client: httpx.AsyncClient, maja: Till) -> None:
    crossed = {**maja.headers, "sec-fetch-site": "cross-site"}
    nobody = {"authorization": "", "referer": "http://kanava.test/store/sell", **HERE}
    for path in ("sell/add", "count", f"count/{new_id()}/book", f"receive/transfers/{new_id()}", "sell/checkout"):
        fields = {"code": "CUP", "count_sheet_id": new_id(), "arrival_id": new_id()}
        assert (await client.post(f"/store/{path}", data=fields, headers=crossed)).status_code == 403
        answer = await client.post(f"/store/{path}", data=fields, headers=nobody)
        assert answer.headers["location"] == "/sign-in?next=/store/sell", "back to the page with the form"
