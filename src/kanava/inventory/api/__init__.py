"""HTTP edge of stock."""

from kanava.inventory.api import holds, movements, purchase_orders, stock, transfers, updates

routes = [*stock.routes, *updates.routes, *movements.routes, *transfers.routes, *purchase_orders.routes, *holds.routes]
