"""The shop: pages for customers, under `/MARKET/LANGUAGE/…`; a kiosk is the same shop in another dress."""

from typing import Any

from litestar import Router
from litestar.di import Provide

from kanava.web.shop import home
from kanava.web.shop.visit import provide_visit

_shop = Router(path="/", route_handlers=[home.home], dependencies={"visit": Provide(provide_visit)})
routes: list[Any] = [home.front_door, _shop]
