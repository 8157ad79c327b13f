"""HTTP edge of fulfilments."""

from kanava.fulfilment.api import board, carrier_events, collecting, doctor, documents, live, parcels

routes = [
    *board.routes,
    *live.routes,
    *doctor.routes,
    *parcels.routes,
    *carrier_events.routes,
    *collecting.routes,
    *documents.routes,
]
