"""The tour: which pages are pictured, for whom, and the steps to those that no address leads to."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from factories.visitors import DESKTOP, PHONE, TABLET, Visitor

DOCS = Path(__file__).parents[2] / "docs"
KIOSK = (1080, 1920)
LOCALES = {"en": "en-GB", "sl": "sl-SI", "pl": "pl-PL", "hr": "hr-HR", "hu": "hu-HU"}
WIDTHS = {PHONE: 230, KIOSK: 230, TABLET: 340, DESKTOP: 620}
PAGE_WIDTH = 900
HEAD = """# A tour

Every page, taken by `make screenshots` from the demo retailer (`kanava demo load`) after a week of orders.
"""
IMPORTED = """handle,sku,title_en,title_sl,status,category,gtin,weight_grams
enamel-jug,JUG-WHT,Enamel jug,Emajliran vrč,active,tableware,,820
enamel-mug,MUG-WHT,Enamel mug,Emajlirana skodelica,active,tableware,4006381333930,310
enamel-pan,PAN-WHT,Enamel pan,,active,tableware,,about 900
enamel-plate,PLATE-WHT,Enamel plate,Emajliran krožnik,for sale,tableware,,420
"""

Facts = dict[str, str]
Walk = Callable[[Visitor, Facts], None]


class Shot(NamedTuple):
    """A page of a template as somebody sees it; `way`: a path that may name facts, or the steps to it."""

    template: str
    title: str
    way: str | Walk
    size: tuple[int, int] = DESKTOP
    suffix: str = ""
    who: str = ""
    language: str = "en"
    dark: bool = False
    whole: bool = False
    status: int = 200

    @property
    def picture(self) -> str:
        """The name of its file."""
        return re.sub(r"[/_]", "-", self.template) + (f"-{self.suffix}" if self.suffix else "") + ".webp"


def presses(person: Visitor, name: str) -> None:
    """Press a button of the page's own."""
    person.page.locator("main").get_by_role("button", name=name, exact=True).first.click()


def types(person: Visitor, path: str, field_id: str, text: str, then: str) -> None:
    """Go to a page, fill in one field and press a button."""
    person.goes_to(path)
    person.page.locator(f"#{field_id}").fill(text)
    presses(person, then)


def fills_in(path: str, **typed: str) -> Walk:
    """Give the steps to a form, what is typed into its fields, and what is chosen from its lists."""

    def walk(person: Visitor, _facts: Facts) -> None:
        person.goes_to(path)
        for name, text in typed.items():
            field = person.page.locator(f"main [name={name}]").first
            if field.evaluate("each => each.tagName") == "SELECT":
                field.select_option(text)
            else:
                field.fill(text)

    return walk


def asks_for_suggestions(person: Visitor, _facts: Facts) -> None:
    person.goes_to("/si/en/")
    person.page.locator("form[role=search] input").press_sequentially("jack")
    person.page.get_by_role("option").first.wait_for()


def opens_the_filters(person: Visitor, _facts: Facts) -> None:
    person.goes_to("/si/hr/c/jackets")
    person.page.get_by_text("Filtriraj i poredaj").click()


def is_sent_a_code(person: Visitor, _facts: Facts) -> None:
    types(person, "/pl/pl/account", "email", "zofia@example.com", then="Wyślij mi kod")
    person.page.locator("#code").wait_for()


def opens_her_order(person: Visitor, facts: Facts) -> None:
    language = (person.page.evaluate("navigator.language") or "sl")[:2]
    person.goes_to(f"/si/{language}/account")
    person.page.locator(f"main a[href*='{facts['order']}']").click()
    person.page.wait_for_url("**/orders/**")


def opens_her_address(person: Visitor, _facts: Facts) -> None:
    person.goes_to("/si/hr/account/addresses")
    person.page.locator("main a[href*='/account/addresses/']").first.click()
    person.page.locator("#street").wait_for()


def goes_to_the_checkout(base: str) -> Walk:
    """Give the steps from a cart to the deliveries of the checkout."""

    def walk(person: Visitor, _facts: Facts) -> None:
        person.goes_to(f"{base}/cart")
        person.page.locator("form[action$='/cart/checkout'] button").click()
        person.page.wait_for_url("**/checkout")
        for name, text in (("name", "Žana Čuček"), ("email", "zana@example.com"), ("phone", "040 123 456")):
            person.page.locator(f"#{name}").fill(text)
        if person.page.locator("#postal_code").count():
            person.page.locator("input[name=delivery]").first.wait_for()
        person.page.locator("#terms").check()

    return walk


