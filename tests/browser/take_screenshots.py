"""`make screenshots`: a picture of each page of the demo retailer, and docs/tour.md that shows them.

Not a test of its own; it uses the installation and the browser of the journeys. Named so that pytest collects it only when asked.
"""

from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import NamedTuple
from uuid import uuid4

import httpx
from PIL import Image

from factories.visitors import DESKTOP, PHONE, TABLET, Installation, Visitor, sign_in

DOCS = Path(__file__).parents[2] / "docs"
FOLDER = DOCS / "tour"
KIOSK = (1080, 1920)
HEAD = """# A tour

Pictures of each page, taken by `make screenshots` from the demo retailer (`kanava demo load`).
"""


class Shot(NamedTuple):
    """A page as somebody sees it: `path` may name {order}, {product} and the like, which `_facts` makes."""

    name: str
    title: str
    path: str
    size: tuple[int, int] = DESKTOP
    dark: bool = False


SHOP = [
    Shot("shop-home", "The shop's first page", "/si/en/"),
    Shot("shop-category", "A category with facets, in Polish", "/pl/pl/c/outdoor"),
    Shot("shop-search", "Search, on a phone in the dark", "/si/sl/search?q=jakna", PHONE, dark=True),
    Shot("shop-product", "A product, in Hungarian", "/hu/hu/p/{product}"),
    Shot("shop-stores", "Stores", "/si/sl/stores", TABLET),
    Shot("shop-store", "A store with its hours", "/si/sl/stores/LJ-01", PHONE),
    Shot("shop-account", "Signing in by a code", "/si/sl/account", PHONE),
    Shot("shop-find-order", "Finding an order", "/hr/hr/orders", PHONE),
]
STORE = [
    Shot("store-work", "The work of a store, by promise", "/store/work", TABLET),
    Shot("store-work-phone", "The same on a phone, in the dark", "/store/work", PHONE, dark=True),
    Shot("store-look-up", "Looking a product up", "/store/item?sku=PACK-BEREK-NVY-24L", TABLET),
    Shot("store-curbside", "Who waits outside", "/store/curbside", PHONE),
    Shot("store-receive", "What is on its way here", "/store/receive", TABLET),
    Shot("store-count", "Counting a shelf", "/store/count", PHONE),
    Shot("store-orders", "Finding an order", "/store/orders?code=shopper0@example.com", TABLET),
    Shot("store-sell", "Taking an order for a customer", "/store/sell", TABLET),
]
CONSOLE = [
    Shot("console-overview", "Overview", "/console"),
    Shot("console-overview-dark", "Overview, in the dark", "/console", dark=True),
    Shot("console-orders", "Orders", "/console/orders"),
    Shot("console-order", "An order with all that happened", "/console/orders/{order}"),
    Shot("console-products", "Products", "/console/products"),
    Shot("console-product", "A product", "/console/products/{product}"),
    Shot("console-import", "Importing a file", "/console/imports/new"),
    Shot("console-prices", "Price lists", "/console/prices"),
    Shot("console-channels", "Channels", "/console/channels"),
    Shot(
        "console-stock", "Stock of a variant, and why a channel sees what it sees", "/console/stock/PACK-BEREK-NVY-24L"
    ),
    Shot("console-locations", "Locations", "/console/locations"),
    Shot("console-location", "A location with its hours", "/console/locations/LJ-01"),
    Shot("console-routing", "Routing rules", "/console/routing"),
    Shot("console-people", "People and roles", "/console/people"),
    Shot("console-webhooks", "Webhooks", "/console/webhooks"),
    Shot("console-audit", "Who changed what", "/console/audit", TABLET),
]


def _orders(installation: Installation) -> str:
    """Place a few orders as customers would, wherever the goods are; gives the last one."""
    with installation.api() as api:
        places = api.get("/api/locations", params={"kind": "store", "limit": 100}).json()["items"]
        codes = [each["code"] for each in places if "curbside" in each["services"]]
        _order(api, "Ana Novak", {"kind": "pickup", "location": "LJ-01"})
        for code in codes:
            if _order(api, "Ivan Kos", {"kind": "curbside", "location": code}):
                break
        placed = _order(api, "Eva Zajc", {"kind": "ship"})
    assert placed is not None
    return placed


def _order(api: httpx.Client, name: str, fulfilment: dict[str, str]) -> str | None:
    order_id = str(uuid4())
    body = {
        "order_id": order_id,
        "channel": "web-si",
        "customer": {"name": name, "email": "shopper0@example.com", "phone": "+38640123456"},
        "ship_to": {"country": "SI", "city": "Ljubljana", "postal_code": "1000", "street": "Cesta 1"},
        "lines": [{"sku": "PACK-BEREK-NVY-24L", "quantity": 1, "fulfilment": fulfilment}],
    }
    return order_id if api.post("/api/orders", json=body).status_code == 201 else None


def _take(person: Visitor, shot: Shot, facts: dict[str, str]) -> str:
    person.goes_to(shot.path.format(**facts))
    person.page.wait_for_timeout(700)  # Charts and pictures that are loaded last; live pages are never idle.
    picture = Image.open(BytesIO(person.page.screenshot()))
    FOLDER.mkdir(exist_ok=True)
    picture.save(FOLDER / f"{shot.name}.webp", quality=82, method=6)
    width = 320 if shot.size == PHONE else 520 if shot.size == TABLET else 900
    return f'### {shot.title}\n\n<img src="tour/{shot.name}.webp" alt="{shot.title}" width="{width}">\n'


def test_take_screenshots(installation: Installation, visitor: Callable[..., Visitor]) -> None:
    with installation.api() as api:
        product = api.get("/api/variants/PACK-BEREK-NVY-24L").json()["product"]
    facts = {"order": _orders(installation), "product": product}
    text = [HEAD]
    for title, shots, staff in (("Shop", SHOP, False), ("Store app", STORE, True), ("Console", CONSOLE, True)):
        text.append(f"## {title}\n")
        for shot in shots:
            person = visitor(size=shot.size, color_scheme="dark" if shot.dark else "light")
            if staff:
                sign_in(person, going_to="/store" if title == "Store app" else "/console")
                if title == "Store app":
                    person.page.goto(person.url + "/store/place?q=Ljubljana")
                    person.page.locator("button[name=code][value='LJ-01']").click()
            text.append(_take(person, shot, facts))
            person.context.close()
    (DOCS / "tour.md").write_text("\n".join(text))
