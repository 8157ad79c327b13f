"""What the worker does for the catalogue."""

from datetime import datetime
from typing import Any

import msgspec

from kanava.catalog.service import import_orders
from kanava.platform.db import Database


async def import_file(db: Database, payload: dict[str, Any], now: datetime) -> None:
    """Carry out an import that somebody started in the console."""
    await import_orders.carry_out(db, msgspec.convert(payload, import_orders.ImportOrder), now)


HANDLERS = {import_orders.IMPORT_FILE: import_file}
