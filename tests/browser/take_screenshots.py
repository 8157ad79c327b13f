"""`make screenshots`: a picture of each page of the demo retailer, and docs/tour.md that shows them.

Not a test of its own; it uses the installation and the browser of the journeys. Named so that pytest collects it only when asked.
"""

from collections.abc import Callable, Iterator
from contextlib import closing
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO
from threading import Thread
from typing import Any

import pytest
from PIL import Image
from test_account import code_for
from test_kiosk import DATABASE, signature_of

from factories.busy_retailer import CUSTOMER, STORE, Retailer, days_ago, first_name, make_busy
from factories.orders import new_id
from factories.tour import DOCS, KIOSK, LOCALES, SHOTS, Facts, Shot, fills_in_the_kiosk, written
from factories.visitors import ADMIN, Installation, Visitor, sign_in
from kanava.platform import embedded

FOLDER = DOCS / "tour"
BYTES_MAX = 60_000
TRIED = ((1.0, 80), (1.0, 65), (0.75, 80), (0.75, 65))
"""Scale and quality, the best first: the first that is small enough is kept."""
HEIGHT_MAX = 1700
WAIT_MS = 600
"""For charts and pictures that are loaded last; live pages are never idle."""
STAFF = {"store": "maja", "console": "anna", "kiosk": "kiosk"}
"""Who uses an app, unless the shot says otherwise."""


class Hook(BaseHTTPRequestHandler):
    """An ERP that takes events, and reports that are too busy."""

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        slow = self.path == "/slow"
        self.send_response(503 if slow else 200)
        self.end_headers()
        self.wfile.write(b'{"error": "Too many requests at once"}' if slow else b'{"taken": true}')

    def log_message(self, *_args: Any) -> None:
        """Say nothing."""


@pytest.fixture
def hook() -> Iterator[str]:
    """The address of a program that takes events."""
    with ThreadingHTTPServer(("127.0.0.1", 0), Hook) as server:
        Thread(target=server.serve_forever).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def sends(person: Visitor, path: str, **form: str) -> None:
    """Send what the form of a page sends."""
    answer = person.context.request.post(person.url + path, form=form, headers={"Origin": person.url})
    assert answer.ok, f"{path}: {answer.status}"


def has_an_account(person: Visitor, retailer: Retailer, name: str, email: str) -> None:
    """A customer signs in by mail and says her name."""
    person.context.clear_cookies()
    person.goes_to("/si/sl/account")
    person.page.locator("#email").fill(email)
    person.page.get_by_role("button", name="Pošljite mi kodo").click()
    person.page.locator("#code").fill(code_for(retailer.installation.data_dir / "mail", email))
    person.page.locator("main").get_by_role("button", name="Prijava").click()
    person.page.wait_for_url("**/account")
    sends(person, "/si/sl/account/details", name=name, phone="+386 40 123 456", language="sl")


def zana(person: Visitor, retailer: Retailer) -> None:
    """Žana has an account, as others have; she keeps two addresses and a store, and fills her cart."""
    for name in ("Marko Kos", "Ana Novak"):
        has_an_account(person, retailer, name, f"{first_name(name)}@example.com")
    has_an_account(person, retailer, CUSTOMER["name"], CUSTOMER["email"])
    for street, code, city in (("Glavni trg 8", "2000", "Maribor"), ("Čopova ulica 3", "1000", "Ljubljana")):
        sends(person, "/si/sl/account/addresses", name=CUSTOMER["name"], street=street, postal_code=code, city=city)
    sends(person, "/si/sl/my-store", store=STORE)
    sends(person, "/si/sl/near", postal_code="1000")
    for sku, kind in zip(retailer.goods(STORE, 5)[8:], ("ship", "pickup", "curbside"), strict=False):
        location = "" if kind == "ship" else STORE
        sends(person, "/si/sl/cart/lines", sku=sku, quantity="1", kind=kind, location=location)


