"""What one cell or one field may hold. Each function gives the value or raises ValueError with the reason."""

import re
from functools import lru_cache

from kanava.catalog.rules.texts import check_plain

MEASURE_MAX = 2_000_000_000
URLS_MAX = 250
_HANDLE = re.compile(r"[a-z0-9][a-z0-9._-]{0,199}")
_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
_WHOLE = re.compile(r"[0-9]{1,10}(?:[.,]0+)?")
_URL = re.compile(r"(?:https?://[^\s|\\<>\"{}^`\x00-\x20]+|/[^\s|\\<>\"{}^`\x00-\x20/][^\s|\\<>\"{}^`\x00-\x20]*)")
_URL_SEPARATOR = re.compile(r"[\s|]+")
_TOKEN = re.compile(r"\\(.)|(\|)|([^|\\]+)", re.DOTALL)
STATUSES = frozenset({"draft", "active", "archived"})
VARIANT_STATUSES = frozenset({"active", "archived"})


@lru_cache(maxsize=50_000)
def check_handle(text: str) -> str:
    """A handle stands in addresses: small letters, digits, `-`, `_` and `.`."""
    if not _HANDLE.fullmatch(text):
        raise ValueError("a handle has 1 to 200 small letters, digits, - _ or ., and starts with a letter or digit")
    return text


def check_sku(text: str) -> str:
    """A sku is one line of 1 to 100 characters."""
    sku = text.strip()
    if not sku:
        raise ValueError("is empty: every variant needs a sku")
    if len(sku) > 100:
        raise ValueError(f"longer than 100 characters ({len(sku)})")
    return sku if sku.isprintable() else check_plain(sku, 100)


@lru_cache(maxsize=10_000)
def check_code(text: str) -> str:
    """A code of a category, a family or a tax category."""
    if not _CODE.fullmatch(text):
        raise ValueError(f"{text[:60]!r} is no code: 1 to 100 letters, digits, - _ or .")
    return text


@lru_cache(maxsize=10_000)
def check_category_path(text: str) -> tuple[str, ...]:
    """A path of category codes from the top: `outdoor/jackets`; at most 10 deep."""
    codes = tuple(check_code(part.strip()) for part in text.split("/"))
    if len(codes) > 10:
        raise ValueError("is more than 10 categories deep")
    if len(set(codes)) != len(codes):
        raise ValueError("names a category twice")
    return codes


@lru_cache(maxsize=10_000)
def check_brand(text: str) -> str:
    """The name of a brand."""
    return check_plain(text, 200)


@lru_cache(maxsize=50_000)
def check_short(text: str) -> str:
    """A name or a value of an option: one line of at most 200 characters."""
    return check_plain(text, 200)


@lru_cache(maxsize=20_000)
def check_measure(text: str) -> int | None:
    """A weight or a length: a whole number, or nothing."""
    cell = text.strip()
    if not cell:
        return None
    if not _WHOLE.fullmatch(cell):
        raise ValueError("must not be negative" if cell.startswith("-") else "must be a whole number")
    return check_measure_value(int(re.split("[.,]", cell)[0]))


def check_measure_value(value: int) -> int:
    """A weight or a length that was a number before."""
    if value < 0:
        raise ValueError("must not be negative")
    if value > MEASURE_MAX:
        raise ValueError("is too large")
    return value


def check_status(text: str) -> str:
    """The status of a product; empty means draft."""
    status = text.strip().lower() or "draft"
    if status not in STATUSES:
        raise ValueError("must be draft, active or archived")
    return status


def check_variant_status(text: str) -> str:
    """The status of a variant; empty means active."""
    status = text.strip().lower() or "active"
    if status not in VARIANT_STATUSES:
        raise ValueError("must be active or archived")
    return status


def check_url(text: str) -> str:
    """An address of a picture or a model: http, https, or a path of this server."""
    if len(text) > 2_000:
        raise ValueError("a web address has at most 2000 characters")
    if not _URL.fullmatch(text):
        raise ValueError(f"{text[:100]!r} is no web address")
    return text


def split_urls(cell: str) -> list[str]:
    """Addresses, separated by spaces, line ends or `|`."""
    if len(cell) <= 2_000 and _URL.fullmatch(cell):
        return [cell]
    urls = [check_url(part) for part in _URL_SEPARATOR.split(cell.strip()) if part]
    if len(urls) > URLS_MAX:
        raise ValueError(f"more than {URLS_MAX} addresses")
    if len(set(urls)) != len(urls):
        raise ValueError("names an address twice")
    return urls


def split_gtins(cell: str) -> list[str]:
    """The GTINs of a cell, separated by `|`, `,` or `;`; an apostrophe that a spreadsheet left is dropped."""
    return [part for part in re.split(r"[|,;]", cell.strip().removeprefix("'")) if part.strip()]


def split_list(cell: str) -> list[str]:
    r"""Texts separated by `|`; `\|` and `\\` stand for themselves. The inverse of `join_list`."""
    if "\\" not in cell:
        return cell.split("|") if cell else []
    pieces = [""]
    for token in _TOKEN.finditer(cell):
        if token[2]:
            pieces.append("")
        else:
            pieces[-1] += token[1] or token[3]
    return pieces


def join_list(pieces: list[str]) -> str:
    """Write texts into one cell."""
    return "|".join(piece.replace("\\", "\\\\").replace("|", "\\|") for piece in pieces)


def check_tags(tags: list[str]) -> list[str]:
    """Tags in the order given, each once."""
    return list(dict.fromkeys(tag for tag in (check_short(tag) for tag in tags) if tag))
