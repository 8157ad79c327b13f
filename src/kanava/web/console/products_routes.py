"""Every page of the merchandiser, for the router of the console."""

from typing import Any

from kanava.web.console import (
    categories,
    channels,
    channels_protections,
    importing,
    media,
    policies,
    prices,
    products,
    products_edit,
    products_grid,
    products_new,
    products_page,
    routing,
    routing_edit,
)

routes: list[Any] = [
    *products.routes,
    *products_page.routes,
    *products_new.routes,
    *products_edit.routes,
    *products_grid.routes,
    *media.routes,
    *importing.routes,
    *prices.routes,
    *channels.routes,
    *channels_protections.routes,
    *policies.routes,
    *categories.routes,
    *routing.routes,
    *routing_edit.routes,
]
