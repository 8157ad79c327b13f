"""A customer's account in a real browser: the code from the mailbox, the checkout that fills itself in, the way out."""

import re
import time
from collections.abc import Callable
from email import message_from_bytes, policy
from pathlib import Path

import httpx

from factories.visitors import PHONE, TABLET, Visitor


def code_for(mailbox: Path, email: str) -> str:
    """Wait for the mail to an address and give the code in it."""
    begun = time.monotonic()
    while time.monotonic() - begun < 15:
        for path in mailbox.glob("*.eml"):
            mail = message_from_bytes(path.read_bytes(), policy=policy.default)
            body = mail.get_body(("plain",))
            code = re.search(r"^(\d{6})$", body.get_content() if body is not None else "", re.MULTILINE)
            if mail["To"] == email and code:
                path.unlink()
                return code[1]
        time.sleep(0.05)
    raise AssertionError("no code has come")


def sign_in_by_mail(person: Visitor, mailbox: Path, email: str, words: tuple[str, str]) -> None:
    """Ask for a code on the page that is open, and enter it; `words` are those of the two buttons."""
    page = person.page
    page.locator("#email").fill(email)
    page.get_by_role("button", name=words[0], exact=True).click()
    page.locator("#code").wait_for()
    person.looks("the page for the code")
    page.locator("#code").fill(code_for(mailbox, email))
    page.get_by_role("button", name=words[1], exact=True).click()


def find_sku(api: httpx.Client) -> str:
    """Give the sku of something that the Slovenian web shop sells, with units to spare."""
    channels = api.get("/api/channels", params={"kind": "web"}).json()["items"]
    channel = next(str(each["code"]) for each in channels if each["country"] == "SI")
    for place in api.get("/api/locations", params={"kind": "store", "country": "SI"}).json()["items"]:
        for level in api.get("/api/stock/levels", params={"location": place["code"], "limit": 200}).json()["items"]:
            if level["on_hand"] - level["reserved"] - level["safety_stock"] >= 8:
                wanted = {"channel": channel, "q": level["sku"], "in_stock": "true"}
                if api.get("/api/search/products", params=wanted).json()["exact"]:
                    return str(level["sku"])
    raise AssertionError("no goods for this journey")


def test_signing_in_on_the_way_to_the_checkout_and_out_again(visitor: Callable[..., Visitor], installation) -> None:
    mailbox, base = installation.data_dir / "mail", "/si/sl"
    words = ("Pošljite mi kodo", "Prijava")
    person = visitor(size=PHONE, locale="sl-SI")
    page = person.page
    person.goes_to(base)
    page.get_by_role("link", name="Račun", exact=True).click()
    person.looks("the page to sign in")
    sign_in_by_mail(person, mailbox, "neza@example.com", words)
    page.get_by_text("Naročil še ni").wait_for()
    person.looks("an account without orders")
    person.goes_to(f"{base}/account/addresses")
    for name, value in (("name", "Neža Šuštar"), ("street", "Čopova ulica 3"), ("postal_code", "12"), ("city", "")):
        page.locator(f"#{name}").fill(value)
    page.get_by_role("button", name="Dodaj", exact=True).click()
    page.locator("#city-note").wait_for()
    person.looks("an address with something missing")
    page.locator("#postal_code").fill("1000")
    page.locator("#city").fill("Ljubljana")
    page.get_by_role("button", name="Dodaj", exact=True).click()
    page.get_by_text("Shranjeno.").wait_for()
    person.looks("the address book")
    with installation.api() as api:
        sku = find_sku(api)
    answer = person.context.request.post(
        f"{person.url}{base}/cart/lines",
        form={"sku": sku, "quantity": "1", "kind": "ship"},
        headers={"Origin": person.url},
    )
    assert answer.ok
    person.goes_to(f"{base}/cart")
    page.get_by_role("button", name="Na blagajno").click()
    page.wait_for_url("**/checkout")
    assert page.locator("#street").input_value() == "Čopova ulica 3"
    person.looks("the checkout of a customer")
    page.locator("#phone").fill("040 123 456")
    page.locator("#terms").check()
    page.get_by_role("button", name="Naročilo z obveznostjo plačila").click()
    page.wait_for_url("**/orders/**")
    person.goes_to(f"{base}/account")
    person.looks("an account with an order")
    page.get_by_role("link", name=re.compile(r"^Naročilo \d+")).click()
    page.wait_for_url("**/orders/**")
    person.goes_to(f"{base}/account/details")
    person.looks("details")
    page.get_by_role("button", name="Odjava povsod").click()
    page.get_by_text("Odjavljeni ste.").wait_for()
    page.go_back()
    page.get_by_role("heading", name="Prijava").wait_for()


def test_an_account_is_deleted_without_scripts(visitor: Callable[..., Visitor], installation) -> None:
    person = visitor(size=TABLET, locale="pl-PL", java_script_enabled=False)
    page = person.page
    page.goto(f"{person.url}/si/pl/account/delete")
    page.locator("#email").fill("ola.zet@example.com")
    page.get_by_role("button", name="Wyślij mi kod").click()
    page.locator("#code").fill(code_for(installation.data_dir / "mail", "ola.zet@example.com"))
    page.locator("#content").get_by_role("button", name="Zaloguj się").click()
    page.get_by_role("button", name="Usuń", exact=True).click()
    page.get_by_text("najpierw zaznacz pole").wait_for()
    page.locator("#sure").check()
    page.get_by_role("button", name="Usuń", exact=True).click()
    page.get_by_text("Twoje konto zostało usunięte.").wait_for()
