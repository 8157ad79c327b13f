"""Reading a barcode: it opens its product."""

from typing import Any

from litestar import Response, get

from kanava.platform import clock
from kanava.platform.http import AnyRequest, database_of
from kanava.search.model import ProductQuery
from kanava.web.common.pages import query, see_other
from kanava.web.kiosk.shell import only_kiosk
from kanava.web.shop.category_listing import search_of
from kanava.web.shop.visit import Visit, shop_page

CODE_LENGTH_MAX = 100


@get("/{market:str}/{language:str}/scan")
async def open_code(request: AnyRequest, visit: Visit) -> Response[Any]:
    """Open the product of a barcode, or say that nobody knows it."""
    only_kiosk(visit)
    code = request.query_params.get("code", "").strip()[:CODE_LENGTH_MAX]
    exact = None
    if code:
        question = ProductQuery(visit.market.channel, text=code, language=visit.language, limit=1)
        async with database_of(request).connection() as connection:
            exact = (await search_of(request).search(connection, question, clock.now())).exact
    if exact is not None:
        return see_other(f"{visit.base}/p/{exact.handle}?{query({'sku': exact.sku})}")
    return shop_page(request, visit, "kiosk/scan.html", status=404 if code else 200, code=code)


routes = [open_code]
