"""QR codes."""

from io import BytesIO
from typing import Literal

import segno

Picture = Literal["svg", "png"]
BORDER = 4
"""Modules of white around it, as the standard asks."""


def render_qr(content: str, picture: Picture) -> bytes:
    """Give a QR code; a sixth of it may be unreadable on a cracked screen (level M)."""
    out = BytesIO()
    segno.make_qr(content, error="m").save(out, kind=picture, scale=8, border=BORDER)
    return out.getvalue()
