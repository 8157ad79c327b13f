"""Confirming, in the group's own transaction, who its requests come from."""

from datetime import datetime

import msgspec

from kanava.orders.placing.request import Outcome, Placing
from kanava.platform import auth
from kanava.platform.db import Connection
from kanava.platform.errors import KanavaError


async def confirm_callers(
    tx: Connection, group: list[Placing], outcomes: list[Outcome | None], access_version: int, now: datetime
) -> bool:
    """Refuse callers whose key or session has ended or lost the scope since it was looked up.

    Gives whether others may do something else now than when they were looked up; `group` has them as they are.
    """
    moved = {
        placing.presumed.token
        for placing, outcome in zip(group, outcomes, strict=True)
        if outcome is None and placing.presumed is not None and not placing.presumed.holds(access_version, now)
    }
    found = await auth.look_up(tx, moved) if moved else {}
    for position, placing in enumerate(group):
        presumed = placing.presumed
        if presumed is None or outcomes[position] is not None:
            continue
        try:
            if presumed.token in moved:
                presumed = found.get(presumed.token)
                if presumed is None:
                    raise auth.unknown_token()
                group[position] = msgspec.structs.replace(placing, actor=presumed.actor, presumed=presumed)
            auth.check_scope(presumed.actor, "orders:write")
        except KanavaError as error:
            outcomes[position] = error
    return bool(moved)
