"""Sending what is waiting: taken in one transaction, sent outside of any, recorded in another."""

import asyncio
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import asyncpg
import structlog

from kanava.customers import service as customers
from kanava.customers.model import CODE_LIFETIME
from kanava.engagement import store
from kanava.engagement.gateway import Letter, Mailer, Result
from kanava.engagement.model import Outgoing
from kanava.engagement.rendering import render
from kanava.fulfilment import service as fulfilment
from kanava.fulfilment.printing.qr import render_qr
from kanava.orders.service.links import order_signer, short_path
from kanava.platform import clock
from kanava.platform.db import Database

log = structlog.get_logger()

BATCH_MAX = 50
IDLE_SECONDS = 0.5
RETRY_AFTER = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 30, 120, 480, 1440))
"""How long a letter waits after its first, second … failure; after the last it is failed and stays so."""


class Sender:
    """The part of the worker that sends messages."""

    def __init__(self, db: Database, mailer: Mailer, brand: str, shop_url: str = "") -> None:
        """Take what the retailer is called, and the address that links to the shop begin with; none without one."""
        self.db, self.mailer, self.brand, self.shop_url = db, mailer, brand, shop_url.rstrip("/")

    async def run(self, stop: asyncio.Event) -> None:
        """Send until `stop` is set; a batch that was begun is finished."""
        while not stop.is_set():
            try:
                busy = await self.send_due(clock.now())
            except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
                log.warning("messages_not_sent", error=repr(error))
                busy = 0
            if not busy:
                with_timeout = asyncio.wait_for(stop.wait(), IDLE_SECONDS)
                await asyncio.gather(with_timeout, return_exceptions=True)

    async def send_due(self, now: datetime) -> int:
        """Send one batch of what is due; gives how many there were."""
        async with self.db.transaction() as tx:
            due = await store.CLAIM.all(tx, now=now, limit=BATCH_MAX)
        if not due:
            return 0
        letters: list[Letter] = []
        outcomes: dict[int, Result] = {}
        for index, outgoing in enumerate(due):
            try:
                letters.append(await self._letter(outgoing))
            except Exception as error:
                log.exception("message_not_rendered", message_id=str(outgoing.message_id), kind=outgoing.kind)
                outcomes[index] = Result(repr(error)[:500], final=True)
        sent = iter(await self.mailer.send(letters) if letters else [])
        results = [outcomes[index] if index in outcomes else next(sent) for index in range(len(due))]
        subjects = {letter.message_id: letter.rendered.subject for letter in letters}
        async with self.db.transaction() as tx:
            await store.RECORD.run(
                tx,
                now=clock.now(),
                message_ids=[each.message_id for each in due],
                states=[_state(each, result) for each, result in zip(due, results, strict=True)],
                subjects=[subjects.get(each.message_id) for each in due],
                errors=[None if result.error is None else result.error[:500] for result in results],
                dues=[_due(each, result, now) for each, result in zip(due, results, strict=True)],
            )
        return len(due)

    async def _letter(self, outgoing: Outgoing) -> Letter:
        facts: Mapping[str, Any] = outgoing.facts
        picture = None
        if "collection_of" in facts:
            # The code is fetched now and kept nowhere else: whoever reads the messages' table cannot collect.
            async with self.db.connection() as connection:
                shown = await fulfilment.collection_pass(
                    connection, outgoing.order_id or UUID(int=0), UUID(facts["collection_of"])
                )
            picture = render_qr(shown.qr_text, "png")
            facts = {**facts, "code": shown.code, "code_picture": "cid:code"}
        if "sign_in_of" in facts:
            async with self.db.connection() as connection:
                code = await customers.code_of(connection, UUID(facts["sign_in_of"]), clock.now())
            facts = {"code": code, "minutes": int(CODE_LIFETIME.total_seconds()) // 60}
        if self.shop_url and outgoing.order_id is not None and outgoing.kind != "work_arrived":
            async with self.db.connection() as connection:
                signature = (await order_signer(connection)).sign(outgoing.order_id)
            facts = {**facts, "order_url": self.shop_url + short_path(outgoing.order_id, signature, outgoing.language)}
        rendered = render(outgoing.kind, outgoing.language, facts, self.brand)
        return Letter(outgoing.message_id, outgoing.recipient, rendered, picture)


def _state(outgoing: Outgoing, result: Result) -> str:
    if result.error is None:
        return "sent"
    return "failed" if result.final or outgoing.attempts > len(RETRY_AFTER) else "waiting"


def _due(outgoing: Outgoing, result: Result, now: datetime) -> datetime | None:
    if _state(outgoing, result) != "waiting":
        return None
    return now + RETRY_AFTER[outgoing.attempts - 1]
