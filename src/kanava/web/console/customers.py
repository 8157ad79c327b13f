"""Customers with an account, for those who help them: who she is, where she lives, what she ordered."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any
from uuid import UUID

from litestar import Response, get, post

from kanava.customers import service as customers
from kanava.customers.model import Customer
from kanava.orders.service.browsing import OrderQuestion, browse
from kanava.platform.auth import Actor
from kanava.platform.db import Connection
from kanava.platform.errors import InvalidInput
from kanava.platform.http import AnyRequest, Page, database_of
from kanava.web.common.translations import LANGUAGE_NAMES
from kanava.web.console import labels
from kanava.web.console.forms import carry_out
from kanava.web.console.shell import BASE, Desk, Refused, console_page, may
from kanava.web.console.tables import Asked, Cells, Column, Filter, Rows, TableSpec, answer_table

PATH = f"{BASE}/customers"
ONE = f"{PATH}/{{customer_id:uuid}}"
ORDERS_SHOWN = 20


def _spec(desk: Desk) -> TableSpec:
    _ = desk.text
    return TableSpec(
        "customers",
        PATH,
        _("Customers"),
        [
            Column("email", _("E-mail")),
            Column("name", _("Name")),
            Column("phone", _("Telephone")),
            Column("language", _("Language")),
            Column("since", _("Since"), "moment"),
        ],
        [Filter("email", _("E-mail"), placeholder=_("The whole address"))],
        views=False,
        empty=_(
            "Nobody has an account yet. Customers make one in the shop; who orders as a guest is found by her order."
        ),
    )


@get(PATH, guards=may("customers:read", everywhere=True))
async def list_customers(request: AnyRequest, desk: Desk) -> Response[Any]:
    """Show customers, the newest first; or the one of an e-mail address."""
    cells = Cells(desk)

    async def load(asked: Asked, limit: int, _offset: int) -> Rows:
        async with database_of(request).connection() as connection:
            email = asked.get("email")
            if email is None:
                found = await customers.list_customers(connection, None, asked.cursor, limit)
            else:
                found = Page(await customers_of(connection, email))
        rows = [
            {
                "email": cells.text(each.email, f"{PATH}/{each.customer_id}"),
                "name": cells.text(each.name),
                "phone": cells.text(each.phone),
                "language": cells.text(LANGUAGE_NAMES.get(each.language, each.language)),
                "since": cells.moment(each.created_at),
            }
            for each in found.items
        ]
        return Rows(rows, next_cursor=found.next_cursor)

    return await answer_table(request, desk, "console/list.html", _spec(desk), load)


async def customers_of(connection: Connection, text: str) -> list[Customer]:
    """Give the customer of an e-mail address, nobody when the text is none."""
    try:
        return (await customers.list_customers(connection, text, None, 1)).items
    except InvalidInput:
        return []


@get(ONE, guards=may("customers:read", everywhere=True))
async def show_customer(request: AnyRequest, desk: Desk, customer_id: UUID) -> Response[str]:
    """Show a customer with her addresses and her last orders."""
    return await _customer(request, desk, customer_id)


async def _customer(
    request: AnyRequest, desk: Desk, customer_id: UUID, problem: Refused | None = None, status: int = 200
) -> Response[str]:
    async with database_of(request).connection() as connection:
        found = await customers.get_customer(connection, customer_id)
        placed = None
        if desk.may("orders:read"):
            placed = await browse(connection, OrderQuestion(found.customer.email), ORDERS_SHOWN, 0)
    return console_page(
        request,
        desk,
        "console/customer.html",
        status=status,
        problem=problem,
        customer=found.customer,
        addresses=found.addresses,
        placed=placed,
        labels=labels,
        language_of_customer=LANGUAGE_NAMES.get(found.customer.language, found.customer.language),
    )


@post(f"{ONE}/sign-out", guards=may("customers:write", everywhere=True))
async def sign_out(request: AnyRequest, desk: Desk, customer_id: UUID) -> Response[Any]:
    """End every session of a customer."""
    return await _do(request, desk, customer_id, customers.sign_out_everywhere, f"{PATH}/{customer_id}")


@post(f"{ONE}/delete", guards=may("customers:write", everywhere=True))
async def delete_customer(request: AnyRequest, desk: Desk, customer_id: UUID) -> Response[Any]:
    """Delete an account with its personal data, as the customer may ask for."""
    return await _do(request, desk, customer_id, customers.delete_customer, PATH)


async def _do(
    request: AnyRequest,
    desk: Desk,
    customer_id: UUID,
    verb: Callable[[Connection, Actor, UUID], Awaitable[None]],
    then: str,
) -> Response[Any]:
    async def on_customer(tx: Connection, actor: Actor, _now: datetime) -> None:
        await verb(tx, actor, customer_id)

    async def again(problem: Refused, status: int) -> Response[Any]:
        return await _customer(request, desk, customer_id, problem, status)

    return await carry_out(request, desk, on_customer, then, again)


routes = [list_customers, show_customer, sign_out, delete_customer]
