"""What happened at the demo retailer before its pictures are taken: a week of orders, a day at a store, settings."""

import asyncio
import time
import unicodedata
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from itertools import count, cycle
from threading import Event, Thread
from types import SimpleNamespace
from typing import Any

import httpx

from factories.orders import new_id
from factories.visitors import ADMIN, Installation
from kanava.demo.replay.virtual import VirtualClock, api_here

STORE = "LJ-02"
CUSTOMER = {"name": "Žana Čuček", "email": "zana@example.com", "phone": "+386 40 123 456"}
ADDRESSES = {
    "SI": {"country": "SI", "street": "Čopova ulica 3", "postal_code": "1000", "city": "Ljubljana"},
    "PL": {"country": "PL", "street": "ul. Nowy Świat 12", "postal_code": "00-400", "city": "Warszawa"},
    "HR": {"country": "HR", "street": "Ilica 5", "postal_code": "10000", "city": "Zagreb"},
    "HU": {"country": "HU", "street": "Andrássy út 8", "postal_code": "1061", "city": "Budapest"},
}
NAMES = {
    "SI": cycle("Ana Novak;Marko Kos;Eva Zajc;Tomaž Hribar;Nina Golob;Jan Vidmar".split(";")),
    "PL": cycle("Ewa Wiśniewska;Piotr Zieliński;Zofia Mazur".split(";")),
    "HR": cycle("Iva Horvat;Luka Babić".split(";")),
    "HU": cycle("Nagy Péter;Kovács Réka".split(";")),
}
WEEK = {"web-si": (4, 5, 3, 6, 4, 7, 1), "web-pl": (3, 2, 4, 3, 5, 4, 3), "app-si": (1, 2, 2, 1, 3, 2, 1),
        "web-hr": (2, 1, 2, 3, 1, 3, 2), "web-hu": (1, 2, 1, 1, 2, 2, 1)}  # fmt: skip
"""Orders of each day of a week, by channel; the last day is today."""
WAREHOUSES = ("WH-SI", "WH-PL")
SENT_LATER, TO_BE_SENT = 24, 14
"""Of the week's last orders: those that are not shipped yet, and those that nobody has missed a piece of."""
CARRIER = {"SI": "lastovka", "PL": "wilga", "HR": "bura", "HU": "furge"}
REASONS = cycle(["not_found", "not_found", "damaged", "no_capacity", "not_found", "display_piece"])
SECONDS = 30


def ok(answer: httpx.Response) -> Any:
    """Give what a good answer says."""
    assert answer.is_success, f"{answer.request.method} {answer.request.url}: {answer.text}"
    return answer.json()


def until(found: Callable[[], Any]) -> Any:
    """Wait until there is something, and give it."""
    deadline = time.monotonic() + SECONDS
    while not (it := found()):
        assert time.monotonic() < deadline, "nothing came"
        time.sleep(0.1)
    return it


def first_name(name: str) -> str:
    """Give somebody's first name as it stands in an e-mail address."""
    return unicodedata.normalize("NFKD", name.split(maxsplit=1)[0].lower()).encode("ascii", "ignore").decode()


@contextmanager
def days_ago(database: str, installation: Installation) -> Iterator[tuple[httpx.Client, VirtualClock]]:
    """Serve the API once more, in this process, by a clock that can be set back."""
    clock, begun, ended = VirtualClock(datetime.now(UTC)), Event(), asyncio.Event()
    found: list[Any] = []

    async def serve() -> None:
        async with api_here(SimpleNamespace(url=database, folder=installation.data_dir), clock) as (host, port):
            found.extend((asyncio.get_running_loop(), f"http://{host}:{port}"))
            begun.set()
            await ended.wait()

    thread = Thread(target=lambda: asyncio.run(serve()))
    thread.start()
    assert begun.wait(SECONDS), "the API of the past did not start"
    loop, url = found
    try:
        headers = {"Authorization": f"Bearer {installation.key}"}
        with httpx.Client(base_url=url, headers=headers, timeout=SECONDS) as client:
            yield client, clock
    finally:
        loop.call_soon_threadsafe(ended.set)
        thread.join()


