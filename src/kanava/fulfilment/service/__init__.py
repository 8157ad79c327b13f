"""Verbs of fulfilments. Each runs in one transaction under the lock of the order's row."""

from kanava.fulfilment.service.closing import WorkGivenUp, work_given_up
from kanava.fulfilment.service.collecting import collection_pass
from kanava.fulfilment.service.opening import ORDER_EVENTS, agree, follow_orders
from kanava.fulfilment.service.reading import fulfilments_of_order, get_fulfilment

__all__ = [
    "ORDER_EVENTS",
    "WorkGivenUp",
    "agree",
    "collection_pass",
    "follow_orders",
    "fulfilments_of_order",
    "get_fulfilment",
    "work_given_up",
]
