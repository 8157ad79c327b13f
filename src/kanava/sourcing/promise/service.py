"""Answering what can be promised of a cart, and of a page of variants."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import Protocol, TypeVar

import msgspec

from kanava.platform.db import Connection, Database
from kanava.platform.errors import InvalidInput
from kanava.platform.snapshot import Snapshot
from kanava.sourcing.availability import ConfirmCaller
from kanava.sourcing.promise import store
from kanava.sourcing.promise.cart import AskingCart
from kanava.sourcing.promise.model import (
    AskedAddress,
    AskedLine,
    PageAnswer,
    PageQuestion,
    PromiseAnswer,
    PromiseQuestion,
)
from kanava.sourcing.promise.page import AskingPage
from kanava.sourcing.promise.store import AskedRow
from kanava.sourcing.promise.terms import load_terms
from kanava.sourcing.promise.view import View, load_view

__all__ = ["PromiseReader", "load_terms"]

Answer_co = TypeVar("Answer_co", covariant=True)
Answer = TypeVar("Answer")


class _Asking(Protocol[Answer_co]):
    async def read(self, connection: Connection) -> list[AskedRow]: ...
    async def answer(self, connection: Connection, rows: Sequence[AskedRow]) -> Answer_co: ...


class PromiseReader:
    """Answers questions with the settings in force; one for each process."""

    def __init__(self, db: Database) -> None:
        """Take a pool whose statements are planned once."""
        self.db = db
        self._view: Snapshot[View] = Snapshot(load_view)

    async def promise(
        self, connection: Connection, question: PromiseQuestion, now: datetime, confirm_caller: ConfirmCaller
    ) -> PromiseAnswer:
        """Say what a cart can be promised.

        `confirm_caller` is given the access version that was read with the levels, None when nothing was read.
        InvalidInput names what is wrong; AddressOutsideZones says that nobody goes there.
        """
        asked, lines = await _lines(connection, question)

        async def ask(view: View) -> AskingCart:
            return await AskingCart.of(connection, view, asked, lines, now)

        return await self._answer(connection, ask, confirm_caller)

    async def page(
        self, connection: Connection, question: PageQuestion, now: datetime, confirm_caller: ConfirmCaller
    ) -> PageAnswer:
        """Say what one unit of each variant of a page can be promised; otherwise as `promise`."""

        async def ask(view: View) -> AskingPage:
            return await AskingPage.of(connection, view, question, now)

        return await self._answer(connection, ask, confirm_caller)

    async def locate(self, connection: Connection, address: AskedAddress) -> tuple[float, float] | None:
        """Say in degrees where an address is, more or less, as `promise` takes it; None when nobody can say."""
        view = await self._view.current(connection)
        return await view.position_of(connection, address.country, address.postal_code)

    async def _answer(
        self,
        connection: Connection,
        ask: Callable[[View], Awaitable[_Asking[Answer]]],
        confirm_caller: ConfirmCaller,
    ) -> Answer:
        presumed = self._view.held
        if presumed is not None:
            try:
                asking = await ask(presumed[1])
            except InvalidInput:
                asking = None  # What is refused is what the settings say now, not a moment ago.
            if asking is not None:
                rows = await asking.read(connection)
                # The statement gives the version in force with its rows: as a rule it is the one that was asked with.
                if rows and rows[0].version == presumed[0]:
                    await confirm_caller(rows[0].access_version)
                    return await asking.answer(connection, rows)
        await confirm_caller(None)
        asking = await ask(await self._view.current(connection))
        return await asking.answer(connection, await asking.read(connection))


async def _lines(connection: Connection, question: PromiseQuestion) -> tuple[PromiseQuestion, Sequence[AskedLine]]:
    """Give what is asked about: the lines, or those of a cart of ours, or some of the cart's, on its terms."""
    if question.cart_id is None:
        if not question.lines:
            raise InvalidInput("Say which lines, or which cart.", field="lines")
        if question.channel is None:
            raise InvalidInput("Lines are asked about on a channel.", field="channel")
        return question, question.lines
    rows = await store.CART_LINES.all(connection, cart_id=question.cart_id)
    if not rows:
        raise InvalidInput(f"There is no cart {question.cart_id}.", field="cart_id")
    if question.channel not in (None, rows[0].channel):
        raise InvalidInput(f"The cart is one of the channel {rows[0].channel}.", field="channel")
    lines = question.lines or [
        AskedLine(row.sku, row.quantity) for row in rows if row.sku is not None and row.quantity is not None
    ]
    if not lines:
        raise InvalidInput("The cart is empty.", field="cart_id")
    whose = rows[0].customer_group
    return msgspec.structs.replace(question, channel=rows[0].channel, customer_group=whose), lines
