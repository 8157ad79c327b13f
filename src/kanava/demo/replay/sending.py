"""A receipt as an order: placed, and placed again without what there is too little of."""

from collections import Counter
from typing import Any
from uuid import UUID

from kanava.demo.replay.client import ApiConnection
from kanava.demo.replay.load import TILLS, WEB, place_code
from kanava.demo.replay.receipts import Receipt, ReceiptLine
from kanava.platform.ids import uuid7

SHORT = "urn:kanava:problem:insufficient-stock"
SHIP_TO = {
    "name": "A customer",
    "street": "1 Main Street",
    "city": "Lima",
    "postal_code": "45801",
    "country": "US",
}


class Tally:
    """What became of the orders; `taken` by kind: carry_out, pickup, ship."""

    def __init__(self) -> None:
        self.taken: Counter[str] = Counter()
        self.lines = self.units = self.shortages = self.done = 0
        self.refused: Counter[str] = Counter()


class Sender:
    """Sends receipts as orders; `baskets`: whose order is which receipt, by order id."""

    def __init__(self, baskets: dict[UUID, str] | None = None) -> None:
        self.tally = Tally()
        self.baskets = {} if baskets is None else baskets

    async def send(self, connection: ApiConnection, receipt: Receipt, kind: str) -> None:
        """Place the order; when some lines are short, place what can be had of it."""
        lines, tally = receipt.lines, self.tally
        for attempt in (1, 2):
            order = _order(receipt, lines, kind)
            self.baskets[order["order_id"]] = receipt.basket
            status, answer = await connection.post("/api/orders", str(order["order_id"]), order)
            if status == 201:
                tally.taken[kind] += 1
                tally.lines += len(lines)
                tally.units += sum(line.quantity for line in lines)
                return
            reason = str(answer.get("type", status)) if isinstance(answer, dict) else str(status)
            if attempt == 2 or reason != SHORT:
                tally.refused[reason.rpartition(":")[2]] += 1
                return
            short = {line["line_no"] for line in answer["lines"]}
            tally.shortages += len(short)
            lines = [line for number, line in enumerate(lines, 1) if number not in short]
            if not lines:
                tally.refused["nothing-in-stock"] += 1
                return


def _order(receipt: Receipt, lines: list[ReceiptLine], kind: str) -> dict[str, Any]:
    fulfilment = {"kind": kind} if kind == "ship" else {"kind": kind, "location": place_code(receipt.store)}
    order: dict[str, Any] = {"order_id": uuid7(), "external_reference": receipt.basket}
    if kind != "carry_out":
        sold = [{"sku": line.sku, "quantity": line.quantity, "fulfilment": fulfilment} for line in lines]
        return {**order, "channel": WEB, "lines": sold} | ({"ship_to": SHIP_TO} if kind == "ship" else {})
    sold = [
        {
            "sku": line.sku,
            "quantity": line.quantity,
            "fulfilment": fulfilment,
            "unit_price_minor": line.unit_price_minor,
        }
        for line in lines
    ]
    total = sum(line.quantity * line.unit_price_minor for line in lines)
    paid = {"payment_id": uuid7(), "method": "card", "authorised_minor": total, "captured_minor": total}
    return {**order, "channel": TILLS, "lines": sold, "payments": [paid]}
