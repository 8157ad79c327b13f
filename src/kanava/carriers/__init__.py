"""Carriers: who brings parcels, by which services, where to, how quickly, and for how much.

Tables: carrier, carrier_service (its zones and rates are one document), pickup_point. Invariants: within a service no
two zones claim the same origin and destination; every weight up to the service's limit has a cost, and a price in each
currency that its zone names.
"""