def places_it_at_the_kiosk(person: Visitor, facts: Facts) -> None:
    goes_to_the_checkout("/kiosk/sl")(person, facts)
    person.page.locator("button[value=place]").click()
    person.page.wait_for_url("**/placed**")


def says_what_is_missing(person: Visitor, facts: Facts) -> None:
    person.goes_to(f"/store/tasks/{facts['to_send']}/cannot")
    person.page.locator("input[name=reason]").nth(1).check()


def asks_the_customer(person: Visitor, facts: Facts) -> None:
    person.goes_to(f"/store/tasks/{facts['stuck']}/ask")
    person.page.locator("input[value=move_to]").check()
    person.page.locator("select[name=location]").select_option("LJ-01")


def fills_in_the_payment(person: Visitor, _facts: Facts) -> None:
    person.goes_to("/store/sell/checkout")
    for name, text in (("street", "Čopova ulica 3"), ("postal_code", "1000"), ("city", "Ljubljana"),
                       ("name", "Ana Potočnik"), ("phone", "031 222 333")):  # fmt: skip
        person.page.locator(f"#{name}").fill(text)
    person.page.locator("button[value=ask]").click()
    person.page.locator("#delivery-1").wait_for()
    person.page.locator("input[name=payment][value=card]").check()


def uploads(person: Visitor, _facts: Facts) -> None:
    file = {"name": "enamel.csv", "mimeType": "text/csv", "buffer": IMPORTED.encode()}
    person.goes_to("/console/imports/new")
    person.page.set_input_files("#file", files=[file])  # type: ignore[list-item]
    presses(person, "Look at the file")
    person.page.wait_for_url(re.compile("/columns$"))


def checks_the_file(person: Visitor, facts: Facts) -> None:
    uploads(person, facts)
    presses(person, "Check the file")
    person.page.get_by_text("the check digit of the GTIN is wrong").wait_for()


def imports_it(person: Visitor, facts: Facts) -> None:
    checks_the_file(person, facts)
    presses(person, "Import the good row")
    person.page.get_by_text("The file is imported.").wait_for()
    person.goes_to("/console/imports")


def simulates(person: Visitor, facts: Facts) -> None:
    person.goes_to(f"/console/routing/{facts['draft']}")
    presses(person, "Simulate")
    person.page.locator("#load-title").wait_for()


def previews_a_price(person: Visitor, _facts: Facts) -> None:
    types(person, "/console/prices/eur?sku=PACK-BEREK-NVY-24L", "s-amount", "59,90", then="Preview the effect")
    person.page.locator("#effect-title").wait_for()


def previews_a_threshold(person: Visitor, _facts: Facts) -> None:
    types(person, "/console/channels/web-si", "c-threshold", "3", then="Preview the effect")
    person.page.locator("table").first.wait_for()


def makes_a_key(person: Visitor, _facts: Facts) -> None:
    person.goes_to("/console/api-keys")
    presses(person, "Make a key")
    dialog = person.page.get_by_role("dialog")
    dialog.locator("[name=name]").fill("Marketplace")
    dialog.locator("[type=checkbox]").first.check()
    dialog.get_by_role("button").last.click()
    person.page.locator("[data-copied]").wait_for()


def opens_the_first(path: str, inside: str = "tbody a") -> Walk:
    """Give the steps to the first row of a table."""

    def walk(person: Visitor, facts: Facts) -> None:
        person.goes_to(path.format(**facts))
        person.page.locator(inside).first.click()
        person.page.wait_for_load_state("load")

    return walk


fills_in_the_kiosk = fills_in("/kiosk/set-up?anew=1", name="Entrance", location="LJ-02", channel="kiosk-si")
writes_a_product = fills_in(
    "/console/products/new", title="Enamel teapot", category="tableware", sku="TEAPOT-WHT", weight_grams="640"
)
opens_a_place = fills_in(
    "/console/locations/new", code="VE-01", name="Jelovir Velenje", street="Titov trg 2", postal_code="3320",
    city="Velenje", country="SI", latitude="46.3592", longitude="15.1104", handling_minutes="60",
)  # fmt: skip
writes_a_policy = fills_in(
    "/console/policies/new", country="SI", kind="shipping", language="en", title="Delivery",
    body="## How long it takes\n\nParcels leave our stores and distribution centre **the same day** until 16:00.",
)  # fmt: skip

