"""Reading what forms say of lines: `give_3=2` is two units of line 3."""

from typing import Any

from kanava.platform.errors import InvalidInput
from kanava.platform.http import AnyRequest
from kanava.web.common.errors import N

UNITS_MAX = 100_000


class Incomplete(InvalidInput):
    """Something is missing in a form, or is not what it should be; `detail` is a text of the catalogues."""


async def fields_of(request: AnyRequest) -> dict[str, str]:
    """Give the fields of a form as they were typed."""
    return {str(name): str(value) for name, value in (await request.form()).items()}


def units_of(fields: dict[str, str], prefix: str) -> dict[int, int]:
    """Give units by line of the fields that begin so, those above zero; Incomplete names a field that is no number."""
    units: dict[int, int] = {}
    for name, text in fields.items():
        number = name.removeprefix(prefix)
        if not name.startswith(prefix) or not number.isascii() or not number.isdigit():
            continue
        value = text.strip() or "0"
        if not (value.isascii() and value.isdigit() and int(value) <= UNITS_MAX):
            raise Incomplete(N("Please enter a whole number."), field=name)
        if int(value):
            units[int(number)] = int(value)
    return units


def number_or_none(text: Any, field: str, most: int) -> int | None:
    """Read a number above zero that may be left out; Incomplete."""
    value = str(text or "").strip()
    if not value:
        return None
    if not (value.isascii() and value.isdigit() and 0 < int(value) <= most):
        raise Incomplete(N("Please enter a whole number."), field=field)
    return int(value)
