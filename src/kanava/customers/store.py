"""Every SQL statement of the customers module."""

from uuid import UUID

import msgspec

from kanava.customers.model import Address, Customer
from kanava.platform.db import Query, Statement


class TriedCode(msgspec.Struct, frozen=True):
    """A sign-in whose code somebody has just tried, this time included."""

    email: str
    language: str
    tries: int


INSERT_CODE = Statement("""
    INSERT INTO sign_in_code (sign_in_id, email, language, expires_at)
    VALUES (:sign_in_id::uuid, :email::text, :language::text, :expires_at::timestamptz)
""")
FORGET_CODES = Statement("""
    DELETE FROM sign_in_code WHERE sign_in_id IN (
        SELECT sign_in_id FROM sign_in_code WHERE expires_at <= :now::timestamptz ORDER BY expires_at LIMIT 100
        FOR UPDATE SKIP LOCKED)
""")
# One that somebody is just entering in another browser is left to her: two that wait for each other would both fail.
END_CODES = Statement("""
    DELETE FROM sign_in_code WHERE sign_in_id IN (
        SELECT sign_in_id FROM sign_in_code WHERE email = :email::text FOR UPDATE SKIP LOCKED)
""")
AWAITED = Query(
    """
    SELECT email FROM sign_in_code
    WHERE sign_in_id = :sign_in_id::uuid AND expires_at > :now::timestamptz AND tries < :tries_max::int
    """,
    str,
)
# Counted before it is looked at: of tries that come at once each is one.
TRY_CODE = Query(
    """
    UPDATE sign_in_code SET tries = tries + 1
    WHERE sign_in_id = :sign_in_id::uuid AND expires_at > :now::timestamptz AND tries < :tries_max::int
    RETURNING email, language, tries
    """,
    TriedCode,
)

# Two first sign-ins at once: the second waits here and gets the id of the first.
CLAIM_EMAIL = Query(
    """
    INSERT INTO customer_email (email, customer_id) VALUES (:email::text, :customer_id::uuid)
    ON CONFLICT (email) DO UPDATE SET email = excluded.email
    RETURNING customer_id
    """,
    UUID,
)
INSERT_CUSTOMER = Statement("""
    INSERT INTO customer (customer_id, email, language, created_at)
    VALUES (:customer_id::uuid, :email::text, :language::text, :now::timestamptz)
    ON CONFLICT (customer_id) DO NOTHING
""")
_CUSTOMER = "SELECT customer_id, email, name, phone, language, created_at FROM customer"
CUSTOMER = Query(f"{_CUSTOMER} WHERE customer_id = :customer_id::uuid", Customer)
LOCK_CUSTOMER = Query(f"{_CUSTOMER} WHERE customer_id = :customer_id::uuid FOR UPDATE", Customer)
CUSTOMERS = Query(
    f"""
    {_CUSTOMER}
    WHERE (:before::uuid IS NULL OR customer_id < :before) ORDER BY customer_id DESC LIMIT :limit::int
    """,
    Customer,
)
CUSTOMERS_BY_EMAIL = Query(
    f"{_CUSTOMER} WHERE customer_id = (SELECT customer_id FROM customer_email WHERE email = :email::text)",  # noqa: S608
    Customer,
)
SET_DETAILS = Statement("""
    UPDATE customer SET name = :name::text, phone = :phone::text, language = :language::text
    WHERE customer_id = :customer_id::uuid
""")
RELEASE_EMAIL = Statement("DELETE FROM customer_email WHERE email = :email::text")
DELETE_CUSTOMER = Statement("DELETE FROM customer WHERE customer_id = :customer_id::uuid")

INSERT_SESSION = Statement("""
    INSERT INTO customer_session (customer_id, token_hash, created_at, expires_at)
    VALUES (:customer_id::uuid, :token_hash::bytea, :now::timestamptz, :expires_at::timestamptz)
""")
SESSION = Query(
    f"""
    {_CUSTOMER} WHERE customer_id = :customer_id::uuid AND EXISTS (
        SELECT FROM customer_session s
        WHERE s.customer_id = :customer_id::uuid AND s.token_hash = :token_hash::bytea
          AND s.expires_at > :now::timestamptz)
    """,
    Customer,
)
END_SESSION = Statement("""
    DELETE FROM customer_session WHERE customer_id = :customer_id::uuid AND token_hash = :token_hash::bytea
""")
END_SESSIONS = Statement("DELETE FROM customer_session WHERE customer_id = :customer_id::uuid")
FORGET_SESSIONS = Statement("""
    DELETE FROM customer_session WHERE (customer_id, token_hash) IN (
        SELECT customer_id, token_hash FROM customer_session WHERE expires_at <= :now::timestamptz
        ORDER BY expires_at LIMIT 100 FOR UPDATE SKIP LOCKED)
""")

ADDRESSES = Query(
    """
    SELECT address_id, country, name, street, postal_code, city FROM customer_address
    WHERE customer_id = :customer_id::uuid ORDER BY preferred_at DESC, address_id DESC LIMIT :limit::int
    """,
    Address,
)
WRITE_ADDRESS = Statement("""
    INSERT INTO customer_address (customer_id, address_id, country, name, street, postal_code, city, preferred_at)
    VALUES (:customer_id::uuid, :address_id::uuid, :country::text, :name::text, :street::text, :postal_code::text,
            :city::text, :now::timestamptz)
    ON CONFLICT (customer_id, address_id) DO UPDATE SET
        country = excluded.country, name = excluded.name, street = excluded.street,
        postal_code = excluded.postal_code, city = excluded.city
""")
PREFER_ADDRESS = Statement("""
    UPDATE customer_address SET preferred_at = :now::timestamptz
    WHERE customer_id = :customer_id::uuid AND address_id = :address_id::uuid
""")
REMOVE_ADDRESS = Statement("""
    DELETE FROM customer_address WHERE customer_id = :customer_id::uuid AND address_id = :address_id::uuid
""")
