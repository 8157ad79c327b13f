"""Statements of fulfilments."""
