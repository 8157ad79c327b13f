"""What pricing announces."""

from collections.abc import Iterator, Sequence

from kanava.platform.outbox import Event

SKUS_PER_EVENT_MAX = 500


def price_list_changed(code: str, change: str) -> Event:
    """Say that a price list was `created` or `changed`."""
    return Event("price_list.changed", "price_list", code, {"code": code, "change": change})


def prices_changed(price_list: str, skus: Sequence[str]) -> Iterator[Event]:
    """Say for which skus a list has other prices than before, in as many events as needed."""
    for start in range(0, len(skus), SKUS_PER_EVENT_MAX):
        part = list(skus[start : start + SKUS_PER_EVENT_MAX])
        yield Event("prices.changed", "price_list", price_list, {"price_list": price_list, "skus": part})


def tax_rates_changed(countries: Sequence[str]) -> Event:
    """Say in which countries a VAT rate is another."""
    return Event("tax_rates.changed", "tax_rate", "all", {"countries": list(countries)})
