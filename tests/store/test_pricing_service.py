"""Prices, price lists and VAT rates in a real database."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta

import pytest

from kanava.platform.auth import SYSTEM
from kanava.platform.db import Connection, Database
from kanava.pricing import service, store
from kanava.pricing.errors import PricesRejected
from kanava.pricing.records import (
    NewPriceList,
    PriceEntry,
    PriceKey,
    PriceRemoval,
    PriceUpload,
    TaxRateEntry,
    TaxRateUpload,
)

pytestmark = pytest.mark.anyio

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
DAY = timedelta(days=1)


async def add_variants(tx: Connection, *skus: str) -> None:
    product_id = await tx.fetchval(
        "INSERT INTO product (handle, status) VALUES ($1, 'active') RETURNING product_id",
        f"product-of-{skus[0].lower()}",
    )
    await tx.execute("INSERT INTO variant (product_id, sku) SELECT $1, unnest($2::text[])", product_id, list(skus))


async def add_list(tx: Connection, code: str, **fields: object) -> int:
    await service.create_price_list(tx, SYSTEM, NewPriceList(code=code, name=code, currency="EUR", **fields), NOW)
    row = await service.find_price_list(tx, code)
    assert row is not None
    return row.price_list_id


async def put(tx: Connection, code: str, *entries: PriceEntry, partial: bool = False):
    return await service.put_prices(tx, SYSTEM, code, PriceUpload(list(entries), partial), NOW)


async def points(tx: Connection, price_list_id: int, sku: str, at: datetime = NOW) -> list[tuple[int, int]]:
    (row,) = await service.prices_in_force(tx, [price_list_id], [sku], at)
    return sorted(zip(row.quantities_from, row.amounts_minor, strict=True))


def faults(error: PricesRejected) -> list[str]:
    return [fault.field for fault in error.errors]


async def windows_that_overlap(tx: Connection) -> Sequence[object]:
    return await tx.fetch("SELECT * FROM invariant_price_windows_apart")


async def test_prices_are_stored_replaced_and_left_alone(db: Database) -> None:
    async with db.transaction() as tx:
        await add_variants(tx, "TENT", "SOCK")
        eur = await add_list(tx, "EUR")
        first = await put(tx, "EUR", PriceEntry("TENT", 19900), PriceEntry("SOCK", 900), PriceEntry("SOCK", 700, 10))
        assert (first.written, first.unchanged) == (3, 0)
        second = await put(tx, "EUR", PriceEntry("TENT", 19900), PriceEntry("SOCK", 950))
        assert (second.written, second.unchanged) == (1, 1)
        assert await points(tx, eur, "SOCK") == [(1, 950), (10, 700)]


async def test_a_season_takes_over_at_the_instant_it_begins(db: Database) -> None:
    async with db.transaction() as tx:
        await add_variants(tx, "TENT")
        eur = await add_list(tx, "EUR")
        await put(tx, "EUR", PriceEntry("TENT", 19900))
        # One request ends the open window and begins the next, in either order.
        sale, back = NOW + DAY, NOW + 2 * DAY
        await put(
            tx,
            "EUR",
            PriceEntry("TENT", 14900, valid_from=sale, valid_until=back),
            PriceEntry("TENT", 19900, valid_from=back),
            PriceEntry("TENT", 19900, valid_until=sale),
        )
        seen = [await points(tx, eur, "TENT", at) for at in (NOW, sale, back - timedelta(microseconds=1), back)]
        assert seen == [[(1, 19900)], [(1, 14900)], [(1, 14900)], [(1, 19900)]]
        assert not await windows_that_overlap(tx)


@pytest.mark.parametrize(
    ("entry", "field", "said"),
    [
        (PriceEntry("TENT", 100, valid_from=NOW), "prices[0].valid_from", "the stored price, from the beginning to no"),
        (PriceEntry("TENT", 100, valid_until=NOW, valid_from=NOW - DAY), "prices[0].valid_from", "the stored price"),
    ],
)
async def test_a_window_that_overlaps_a_stored_one_names_it(
    db: Database, entry: PriceEntry, field: str, said: str
) -> None:
    async with db.transaction() as tx:
        await add_variants(tx, "TENT")
        await add_list(tx, "EUR")
        await put(tx, "EUR", PriceEntry("TENT", 19900))
        with pytest.raises(PricesRejected, match=said) as caught:
            await put(tx, "EUR", entry)
        assert faults(caught.value) == [field]


async def test_opening_a_window_over_a_later_stored_one_is_refused(db: Database) -> None:
    async with db.transaction() as tx:
        await add_variants(tx, "TENT")
        await add_list(tx, "EUR")
        await put(tx, "EUR", PriceEntry("TENT", 100, valid_until=NOW), PriceEntry("TENT", 200, valid_from=NOW))
        with pytest.raises(PricesRejected, match="stored price, from 2026-11-22T12:00") as caught:
            await put(tx, "EUR", PriceEntry("TENT", 100, valid_until=NOW + DAY))
        assert faults(caught.value) == ["prices[0].valid_until"]


async def test_windows_that_overlap_within_a_request_name_each_other(db: Database) -> None:
    async with db.transaction() as tx:
        await add_variants(tx, "TENT")
        await add_list(tx, "EUR")
        with pytest.raises(PricesRejected, match=r"overlaps that of prices\[1\]") as caught:
            await put(
                tx,
                "EUR",
                PriceEntry("TENT", 100, valid_from=NOW + DAY),
                PriceEntry("TENT", 200, valid_from=NOW, valid_until=NOW + 2 * DAY),
                PriceEntry("TENT", 300, quantity_from=5, valid_from=NOW),
            )
        assert faults(caught.value) == ["prices[0].valid_from"]


async def test_every_wrong_row_is_named_and_nothing_is_written(db: Database) -> None:
    async with db.transaction() as tx:
        await add_variants(tx, "TENT", "SOCK")
        eur = await add_list(tx, "EUR")
        rows = [
            PriceEntry("TENT", 19900),
            PriceEntry("GHOST", 1),
            PriceEntry("SOCK", -1),
            PriceEntry("SOCK", 10**30, 2),
            PriceEntry("SOCK", 1, 0),
            PriceEntry("SOCK", 1, 2**40),
            PriceEntry("SOCK", 1, 3, currency="PLN"),
            PriceEntry("SOCK", 1, 4, NOW, NOW),
            PriceEntry("TENT", 5),
            PriceEntry("SOCK", 1, 5, valid_until=datetime(1, 1, 1, tzinfo=UTC)),
        ]
        with pytest.raises(PricesRejected) as caught:
            await put(tx, "EUR", *rows)
        assert faults(caught.value) == [
            "prices[1].sku",
            "prices[2].amount_minor",
            "prices[3].amount_minor",
            "prices[4].quantity_from",
            "prices[5].quantity_from",
            "prices[6].currency",
            "prices[7].valid_until",
            "prices[8].sku",
            "prices[9].valid_until",
        ]
        assert await points(tx, eur, "TENT") == []


async def test_a_partial_request_stores_the_good_rows_and_tells_of_the_rest(db: Database) -> None:
    async with db.transaction() as tx:
        await add_variants(tx, "TENT", "SOCK")
        eur = await add_list(tx, "EUR")
        await put(tx, "EUR", PriceEntry("TENT", 100))
        done = await put(
            tx,
            "EUR",
            PriceEntry("SOCK", 900),
            PriceEntry("GHOST", 1),
            # Ends the open window, but its follower is wrong: neither is stored.
            PriceEntry("TENT", 100, valid_until=NOW),
            PriceEntry("TENT", -5, valid_from=NOW),
            partial=True,
        )
        assert (done.written, done.rejected) == (1, 3)
        assert [error.field for error in done.errors] == ["prices[1].sku", "prices[2].sku", "prices[3].amount_minor"]
        assert await points(tx, eur, "SOCK") == [(1, 900)]
        assert await points(tx, eur, "TENT", NOW + DAY) == [(1, 100)]


async def test_prices_are_removed_by_sku_by_break_and_by_window(db: Database) -> None:
    async with db.transaction() as tx:
        await add_variants(tx, "A", "B")
        await add_list(tx, "EUR")

        async def left() -> list[tuple[str, int, int]]:
            page = await service.list_prices(tx, "EUR", None, None, None, 100)
            return [(price.sku, price.quantity_from, price.amount_minor) for price in page.items]

        await put(
            tx,
            "EUR",
            PriceEntry("A", 1, 1, None, NOW),
            PriceEntry("A", 2, 1, NOW),
            PriceEntry("A", 3, 10),
            PriceEntry("B", 4),
        )
        for key, remains in [
            (PriceKey("A", 1, NOW), [("A", 1, 1), ("A", 10, 3), ("B", 1, 4)]),
            (PriceKey("A", 1, None), [("A", 10, 3), ("B", 1, 4)]),
            (PriceKey("A", 10), [("B", 1, 4)]),
            (PriceKey("B"), []),
        ]:
            done = await service.remove_prices(tx, SYSTEM, "EUR", PriceRemoval([key]), NOW)
            assert (done.removed, await left()) == (1, remains)


async def test_prices_in_force_answers_each_wanted_pair(db: Database) -> None:
    async with db.transaction() as tx:
        await add_variants(tx, "A", "B")
        await tx.execute("UPDATE variant SET status = 'archived' WHERE sku = 'B'")
        one, two = await add_list(tx, "ONE"), await add_list(tx, "TWO", valid_until=NOW)
        for code in ("ONE", "TWO"):
            await put(tx, code, PriceEntry("A", 100), PriceEntry("A", 90, 5), PriceEntry("B", 50))
        rows = await service.prices_in_force(tx, [one, two, one, one], ["A", "A", "B", "GHOST"], NOW)
        seen = {(row.price_list_id, row.sku): (row.status, sorted(row.amounts_minor)) for row in rows}
        assert seen == {
            (one, "A"): ("active", [90, 100]),
            (two, "A"): ("active", []),  # the list itself is over
            (one, "B"): ("archived", [50]),
        }


async def test_the_hot_path_reads_prices_through_their_primary_key(db: Database) -> None:
    async with db.transaction() as tx:
        await tx.execute("SET LOCAL enable_seqscan = off")
        plan = await tx.fetch("EXPLAIN " + store.PRICES_IN_FORCE.text, [1], ["A"], NOW)
        text = "\n".join(line[0] for line in plan)
    assert "Index Scan using price_pkey" in text
    assert "variant_sku_unique" in text


async def test_pages_of_prices_are_complete_and_in_order(db: Database) -> None:
    async with db.transaction() as tx:
        skus = [f"S{number:02}" for number in range(7)]
        await add_variants(tx, *skus)
        await add_list(tx, "EUR")
        await put(tx, "EUR", *[PriceEntry(sku, 100, start) for sku in skus for start in (1, 5, 9)])
        seen: list[tuple[str, int]] = []
        cursor = None
        while True:
            page = await service.list_prices(tx, "EUR", None, None, cursor, 4)
            seen += [(price.sku, price.quantity_from) for price in page.items]
            cursor = page.next_cursor
            if cursor is None:
                break
        assert seen == [(sku, start) for sku in skus for start in (1, 5, 9)]
        only = await service.list_prices(tx, "EUR", "S03", NOW, None, 50)
        assert {price.sku for price in only.items} == {"S03"}


async def test_changed_prices_are_announced_in_events_of_500_skus(db: Database) -> None:
    async with db.transaction() as tx:
        skus = [f"S{number:04}" for number in range(1001)]
        await add_variants(tx, *skus)
        await add_list(tx, "EUR")
        await put(tx, "EUR", *[PriceEntry(sku, 100) for sku in skus])
        await put(tx, "EUR", *[PriceEntry(sku, 100) for sku in skus])  # nothing changes, nothing is said
        told = await tx.fetch("SELECT data FROM outbox_event WHERE type = 'prices.changed' ORDER BY event_id")
        assert [len(event["data"]["skus"]) for event in told] == [500, 500, 1]
        assert sorted(sku for event in told for sku in event["data"]["skus"]) == skus
        assert await tx.fetchval("SELECT count(*) FROM audit_entry WHERE action = 'put_prices'") == 1


async def test_vat_rates_are_seeded_once_and_a_persons_rate_stays(db: Database) -> None:
    async with db.transaction() as tx:
        assert await service.seed_tax_rates(tx) > 200
        assert await service.seed_tax_rates(tx) == 0
        table = await service.tax_table(tx)
        today = NOW.date()
        expected = {
            ("SI", "standard"): 2200,
            ("SI", "food"): 950,
            ("SI", "books"): 500,
            ("HR", "standard"): 2500,
            ("HR", "reduced"): 1300,
            ("PL", "standard"): 2300,
            ("PL", "food"): 500,
            ("HU", "standard"): 2700,
            ("HU", "super_reduced"): 500,
        }
        assert {key: service.tax_rate_in_force(table, *key, today) for key in expected} == expected
        entries = [TaxRateEntry("SI", "books", 0), TaxRateEntry("SI", "standard", 2300, date(2027, 1, 1))]
        await service.put_tax_rates(tx, SYSTEM, TaxRateUpload(entries), NOW)
        assert await service.seed_tax_rates(tx) == 0
        table = await service.tax_table(tx)
        assert service.tax_rate_in_force(table, "SI", "books", today) == 0
        assert service.tax_rate_in_force(table, "SI", "standard", date(2026, 12, 31)) == 2200
        assert service.tax_rate_in_force(table, "SI", "standard", date(2027, 1, 1)) == 2300


async def test_a_newer_package_follows_the_seeded_rate_up(db: Database) -> None:
    async with db.transaction() as tx:
        await service.seed_tax_rates(tx)
        await tx.execute(
            "UPDATE tax_rate SET rate_basis_points = 2000 WHERE country = 'SI' AND tax_category = 'standard'"
        )
        assert await service.seed_tax_rates(tx) == 1
        rates = (await service.list_tax_rates(tx, "SI", None, 50)).items
        assert [rate.rate_basis_points for rate in rates if rate.tax_category == "standard"] == [2000, 2200]
