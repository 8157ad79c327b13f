"""Verbs of the webhooks module."""

from kanava.webhooks.service.deliveries import (
    get_delivery,
    list_deliveries,
    open_deliveries,
    prune,
    prune_events,
    replay,
    replay_since,
    send_test,
)
from kanava.webhooks.service.endpoints import (
    change_endpoint,
    check_address,
    create_endpoint,
    delete_endpoint,
    disable_endpoint,
    enable_endpoint,
    get_endpoint,
    list_endpoints,
    rotate_secret,
)

__all__ = [
    "change_endpoint",
    "check_address",
    "create_endpoint",
    "delete_endpoint",
    "disable_endpoint",
    "enable_endpoint",
    "get_delivery",
    "get_endpoint",
    "list_deliveries",
    "list_endpoints",
    "open_deliveries",
    "prune",
    "prune_events",
    "replay",
    "replay_since",
    "rotate_secret",
    "send_test",
]
