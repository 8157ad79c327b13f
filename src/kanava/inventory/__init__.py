"""Stock: how much of each variant is where, who may have it, and why.

Tables: stock_level, stock_movement, stock_sync, reservation, stock_threshold, stock_ring_fence, stock_source,
stock_source_mark, stock_document, transfer, transfer_line, transfer_arrival,
purchase_order, purchase_order_line, purchase_order_arrival. Read only: variant, location, channel (the
reference tables).

Invariants (views `invariant_*`, always empty):
- the deltas of a level's movements add up to its counters (on_hand, reserved, incoming);
- reserved is the sum of its held and committed reservations, and never more than on_hand plus shortfall;
- awaited is the sum of its awaited reservations, and those with a date are never more than what is incoming;
- ring_fenced is the sum of what is left of its ring-fences.

A counter changes in one guarded statement (`store.levels.APPLY_CHANGES`); nothing reads a counter and writes it back.
"""
