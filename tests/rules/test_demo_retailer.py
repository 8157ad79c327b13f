"""The demo retailer as records: exact sizes, believable values, the same for the same seed."""

import time
from datetime import UTC, date, datetime, timedelta

import msgspec
import pytest
from stdnum import ean

from kanava.demo.generate import generate
from kanava.demo.model import LANGUAGES, DemoRetailer
from kanava.demo.prices import shelf_price
from kanava.demo.stores import open_sundays, trading_sundays
from kanava.stores import hours
from kanava.stores.model import HoursException, Schedule

DIACRITICS = {"sl": "čšž", "pl": "ąćęłńóśźż", "hr": "čćđšž", "hu": "áéíóöőúüű"}


@pytest.fixture(scope="module")
def retailer() -> DemoRetailer:
    return generate(1)


def test_the_same_seed_gives_the_same_bytes_and_another_seed_other_ones(retailer: DemoRetailer) -> None:
    first = msgspec.json.encode(retailer)
    assert msgspec.json.encode(generate(1)) == first
    assert msgspec.json.encode(generate(2)) != first


@pytest.mark.parametrize("seed", [0, 2, 7, 12_345])
def test_sizes_are_exact_for_every_seed(seed: int) -> None:
    made = generate(seed)
    assert len(made.products) == 1_200
    assert sum(len(product.variants) for product in made.products) == 9_000


def test_codes_are_unique_and_barcodes_are_valid_and_internal(retailer: DemoRetailer) -> None:
    variants = [variant for product in retailer.products for variant in product.variants]
    assert len({variant.sku for variant in variants}) == 9_000
    assert len({product.handle for product in retailer.products}) == 1_200
    assert len({variant.gtin for variant in variants}) == 9_000
    assert all(ean.is_valid(variant.gtin) and 200 <= int(variant.gtin[:3]) <= 299 for variant in variants)
    assert all(variant.sku.isascii() and " " not in variant.sku and len(variant.sku) <= 40 for variant in variants)
    assert all(variant.weight_grams > 0 and variant.length_mm > 0 for variant in variants)


def test_every_product_has_options_that_tell_its_variants_apart(retailer: DemoRetailer) -> None:
    for product in retailer.products:
        values = {variant.option_values for variant in product.variants}
        assert len(values) == len(product.variants), product.handle
        assert all(len(value) == len(product.option_axes) for value in values), product.handle


def test_every_product_speaks_five_languages_with_their_letters(retailer: DemoRetailer) -> None:
    letters = dict.fromkeys(DIACRITICS, "")
    for product in retailer.products:
        assert set(product.texts) == set(LANGUAGES)
        for language, text in product.texts.items():
            assert all((text.title, text.description, text.material, text.care))
            assert text.title[0].isupper()
            assert "  " not in text.title
            assert not set("|/") & set(text.title)
            if language in letters:
                letters[language] += text.description
    for language, wanted in DIACRITICS.items():
        assert all(letter in letters[language] for letter in wanted), language


def test_two_warehouses_and_24_stores_stand_where_they_say(retailer: DemoRetailer) -> None:
    kinds = [place.kind for place in retailer.locations]
    assert (kinds.count("store"), kinds.count("warehouse")) == (24, 2)
    prefixes = {"SI": "+386", "HR": "+385", "PL": "+48", "HU": "+36"}
    for place in retailer.locations:
        assert place.phone.startswith(prefixes[place.country] + " ")
        assert "555" in place.phone
        assert 43 < place.latitude < 55
        assert 13 < place.longitude < 22
        hours.check_opening_hours(place.opening_hours)
        for day in place.exceptions:
            hours.check_day_hours(day.opening_hours)


def _open_days(retailer: DemoRetailer, code: str, days: list[date]) -> list[date]:
    place = next(place for place in retailer.locations if place.code == code)
    exceptions = tuple(HoursException(day.on_date, day.opening_hours, day.reason) for day in place.exceptions)
    schedule = Schedule(place.opening_hours, place.time_zone, place.country, True, exceptions)

    def is_open(day: date) -> bool:
        since = datetime(day.year, day.month, day.day, tzinfo=UTC)
        return bool(hours.open_intervals(schedule, since, since + timedelta(hours=22)))

    return [day for day in days if is_open(day)]


