"""Finding an order again: the number and the e-mail address lead to a message with its link, never to the order itself.

What is answered is the same whether there is such an order or not.
"""

from datetime import timedelta
from typing import Annotated, Any

import msgspec
from litestar import Response, get, post
from litestar.enums import RequestEncodingType
from litestar.params import Body

from kanava.engagement import service as engagement
from kanava.platform import clock
from kanava.platform.attempts import Limit, count_attempt
from kanava.platform.http import AnyRequest, database_of
from kanava.web.common.contact import EMAIL
from kanava.web.common.pages import see_other
from kanava.web.common.translations import translations_of
from kanava.web.shop.visit import Visit, shop_page

BY_EMAIL = Limit("order link by e-mail", 5, timedelta(hours=1))
BY_ADDRESS = Limit("order link by address", 30, timedelta(hours=1))
"""Many people may share an address; nobody needs thirty links in an hour."""
NUMBER_MAX = 2**63 - 1


class FindForm(msgspec.Struct, frozen=True):
    """What stands in the confirmation of the order."""

    number: Annotated[str, msgspec.Meta(max_length=30)] = ""
    email: Annotated[str, msgspec.Meta(max_length=200)] = ""


@get("/{market:str}/{language:str}/orders")
async def find_order(request: AnyRequest, visit: Visit) -> Response[str]:
    """Show the form, or that a message is on its way."""
    sent = request.query_params.get("sent") == "1"
    return shop_page(request, visit, "shop/find_order.html", form=FindForm(), errors={}, sent=sent, wait=False)


@post("/{market:str}/{language:str}/orders")
async def send_link(
    request: AnyRequest, visit: Visit, data: Annotated[FindForm, Body(media_type=RequestEncodingType.URL_ENCODED)]
) -> Response[Any]:
    """Send the link to the address of the order when both fit."""
    _ = translations_of(visit.language).gettext
    errors = {}
    number = data.number.strip().removeprefix("#").strip()
    if not number.isascii() or not number.isdigit() or int(number) > NUMBER_MAX:
        errors["number"] = _("Please enter the number of the order, such as 100123.")
    if not EMAIL.match(data.email.strip()):
        errors["email"] = _("Please enter an e-mail address, such as ana@example.com.")
    if errors:
        return shop_page(
            request, visit, "shop/find_order.html", status=422, form=data, errors=errors, sent=False, wait=False
        )
    address = request.client.host if request.client is not None else ""
    now = clock.now()
    async with database_of(request).transaction() as tx:
        refused = await count_attempt(tx, BY_ADDRESS, address, now)
        refused = await count_attempt(tx, BY_EMAIL, data.email, now) or refused
        if refused is None:
            await engagement.send_order_link(tx, int(number), data.email, visit.language, now)
    if refused is not None:
        return shop_page(
            request, visit, "shop/find_order.html", status=429, form=data, errors={}, sent=False, wait=True
        )
    return see_other(f"{visit.base}/orders?sent=1")


routes = [find_order, send_link]