class Retailer:
    """The demo retailer by its API: as of now by Anna, or by `old` when its `clock` is set back; `facts` are its ids."""

    def __init__(self, installation: Installation, old: httpx.Client, clock: VirtualClock) -> None:
        self.installation, self.old, self.clock = installation, old, clock
        self.anna = self.signed_in(*ADMIN)
        self.maja = self.signed_in(self.hired("Maja Kranjc", "associate", STORE))
        self.luka = self.signed_in(self.hired("Luka Kovač", "associate", STORE))
        self.facts: dict[str, str] = {}

    def close(self) -> None:
        """Have everybody go home."""
        for client in (self.anna, self.maja, self.luka):
            client.close()

    def hired(self, name: str, role: str, place: str | None = None) -> str:
        """Have somebody work here, with the administrator's password; gives the e-mail address."""
        email = f"{first_name(name)}@kanava.example"
        roles = [{"role": role, "location": place}]
        ok(self.anna.post("/api/staff", json={"email": email, "name": name, "password": ADMIN[1], "roles": roles}))
        return email

    def signed_in(self, email: str, password: str = ADMIN[1]) -> httpx.Client:
        """Give a client by which a member of staff acts."""
        client = httpx.Client(base_url=self.installation.url, timeout=SECONDS)
        token = ok(client.post("/api/sessions", json={"email": email, "password": password}))["token"]
        client.headers["Authorization"] = f"Bearer {token}"
        return client

    def levels(self, place: str) -> dict[str, int]:
        """Give what a place has to spare of each sku."""
        found: dict[str, int] = {}
        cursor: str | None = ""
        while cursor is not None:
            wanted = {"location": place, "limit": 500} | ({"cursor": cursor} if cursor else {})
            page = ok(self.anna.get("/api/stock/levels", params=wanted))
            found |= {each["sku"]: each["on_hand"] - each["reserved"] - each["safety_stock"] for each in page["items"]}
            cursor = page["next_cursor"]
        return found

    def goods(self, place: str, units: int, missing_at: tuple[str, ...] = ()) -> list[str]:
        """Give a sku of each kind of goods that a place has so many of, and that the others have not."""
        elsewhere = {sku for other in missing_at for sku, free in self.levels(other).items() if free > 0}
        found: dict[str, str] = {}
        for sku, free in self.levels(place).items():
            if free >= units and sku not in elsewhere:
                found.setdefault(sku.split("-")[0], sku)
        return list(found.values())

    def place(
        self,
        way: str,
        goods: dict[str, int],
        *,
        channel: str = "web-si",
        country: str = "SI",
        by: httpx.Client | None = None,
        **more: Any,
    ) -> Any:
        """Place an order; `way` is ship, or a kind and a place such as `pickup:LJ-02`."""
        kind, _, location = way.partition(":")
        fulfilment = {"kind": kind} | ({"location": location} if location else {})
        name = next(NAMES[country])
        body = {
            "order_id": new_id(),
            "channel": channel,
            "customer": {"name": name, "email": f"{first_name(name)}@example.com"},
            "ship_to": {"name": name, **ADDRESSES[country]},
            "lines": [{"sku": sku, "quantity": n, "fulfilment": fulfilment} for sku, n in goods.items()],
            **more,
        }
        return ok((by or self.anna).post("/api/orders", json=body))

    def work_of(self, order: Any, kind: str = "") -> Any:
        """Wait for the work of an order, and give what of it is of a kind."""

        def found() -> list[Any]:
            items = ok(self.anna.get(f"/api/orders/{order['order_id']}/fulfilments"))["items"]
            return [each for each in items if kind in ("", each["kind"]) and each["state"] != "cancelled"]

        return until(found)[0]

    def pick(self, work: Any, by: httpx.Client, lines: int | None = None) -> Any:
        """Pick all lines of some work, or the first ones; gives the work."""
        for line in work["lines"][:lines]:
            body = {"pick_id": new_id(), "code": line["sku"], "quantity": line["quantity"], "line_no": line["line_no"]}
            ok(by.post(f"/api/fulfilments/{work['fulfilment_id']}/picks", json=body))
        return work

    def stage(self, work: Any, bay: str, by: httpx.Client) -> Any:
        """Pick some work and put it where it waits for its customer; gives the work."""
        path = f"/api/fulfilments/{self.pick(work, by)['fulfilment_id']}/stage"
        ok(by.post(path, json={"staging_id": new_id(), "bay": bay}))
        return work

    def ship(self, work: Any, carrier: str, tracking_number: str, by: httpx.Client) -> None:
        """Pick, pack and hand some work to a carrier."""
        path = f"/api/fulfilments/{self.pick(work, by)['fulfilment_id']}"
        parcel = {"parcel_id": new_id(), "tracking_number": tracking_number}
        ok(by.post(f"{path}/parcels", json={"parcel_id": parcel["parcel_id"]}))
        service = {"carrier_service": f"{carrier}-home"}
        ok(by.post(f"{path}/shipments", json={"shipment_id": new_id(), "parcels": [parcel], **service}))

    def tell(self, carrier: str, tracking_number: str, kind: str, at: datetime, by: httpx.Client) -> None:
        """Say what a carrier says of a parcel."""
        event = {"carrier": carrier, "carrier_event_id": new_id(), "tracking_number": tracking_number, "kind": kind,
                 "occurred_at": at.isoformat()}  # fmt: skip
        ok(by.post("/api/carrier-events", json={"events": [event]}))


