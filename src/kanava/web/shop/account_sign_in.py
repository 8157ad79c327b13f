"""Signing in with a code from the mailbox, and out again. No page says whether an address has an account."""

from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.enums import RequestEncodingType
from litestar.params import Body

from kanava.customers import service as customers
from kanava.customers.errors import SignInCodeWrong, SignInOver
from kanava.customers.model import CODE_LIFETIME
from kanava.engagement import service as engagement
from kanava.platform import clock
from kanava.platform.errors import TooManyAttempts
from kanava.platform.http import AnyRequest, database_of
from kanava.web.common.contact import EMAIL
from kanava.web.common.pages import query, safe_next, see_other
from kanava.web.common.sessions import cookie, forget
from kanava.web.common.translations import translations_of
from kanava.web.shop.account_session import (
    CUSTOMER_COOKIE,
    account_page,
    customer_of,
    keep_session,
    not_at_kiosk,
    to_sign_in,
)
from kanava.web.shop.visit import SHOPPER, Visit

SIGN_IN_COOKIE = "kanava_sign_in"
URL_ENCODED = RequestEncodingType.URL_ENCODED


class EmailForm(msgspec.Struct, frozen=True):
    """Where the code goes, and the page to go on to afterwards."""

    email: Annotated[str, msgspec.Meta(max_length=200)] = ""
    next: Annotated[str, msgspec.Meta(max_length=2000)] = ""


class CodeForm(msgspec.Struct, frozen=True):
    """The code as it was typed."""

    code: Annotated[str, msgspec.Meta(max_length=40)] = ""
    next: Annotated[str, msgspec.Meta(max_length=2000)] = ""


def email_page(
    request: AnyRequest, visit: Visit, form: EmailForm, *, status: int = 200, error: str | None = None, notice: str = ""
) -> Response[str]:
    """Show the form that asks for an e-mail address; `notice`: wait, over, out or gone."""
    return account_page(request, visit, "account_sign_in.html", status=status, form=form, error=error, notice=notice)


@post("/{market:str}/{language:str}/account/sign-in")
async def ask_code(
    request: AnyRequest, visit: Visit, data: Annotated[EmailForm, Body(media_type=URL_ENCODED)]
) -> Response[Any]:
    """Send a code to any address that mail can go to."""
    not_at_kiosk(visit)
    _ = translations_of(visit.language).gettext
    if not EMAIL.match(data.email.strip()):
        error = _("Please enter an e-mail address, such as ana@example.com.")
        return email_page(request, visit, data, status=422, error=error)
    address = request.client.host if request.client is not None else ""
    now = clock.now()
    async with database_of(request).transaction() as tx:
        asked = await customers.ask_code(tx, data.email, visit.language, address, now)
        if isinstance(asked, UUID):
            await engagement.send_sign_in_code(tx, asked, data.email, visit.language, now)
    if isinstance(asked, TooManyAttempts):
        return email_page(request, visit, data, status=429, notice="wait")
    wanted = safe_next(data.next, "")
    response = see_other(f"{visit.base}/account/code" + (f"?{query({'next': wanted})}" if wanted else ""))
    response.set_cookie(cookie(request, SIGN_IN_COOKIE, str(asked), int(CODE_LIFETIME.total_seconds())))
    return response


@get("/{market:str}/{language:str}/account/code")
async def show_code(request: AnyRequest, visit: Visit) -> Response[Any]:
    """Ask for the code that is on its way."""
    not_at_kiosk(visit)
    return await _code_page(request, visit, CodeForm(next=request.query_params.get("next", "")))


@post("/{market:str}/{language:str}/account/code")
async def enter_code(
    request: AnyRequest, visit: Visit, data: Annotated[CodeForm, Body(media_type=URL_ENCODED)]
) -> Response[Any]:
    """Sign in, and go on to where the browser was going."""
    not_at_kiosk(visit)
    _ = translations_of(visit.language).gettext
    sign_in_id = _sign_in_id(request)
    if sign_in_id is None:
        return email_page(request, visit, EmailForm(next=data.next), status=409, notice="over")
    async with database_of(request).transaction() as tx:
        outcome = await customers.begin_session(tx, sign_in_id, data.code, clock.now())
    if isinstance(outcome, SignInCodeWrong):
        return await _code_page(request, visit, data, error=_("That is not the code. Please look at it again."))
    if isinstance(outcome, SignInOver):
        return email_page(request, visit, EmailForm(next=data.next), status=409, notice="over")
    response = see_other(safe_next(data.next, f"{visit.base}/account"))
    keep_session(request, response, outcome)
    forget(request, response, SIGN_IN_COOKIE)
    return response


async def _code_page(request: AnyRequest, visit: Visit, form: CodeForm, *, error: str | None = None) -> Response[Any]:
    sign_in_id = _sign_in_id(request)
    email = None
    if sign_in_id is not None:
        async with database_of(request).connection() as connection:
            email = await customers.awaited_email(connection, sign_in_id, clock.now())
    if email is None:
        notice = "over" if error or sign_in_id is not None else ""
        return email_page(request, visit, EmailForm(next=form.next), status=409 if error else 200, notice=notice)
    minutes = int(CODE_LIFETIME.total_seconds()) // 60
    return account_page(
        request,
        visit,
        "account_code.html",
        status=422 if error else 200,
        form=form,
        error=error,
        email=email,
        minutes=minutes,
    )


def _sign_in_id(request: AnyRequest) -> UUID | None:
    try:
        return UUID(request.cookies.get(SIGN_IN_COOKIE, ""))
    except ValueError:
        return None


@post("/{market:str}/{language:str}/account/sign-out")
async def sign_out(request: AnyRequest, visit: Visit) -> Response[Any]:
    """End the session of this browser, here and on the server."""
    async with database_of(request).transaction() as tx:
        await customers.sign_out(tx, request.cookies.get(CUSTOMER_COOKIE, ""))
    return signed_out(request, visit, "out")


@post("/{market:str}/{language:str}/account/sign-out-everywhere")
async def sign_out_everywhere(request: AnyRequest, visit: Visit) -> Response[Any]:
    """End the sessions of all browsers."""
    customer = await customer_of(request, visit)
    if customer is None:
        return to_sign_in(visit)
    async with database_of(request).transaction() as tx:
        await customers.sign_out_everywhere(tx, SHOPPER, customer.customer_id)
    return signed_out(request, visit, "out")


def signed_out(request: AnyRequest, visit: Visit, notice: str) -> Response[Any]:
    """Have the browser forget the session, and say so on the next page."""
    response = see_other(f"{visit.base}/account?notice={notice}")
    forget(request, response, CUSTOMER_COOKIE)
    return response


routes = [ask_code, show_code, enter_code, sign_out, sign_out_everywhere]
