"""The way in: the right shop for a visitor's language, and staff by e-mail and password."""

from collections.abc import Callable

from factories.visitors import PHONE, Visitor


def test_a_visitor_comes_to_the_shop_of_her_country_in_her_language(visitor: Callable[..., Visitor]) -> None:
    person = visitor(size=PHONE, locale="pl-PL")
    person.goes_to("/")
    assert person.page.url.endswith("/pl/pl/")
    assert person.page.locator("html").get_attribute("lang") == "pl"
    person.looks("home")


def test_staff_sign_in_and_a_wrong_password_is_said_in_words(visitor: Callable[..., Visitor]) -> None:
    person = visitor(locale="en-GB")
    person.goes_to("/sign-in")
    person.looks("sign-in")
    person.page.get_by_label("E-mail address").fill("anna@kanava.example")
    person.page.get_by_label("Password").fill("wrong, but long enough")
    person.page.get_by_role("button", name="Sign in").click()
    person.page.get_by_role("alert").get_by_text("is wrong").wait_for()
    person.looks("sign-in, refused")
