"""Signing in: a code goes to an e-mail address, whoever sends it back has a session; no password is ever kept.

Who is known and who is not is answered alike: the first sign-in makes the account.
"""

import hmac
import secrets
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from kanava.customers import rules, store
from kanava.customers.errors import CustomerNotFound, SignInCodeWrong, SignInOver
from kanava.customers.events import customer_created
from kanava.customers.model import CODE_LIFETIME, CODE_TRIES_MAX, SESSION_LIFETIME, Customer, SignIn
from kanava.platform import audit, outbox
from kanava.platform.attempts import Limit, count_attempt
from kanava.platform.auth import Actor
from kanava.platform.db import Connection
from kanava.platform.errors import TooManyAttempts
from kanava.platform.ids import uuid7
from kanava.platform.signing import signer_for

PURPOSE = "sign-in code"
BY_EMAIL = Limit("sign-in code by e-mail", 5, timedelta(hours=1))
BY_ADDRESS = Limit("sign-in code by address", 30, timedelta(hours=1))
"""Many people may share an address; nobody needs thirty codes in an hour."""


async def ask_code(
    tx: Connection, email: str, language: str, network_address: str, now: datetime
) -> UUID | TooManyAttempts:
    """Begin a sign-in and give its id, which only the browser that asked is told; InvalidInput names the e-mail.

    A refusal is returned, not raised: the attempt that it counts has to be committed.
    """
    folded = rules.fold_email(email)
    refused = await count_attempt(tx, BY_ADDRESS, network_address, now)
    refused = await count_attempt(tx, BY_EMAIL, folded, now) or refused
    if refused is not None:
        return refused
    await store.FORGET_CODES.run(tx, now=now)
    # Not one that tells its time: nobody but this browser shall know it.
    sign_in_id = uuid4()
    await store.INSERT_CODE.run(
        tx, sign_in_id=sign_in_id, email=folded, language=language, expires_at=now + CODE_LIFETIME
    )
    return sign_in_id


async def awaited_email(tx: Connection, sign_in_id: UUID, now: datetime) -> str | None:
    """Give the address that the code of a sign-in went to; None when it cannot be used any more."""
    return await store.AWAITED.one_or_none(tx, sign_in_id=sign_in_id, now=now, tries_max=CODE_TRIES_MAX)


async def code_of(tx: Connection, sign_in_id: UUID, now: datetime) -> str:
    """Give the code to be sent, at the moment of sending: it is kept nowhere. SignInOver."""
    if await awaited_email(tx, sign_in_id, now) is None:
        raise SignInOver("This sign-in is over.", field="sign_in_id")
    return await _code(tx, sign_in_id)


async def _code(tx: Connection, sign_in_id: UUID) -> str:
    return rules.code_from((await signer_for(tx, PURPOSE)).sign(sign_in_id))


async def begin_session(
    tx: Connection, sign_in_id: UUID, code: str, now: datetime
) -> SignIn | SignInCodeWrong | SignInOver:
    """Open a session for whoever has the code; the first one of an address makes the customer.

    A refusal is returned, not raised: the try that it counts has to be committed.
    """
    tried = await store.TRY_CODE.one_or_none(tx, sign_in_id=sign_in_id, now=now, tries_max=CODE_TRIES_MAX)
    if tried is None:
        return SignInOver("This code cannot be used any more; please have another one sent.", field="code")
    right = await _code(tx, sign_in_id)
    if not hmac.compare_digest(rules.typed_code(code).encode("utf-8", "replace"), right.encode()):
        left = CODE_TRIES_MAX - tried.tries
        return SignInCodeWrong("That is not the code.", field="code", tries_left=left)
    await store.END_CODES.run(tx, email=tried.email)
    await store.FORGET_SESSIONS.run(tx, now=now)
    customer = await _customer_of(tx, tried.email, tried.language, now)
    token = rules.token_of(customer.customer_id, secrets.token_urlsafe(32))
    end = now + SESSION_LIFETIME
    await store.INSERT_SESSION.run(
        tx, customer_id=customer.customer_id, token_hash=rules.digest_of(token), now=now, expires_at=end
    )
    return SignIn(customer, token, end)


async def _customer_of(tx: Connection, email: str, language: str, now: datetime) -> Customer:
    customer_id = await store.CLAIM_EMAIL.one(tx, email=email, customer_id=uuid7())
    made = await store.INSERT_CUSTOMER.run(tx, customer_id=customer_id, email=email, language=language, now=now)
    if made:
        await outbox.publish(tx, [customer_created(customer_id)])
    return await store.CUSTOMER.one(tx, customer_id=customer_id)


async def signed_in(tx: Connection, token: str, now: datetime) -> Customer | None:
    """Give whose session a token is; None when it is over, ended or was never one."""
    customer_id = rules.customer_of_token(token)
    if customer_id is None:
        return None
    return await store.SESSION.one_or_none(tx, customer_id=customer_id, token_hash=rules.digest_of(token), now=now)


async def sign_out(tx: Connection, token: str) -> None:
    """End the session of a token."""
    customer_id = rules.customer_of_token(token)
    if customer_id is not None:
        await store.END_SESSION.run(tx, customer_id=customer_id, token_hash=rules.digest_of(token))


async def sign_out_everywhere(tx: Connection, actor: Actor, customer_id: UUID) -> None:
    """End every session of a customer; CustomerNotFound."""
    if await store.CUSTOMER.one_or_none(tx, customer_id=customer_id) is None:
        raise CustomerNotFound(f"No customer has the id {customer_id}.", field="customer_id")
    await store.END_SESSIONS.run(tx, customer_id=customer_id)
    await audit.record(tx, actor, "sign_out_everywhere", "customer", str(customer_id))
