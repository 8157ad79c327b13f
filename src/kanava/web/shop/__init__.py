"""The shop: pages for customers, under `/MARKET/LANGUAGE/…`; a kiosk is the same shop in another dress."""

from typing import Any

from litestar import Router
from litestar.di import Provide

from kanava.web.shop import (
    account,
    cart,
    category,
    checkout,
    home,
    lookup,
    order,
    order_links,
    policies,
    product,
    search,
    seo_files,
    stores,
)
from kanava.web.shop.visit import provide_visit

_shop = Router(
    path="/",
    route_handlers=[
        home.home,
        *category.routes,
        *search.routes,
        *product.routes,
        *stores.routes,
        *policies.routes,
        *seo_files.routes,
        *cart.routes,
        *checkout.routes,
        *order.routes,
        *lookup.routes,
        *account.routes,
    ],
    dependencies={"visit": Provide(provide_visit)},
)
routes: list[Any] = [home.front_door, order_links.follow_link, *seo_files.root_routes, _shop]
