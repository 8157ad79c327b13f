"""SQL of the demo: only the question whether there is a shop already; everything is written by the modules."""

from kanava.platform.db import Query

HAS_PRODUCTS = Query("SELECT EXISTS (SELECT FROM product) AS has_products", bool)