SHOP = [
    Shot("shop/home", "The first page", "/si/en/"),
    Shot("shop/home", "The same on a phone, in Croatian", "/hr/hr/", PHONE, "phone", dark=True),
    Shot("shop/category", "A category with facets, in Polish", "/pl/pl/c/outdoor"),
    Shot("shop/category", "What narrows it down, on a phone", opens_the_filters, PHONE, "phone", language="hr"),
    Shot("shop/search", "What was found", "/si/sl/search?q=nahrbtnik", PHONE, dark=True),
    Shot("shop/search", "Suggestions", asks_for_suggestions, suffix="suggestions"),
    Shot("shop/product", "A product, in Hungarian", "/hu/hu/p/{product}"),
    Shot("shop/product", "The same on a phone, and the stores that have it",
         "/si/sl/p/{product}?sku=PACK-BEREK-NVY-24L", PHONE, "phone", "zana", dark=True, whole=True),
    Shot("shop/product_gone", "A product that is gone", "/hr/hr/p/{gone}", PHONE, status=410),
    Shot("shop/stores", "Stores near her", "/si/sl/stores", TABLET, who="zana"),
    Shot("shop/store", "A store with its hours", "/hu/hu/stores/BP-01", PHONE, whole=True),
    Shot("shop/cart", "A parcel, a pickup and a car in one cart", "/si/en/cart", who="zana", whole=True),
    Shot("shop/cart", "The same on a phone", "/si/sl/cart", PHONE, "phone", "zana", whole=True),
    Shot("shop/checkout", "The checkout", goes_to_the_checkout("/si/en"), who="zana", whole=True),
    Shot("shop/checkout", "The same in Polish", goes_to_the_checkout("/si/pl"), PHONE, "phone", "zana", whole=True),
    Shot("shop/order", "Her order, in Slovene", opens_her_order, PHONE, "", "zana", "sl", whole=True),
    Shot("shop/order", "The same on a larger screen", opens_her_order, suffix="desktop", who="zana", whole=True),
    Shot("shop/account_sign_in", "Signing in", fills_in("/hr/hr/account", email="iva@example.com"), PHONE),
    Shot("shop/account_code", "The code from the mail", is_sent_a_code, PHONE),
    Shot("shop/account", "Her account", "/si/sl/account", PHONE, who="zana"),
    Shot("shop/account_details", "Her details, in Hungarian", "/si/hu/account/details", PHONE, who="zana", whole=True),
    Shot("shop/account_addresses", "Her addresses", "/si/en/account/addresses", who="zana"),
    Shot("shop/account_address", "An address", opens_her_address, PHONE, who="zana"),
    Shot("shop/account_delete", "Leaving", "/si/pl/account/delete", PHONE, who="zana", dark=True),
    Shot("shop/find_order", "Finding an order", fills_in("/hr/hr/orders", number="100042"), PHONE),
    Shot("shop/policy", "What the law asks for, in Polish", "/pl/pl/policies/returns", PHONE),
    Shot("shop/take_over", "A cart from the kiosk, on her phone", "{take_over}", PHONE),
    Shot("shop/offline", "Without a network", "/pl/pl/offline", PHONE, dark=True),
    Shot("common/error", "A page that is not there", "/hu/hu/c/nothing", PHONE, status=404),
]  # fmt: skip
KIOSKS = [
    Shot("kiosk/set_up", "Staff make a device a kiosk", fills_in_the_kiosk, KIOSK, who="anna"),
    Shot("kiosk/ready", "A device that is one", "/kiosk/set-up", KIOSK),
    Shot("kiosk/welcome", "It waits for somebody", "/kiosk/sl/welcome", KIOSK),
    Shot("kiosk/home", "What it sells", "/kiosk/hr", KIOSK),
    Shot("shop/category", "A category", "/kiosk/pl/c/jackets", KIOSK, "kiosk", "kiosk"),
    Shot("shop/product", "A product", "/kiosk/hu/p/{product}", KIOSK, "kiosk", "kiosk"),
    Shot("kiosk/scan", "A barcode that nobody knows", "/kiosk/hu/scan?code=4006381333931", KIOSK, status=404),
    Shot("shop/cart", "The cart", "/kiosk/sl/cart", KIOSK, "kiosk", "kiosk"),
    Shot("kiosk/hand_over", "The cart, to be taken along on a phone", "/kiosk/sl/hand-over/{hand_over}", KIOSK),
    Shot("shop/checkout", "Ordering at the screen", goes_to_the_checkout("/kiosk/sl"), KIOSK, "kiosk", "kiosk"),
    Shot("kiosk/placed", "The order is placed", places_it_at_the_kiosk, KIOSK),
]
STORE = [
    Shot("common/sign_in", "Signing in", fills_in("/sign-in", email="maja@kanava.example"), PHONE, language="sl"),
    Shot("store/place", "Choosing where she works", "/store/place", PHONE, who="anna"),
    Shot("store/board", "The work of a store, by promise", "/store/work", TABLET),
    Shot("store/board", "The same in Slovene", "/store/work", PHONE, "phone", language="sl", dark=True),
    Shot("store/board", "What waits for its customers", "/store/work?ready=true", PHONE, "ready", language="hr"),
    Shot("store/task", "Picking", "/store/tasks/{picking}", PHONE, language="sl", whole=True),
    Shot("store/task", "A parcel that is packed", "/store/tasks/{parcel}", TABLET, "parcel"),
    Shot("store/reject", "What cannot be given, in Polish", says_what_is_missing, PHONE, language="pl", whole=True),
    Shot("store/ask", "Nobody has it: what the customer says", asks_the_customer, PHONE),
    Shot("store/wave", "Several orders in one walk", "/store/waves/{wave}", PHONE, language="hu", whole=True),
    Shot("store/hand_over", "Handing over", "/store/tasks/{ready}/hand-over", PHONE, language="hr", whole=True),
    Shot("store/curbside", "Who waits outside", "/store/curbside", PHONE),
    Shot("store/lookup", "Looking up", "/store/look-up?code=nahrbtnik", PHONE, language="sl"),
    Shot("store/lookup_item", "What there is of it, and where", "/store/item?sku=PACK-BEREK-NVY-24L", TABLET),
    Shot("store/sell", "A basket", "/store/sell", PHONE, language="hu"),
    Shot("store/sell_checkout", "Taking the payment", fills_in_the_payment, PHONE, whole=True),
    Shot("store/order_receipt", "The receipt", "/store/orders/{sale}/receipt", PHONE, language="sl"),
    Shot("store/find", "Finding an order", "/store/orders?code=ana@example.com", PHONE, language="hr"),
    Shot("store/order", "An order", "/store/orders/{order}", TABLET),
    Shot("store/order_cancel", "Cancelling some of it", "/store/orders/{open_order}/cancel", PHONE, language="pl"),
    Shot("store/receive", "What is on its way here", "/store/receive", PHONE, language="sl"),
    Shot("store/receive_arrival", "Receiving it", "/store/receive/purchase-orders/{purchase_order}", TABLET, dark=True),
    Shot("store/count", "What is to be counted", "/store/count", PHONE, language="hu"),
    Shot("store/count_sheet", "A count sheet", "/store/count/{sheet}", PHONE),
    Shot("store/count_review", "Its differences", "/store/count/{sheet}/review", PHONE, language="sl"),
    Shot("store/count_done", "A count that is booked", "/store/count/{booked_sheet}", PHONE, language="pl"),
    Shot("store/more", "More", "/store/more", PHONE, language="hr", dark=True),
    Shot("store/offline", "Without a network", "/store/offline", PHONE, language="sl", dark=True),
]
CONSOLE = [
    Shot("console/overview", "Overview", "/console"),
    Shot("console/overview", "The same in Slovene, in the dark", "/console", suffix="dark", language="sl", dark=True),
    Shot("console/list", "Orders", "/console/orders", suffix="orders"),
    Shot("console/order", "An order with all that happened", "/console/orders/{order}", whole=True),
    Shot("console/list", "What needs attention", "/console/attention", suffix="attention"),
    Shot("console/search", "Searching", "/console/search?q=ana@example.com"),
    Shot("console/list", "Customers", "/console/customers", suffix="customers"),
    Shot("console/customer", "A customer", opens_the_first("/console/customers")),
    Shot("console/messages", "Messages to customers", "/console/messages"),
    Shot("console/message", "How one is written", "/console/messages/preview/ready_to_collect?language=pl"),
    Shot("console/products", "Products", "/console/products"),
    Shot("console/product", "A product: its texts", "/console/products/{product}?tab=texts"),
    Shot("console/product", "Its variants", "/console/products/{product}?tab=variants", suffix="variants"),
    Shot("console/product", "Its pictures, in Polish", "/console/products/{product}?tab=media", TABLET, "media",
         language="pl"),
    Shot("console/product", "What it lacks", "/console/products/{product}?tab=completeness", suffix="completeness"),
    Shot("console/product_grid", "Many products at once", "/console/product-grid?q=berek", dark=True),
    Shot("console/product_new", "A new product", writes_a_product),
    Shot("console/categories", "Categories", "/console/categories?code=jackets"),
    Shot("console/import_new", "Importing: the file", "/console/imports/new"),
    Shot("console/import_columns", "Its columns", uploads),
    Shot("console/import_run", "What would happen, and what is wrong", checks_the_file, whole=True),
    Shot("console/imports", "Imports and exports", imports_it),
    Shot("console/price_lists", "Price lists, in Croatian", "/console/prices", language="hr"),
    Shot("console/price_list", "A price, and what it would do", previews_a_price, whole=True),
    Shot("console/list", "Channels", "/console/channels", suffix="channels"),
    Shot("console/channel", "A channel, and what a change would do", previews_a_threshold),
    Shot("console/policies", "What the law asks for", "/console/policies"),
    Shot("console/policy", "One of its texts", opens_the_first("/console/policies")),
    Shot("console/policy_new", "A new one", writes_a_policy),
    Shot("console/protections", "Stock kept back", "/console/protections"),
    Shot("console/channel_protections", "Keeping some back", "/console/protections?sku=PACK-BEREK-NVY-24L"),
    Shot("console/list", "Stock", "/console/stock?q=parka", suffix="stock"),
    Shot("console/variant", "Why a channel sees what it sees", "/console/stock/PACK-BEREK-NVY-24L?channel=web-si"),
    Shot("console/list", "Transfers, on a tablet", "/console/transfers", TABLET, "transfers", language="sl"),
    Shot("console/list", "Orders to suppliers", "/console/purchase-orders", suffix="purchase-orders"),
    Shot("console/document", "One of them", "/console/purchase-orders/{purchase_order}"),
    Shot("console/locations", "Locations, in Hungarian", "/console/locations", language="hu"),
    Shot("console/location", "A location with its hours", "/console/locations/LJ-02", whole=True),
    Shot("console/location_new", "A new one", opens_a_place),
    Shot("console/routing", "Routing rules", "/console/routing"),
    Shot("console/routing_edit", "Writing them", "/console/routing/{draft}/edit"),
    Shot("console/routing_ruleset", "Trying them on past orders", simulates, whole=True),
    Shot("console/people", "People", "/console/people"),
    Shot("console/person", "A person and her roles", "/console/people/maja@kanava.example"),
    Shot("console/list", "Devices", "/console/devices", suffix="devices"),
    Shot("console/device", "A device", opens_the_first("/console/devices")),
    Shot("console/keys", "API keys", "/console/api-keys"),
    Shot("console/secret", "A secret, shown once", makes_a_key),
    Shot("console/key", "A key", "/console/api-keys/{key}"),
    Shot("console/webhooks", "Webhooks", "/console/webhooks"),
    Shot("console/webhook", "What was sent", "/console/webhooks/{hook/kanava}"),
    Shot("console/delivery", "A delivery that failed", opens_the_first("/console/webhooks/{hook/slow}")),
    Shot("console/jobs", "Jobs", "/console/jobs"),
    Shot("console/list", "Who changed what, on a tablet", "/console/audit", TABLET, "audit", dark=True),
]  # fmt: skip
TOUR = {"Shop": SHOP, "Kiosk": KIOSKS, "Store app": STORE, "Console": CONSOLE}
SHOTS = [shot for shots in TOUR.values() for shot in shots]


def written() -> str:
    """Write docs/tour.md: as many pictures side by side as fit."""
    text = [HEAD]
    for title, shots in TOUR.items():
        text.append(f"## {title}\n")
        rows: list[list[Shot]] = [[]]
        for shot in shots:
            if sum(WIDTHS[each.size] for each in [*rows[-1], shot]) > PAGE_WIDTH:
                rows.append([])
            rows[-1].append(shot)
        for row in rows:
            cells = "".join(
                f'<td valign="top"><img src="tour/{each.picture}" alt="{each.title}" width="{WIDTHS[each.size]}">'
                f"<br>{each.title}</td>\n"
                for each in row
            )
            text.append(f"<table><tr>\n{cells}</tr></table>\n")
    return "\n".join(text)