def test_shops_keep_the_sunday_laws_of_their_country(retailer: DemoRetailer) -> None:
    sundays = [date(2027, 1, 3), date(2027, 1, 31), date(2027, 2, 7), date(2027, 12, 12)]
    assert _open_days(retailer, "LJ-02", sundays) == []
    assert _open_days(retailer, "WA-02", sundays) == [date(2027, 1, 31), date(2027, 12, 12)]
    assert _open_days(retailer, "ZG-02", sundays) == [date(2027, 12, 12)]
    assert _open_days(retailer, "BP-02", sundays) == sundays
    holidays = [date(2026, 12, 25), date(2027, 5, 1)]
    for code in ("LJ-01", "ZG-01", "WA-01", "BP-01"):
        assert _open_days(retailer, code, holidays) == [], code


def test_poland_trades_on_eight_sundays_and_croatia_on_at_most_sixteen() -> None:
    assert trading_sundays(2026) == [
        date(2026, 1, 25), date(2026, 3, 29), date(2026, 4, 26), date(2026, 6, 28), date(2026, 8, 30),
        date(2026, 12, 6), date(2026, 12, 13), date(2026, 12, 20),
    ]  # fmt: skip
    for coast in (True, False):
        for year in (2026, 2027):
            found = open_sundays(year, coast=coast)
            assert len(set(found)) == len(found) <= 16
            assert all(day.weekday() == 6 for day in found)


@pytest.mark.parametrize(
    ("currency", "euro_minor", "amount"),
    [("EUR", 12_999, 12_999), ("PLN", 3_799, 16_499), ("HUF", 3_799, 1_499_000), ("HUF", 499, 199_000)],
)
def test_prices_end_as_shops_there_end_them(currency: str, euro_minor: int, amount: int) -> None:
    assert shelf_price(euro_minor, currency) == amount


def test_prices_are_there_for_everything_sold_and_breaks_fall(retailer: DemoRetailer) -> None:
    sold = {variant.sku for product in retailer.products if product.status != "draft" for variant in product.variants}
    for price_list in retailer.price_lists:
        amounts = {(price.sku, price.quantity_from): price.amount_minor for price in price_list.prices}
        assert len(amounts) == len(price_list.prices)
        if price_list.code in ("eur", "pln", "huf"):
            assert {sku for sku, quantity in amounts if quantity == 1} == sold
        for (sku, quantity), amount in amounts.items():
            assert amount > 0
            if quantity > 1:
                assert amount <= amounts[sku, 1]
        if price_list.currency == "HUF":
            assert all(amount % 1_000 == 0 and amount // 100 % 10 == 0 for amount in amounts.values())
        if price_list.currency == "PLN":
            assert all(amount % 100 == 99 for amount in amounts.values())


def test_every_channel_has_a_price_for_what_it_sells(retailer: DemoRetailer) -> None:
    lists = {price_list.code: price_list for price_list in retailer.price_lists}
    active = {
        variant.sku for product in retailer.products if product.status == "active" for variant in product.variants
    }
    for channel in retailer.channels:
        priced = {price.sku for price in lists[channel.price_list].prices}
        assert lists[channel.price_list].currency == channel.currency
        assert (active if channel.listed is None else set(channel.listed)) <= priced, channel.code


def test_stores_have_a_few_pieces_and_warehouses_many(retailer: DemoRetailer) -> None:
    warehouses = {place.code for place in retailer.locations if place.kind == "warehouse"}
    store_rows = [row for row in retailer.stock if row.location not in warehouses]
    warehouse_rows = [row for row in retailer.stock if row.location in warehouses]
    assert max(row.quantity for row in store_rows) <= 12
    assert 30 < sum(row.quantity for row in warehouse_rows) / len(warehouse_rows) < 100
    assert all(0 <= row.safety_stock < row.quantity for row in retailer.stock)
    by_size = dict.fromkeys(("XS", "M"), 0)
    for row in store_rows:
        size = row.sku.rsplit("-", 1)[-1]
        if size in by_size:
            by_size[size] += row.quantity
    assert by_size["M"] > by_size["XS"]
    on_hand = {(row.sku, row.location): row.quantity for row in retailer.stock}
    for transfer in retailer.transfers:
        for sku, quantity in transfer.lines:
            assert on_hand[sku, transfer.from_location] > quantity
    for fence in retailer.ring_fences:
        assert fence.quantity < on_hand[fence.sku, fence.location]


def test_making_the_retailer_is_quick() -> None:
    """No benchmark: only that nobody makes it ten times slower unseen."""
    began = time.process_time()
    generate(3)
    assert time.process_time() - began < 15