def maja(person: Visitor, retailer: Retailer) -> None:
    """Maja counts two shelves, of which one is booked, and has begun to sell."""
    sign_in(person, "maja@kanava.example")
    person.page.wait_for_url("**/store/work")
    goods = retailer.goods(STORE, 4)
    for name, shelf, units in (("booked_sheet", "Shelf 2", "4"), ("sheet", "Shelf 14", "3")):
        retailer.facts[name] = new_id()
        path = f"/store/count/{retailer.facts[name]}"
        sends(person, "/store/count", count_sheet_id=retailer.facts[name], name=shelf)
        for sku in goods[-5:-2]:
            sends(person, f"{path}/tally", entry_id=new_id(), code=sku, units=units)
        if name == "booked_sheet":
            sends(person, f"{path}/book")
    for sku, way in ((goods[3], "carry_out"), (goods[6], "ship")):
        sends(person, "/store/sell/add", code=sku, way=way)


def anna(person: Visitor, _retailer: Retailer) -> None:
    """Anna signs in at head office."""
    sign_in(person, *ADMIN, going_to="/console")


def kiosk(person: Visitor, retailer: Retailer, cluster: embedded.Cluster) -> None:
    """A kiosk with a cart that is offered to a phone."""
    base, facts = "/kiosk/sl", retailer.facts
    sign_in(person, *ADMIN, going_to="/kiosk/set-up")
    fills_in_the_kiosk(person, facts)
    person.page.locator("form button").click()
    person.page.wait_for_url("**/welcome")
    for sku in retailer.goods(STORE, 6)[:3]:
        sends(person, f"{base}/cart/lines", sku=sku, quantity="1", kind="pickup", location=STORE)
    person.goes_to(f"{base}/cart")
    person.page.locator("form[action$='/hand-over'] button").click()
    person.page.wait_for_url("**/hand-over/**")
    facts["hand_over"] = person.page.url.rsplit("/", 1)[1]
    facts["take_over"] = f"/si/en/take-over/{facts['hand_over']}/{signature_of(cluster, facts['hand_over'])}"


def takes(person: Visitor, shot: Shot, facts: Facts) -> None:
    """Go to the page and keep its picture, as small as it must be."""
    if callable(shot.way):
        shot.way(person, facts)
    else:
        path = shot.way.format(**facts)
        answer = person.page.goto(person.url + path, wait_until="load")
        assert answer is not None
        assert (answer.status, person.page.url) == (shot.status, person.url + path), f"{shot.picture}: {answer.status}"
    if shot.whole:
        # As high as the page is without its foot: pictures further down are loaded when they come into view.
        bottom = person.page.locator("main").evaluate("each => each.getBoundingClientRect().bottom + scrollY")
        person.page.set_viewport_size({"width": shot.size[0], "height": min(int(bottom), HEIGHT_MAX)})
    person.page.evaluate("scrollTo(0, 0)")
    person.page.wait_for_timeout(WAIT_MS)
    picture = Image.open(BytesIO(person.page.screenshot()))
    if shot.size == KIOSK:
        picture = picture.reduce(2)
    for scale, quality in TRIED:
        kept = BytesIO()
        size = (int(picture.width * scale), int(picture.height * scale))
        picture.resize(size, Image.Resampling.LANCZOS).save(kept, "webp", quality=quality, method=4)
        if kept.tell() <= BYTES_MAX:
            break
    (FOLDER / shot.picture).write_bytes(kept.getvalue())


def test_take_screenshots(
    installation: Installation, cluster: embedded.Cluster, visitor: Callable[..., Visitor], hook: str
) -> None:
    states: dict[str, Any] = {"": None}

    def come(who: str, steps: Callable[[Visitor, Retailer], None]) -> None:
        person = visitor(size=KIOSK)
        steps(person, retailer)
        states[who] = person.context.storage_state()
        person.context.close()

    with (
        days_ago(cluster.url(DATABASE), installation) as (old, clock),
        closing(Retailer(installation, old, clock)) as retailer,
    ):
        come("zana", zana)  # Before her order: the code that she collects it with looks like the one in this mail.
        make_busy(retailer, hook)
        come("maja", maja)
        come("anna", anna)
        come("kiosk", partial(kiosk, cluster=cluster))
    for gone in FOLDER.glob("*.webp"):
        gone.unlink()
    for shot in sorted(SHOTS, key=lambda each: each.template != "store/curbside"):  # Customers wait in their cars.
        person = visitor(
            size=shot.size,
            locale=LOCALES[shot.language],
            color_scheme="dark" if shot.dark else "light",
            storage_state=states[shot.who or STAFF.get(shot.template.split("/")[0], "")],
        )
        takes(person, shot, retailer.facts)
        person.context.close()
    (DOCS / "tour.md").write_text(written())
