"""What other modules and the HTTP edge may ask of the carriers."""

from kanava.carriers.service.files import export_carriers, import_carriers, read_carriers
from kanava.carriers.service.points import countries_of_points, list_points, near_points, put_points, remove_point
from kanava.carriers.service.registry import (
    get_carrier,
    get_service,
    list_carriers,
    list_services,
    load_carriers,
    put_carrier,
    put_service,
)
from kanava.carriers.snapshot import Carriers, ServiceQuote
from kanava.carriers.store import NearPoint

__all__ = [
    "Carriers",
    "NearPoint",
    "ServiceQuote",
    "countries_of_points",
    "export_carriers",
    "get_carrier",
    "get_service",
    "import_carriers",
    "list_carriers",
    "list_points",
    "list_services",
    "load_carriers",
    "near_points",
    "put_carrier",
    "put_points",
    "put_service",
    "read_carriers",
    "remove_point",
]
