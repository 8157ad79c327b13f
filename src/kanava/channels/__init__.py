"""The registry of channels: what each sells, at which prices, from which locations.

Tables: `channel`, `channel_location`, `listing`.
Invariants: a channel's currency is that of its price list; that list belongs to no customer group.
A channel is data, not a code path: every kind places the same order through the same verb.
"""
