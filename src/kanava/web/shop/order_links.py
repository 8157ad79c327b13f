"""Links to the page of an order: whoever has one may see the order and cancel it, so nobody can guess one."""

from uuid import UUID

from kanava.platform.http import AnyRequest, database_of
from kanava.platform.signing import Signer, signer_for
from kanava.web.shop.visit import Visit

PURPOSE = "order page"


async def order_signer(request: AnyRequest) -> Signer:
    """Give the signer of these links."""
    async with database_of(request).connection() as connection:
        return await signer_for(connection, PURPOSE)


async def order_path(request: AnyRequest, visit: Visit, order_id: UUID) -> str:
    """Give the path of an order's page."""
    signature = (await order_signer(request)).sign(order_id)
    return f"{visit.base}/orders/{order_id}/{signature}"
