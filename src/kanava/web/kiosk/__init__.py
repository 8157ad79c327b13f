"""The kiosk: what a touch screen in a store has besides the pages of the shop, which it shows in its own dress.

Setting the device up, the screen that invites, reading barcodes, handing the cart over to a phone, the order placed.
"""

from typing import Any

from litestar import Router
from litestar.di import Provide

from kanava.web.kiosk import hand_over, placed, scanning, set_up, take_over, welcome
from kanava.web.shop.visit import provide_visit

_kiosk = Router(
    path="/",
    route_handlers=[
        *welcome.routes,
        *scanning.routes,
        *hand_over.routes,
        *placed.routes,
        *take_over.routes,
    ],
    dependencies={"visit": Provide(provide_visit)},
)
routes: list[Any] = [*set_up.routes, _kiosk]
