"""Which places the lines of an order come from, so that it costs the retailer least.

Tables: `routing_ruleset` (what a merchandiser prefers, as versioned data), `routing_decision` (what was decided, why
and what came second), `scarcity_price` (what the last units at a place are worth there). Invariants: one ruleset is
live at most; one that was live is never changed; a plan is all or nothing.

`rules.py` decides: pure, integers in the minor unit of the retailer's currency. `exact.py` (numpy) and `searching.py`
are its ways when one place is not plainly best; `costing.py` makes places with costs out of settings and rules.
"""
