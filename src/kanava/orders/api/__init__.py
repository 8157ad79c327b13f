"""HTTP edge of orders."""

from kanava.orders.api import changing, from_cart, payments, placing, reading

routes = [*placing.routes, *from_cart.routes, *reading.routes, *changing.routes, *payments.routes]
