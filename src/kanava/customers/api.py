"""HTTP edge of the customers module, for staff; customers themselves have the pages of the shop."""

from typing import Annotated
from uuid import UUID

from litestar import Response, delete, get, post
from litestar.params import Parameter

from kanava.customers import service
from kanava.customers.model import Customer, CustomerWithAddresses
from kanava.platform.auth import requires
from kanava.platform.http import AnyRequest, Cursor, Limit, Page, check_limit, read, write

TAGS = ["Customers"]
READ, WRITE = [requires("customers:read")], [requires("customers:write")]
ONE = "/api/customers/{customer_id:uuid}"
Email = Annotated[str | None, Parameter(description="The customer of this address, however it is spelled.")]


@get("/api/customers", guards=READ, tags=TAGS, summary="List customers with an account")
async def list_customers(
    request: AnyRequest, email: Email = None, limit: Limit = 50, cursor: Cursor = None
) -> Response[Page[Customer]]:
    """Give customers, the newest first."""
    check_limit(limit)
    return await read(request, lambda c, _, __: service.list_customers(c, email, cursor, limit))


@get(ONE, guards=READ, tags=TAGS, summary="Get a customer with her address book")
async def get_customer(request: AnyRequest, customer_id: UUID) -> Response[CustomerWithAddresses]:
    """Give a customer; her orders are those with her e-mail address (`/api/orders?email=`)."""
    return await read(request, lambda c, _, __: service.get_customer(c, customer_id))


@post(ONE + "/sign-out", guards=WRITE, tags=TAGS, status_code=204, summary="Sign a customer out everywhere")
async def sign_out_everywhere(request: AnyRequest, customer_id: UUID) -> Response[None]:
    """End every session of a customer at once."""
    return await write(request, lambda tx, actor, _: service.sign_out_everywhere(tx, actor, customer_id), 204)


@delete(ONE, guards=WRITE, tags=TAGS, status_code=204, summary="Delete an account with its personal data")
async def delete_customer(request: AnyRequest, customer_id: UUID) -> Response[None]:
    """Remove an account, its addresses and sessions; orders stay, as the law asks."""
    return await write(request, lambda tx, actor, _: service.delete_customer(tx, actor, customer_id), 204)


routes = [list_customers, get_customer, sign_out_everywhere, delete_customer]
