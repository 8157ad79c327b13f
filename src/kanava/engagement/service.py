"""Reading what was told, sending it again, and looking at how messages are written."""

from datetime import datetime
from uuid import UUID

from kanava.engagement import store, telling
from kanava.engagement.errors import MessageNotFound, MessageUnderWay, TemplateNotFound
from kanava.engagement.model import KINDS, LANGUAGES, Draft, Kind, Message, Rendered, State, Template
from kanava.engagement.rendering import render
from kanava.engagement.samples import SAMPLES
from kanava.orders import service as orders
from kanava.orders.requests import OrderFilter
from kanava.platform import audit
from kanava.platform.auth import Actor
from kanava.platform.db import Connection
from kanava.platform.errors import InvalidInput
from kanava.platform.http import Page, decode_cursor, encode_cursor
from kanava.platform.ids import uuid7


async def list_messages(
    tx: Connection, order_id: UUID | None, state: State | None, cursor: str | None, limit: int
) -> Page[Message]:
    """Give messages, the newest first; of one order, or in one state."""
    before = decode_cursor(cursor, datetime, UUID) if cursor else (None, None)
    rows = await store.MESSAGES.all(
        tx, order_id=order_id, state=state, before_at=before[0], before_id=before[1], limit=limit
    )
    last = rows[-1] if len(rows) == limit else None
    return Page(rows, encode_cursor(last.created_at, last.message_id) if last else None)


async def send_again(tx: Connection, actor: Actor, message_id: UUID, now: datetime) -> Message:
    """Send a message once more that was sent or has failed; MessageNotFound, Forbidden, MessageUnderWay."""
    message = await store.MESSAGE.one_or_none(tx, message_id=message_id)
    if message is None:
        raise MessageNotFound(f"No message has the id {message_id}.", field="message_id")
    if message.order_id is not None:
        await orders.must_reach(tx, actor, message.order_id)
    if not await store.SEND_AGAIN.run(tx, message_id=message_id, now=now):
        raise MessageUnderWay("The message waits to be sent already.", field="message_id")
    await audit.record(tx, actor, "send_again", "message", str(message_id), {"kind": message.kind})
    return await store.MESSAGE.one(tx, message_id=message_id)


def list_templates() -> Page[Template]:
    """Give every kind of message."""
    return Page([Template(kind, "staff" if kind == "work_arrived" else "customer", list(LANGUAGES)) for kind in KINDS])


def preview(kind: str, language: str, brand: str) -> Rendered:
    """Write a kind of message from made-up facts; TemplateNotFound, InvalidInput."""
    known: dict[str, Kind] = {each: each for each in KINDS}
    if kind not in known:
        raise TemplateNotFound(f"No kind of message is called {kind!r}.", field="kind")
    if language not in LANGUAGES:
        raise InvalidInput(f"Messages are written in {', '.join(LANGUAGES)}.", field="language")
    return render(known[kind], language, SAMPLES[known[kind]], brand)


async def send_order_link(tx: Connection, number: int, email: str, language: str, now: datetime) -> bool:
    """Write a customer where to see her order; False when no order has this number and this address.

    Whoever asks must not be told which: anybody may ask.
    """
    found = await orders.list_orders(tx, OrderFilter(number=number), None, 1)
    order = found.items[0] if found.items else None
    if order is None or (order.customer.email or "").strip().lower() != email.strip().lower():
        return False
    draft = Draft(
        once_key=f"order_link:{order.order_id}:{uuid7()}",
        kind="order_link",
        audience="customer",
        recipient=order.customer.email or "",
        language=language,
        facts={"number": str(order.number), "name": order.customer.name},
        order_id=order.order_id,
    )
    await telling.write(tx, [draft], now)
    return True


async def send_sign_in_code(tx: Connection, sign_in_id: UUID, email: str, language: str, now: datetime) -> None:
    """Send the code of a sign-in to its address; the code is made when the message is sent and stands nowhere."""
    draft = Draft(
        once_key=f"sign_in_code:{sign_in_id}",
        kind="sign_in_code",
        audience="customer",
        recipient=email.strip(),
        language=language,
        facts={"sign_in_of": str(sign_in_id)},
    )
    await telling.write(tx, [draft], now)
