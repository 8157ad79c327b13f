"""The console: what head office sees and sets, under `/console`."""

from typing import Any

from litestar import Router
from litestar.di import Provide

from kanava.web.console import (
    customers,
    devices,
    documents,
    location_hours,
    locations,
    machinery,
    order_actions,
    orders,
    overview,
    people,
    search,
    stock,
    views,
    webhooks,
)
from kanava.web.console.products_routes import routes as merchandise
from kanava.web.console.shell import provide_desk

_desk = Router(
    path="/",
    route_handlers=[
        *overview.routes,
        *orders.routes,
        *order_actions.routes,
        *customers.routes,
        *views.routes,
        *search.routes,
        *stock.routes,
        *documents.routes,
        *locations.routes,
        *location_hours.routes,
        *people.routes,
        *devices.routes,
        *webhooks.routes,
        *machinery.routes,
        *merchandise,
    ],
    dependencies={"desk": Provide(provide_desk)},
)
routes: list[Any] = [_desk]
