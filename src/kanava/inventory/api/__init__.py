"""HTTP edge of stock."""

from kanava.inventory.api import holds, movements, stock, transfers, updates

routes = [*stock.routes, *updates.routes, *movements.routes, *transfers.routes, *holds.routes]
