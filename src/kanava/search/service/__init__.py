"""The verbs of search; other modules use these."""

from kanava.search.service.asked import prune_queries
from kanava.search.service.indexing import index_products, rebuild, touch_products
from kanava.search.service.searching import ProductSearch
from kanava.search.service.sold import sold_products
from kanava.search.service.suggesting import suggest
from kanava.search.service.synonyms import get_synonyms, put_synonyms

__all__ = [
    "ProductSearch",
    "get_synonyms",
    "index_products",
    "prune_queries",
    "put_synonyms",
    "rebuild",
    "sold_products",
    "suggest",
    "touch_products",
]
