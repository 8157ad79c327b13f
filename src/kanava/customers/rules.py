"""Spelling of e-mail addresses, codes and tokens. Pure."""

import hashlib
import re
from uuid import UUID

from kanava.platform.errors import InvalidInput

EMAIL = re.compile(r"^[^@\s,;<>]{1,64}@[^@\s,;<>]+\.[^@\s,;<>.]{2,63}$")
EMAIL_LENGTH_MAX = 200
CODE_DIGITS = 6
TOKEN_PREFIX = "knc_"  # noqa: S105 # nosec B105


def fold_email(email: str) -> str:
    """Give an e-mail address in the one spelling by which it is known; InvalidInput when it is none."""
    folded = email.strip().lower()
    if len(folded) > EMAIL_LENGTH_MAX or not EMAIL.match(folded):
        raise InvalidInput("This is no e-mail address.", field="email")
    return folded


def code_from(signature: str) -> str:
    """Make a code of six digits out of a signature that nobody can guess."""
    digest = hashlib.blake2b(signature.encode(), digest_size=16).digest()
    return f"{int.from_bytes(digest, 'big') % 10**CODE_DIGITS:0{CODE_DIGITS}d}"


def typed_code(text: str) -> str:
    """Give the digits of a code as somebody typed it, with spaces or a dash in it."""
    return re.sub(r"[\s-]", "", text)


def token_of(customer_id: UUID, secret: str) -> str:
    """Write the token of a session; the customer's id in it says where to look."""
    return f"{TOKEN_PREFIX}{customer_id.hex}_{secret}"


def customer_of_token(token: str) -> UUID | None:
    """Read whose session a token says to be; None when it is none of ours."""
    name = token.removeprefix(TOKEN_PREFIX).partition("_")[0]
    if not token.startswith(TOKEN_PREFIX) or not re.fullmatch("[0-9a-f]{32}", name):
        return None
    return UUID(name)


def digest_of(token: str) -> bytes:
    """Give the hash under which a session is kept."""
    return hashlib.sha256(token.encode("utf-8", "replace")).digest()
