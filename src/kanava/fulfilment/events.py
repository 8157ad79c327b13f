"""What fulfilments announce, all of them in the order's own sequence of events."""

BOARD_EVENTS = (
    "fulfilment.opened",
    "fulfilment.changed",
    "fulfilment.cancelled",
    "fulfilment.rejected",
    "fulfilment.moved",
    "fulfilment.stuck",
    "fulfilment.resumed",
    "fulfilment.picked",
    "fulfilment.packed",
    "fulfilment.ready",
    "fulfilment.collected",
    "fulfilment.expired",
    "curbside.on_my_way",
    "curbside.arrived",
    "parcel.shipped",
)
"""What changes a place's board; their facts name the place: `location`, or `from_location` and `to_location`."""
