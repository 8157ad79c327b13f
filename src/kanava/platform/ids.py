"""Identifiers that any process can make without asking the database."""

from uuid import UUID

import uuid_utils
from asyncpg.pgproto.pgproto import UUID as FastUUID  # noqa: N811 -- a subclass of uuid.UUID made in C


def uuid7() -> UUID:
    """Make a time-ordered identifier (RFC 9562, version 7), so that new rows land together in an index."""
    made: UUID = FastUUID(uuid_utils.uuid7().bytes)
    return made
