"""Orders: taken from any channel against one stock, all or nothing, once.

Tables: sales_order, order_line, payment. An order has three facts: `status`, and `payment_status` and
`fulfilment_status` computed from its payments and lines.

Invariants: an order's totals are the sums of its lines; every open unit of a line is reserved at a location;
captured + voided ≤ authorised, refunded ≤ captured.
"""
