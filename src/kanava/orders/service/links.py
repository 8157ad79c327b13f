"""Links to the page of an order: whoever has one may see the order and cancel it, so nobody can guess one."""

from uuid import UUID

from kanava.platform.db import Connection
from kanava.platform.signing import Signer, signer_for

PURPOSE = "order page"


async def order_signer(connection: Connection) -> Signer:
    """Give the signer of these links."""
    return await signer_for(connection, PURPOSE)


def short_path(order_id: UUID, signature: str, language: str) -> str:
    """Give the path that leads on to the page in the shop of the order's country."""
    return f"/o/{order_id}/{signature}?in={language}"
