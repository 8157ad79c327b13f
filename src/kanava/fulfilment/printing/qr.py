"""QR codes."""

from decimal import Decimal
from io import BytesIO
from typing import Literal

import segno
from segno.helpers import make_epc_qr

Picture = Literal["svg", "png"]
BORDER = 4
"""Modules of white around it, as the standard asks."""


def render_qr(content: str, picture: Picture) -> bytes:
    """Give a QR code; a sixth of it may be unreadable on a cracked screen (level M)."""
    out = BytesIO()
    segno.make_qr(content, error="m").save(out, kind=picture, scale=8, border=BORDER)
    return out.getvalue()


def render_transfer_qr(holder: str, iban: str, bic: str, euros: Decimal, reference: str) -> bytes:
    """Give the QR code of a bank transfer in euro as SVG, as apps of banks read it (EPC069-12)."""
    out = BytesIO()
    made = make_epc_qr(name=holder, iban=iban, amount=euros, text=reference, bic=bic or None)
    made.save(out, kind="svg", scale=8, border=BORDER)
    return out.getvalue()
