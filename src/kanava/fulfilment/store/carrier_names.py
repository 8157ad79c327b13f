"""Statements that name carriers."""

import msgspec

from kanava.platform.db import Query


class ServiceNames(msgspec.Struct, frozen=True):
    """A carrier service as people call it, and where its parcels are followed."""

    carrier_service_id: int
    carrier: str
    service: str
    tracking_url: str


SERVICE = Query(
    """
    SELECT s.carrier_service_id, c.name AS carrier, s.name AS service, c.tracking_url
    FROM carrier_service s JOIN carrier c USING (carrier_id)
    WHERE s.code = :code::text AND s.active AND c.active
    """,
    ServiceNames,
)

SERVICES = Query(
    """
    SELECT s.carrier_service_id, c.name AS carrier, s.name AS service, c.tracking_url
    FROM carrier_service s JOIN carrier c USING (carrier_id)
    WHERE s.carrier_service_id = ANY (:service_ids::bigint[]) LIMIT 1000
    """,
    ServiceNames,
)
