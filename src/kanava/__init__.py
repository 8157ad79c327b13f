"""Kanava: one stock, one customer, one price, one order across every channel."""

__version__ = "0.1.0"
