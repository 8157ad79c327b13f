"""What carriers say, over HTTP."""

from litestar import Response, post

from kanava.fulfilment.requests import CarrierEventReport, CarrierEvents
from kanava.fulfilment.service.carrier_events import take_carrier_events
from kanava.platform.auth import requires
from kanava.platform.http import AnyRequest, write


@post(
    "/api/carrier-events",
    guards=[requires("fulfilment:write")],
    tags=["Fulfilment"],
    status_code=200,
    summary="Take news of carriers, in any order and as often as they like",
)
async def receive_carrier_events(request: AnyRequest, data: CarrierEvents) -> Response[CarrierEventReport]:
    """Take up to 1,000 pieces of news, each once by its carrier's id, and say what became of each."""
    return await write(request, lambda tx, actor, now: take_carrier_events(tx, actor, data, now), 200)


routes = [receive_carrier_events]
