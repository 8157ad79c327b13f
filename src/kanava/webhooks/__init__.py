"""Webhooks: events sent to endpoints over HTTP, signed, in order for each aggregate, at least once.

Tables: webhook_endpoint, webhook_secret, webhook_delivery, webhook_lane. It knows no retail: events are opaque.
An event becomes a delivery for every active endpoint that wants its type, in the transaction of the feed's cursor.
Deliveries of one aggregate to one endpoint are a lane: the next is sent when the one before is delivered or dead.
The worker's dispatcher claims lanes that are due, sends outside any transaction, and records what came back in groups.
Invariant (view `invariant_open_delivery_has_lane`, always empty): whatever waits has a lane that will come to it.
"""
