"""Verbs of stock. Other modules call these and see nothing else of the module but its records and errors."""

from kanava.inventory.rules import available
from kanava.inventory.service.movements import receive_many
from kanava.inventory.service.reserve import (
    any_threshold,
    apply_changes,
    end_reservations,
    expire_due_holds,
    expire_holds_of,
    levels_at,
    levels_changed,
    levels_of,
    live_holds_of_carts,
    movement_rows,
    reservation_rows,
    reservations_of_orders,
    ring_fences_at,
    thresholds_of,
    use_ring_fences,
    write_movements,
    write_reservations,
)

__all__ = [
    "any_threshold",
    "apply_changes",
    "available",
    "end_reservations",
    "expire_due_holds",
    "expire_holds_of",
    "levels_at",
    "levels_changed",
    "levels_of",
    "live_holds_of_carts",
    "movement_rows",
    "receive_many",
    "reservation_rows",
    "reservations_of_orders",
    "ring_fences_at",
    "thresholds_of",
    "use_ring_fences",
    "write_movements",
    "write_reservations",
]
