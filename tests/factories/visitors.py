"""People with browsers, for journeys: what the browser complains about and what axe finds fails the test."""

import os
import re
from pathlib import Path
from uuid import uuid4

import httpx
import msgspec
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import BrowserContext, ConsoleMessage, Page

PHONE, TABLET, DESKTOP = (390, 844), (820, 1180), (1440, 900)
WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
ADMIN = ("anna@kanava.example", "a long enough password")


class Installation(msgspec.Struct, frozen=True):
    """Where it answers, a key that may do everything, and the folder with mails and media."""

    url: str
    key: str
    data_dir: Path

    def api(self) -> httpx.Client:
        """Give a client of its API."""
        return httpx.Client(base_url=self.url, headers={"Authorization": f"Bearer {self.key}"}, timeout=30)


class Visitor:
    """A person with a browser; what the browser complains about, and what axe finds on a page, fails the test."""

    def __init__(self, context: BrowserContext, url: str) -> None:
        self.context, self.url = context, url
        self.complaints: list[str] = []
        self.page: Page = self.new_page()

    def new_page(self) -> Page:
        """Open another tab."""
        page = self.context.new_page()
        page.on("console", self._said)
        page.on("pageerror", lambda error: self.complaints.append(f"{page.url}: {error}"))
        return page

    def _said(self, message: ConsoleMessage) -> None:
        # A refused form is answered with 4xx on purpose, which Chromium notes as an error of the network.
        if message.type == "error" and "Failed to load resource" not in message.text:
            self.complaints.append(f"{self.page.url}: {message.text}")

    def goes_to(self, path: str) -> None:
        """Open a page and wait until it has loaded."""
        answer = self.page.goto(self.url + path, wait_until="load")
        assert answer is not None
        assert answer.ok, f"{path}: {answer.status}"

    def finds_it_accessible(self, what: str) -> None:
        """Have axe look at the page as it is now; not with KANAVA_TEST_QUICK=1, where it would be half of the time."""
        if os.environ.get("KANAVA_TEST_QUICK") == "1":
            return
        options = {"runOnly": {"type": "tag", "values": WCAG}, "resultTypes": ["violations"]}
        results = Axe().run(self.page, options=options).response
        found = [
            f"{each['id']}: {each['help']} — {node['target']} {node['html'][:160]}"
            for each in results["violations"]
            for node in each["nodes"][:3]
        ]
        assert not found, f"axe on {what} ({self.page.url}):\n" + "\n".join(found)

    def sees_nothing_cut(self, what: str) -> None:
        """Nothing is wider than the screen."""
        wide = self.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert wide <= 0, f"{what} is {wide} px wider than the screen"

    def sees_every_icon(self, what: str) -> None:
        """Each icon is in the file of icons of the page's face."""
        missing = self.page.evaluate(
            """async () => {
                const used = [...document.querySelectorAll("svg use")].map((use) => use.getAttribute("href").split("#"));
                const texts = {};
                for (const path of new Set(used.map(([path]) => path))) texts[path] = await (await fetch(path)).text();
                return used.filter(([path, id]) => !texts[path].includes(`id="${id}"`)).map(([, id]) => id);
            }"""
        )
        assert not missing, f"{what} lacks {missing}"

    def looks(self, what: str) -> None:
        """All that every page must stand."""
        self.sees_every_icon(what)
        self.sees_nothing_cut(what)
        self.finds_it_accessible(what)


def sign_in(person: Visitor, email: str = ADMIN[0], password: str = ADMIN[1], going_to: str = "/store") -> None:
    """Sign a member of staff in by the form."""
    person.goes_to(f"/sign-in?next={going_to}")
    fill_in_sign_in(person, email, password)
    person.page.wait_for_url(re.compile(re.escape(going_to)))


def fill_in_sign_in(person: Visitor, email: str = ADMIN[0], password: str = ADMIN[1]) -> None:
    """Fill in the form that a member of staff is looking at, and send it."""
    person.page.locator("[name=email]").fill(email)
    person.page.locator("[name=password]").fill(password)
    person.page.locator("form[action='/sign-in'] button").click()


def associate(installation: Installation, location: str, name: str = "Maja Kranjc") -> str:
    """Make somebody who works at a store, with the administrator's password, and give her e-mail."""
    email = f"{uuid4()}@kanava.example"
    roles = [{"role": "associate", "location": location}]
    with installation.api() as api:
        answer = api.post("/api/staff", json={"email": email, "name": name, "password": ADMIN[1], "roles": roles})
        assert answer.status_code == 201, answer.text
    return email
