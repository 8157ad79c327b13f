"""Verbs of stock. Other modules call these and see nothing else of the module but its records and errors."""

from kanava.inventory.rules import available
from kanava.inventory.service.explain import UnitsSeen, units_seen
from kanava.inventory.service.incoming import incoming_of, look_after_awaited, needs_attention
from kanava.inventory.service.movements import receive_many
from kanava.inventory.service.reserve import (
    any_threshold,
    apply_changes,
    apply_changes_and_write,
    due_holds_of,
    end_reservations,
    expire_due_holds,
    expire_holds_of,
    levels_at,
    levels_changed,
    levels_of,
    live_holds_of_carts,
    lock_levels,
    movement_rows,
    reservation_rows,
    reservations_of_orders,
    ring_fences_at,
    thresholds_of,
    use_ring_fences,
    write_movements,
    write_reservations,
)
from kanava.inventory.store.incoming import ATTENTION
from kanava.inventory.store.levels import LEVEL_COLUMNS

__all__ = [
    "ATTENTION",
    "LEVEL_COLUMNS",
    "UnitsSeen",
    "any_threshold",
    "apply_changes",
    "apply_changes_and_write",
    "available",
    "due_holds_of",
    "end_reservations",
    "expire_due_holds",
    "expire_holds_of",
    "incoming_of",
    "levels_at",
    "levels_changed",
    "levels_of",
    "live_holds_of_carts",
    "lock_levels",
    "look_after_awaited",
    "movement_rows",
    "needs_attention",
    "receive_many",
    "reservation_rows",
    "reservations_of_orders",
    "ring_fences_at",
    "thresholds_of",
    "units_seen",
    "use_ring_fences",
    "write_movements",
    "write_reservations",
]
