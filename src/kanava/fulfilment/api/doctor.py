"""What waits, over HTTP."""

from datetime import datetime

from litestar import Response, get

from kanava.fulfilment.service import doctor
from kanava.fulfilment.service.doctor import Diagnosis
from kanava.fulfilment.service.reading import must_reach_everywhere
from kanava.platform.auth import Actor, requires
from kanava.platform.db import Connection
from kanava.platform.http import AnyRequest, read


@get(
    "/api/doctor",
    guards=[requires("fulfilment:read")],
    tags=["Fulfilment"],
    summary="Every order that waits on something, and why",
)
async def get_diagnosis(request: AnyRequest) -> Response[Diagnosis]:
    """Give what waits, the oldest first; `healthy` is false when something waits longer than it should."""

    async def verb(connection: Connection, actor: Actor, now: datetime) -> Diagnosis:
        must_reach_everywhere(actor)
        return await doctor.diagnose(connection, now)

    return await read(request, verb)


routes = [get_diagnosis]
