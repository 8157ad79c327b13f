"""Devices: kiosks and tills that a member of staff enrolled, each at a location for a channel.

Table: device. A device's token is in its browser; only a hash is stored. A revoked device stops at once.
"""

import hashlib
import secrets
from datetime import datetime, timedelta
from typing import Annotated, Literal
from uuid import UUID

import msgspec

from kanava.platform import audit
from kanava.platform.auth import Actor
from kanava.platform.db import Connection, Query, Statement
from kanava.platform.errors import AlreadyExists, InvalidInput, NotFound

Kind = Literal["kiosk", "till"]
CHANNEL_KINDS: dict[Kind, str] = {"kiosk": "kiosk", "till": "store"}
"""Which channels a kind of device sells for."""
TOKEN_PREFIX = "knd_"  # noqa: S105 # nosec B105 -- says what kind of token it is
NAME_LENGTH_MAX = 100
SEEN_EVERY = timedelta(minutes=1)
"""A device is busy all day: that it was seen is written this often."""


class Device(msgspec.Struct, frozen=True):
    """A device as people see it; `location` and `channel` are codes."""

    device_id: UUID
    kind: str
    name: str
    location: str
    channel: str
    enrolled_by: str
    enrolled_at: datetime
    last_seen_at: datetime | None
    revoked_at: datetime | None

    def seen_lately(self, now: datetime) -> bool:
        """Say whether it need not be written again that the device was seen."""
        return self.last_seen_at is not None and now - self.last_seen_at < SEEN_EVERY


class NewDevice(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A device to enrol. The id is the client's."""

    device_id: UUID
    kind: Kind
    name: Annotated[str, msgspec.Meta(max_length=NAME_LENGTH_MAX)]
    location: str
    channel: str


class _Post(msgspec.Struct, frozen=True):
    location_id: int
    channel_id: int
    channel_kind: str
    serves: bool


_SELECT = """
    SELECT d.device_id, d.kind, d.name, l.code AS location, c.code AS channel, d.enrolled_by, d.enrolled_at,
           d.last_seen_at, d.revoked_at
    FROM device d JOIN location l USING (location_id) JOIN channel c USING (channel_id)
"""
LIST = Query(
    f"""{_SELECT}
    WHERE (:kind::text IS NULL OR d.kind = :kind) AND (:location::text IS NULL OR l.code = :location)
      AND (:location_ids::bigint[] IS NULL OR d.location_id = ANY (:location_ids))
    ORDER BY d.revoked_at IS NOT NULL, l.code, d.name, d.device_id LIMIT 1000
    """,
    Device,
)
BY_ID = Query(f"{_SELECT} WHERE d.device_id = :device_id::uuid", Device)
BY_TOKEN = Query(f"{_SELECT} WHERE d.token_hash = :token_hash::bytea AND d.revoked_at IS NULL", Device)
LOCATION_OF = Query("SELECT location_id FROM device WHERE device_id = :device_id::uuid", int)
# The place and the channel by their codes, and whether the one serves the other.
POST = Query(
    """
    SELECT l.location_id, c.channel_id, c.kind AS channel_kind,
           EXISTS (SELECT FROM channel_location s
                   WHERE s.channel_id = c.channel_id AND s.location_id = l.location_id) AS serves
    FROM location l, channel c
    WHERE l.code = :location::text AND c.code = :channel::text AND l.active AND c.active
    """,
    _Post,
)
INSERT = Statement("""
    INSERT INTO device (device_id, kind, name, token_hash, location_id, channel_id, enrolled_by, enrolled_at)
    VALUES (:device_id::uuid, :kind::text, :name::text, :token_hash::bytea, :location_id::bigint, :channel_id::bigint,
            :enrolled_by::text, :now::timestamptz)
    ON CONFLICT (device_id) DO NOTHING
""")
SEEN = Statement("UPDATE device SET last_seen_at = :now::timestamptz WHERE device_id = :device_id::uuid")
REVOKE = Statement("""
    UPDATE device SET revoked_at = :now::timestamptz WHERE device_id = :device_id::uuid AND revoked_at IS NULL
""")


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.removeprefix(TOKEN_PREFIX).encode("utf-8", "replace")).digest()


async def enrol_device(tx: Connection, actor: Actor, request: NewDevice, now: datetime) -> str:
    """Enrol a device and give its token, which nothing can show again. InvalidInput, Forbidden, AlreadyExists."""
    name = " ".join(request.name.split())
    if not 1 <= len(name) <= NAME_LENGTH_MAX:
        raise InvalidInput(f"The name of a device has 1 to {NAME_LENGTH_MAX} characters.", field="name")
    post = await POST.one_or_none(tx, location=request.location, channel=request.channel)
    if post is None:
        raise InvalidInput("There is no such location or channel in use.", field="location")
    actor.must_reach(post.location_id)
    wanted = CHANNEL_KINDS[request.kind]
    if post.channel_kind != wanted:
        raise InvalidInput(f"A {request.kind} needs a channel of kind {wanted}.", field="channel")
    if not post.serves:
        raise InvalidInput("The location does not serve this channel.", field="channel")
    secret = secrets.token_urlsafe(32)
    made = await INSERT.run(
        tx,
        device_id=request.device_id,
        kind=request.kind,
        name=name,
        token_hash=_digest(secret),
        location_id=post.location_id,
        channel_id=post.channel_id,
        enrolled_by=actor.label,
        now=now,
    )
    if not made:
        raise AlreadyExists("The id was used before, for another device.", field="device_id")
    detail = {"kind": request.kind, "name": name, "location": request.location, "channel": request.channel}
    await audit.record(tx, actor, "enrol", "device", str(request.device_id), detail)
    return f"{TOKEN_PREFIX}{secret}"


async def device_of(connection: Connection, token: str) -> Device | None:
    """Give the device of a token; None when there is none or it was revoked."""
    return await BY_TOKEN.one_or_none(connection, token_hash=_digest(token)) if token else None


async def note_seen(tx: Connection, device: Device, now: datetime) -> None:
    """Write down that a device was seen."""
    await SEEN.run(tx, device_id=device.device_id, now=now)


async def list_devices(tx: Connection, actor: Actor, kind: str | None, location: str | None) -> list[Device]:
    """Give the devices at the actor's locations: those in use first, then those that were revoked."""
    reach = None if actor.location_ids is None else sorted(actor.location_ids)
    return await LIST.all(tx, kind=kind, location=location, location_ids=reach)


async def get_device(tx: Connection, actor: Actor, device_id: UUID) -> Device:
    """Give a device at one of the actor's locations; NotFound, Forbidden."""
    location_id = await LOCATION_OF.one_or_none(tx, device_id=device_id)
    if location_id is None:
        raise NotFound(f"There is no device {device_id}.", field="device_id")
    actor.must_reach(location_id)
    found = await BY_ID.one_or_none(tx, device_id=device_id)
    assert found is not None  # noqa: S101 -- devices are never deleted
    return found


async def revoke_device(tx: Connection, actor: Actor, device_id: UUID, now: datetime) -> Device:
    """End a device's access at once; revoking it again changes nothing. NotFound, Forbidden."""
    await get_device(tx, actor, device_id)
    if await REVOKE.run(tx, device_id=device_id, now=now):
        await audit.record(tx, actor, "revoke", "device", str(device_id))
    return await get_device(tx, actor, device_id)
