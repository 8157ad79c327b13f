"""What goes on by itself no more after picking, for `kanava doctor`."""

from datetime import datetime

from kanava.fulfilment.store.attention import ATTENTION, AttentionRow
from kanava.platform.db import Connection

EACH_MAX = 100


async def needs_attention(connection: Connection, now: datetime) -> list[AttentionRow]:
    """Give parcels that came back or failed, news of unknown parcels, collections that do not end.

    Up to 100 of each reason, the oldest first.
    """
    return await ATTENTION.all(connection, now=now, limit=EACH_MAX)
