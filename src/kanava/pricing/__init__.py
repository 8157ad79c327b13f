"""Price lists, prices, VAT rates, and the one function that prices a cart.

Tables: `price_list`, `price`, `tax_rate`.
Invariants: no two prices of one (list, variant, quantity break) are in force at the same instant; money is integers in
the minor unit; a line's net and tax add up to its total and a cart's totals are the sums of its lines (ADR-0003).
`model`, `errors` and `rules` import nothing but the standard library: the offline till runs the same files.
"""
