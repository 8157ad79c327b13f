"""Verbs of the stores module."""

from kanava.stores.rules.layouts import ROWS_MAX, ImportFile, read_locations
from kanava.stores.service.hours_exceptions import put_hours_exception, put_hours_exceptions, remove_hours_exception
from kanava.stores.service.locations import (
    all_for_routing,
    create_location,
    get_hours,
    get_location,
    import_locations,
    list_locations,
    name_places,
    switch_location,
    update_location,
    usual_time_zone,
)

__all__ = [
    "ROWS_MAX",
    "ImportFile",
    "all_for_routing",
    "create_location",
    "get_hours",
    "get_location",
    "import_locations",
    "list_locations",
    "name_places",
    "put_hours_exception",
    "put_hours_exceptions",
    "read_locations",
    "remove_hours_exception",
    "switch_location",
    "update_location",
    "usual_time_zone",
]
