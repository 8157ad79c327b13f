"""What a question may be."""

import re

from kanava.platform.errors import FieldError, InvalidInput
from kanava.search.model import FACETS_CHOSEN_MAX, PAGE_MAX, PAGES_MAX, TEXT_LENGTH_MAX, ProductQuery

_FACET = re.compile(r"brand|(option|attribute)\..{1,200}", re.DOTALL)
PRICE_MAX = 100_000_000_000


def check(query: ProductQuery) -> None:
    """Raise InvalidInput for a question that is out of bounds, naming every field."""
    errors = []
    if len(query.text) > TEXT_LENGTH_MAX:
        errors.append(FieldError("q", f"A text has at most {TEXT_LENGTH_MAX} characters."))
    if not 1 <= query.limit <= PAGE_MAX:
        errors.append(FieldError("limit", f"A page has 1 to {PAGE_MAX} products."))
    if not 1 <= query.page <= PAGES_MAX:
        errors.append(FieldError("page", f"Pages go from 1 to {PAGES_MAX}; narrow the question."))
    for field, amount in (("price_from", query.price_from_minor), ("price_until", query.price_until_minor)):
        if amount is not None and not 0 <= amount <= PRICE_MAX:
            errors.append(FieldError(field, f"A price is 0 to {PRICE_MAX} in the minor unit."))
    if (
        query.price_from_minor is not None
        and query.price_until_minor is not None
        and query.price_from_minor > query.price_until_minor
    ):
        errors.append(FieldError("price_from", "It is higher than price_until."))
    if sum(len(values) for values in query.facets.values()) > FACETS_CHOSEN_MAX:
        errors.append(FieldError("facet", f"At most {FACETS_CHOSEN_MAX} values are chosen at once."))
    errors += [
        FieldError("facet", f"{facet[:60]!r} is none of brand, option.NAME, attribute.NAME.")
        for facet in query.facets
        if not _FACET.fullmatch(facet)
    ]
    if errors:
        raise InvalidInput("; ".join(error.reason for error in errors[:3]), errors=errors[:10])


def chosen_facets(choices: list[str]) -> dict[str, list[str]]:
    """Read choices as they stand in an address: `option.size:M`; the text before the first colon is the facet."""
    found: dict[str, list[str]] = {}
    for number, choice in enumerate(choices):
        facet, colon, value = choice.partition(":")
        if not colon or not value:
            raise InvalidInput("A choice is a facet, a colon and a value: option.size:M.", field=f"facet[{number}]")
        values = found.setdefault(facet, [])
        if value not in values:
            values.append(value)
    return found
