"""Where goods come from: what a channel may see and sell, and which location an order line is taken from.

No tables: decisions over the stock of `inventory`, the places of `stores` and the rules of `channels`.
"""
