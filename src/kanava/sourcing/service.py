"""The settings that placing and availability decide with, read from the modules that own them."""

from collections.abc import Sequence

from kanava.carriers import service as carriers
from kanava.carriers.service import Carriers
from kanava.channels import service as channels
from kanava.inventory import service as inventory
from kanava.platform.db import Connection
from kanava.pricing import service as pricing
from kanava.sourcing.model import ChannelRules, RoutingConfig, Spot
from kanava.sourcing.routing import service as routing
from kanava.sourcing.routing.costing import Router
from kanava.stores import service as stores
from kanava.stores.model import RoutingLocation

__all__ = ["load_config"]


async def load_config(
    tx: Connection, locations: Sequence[RoutingLocation] | None = None, carried: Carriers | None = None
) -> RoutingConfig:
    """Read channels, places, price lists and tax rates; a `Snapshot` keeps them until any of them changes.

    Locations and carriers are read too where the caller has not done so.
    """
    spots = {}
    locations = await stores.all_for_routing(tx) if locations is None else locations
    carried = await carriers.load_carriers(tx) if carried is None else carried
    for row in locations:
        spots[row.location_id] = Spot(
            location_id=row.location_id,
            code=row.code,
            kind=row.kind,
            country=row.country,
            latitude=row.latitude,
            longitude=row.longitude,
            offers_pickup=row.fulfils_online and "pickup" in row.services,
            offers_curbside=row.fulfils_online and "curbside" in row.services,
            ships=row.fulfils_online and (row.kind == "warehouse" or "ship_from_store" in row.services),
            active=row.active,
            parcel_cost_domestic_minor=row.parcel_cost_domestic_minor,
            parcel_cost_abroad_minor=row.parcel_cost_abroad_minor,
        )
    lists = await pricing.all_price_lists(tx)
    list_of = {price_list.price_list_id: price_list for price_list in lists}
    rules = {
        row.code: ChannelRules(
            channel_id=row.channel_id,
            code=row.code,
            kind=row.kind,
            country=row.country,
            currency=row.currency,
            price_list=list_of[row.price_list_id],
            assortment=row.assortment,
            hold_seconds=row.hold_seconds,
            active=row.active,
            thresholds=dict(zip(row.location_ids, row.location_thresholds, strict=True)),
            sells_incoming=row.sells_incoming,
        )
        for row in await channels.all_for_routing(tx)
    }
    return RoutingConfig(
        channels=rules,
        spots=spots,
        location_ids={spot.code: spot.location_id for spot in spots.values()},
        location_codes={spot.location_id: spot.code for spot in spots.values()},
        router=Router(routing.sites_of(locations), await routing.live_ruleset(tx), carried),
        price_lists=lists,
        taxes=await pricing.tax_table(tx),
        any_threshold=await inventory.any_threshold(tx),
        any_scarcity=await routing.any_scarcity(tx),
    )
