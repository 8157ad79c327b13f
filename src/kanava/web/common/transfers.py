"""Paying an order by bank transfer: to which account, how much, with which reference; the code that a bank reads."""

from collections.abc import Mapping

import msgspec
from litestar import Response

from kanava.channels.model import BankAccount
from kanava.fulfilment.printing.qr import render_transfer_qr
from kanava.orders import service as orders
from kanava.orders.model import Order
from kanava.platform.errors import NotFound
from kanava.platform.money import Money, major_amount

CODE_CURRENCY = "EUR"
CODE_MINOR_MAX = 99_999_999_999
"""The code of the European Payments Council knows euro only, and amounts below a thousand million."""
SVG = "image/svg+xml"


class Transfer(msgspec.Struct, frozen=True):
    """What is still to be transferred for an order."""

    account: BankAccount
    amount: Money
    reference: str

    @property
    def has_code(self) -> bool:
        """Whether there is a QR code for it."""
        return self.amount.currency == CODE_CURRENCY and self.amount.amount_minor <= CODE_MINOR_MAX


def transfer_of(order: Order, accounts: Mapping[str, BankAccount]) -> Transfer | None:
    """Give what is to be transferred for an order; None when nothing is, or its channel has no account."""
    account, due = accounts.get(order.channel), orders.transfer_due(order)
    if account is None or not due:
        return None
    return Transfer(account, Money(due, order.currency), str(order.number))


def transfer_code(transfer: Transfer | None) -> Response[bytes]:
    """Answer with the QR code of a transfer; NotFound when there is none."""
    if transfer is None or not transfer.has_code:
        raise NotFound("There is nothing to transfer by a code.", field="order_id")
    account = transfer.account
    picture = render_transfer_qr(
        account.holder, account.iban, account.bic, major_amount(transfer.amount), transfer.reference
    )
    return Response(picture, media_type=SVG, headers={"cache-control": "private, no-store"})
