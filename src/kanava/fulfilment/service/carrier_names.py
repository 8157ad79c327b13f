"""Who carries a parcel: a carrier service of ours by its code, or a courier as people call him."""

from collections.abc import Iterable
from urllib.parse import quote

import msgspec

from kanava.fulfilment.errors import CarrierServiceUnknown
from kanava.fulfilment.store import carrier_names as sql
from kanava.platform.db import Connection
from kanava.platform.errors import InvalidInput


class NamedCarrier(msgspec.Struct, frozen=True):
    """Who carries; `tracking_url` is a pattern with {tracking_number}."""

    carrier_service_id: int | None = None
    carrier: str = ""
    service: str = ""
    tracking_url: str = ""

    def tracking_url_of(self, tracking_number: str | None) -> str | None:
        """Give where a customer follows the parcel; None when we do not know."""
        if not tracking_number or not self.tracking_url:
            return None
        return self.tracking_url.replace("{tracking_number}", quote(tracking_number, safe=""))


async def named(
    tx: Connection, service_code: str | None, carrier: str | None, planned_service_id: int | None
) -> NamedCarrier:
    """Give who carries: the service named, else the carrier named, else the service that was planned.

    CarrierServiceUnknown; InvalidInput when both are named.
    """
    if service_code is not None and carrier is not None:
        raise InvalidInput("Name a carrier service or a carrier, not both.", field="carrier")
    if carrier is not None:
        return NamedCarrier(carrier=carrier.strip())
    if service_code is not None:
        found = await sql.SERVICE.one_or_none(tx, code=service_code)
        if found is None:
            raise CarrierServiceUnknown(
                f"No active carrier service has the code {service_code!r}.", field="carrier_service"
            )
        return _as_named(found)
    return (await by_ids(tx, [planned_service_id])).get(planned_service_id) or NamedCarrier()


async def by_ids(tx: Connection, service_ids: Iterable[int | None]) -> dict[int | None, NamedCarrier]:
    """Give services of ours by their ids, those that are switched off too."""
    wanted = sorted({each for each in service_ids if each is not None})
    if not wanted:
        return {}
    return {row.carrier_service_id: _as_named(row) for row in await sql.SERVICES.all(tx, service_ids=wanted)}


def _as_named(row: sql.ServiceNames) -> NamedCarrier:
    return NamedCarrier(row.carrier_service_id, row.carrier, row.service, row.tracking_url)
