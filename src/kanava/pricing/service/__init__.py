"""What other modules and the HTTP edge may ask of pricing."""

from kanava.pricing.rules import lists_that_apply, merge_price_points, price_cart, tax_rate_in_force
from kanava.pricing.service.price_lists import (
    all_price_lists,
    change_price_list,
    create_price_list,
    find_price_list,
    get_price_list,
    list_price_lists,
)
from kanava.pricing.service.prices import list_prices, plain_prices, prices_in_force, put_prices, remove_prices
from kanava.pricing.service.taxes import (
    list_tax_rates,
    put_tax_rates,
    remove_tax_rate,
    seed_tax_rates,
    tax_table,
)
from kanava.pricing.store import PRICES_IN_FORCE_SQL

__all__ = [
    "PRICES_IN_FORCE_SQL",
    "all_price_lists",
    "change_price_list",
    "create_price_list",
    "find_price_list",
    "get_price_list",
    "list_price_lists",
    "list_prices",
    "list_tax_rates",
    "lists_that_apply",
    "merge_price_points",
    "plain_prices",
    "price_cart",
    "prices_in_force",
    "put_prices",
    "put_tax_rates",
    "remove_prices",
    "remove_tax_rate",
    "seed_tax_rates",
    "tax_rate_in_force",
    "tax_table",
]