def a_week(retailer: Retailer) -> None:
    """A week of orders by the web: most have arrived, a few pieces could not be given, the last ones are to be sent."""
    now, numbers = datetime.now(UTC), count(40_001)
    stocked = {place: retailer.goods(place, 9) for place in WAREHOUSES}
    days = [(day, channel) for day in range(7) for channel, counts in WEEK.items() for _ in range(counts[day])]
    orders = []
    for index, (day, channel) in enumerate(days):
        country = channel[-2:].upper()
        goods = stocked["WH-PL" if country in ("PL", "HU") else "WH-SI"]
        placed = now - timedelta(days=6 - day, minutes=120 - index)
        retailer.clock.at = placed
        chosen = {goods[index * 3 % len(goods)]: 1 + index % 2}
        order = retailer.place("ship", chosen, channel=channel, country=country, by=retailer.old)
        orders.append(order)
        if index >= len(days) - SENT_LATER:
            continue
        retailer.clock.at = placed + timedelta(hours=2)
        number = f"{country}{next(numbers)}"
        # At once: work that nobody has taken may be moved to another place at any time.
        retailer.ship(retailer.work_of(order), CARRIER[country], number, retailer.old)
        retailer.clock.at = placed + timedelta(hours=70 if index % 20 == 7 else 20)
        if retailer.clock.at < now:
            retailer.tell(CARRIER[country], number, "delivered", retailer.clock.at, retailer.old)
    retailer.clock.at = now
    for order in orders[-SENT_LATER:-TO_BE_SENT]:
        # Whoever misses a piece has all of its kind looked for: these come last.
        path = f"/api/fulfilments/{retailer.work_of(order)['fulfilment_id']}/rejections"
        refused = {"rejection_id": new_id(), "reason": next(REASONS), "lines": [{"line_no": 1, "quantity": 1}]}
        ok(retailer.old.post(path, json=refused))


def her_order(retailer: Retailer) -> None:
    """Žana's order: one piece by parcel, which is on its way, and two to be collected, which are ready."""
    goods = [sku for sku in retailer.goods(STORE, 3) if sku.startswith(("BOOT", "TENT", "PACK", "MUG", "LAMP"))]
    sent, fetched = goods[0], goods[1]
    lines = [
        {"sku": sent, "quantity": 1, "fulfilment": {"kind": "ship"}},
        {"sku": fetched, "quantity": 2, "fulfilment": {"kind": "pickup", "location": STORE}},
    ]
    delivery = {"carrier_service": "lastovka-home"}
    order = retailer.place("ship", {}, customer=CUSTOMER, lines=lines, delivery=delivery,
                           ship_to={"name": CUSTOMER["name"], **ADDRESSES["SI"]})  # fmt: skip
    path = f"/api/orders/{order['order_id']}"
    payment, anna = new_id(), retailer.anna
    total = order["total"]["amount_minor"]
    ok(anna.post(f"{path}/payments", json={"payment_id": payment, "method": "card", "authorised_minor": total}))
    ok(anna.post(f"{path}/hold", json={"reason": "The house number is asked of the customer"}))
    ok(anna.post(f"{path}/release-hold"))
    parcel = retailer.work_of(order, "ship")
    retailer.ship(parcel, "lastovka", "SI40999", anna)
    retailer.tell("lastovka", "SI40999", "in_transit", datetime.now(UTC), anna)
    retailer.stage(retailer.work_of(order, "pickup"), "B4", retailer.luka)
    ok(anna.post(f"{path}/payments/{payment}/capture", json={"amount_minor": total}))
    retailer.facts["order"] = order["order_id"]


