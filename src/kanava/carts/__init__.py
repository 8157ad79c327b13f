"""Carts: what a customer means to buy, one id on every channel, with a hand-over chosen for each line.

Tables: cart, cart_line, cart_hand_over. Units held for a cart are reservations of `inventory`.

Invariants: a cart that has become an order does not change; the same goods handed over in the same way are one line.
"""
