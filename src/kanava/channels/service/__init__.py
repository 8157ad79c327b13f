"""What other modules and the HTTP edge may ask of the channel registry."""

from kanava.channels.service.assortment import (
    add_listings,
    channels_listing,
    list_listings,
    listed_pairs,
    remove_listings,
)
from kanava.channels.service.quote import quote_prices
from kanava.channels.service.registry import (
    all_for_routing,
    bank_accounts,
    change_channel,
    create_channel,
    get_channel,
    list_channels,
)
from kanava.channels.service.serving import list_serving_locations, put_serving_locations

__all__ = [
    "add_listings",
    "all_for_routing",
    "bank_accounts",
    "change_channel",
    "channels_listing",
    "create_channel",
    "get_channel",
    "list_channels",
    "list_listings",
    "list_serving_locations",
    "listed_pairs",
    "put_serving_locations",
    "quote_prices",
    "remove_listings",
]
