"""Where a visitor says that she is: a postal code that she typed, or what her browser told at her press."""

import re
from typing import Any

import msgspec
from litestar import Response

from kanava.platform.http import AnyRequest
from kanava.sourcing.promise.model import AskedAddress, AskedPosition
from kanava.web.common.sessions import A_YEAR, cookie

NEAR_COOKIE = "kanava_near"
_POSITION = re.compile(r"@(-?\d{1,2}\.\d{1,2})_(-?\d{1,3}\.\d{1,2})")
_POSTAL_CODE = re.compile(r"[0-9A-Za-z][0-9A-Za-z -]{1,9}")


class Near(msgspec.Struct, frozen=True):
    """A postal code of the market's country, or a position to about a kilometre."""

    postal_code: str = ""
    position: tuple[float, float] | None = None

    def address(self, country: str) -> AskedAddress:
        """Give as much of an address as is known."""
        return AskedAddress(country, self.postal_code)

    def asked(self) -> AskedPosition | None:
        """Give the position for a question about promises."""
        return None if self.position is None else AskedPosition(*self.position)


def postal_code_of(text: str) -> str | None:
    """Read a postal code as people type it; None when it cannot be one."""
    tidy = " ".join(text.split()).upper()
    return tidy if _POSTAL_CODE.fullmatch(tidy) else None


def read_near(request: AnyRequest) -> Near | None:
    """Read the cookie; whatever else somebody wrote into it counts as nothing."""
    text = request.cookies.get(NEAR_COOKIE, "")
    if match := _POSITION.fullmatch(text):
        latitude, longitude = float(match[1]), float(match[2])
        return Near("", (latitude, longitude)) if abs(latitude) <= 90 and abs(longitude) <= 180 else None
    code = postal_code_of(text.replace("_", " ")) if text else None
    return Near(code) if code else None


def keep_near(request: AnyRequest, response: Response[Any], near: Near) -> None:
    """Have the browser keep where the visitor is, no more exactly than it takes."""
    if near.position is not None:
        text = f"@{near.position[0]:.2f}_{near.position[1]:.2f}"
    else:
        text = near.postal_code.replace(" ", "_")
    response.set_cookie(cookie(request, NEAR_COOKIE, text, A_YEAR))
