"""Verbs of orders after placing. Each runs in one transaction under the lock of the one order's row."""

from kanava.orders.rules import Tender, refund_due_of, transfer_due, transfer_due_of
from kanava.orders.service.amending import amend
from kanava.orders.service.cancelling import cancel
from kanava.orders.service.change import Target
from kanava.orders.service.fulfilling import fulfil
from kanava.orders.service.holding import hold, release_hold
from kanava.orders.service.paying import capture, record_payment, refund, void
from kanava.orders.service.reading import get_order, list_orders, must_reach, reaches, timeline

__all__ = [
    "Target",
    "Tender",
    "amend",
    "cancel",
    "capture",
    "fulfil",
    "get_order",
    "hold",
    "list_orders",
    "must_reach",
    "reaches",
    "record_payment",
    "refund",
    "refund_due_of",
    "release_hold",
    "timeline",
    "transfer_due",
    "transfer_due_of",
    "void",
]