def a_day(retailer: Retailer) -> None:
    """The work of a store, in every state: one task is late, others are taken, staged, on hold, or cannot be done."""
    facts, maja, luka, anna = retailer.facts, retailer.maja, retailer.luka, retailer.anna
    goods = cycle(retailer.goods(STORE, 4))

    def collected(way: str = "pickup", pieces: int = 1, **more: Any) -> Any:
        return retailer.place(f"{way}:{STORE}", {next(goods): 1 + number % 2 for number in range(pieces)}, **more)

    retailer.clock.at = datetime.now(UTC) - timedelta(days=2)
    wave = [collected(by=retailer.old), collected(pieces=2), collected(pieces=2)]
    for order in wave:
        retailer.work_of(order)
    taken = ok(luka.post(f"/api/locations/{STORE}/waves", json={"wave_id": new_id(), "fulfilments_max": 3}))
    facts["wave"] = taken["wave_id"]

    picking = retailer.work_of(collected(pieces=3))
    ok(maja.post(f"/api/fulfilments/{picking['fulfilment_id']}/take", json={}))
    retailer.pick(picking, maja, lines=1)
    ready = retailer.stage(retailer.work_of(collected(pieces=2)), "B7", maja)
    stuck = retailer.work_of(collected())
    missing = {"rejection_id": new_id(), "reason": "not_found", "lines": [{"line_no": 1, "quantity": 1}]}
    ok(luka.post(f"/api/fulfilments/{stuck['fulfilment_id']}/rejections", json=missing))
    held = collected()
    ok(anna.post(f"/api/orders/{held['order_id']}/hold", json={"reason": "Paid with a card that was reported lost"}))
    facts |= {"picking": picking["fulfilment_id"], "ready": ready["fulfilment_id"], "stuck": stuck["fulfilment_id"]}
    facts["open_order"] = collected(pieces=2)["order_id"]
    for pieces in (1, 3):
        collected(pieces=pieces)
    sent = sent_from_the_store(retailer, 2)
    for work in sent:
        ok(maja.post(f"/api/fulfilments/{work['fulfilment_id']}/take", json={}))
    parcel = f"/api/fulfilments/{retailer.pick(sent[0], maja)['fulfilment_id']}"
    ok(maja.post(f"{parcel}/parcels", json={"parcel_id": new_id()}))
    facts |= {"parcel": sent[0]["fulfilment_id"], "to_send": sent[1]["fulfilment_id"]}
    cars(retailer, [collected("curbside") for _ in range(4)])


def sent_from_the_store(retailer: Retailer, number: int) -> list[Any]:
    """Place orders until the store has so many to send."""
    found = []
    for sku in retailer.goods(STORE, 2, missing_at=("WH-SI", "LJ-01")):
        order = retailer.place("ship", {sku: 1}, ship_to={"name": "Mojca Kralj", **ADDRESSES["SI"]})
        if order["lines"][0]["allocations"][0]["location"] == STORE:
            found.append(retailer.work_of(order))
            if len(found) == number:
                return found
    raise AssertionError("routing does not choose the store")


def cars(retailer: Retailer, orders: list[Any]) -> None:
    """Two customers wait in their cars, one of them for a while, and two are on the way."""
    minutes = timedelta(minutes=7)
    for number, order in enumerate(orders):
        retailer.clock.at = datetime.now(UTC) - minutes
        by = retailer.old if number == 0 else retailer.maja
        work = retailer.stage(retailer.work_of(order), f"C{number + 1}", by)
        path = f"/api/orders/{order['order_id']}/fulfilments/{work['fulfilment_id']}"
        ok(by.post(f"{path}/on-my-way", json={"eta_minutes": 5 * (number + 1)}))
        if number < 2:
            ok(by.post(f"{path}/arrived", json={"parking_bay": str(3 - number)}))


def arrivals(retailer: Retailer) -> None:
    """A transfer and a delivery of a supplier on their way to the store; some pieces are here already."""
    anna, today = retailer.anna, datetime.now(UTC).date()
    goods = retailer.goods("WH-SI", 20)
    transfer = {"transfer_id": new_id(), "from_location": "WH-SI", "to_location": STORE, "reference": "TR-2041",
                "expected_on": (today - timedelta(days=1)).isoformat(),
                "lines": [{"sku": sku, "quantity": 6} for sku in goods[3:6]]}  # fmt: skip
    ok(anna.post("/api/transfers", json=transfer))
    ok(anna.post(f"/api/transfers/{transfer['transfer_id']}/ship"))
    supplier = {"code": "SUP-ALPINA", "kind": "supplier", "name": "Alpina Tekstil", "time_zone": "Europe/Ljubljana",
                "address": {"country": "SI", "street": "Strojarska 2", "postal_code": "4226", "city": "Žiri"}}  # fmt: skip
    ok(anna.post("/api/locations", json=supplier))
    for number, (days, sku) in enumerate(((1, goods[7]), (9, goods[8]))):
        order = {"purchase_order_id": new_id(), "supplier": "SUP-ALPINA", "location": STORE,
                 "reference": f"PO-{778 + number}", "expected_on": (today + timedelta(days=days)).isoformat(),
                 "lines": [{"sku": sku, "quantity": 12}, {"sku": goods[9], "quantity": 8}]}  # fmt: skip
        ok(anna.post("/api/purchase-orders", json=order))
        ok(anna.post(f"/api/purchase-orders/{order['purchase_order_id']}/order"))
        if number == 0:
            retailer.facts["purchase_order"] = order["purchase_order_id"]
            part = {"arrival_id": new_id(), "lines": [{"sku": sku, "quantity": 5}]}
            ok(anna.post(f"/api/purchase-orders/{order['purchase_order_id']}/receive", json=part))
    retailer.facts["transfer"] = transfer["transfer_id"]


