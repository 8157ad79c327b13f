"""Composition root of the API process: opens the database, wires every module's routes, closes in order."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import msgspec
from litestar import Litestar
from litestar.exceptions import HTTPException
from litestar.openapi import OpenAPIConfig
from litestar.openapi.plugins import JsonRenderPlugin

from kanava import __version__
from kanava.carriers import api as carriers_api
from kanava.carts import api as carts_api
from kanava.catalog import api as catalog_api
from kanava.channels import api as channels_api
from kanava.consumers import CONSUMERS, register_consumers
from kanava.customers import api as customers_api
from kanava.engagement import api as engagement_api
from kanava.fulfilment import api as fulfilment_api
from kanava.fulfilment.service.live import BoardFeed
from kanava.inventory import api as inventory_api
from kanava.orders import api as orders_api
from kanava.orders.api.express import with_express_orders
from kanava.orders.placing.group import OrderPlacer
from kanava.platform import api as platform_api
from kanava.platform import devices_api, staff_api
from kanava.platform.auth import Authenticator
from kanava.platform.db import Database
from kanava.platform.heads import answering_heads
from kanava.platform.intake import Intake, refuse_zero_bytes_in_url
from kanava.platform.problems import HANDLERS
from kanava.platform.snapshot import Snapshot
from kanava.platform.telemetry import configure_logs, observe_requests
from kanava.policies import api as policies_api
from kanava.pricing import api as pricing_api
from kanava.search import api as search_api
from kanava.search.service import ProductSearch
from kanava.settings import Settings, load_settings
from kanava.sourcing import api as sourcing_api
from kanava.sourcing.availability import AvailabilityReader
from kanava.sourcing.express import with_express_availability
from kanava.sourcing.promise import api as promise_api
from kanava.sourcing.promise.service import PromiseReader
from kanava.sourcing.routing import api as routing_api
from kanava.stores import api as stores_api
from kanava.web import routes as web
from kanava.web.common.errors import browsers_see_a_page
from kanava.web.shop.layout import load_shop
from kanava.webhooks import api as webhooks_api

ROUTES = [
    *platform_api.routes,
    *staff_api.routes,
    *devices_api.routes,
    *stores_api.routes,
    *policies_api.routes,
    *customers_api.routes,
    *catalog_api.routes,
    *pricing_api.routes,
    *channels_api.routes,
    *inventory_api.routes,
    *carriers_api.routes,
    *sourcing_api.routes,
    *promise_api.routes,
    *search_api.routes,
    *routing_api.routes,
    *carts_api.routes,
    *orders_api.routes,
    *fulfilment_api.routes,
    *engagement_api.routes,
    *webhooks_api.routes,
    *web.routes,
]

PLACING_LANES = 2
"""Groups of orders in flight at once: while PostgreSQL writes one, Python decides the next."""

AUTHENTICATING_CONNECTIONS = 1

AVAILABILITY_CONNECTIONS = 4
"""Answers read at once: PostgreSQL works on each for milliseconds, so more of them would only take turns."""


def create_app(settings: Settings | None = None) -> Litestar:
    """Make the application; settings come from the environment unless given."""
    settings = settings or load_settings()
    configure_logs(settings.log_level, settings.log_format == "json")

    @asynccontextmanager
    async def lifespan(app: Litestar) -> AsyncIterator[None]:
        db = await Database.open(settings.database_url, pool_size=settings.pool_size, application_name="kanava-api")
        # Placing and signing in look rows up by keys: planned once, not for every group again.
        keyed = await Database.open(
            settings.database_url,
            pool_size=PLACING_LANES + AUTHENTICATING_CONNECTIONS,
            application_name="kanava-api",
            generic_plans=True,
        )
        # Apart from the others: neither do pages of a shop hold up the placing of orders, nor the other way round.
        availability = await Database.open(
            settings.database_url,
            pool_size=AVAILABILITY_CONNECTIONS,
            application_name="kanava-api",
            generic_plans=True,
        )
        app.state.db = db
        app.state.settings = settings
        app.state.authenticator = Authenticator(keyed)
        app.state.availability = AvailabilityReader(availability)
        app.state.promises = PromiseReader(availability)
        app.state.search = ProductSearch()
        app.state.shop = Snapshot(load_shop)
        app.state.board_feed = BoardFeed(db)
        app.state.order_placer = OrderPlacer(keyed, queue_max=settings.queue_limit, lanes=PLACING_LANES)
        app.state.consumers = CONSUMERS
        await register_consumers(db)
        try:
            yield
        finally:
            await app.state.board_feed.close()
            await app.state.order_placer.close()
            await app.state.authenticator.close()
            await availability.close()
            await keyed.close()
            await db.close()

    media = settings.data_dir / "media"
    media.mkdir(parents=True, exist_ok=True)

    app = Litestar(
        route_handlers=ROUTES,
        lifespan=[lifespan],
        request_class=Intake,
        before_request=refuse_zero_bytes_in_url,
        exception_handlers={**HANDLERS, HTTPException: browsers_see_a_page},
        request_max_body_size=settings.body_bytes_max,
        openapi_config=OpenAPIConfig(
            title="Kanava",
            version=__version__,
            path="/schema",
            render_plugins=[JsonRenderPlugin()],
        ),
        type_encoders={msgspec.Raw: bytes},
        logging_config=None,
    )
    # Around everything, so that paths which lead nowhere are counted and given a request id too.
    express = with_express_availability(with_express_orders(app.asgi_handler, app.state), app.state)
    app.asgi_handler = observe_requests(answering_heads(express))
    return app
