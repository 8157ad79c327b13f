"""What places do of orders: picked, packed, shipped, collected, or rejected and moved elsewhere.

Tables: fulfilment, fulfilment_line, fulfilment_change, fulfilment_rejection, wave, parcel, parcel_line, carrier_event,
hand_over, location_load_share. Reservations are the truth and fulfilments follow them: the units of an order's live
fulfilments at a place are the units that it has committed there. Every change locks the order's row, then the
fulfilment's, then stock levels.
"""
