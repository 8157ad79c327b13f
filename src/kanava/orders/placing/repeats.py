"""Requests that came before, or twice in one group. Pure."""

from collections.abc import Mapping, Sequence

from kanava.orders.placing.request import Outcome, Placed, Placing, key_reused, order_exists
from kanava.orders.store.placing import Earlier


def without_repeats(
    group: Sequence[Placing], outcomes: list[Outcome | None], earlier: Mapping[int, Earlier]
) -> tuple[list[int], dict[int, int]]:
    """Answer what was answered before; of requests that came twice in this group, keep the first.

    Gives the positions of those to be placed, and for those that wait for the same request's answer its position.
    """
    fresh = []
    same_as: dict[int, int] = {}
    keys: dict[tuple[str, str], int] = {}
    order_ids: dict[object, int] = {}
    for position, placing in enumerate(group):
        if outcomes[position] is not None:
            continue
        known = earlier.get(position)
        if known is not None:
            outcomes[position] = _earlier_outcome(placing, known)
            continue
        key = (placing.actor.label, placing.idempotency_key)
        first = keys.setdefault(key, position)
        if first != position:
            if group[first].request_hash == placing.request_hash:
                same_as[position] = first
            else:
                outcomes[position] = key_reused()
        elif order_ids.setdefault(placing.order.order_id, position) != position:
            outcomes[position] = order_exists(placing)
        else:
            fresh.append(position)
    return fresh, same_as


def _earlier_outcome(placing: Placing, known: Earlier) -> Outcome:
    if known.request_hash is None:
        return order_exists(placing)
    if known.request_hash != placing.request_hash:
        return key_reused()
    return Placed(known.response_body or b"", repeated=True)
