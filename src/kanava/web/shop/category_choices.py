"""What somebody has chosen on a page of products, as its address says it: facets, prices, order, page."""

from decimal import Decimal, InvalidOperation
from typing import Any, cast, get_args

import msgspec
from litestar.datastructures import MultiDict

from kanava.platform.money import EXPONENTS
from kanava.search.model import FACETS_CHOSEN_MAX, PAGES_MAX, TEXT_LENGTH_MAX, Sort
from kanava.web.common.pages import query

PRICE_MINOR_MAX = 100_000_000_000
SORTS = cast("tuple[Sort, ...]", get_args(Sort))


class Choices(msgspec.Struct, frozen=True):
    """Prices in minor units; `at_my_store`: only what lies in the visitor's own store.

    `here_first`: a kiosk shows what its store has unless it is asked for the whole range.
    """

    text: str = ""
    facets: tuple[tuple[str, str], ...] = ()
    price_from_minor: int | None = None
    price_until_minor: int | None = None
    at_my_store: bool = False
    sort: Sort | None = None
    page: int = 1
    here_first: bool = False
    price_unread: bool = False
    """Whether something stood in the fields for prices that is none."""

    @property
    def by_facet(self) -> dict[str, list[str]]:
        """Give the chosen values of each facet."""
        found: dict[str, list[str]] = {}
        for facet, value in self.facets:
            found.setdefault(facet, []).append(value)
        return found

    @property
    def narrowed(self) -> bool:
        """Whether anything is chosen that leaves products out."""
        prices = (self.price_from_minor, self.price_until_minor)
        return (
            bool(self.facets)
            or any(price is not None for price in prices)
            or (self.at_my_store and not self.here_first)
        )

    def address(self, currency: str, **changes: Any) -> str:
        """Write a query string of these choices, some of them changed; of the first page unless one is given."""
        chosen = msgspec.structs.replace(self, **{"page": 1, **changes})
        given: dict[str, Any] = {
            "q": chosen.text or None,
            "f": [f"{facet}:{value}" for facet, value in chosen.facets] or None,
            "from": major_text(chosen.price_from_minor, currency),
            "until": major_text(chosen.price_until_minor, currency),
            "here": int(chosen.at_my_store) if chosen.at_my_store != chosen.here_first else None,
            "sort": chosen.sort,
            "page": chosen.page if chosen.page > 1 else None,
        }
        text = query(given)
        return f"?{text}" if text else "?"

    def without(self, facet: str, value: str) -> tuple[tuple[str, str], ...]:
        """Give the chosen values but one."""
        return tuple(each for each in self.facets if each != (facet, value))


def read_choices(params: MultiDict[str], currency: str, *, here_first: bool = False) -> Choices:
    """Read an address as people and old links write it: what makes no sense is left out."""
    pairs = []
    for text in params.getall("f", [])[:FACETS_CHOSEN_MAX]:
        facet, colon, value = text[:420].partition(":")
        if colon and facet and value:
            pairs.append((facet, value))
    page = params.get("page", "")
    prices = [params.get(name, "") for name in ("from", "until")]
    lowest, highest = (minor_of(text, currency) for text in prices)
    if lowest is not None and highest is not None and lowest > highest:
        lowest, highest = highest, lowest
    price_unread = any(text.strip() and minor_of(text, currency) is None for text in prices)
    text = " ".join(params.get("q", "").split())[:TEXT_LENGTH_MAX]
    sort = params.get("sort")
    usual = "relevance" if text else "newest"
    return Choices(
        text=text,
        facets=tuple(dict.fromkeys(pairs)),
        price_from_minor=lowest,
        price_until_minor=highest,
        at_my_store=params.get("here", "1" if here_first else "0") == "1",
        here_first=here_first,
        price_unread=price_unread,
        sort=sort if sort in SORTS and sort != usual else None,
        page=min(max(1, int(page)), PAGES_MAX) if page.isascii() and page.isdigit() and len(page) < 9 else 1,
    )


def minor_of(text: str, currency: str) -> int | None:
    """Read an amount that somebody typed, 19,99 or 19.99; None when it is none."""
    try:
        amount = Decimal(text.strip().replace(" ", "").replace("\u00a0", "").replace(",", "."))
    except InvalidOperation:
        return None
    if not amount.is_finite() or not 0 <= amount < PRICE_MINOR_MAX:
        return None
    minor = int(amount.scaleb(EXPONENTS[currency]))
    return min(minor, PRICE_MINOR_MAX)


def major_text(amount_minor: int | None, currency: str) -> str | None:
    """Write an amount as a field of a form has it: 19.99, 20."""
    if amount_minor is None:
        return None
    exponent = EXPONENTS[currency]
    whole, part = divmod(amount_minor, 10**exponent)
    return f"{whole}.{part:0{exponent}}" if part else str(whole)
