"""Where goods are and where people meet us: stores, warehouses, suppliers.

Owns `location` and `location_hours_exception`. Invariants: a code names one location for ever (locations are switched
off, never deleted: the ledger names them); opening hours always parse; a position is on earth or absent.
`hours` is the one truth about opening hours: pages, promise and feeds ask it and nothing else.
"""
