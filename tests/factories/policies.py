"""Policies and bank accounts, for the tests that show them to customers."""

from typing import Any

import httpx

from kanava.platform.db import Database

IBAN, BIC = "SI56263300012039086", "LJBASI2X"


async def write_policy(
    client: httpx.AsyncClient, key: str = "SI/terms/sl", title: str = "Pogoji", body: str = "Besedilo", **headers: str
) -> httpx.Response:
    """Write a policy; `key` is country, kind and language."""
    text = {"title": title, "body": body}
    return await client.put(f"/api/policies/{key}", json=text, headers=headers)


async def give_account(db: Database, *channels: str, **fields: Any) -> None:
    """Give channels an account in euro."""
    account = {"holder": "Jelovir d.o.o.", "iban": IBAN, "bic": BIC, **fields}
    async with db.transaction() as tx:
        await tx.execute(
            "UPDATE channel SET bank_holder = $2, bank_iban = $3, bank_bic = $4 WHERE code = ANY ($1)",
            list(channels),
            *(account[name] for name in ("holder", "iban", "bic")),
        )
