"""Links that nobody can guess: signatures over ids, made with a secret of the installation.

Table: installation_secret. A signature is good for one purpose only; it never expires, so what it opens must be what
its holder may always see.
"""

import base64
import hmac
import secrets
from uuid import UUID

from kanava.platform.db import Connection, Query, Statement

SECRET_BYTES = 32
SIGNATURE_BYTES = 16
"""128 bits: more than anybody can try, and still short enough for a message on a phone."""

SECRET = Query("SELECT secret FROM installation_secret WHERE name = 'links'", bytes)
# Two processes may come at once: the first one's secret is the secret.
MAKE_SECRET = Statement("""
    INSERT INTO installation_secret (name, secret) VALUES ('links', :secret::bytea) ON CONFLICT (name) DO NOTHING
""")


class Signer:
    """Signs ids for one purpose; a signature for another purpose does not hold."""

    def __init__(self, secret: bytes, purpose: str) -> None:
        self._key = hmac.digest(secret, purpose.encode(), "sha256")

    def sign(self, value: UUID) -> str:
        """Give the signature of an id: 22 characters that may stand in a path."""
        digest = hmac.digest(self._key, value.bytes, "sha256")[:SIGNATURE_BYTES]
        return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()

    def holds(self, value: UUID, signature: str) -> bool:
        """Say whether a signature is the one of this id; takes as long whatever is wrong with it."""
        return hmac.compare_digest(signature.encode("utf-8", "replace"), self.sign(value).encode())


async def signer_for(connection: Connection, purpose: str) -> Signer:
    """Give the signer of this installation for a purpose; the first one asked for makes the secret."""
    secret = await SECRET.one_or_none(connection)
    if secret is None:
        await MAKE_SECRET.run(connection, secret=secrets.token_bytes(SECRET_BYTES))
        secret = await SECRET.one(connection)
    return Signer(secret, purpose)
