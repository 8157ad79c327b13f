"""The settings that promises are made with."""

from kanava.carriers import service as carriers
from kanava.platform.db import Connection
from kanava.sourcing.promise.model import PlaceTerms, Terms
from kanava.sourcing.service import load_config
from kanava.stores import service as stores


async def load_terms(tx: Connection) -> Terms:
    """Read places, carriers and all that placing decides with; a `Snapshot` keeps them until any of them changes."""
    locations, carried = await stores.all_for_routing(tx), await carriers.load_carriers(tx)
    places = {
        row.location_id: PlaceTerms(
            row.location_id,
            row.code,
            row.country,
            row.time_zone,
            row.schedule(),
            row.handling_minutes,
            row.pick_capacity_per_hour,
        )
        for row in locations
    }
    return Terms(await load_config(tx, locations, carried), carried, places)
