"""The store app: work of a place, for associates with a phone or a tablet."""

from typing import Any

from litestar import Router
from litestar.di import Provide

from kanava.web.common.sessions import requires_staff
from kanava.web.store.board import routes as board_routes
from kanava.web.store.collecting import routes as collecting_routes
from kanava.web.store.counting import routes as counting_routes
from kanava.web.store.curbside import routes as curbside_routes
from kanava.web.store.lookup import routes as lookup_routes
from kanava.web.store.orders import routes as orders_routes
from kanava.web.store.packing import routes as packing_routes
from kanava.web.store.places import open_routes as places_open_routes
from kanava.web.store.places import routes as places_routes
from kanava.web.store.receiving import routes as receiving_routes
from kanava.web.store.rejecting import routes as rejecting_routes
from kanava.web.store.selling import routes as selling_routes
from kanava.web.store.selling_checkout import routes as checkout_routes
from kanava.web.store.shell import REFUSALS, provide_shift
from kanava.web.store.tasks import routes as tasks_routes
from kanava.web.store.waves import routes as waves_routes

_app = Router(
    path="/store",
    route_handlers=[
        *places_routes,
        *board_routes,
        *waves_routes,
        *tasks_routes,
        *rejecting_routes,
        *packing_routes,
        *collecting_routes,
        *curbside_routes,
        *lookup_routes,
        *orders_routes,
        *receiving_routes,
        *counting_routes,
        *selling_routes,
        *checkout_routes,
    ],
    guards=[requires_staff("fulfilment:read")],
    dependencies={"shift": Provide(provide_shift)},
    exception_handlers=REFUSALS,
)
_for_browsers = Router(path="/store", route_handlers=[*places_open_routes])
routes: list[Any] = [_app, _for_browsers]
