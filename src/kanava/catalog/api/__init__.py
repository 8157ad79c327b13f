"""HTTP edge of the catalogue."""

from kanava.catalog.api import files, products, taxonomy

routes = [*products.routes, *taxonomy.routes, *files.routes]