def settings(retailer: Retailer, hook: str) -> None:
    """What head office has set: people, keys, an address for events, routing rules, protected stock, a receipt."""
    anna, facts = retailer.anna, retailer.facts
    retailer.hired("Ewa Wiśniewska", "store_manager", "WA-01")
    for name, role in (("Réka Kovács", "service_agent"), ("Marko Babić", "merchandiser"), ("Nina Golob", "analyst")):
        retailer.hired(name, role)
    for name, scopes in (("Till software", ["orders:write", "stock:read"]), ("ERP", ["stock:write", "catalog:write"])):
        key = ok(anna.post("/api/api-keys", json={"name": name, "scopes": scopes}))
    found = {"adjustment_id": new_id(), "location": "WH-SI", "reason": "found",
             "lines": [{"sku": "PACK-BEREK-NVY-24L", "delta": 2}]}  # fmt: skip
    ok(anna.post("/api/stock/adjustments", json=found, headers={"Authorization": f"Bearer {key['secret']}"}))
    for path, types in (("/kanava", []), ("/slow", ["order.placed"])):
        endpoint = {"url": hook + path, "event_types": types, "description": "ERP" if path == "/kanava" else "Reports"}
        facts[f"hook{path}"] = ok(anna.post("/api/webhook-endpoints", json=endpoint))["endpoint"]["endpoint_id"]
    rules = [
        {"name": "Spare the stores before Christmas", "effect": "avoid", "amount_minor": 250,
         "when": {"kinds": ["store"], "weekdays": ["friday", "saturday"]}},
        {"name": "Whole orders abroad", "effect": "parcels_max", "parcels_max": 1,
         "when": {"countries": ["HR", "HU"], "value_from_minor": 5000}},
        {"name": "Empty the shelves of Celje", "effect": "prefer", "amount_minor": 400, "when": {"locations": ["CE-01"]}},
    ]  # fmt: skip
    for name, some in (("Autumn", rules[:1]), ("Christmas", rules)):
        made = ok(anna.post("/api/routing/rulesets", json={"name": name, "rules": some}))
        if name == "Autumn":
            version = {"If-Match": f'"{made["version"]}"'}
            ok(anna.post(f"/api/routing/rulesets/{made['number']}/publish", headers=version))
    fence = {"sku": "PACK-BEREK-NVY-24L", "location": "LJ-01", "channel": "store-si", "remaining": 2}
    ok(anna.post("/api/stock/ring-fences", json={"rows": [fence]}))
    least = {"sku": "PACK-BEREK-NVY-24L", "channel": "marketplace", "threshold": 3}
    ok(anna.post("/api/stock/thresholds", json={"rows": [least]}))
    gone = ok(anna.get("/api/search/products", params={"channel": "web-hr", "q": "parka"}))["items"][-1]["handle"]
    version = {"If-Match": anna.get(f"/api/products/{gone}").headers["etag"]}
    ok(anna.patch(f"/api/products/{gone}", json={"status": "archived"}, headers=version))
    facts |= {"key": key["api_key"]["prefix"], "draft": str(made["number"]), "product": "backpack-berek", "gone": gone}


def a_sale(retailer: Retailer) -> None:
    """Somebody takes two things along from the store and pays by card."""
    goods = retailer.goods(STORE, 4)
    bought = {goods[2]: 1, goods[4]: 2}
    order = retailer.place(f"carry_out:{STORE}", bought, channel="store-si", by=retailer.maja, ship_to=None)
    total = order["total"]["amount_minor"]
    paid = {"payment_id": new_id(), "method": "card", "authorised_minor": total, "captured_minor": total}
    ok(retailer.anna.post(f"/api/orders/{order['order_id']}/payments", json={**paid, "external_reference": "0417"}))
    retailer.facts["sale"] = order["order_id"]


def make_busy(retailer: Retailer, hook: str) -> None:
    """Do all of it; `hook`: where events may be sent."""
    settings(retailer, hook)
    for each in (a_week, her_order, a_day, a_sale, arrivals):
        each(retailer)
