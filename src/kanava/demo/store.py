"""SQL of the demo: only questions about the shop that is there; everything is written by the modules."""

from kanava.platform.db import Query

HAS_PRODUCTS = Query("SELECT EXISTS (SELECT FROM product) AS has_products", bool)
PRODUCT_IDS = Query("SELECT product_id FROM product ORDER BY product_id LIMIT 100000", int)
