"""What one cart costs: the arithmetic of ADR-0003, held for any cart that hypothesis can think of."""

import subprocess
import sys
from dataclasses import fields, replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kanava.pricing.errors import CurrencyMismatch, PriceMissing, QuantityOutOfRange
from kanava.pricing.model import QUANTITY_MAX, CartLine, CartToPrice, PricedCart, PricePoint
from kanava.pricing.rules import divide_half_away, price_cart

rates = st.sampled_from([0, 500, 810, 950, 1300, 2200, 2300, 2550, 2700, 10_000])
amounts = st.integers(0, 10_000_000)
points = st.dictionaries(st.integers(2, 200), amounts, max_size=4).flatmap(
    lambda breaks: amounts.map(
        lambda base: tuple(PricePoint(start, amount) for start, amount in [(1, base), *breaks.items()])
    )
)
shelf = st.lists(st.tuples(points, rates), min_size=1, max_size=4)


@st.composite
def carts(draw: st.DrawFn, inclusive: bool | None = None) -> CartToPrice:
    variants = draw(shelf)
    picks = draw(st.lists(st.tuples(st.integers(0, len(variants) - 1), st.integers(1, 300)), max_size=8))
    lines = tuple(
        CartLine(key, f"SKU-{which}", quantity, variants[which][0], variants[which][1])
        for key, (which, quantity) in enumerate(picks)
    )
    return CartToPrice("EUR", draw(st.booleans()) if inclusive is None else inclusive, lines)


def one_line(amount: int, rate: int, *, inclusive: bool, quantity: int = 1) -> PricedCart:
    line = CartLine(1, "SKU", quantity, (PricePoint(1, amount),), rate)
    return price_cart(CartToPrice("EUR", inclusive, (line,)))


@given(carts())
def test_totals_are_the_sums_of_lines_and_of_rates(cart: CartToPrice) -> None:
    priced = price_cart(cart)
    assert [line.key for line in priced.lines] == [line.key for line in cart.lines]
    for line in priced.lines:
        assert line.net_minor + line.tax_minor == line.total_minor
        shown = line.total_minor if cart.tax_inclusive else line.net_minor
        assert shown == line.unit_price_minor * line.quantity
    for part in ("net_minor", "tax_minor", "total_minor"):
        assert getattr(priced, part) == sum(getattr(line, part) for line in priced.lines)
    assert sum(tax.net_minor for tax in priced.taxes) == priced.net_minor
    assert sum(tax.tax_minor for tax in priced.taxes) == priced.tax_minor
    assert [tax.tax_rate_basis_points for tax in priced.taxes] == sorted({x.tax_rate_basis_points for x in cart.lines})


@given(carts(), st.randoms(use_true_random=False))
def test_the_order_of_lines_changes_nothing(cart: CartToPrice, random: object) -> None:
    shuffled = list(cart.lines)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    priced, again = price_cart(cart), price_cart(replace(cart, lines=tuple(shuffled)))
    assert {line.key: line for line in priced.lines} == {line.key: line for line in again.lines}
    assert (priced.net_minor, priced.tax_minor, priced.taxes) == (again.net_minor, again.tax_minor, again.taxes)


@given(amounts, rates)
def test_a_net_price_and_the_gross_price_it_makes_give_the_same_tax(net: int, rate: int) -> None:
    exclusive = one_line(net, rate, inclusive=False)
    inclusive = one_line(exclusive.total_minor, rate, inclusive=True)
    assert (inclusive.net_minor, inclusive.tax_minor) == (exclusive.net_minor, exclusive.tax_minor)


@given(amounts, rates, st.booleans(), st.integers(1, QUANTITY_MAX - 1))
def test_one_more_unit_never_costs_less(amount: int, rate: int, inclusive: bool, quantity: int) -> None:
    fewer = one_line(amount, rate, inclusive=inclusive, quantity=quantity)
    more = one_line(amount, rate, inclusive=inclusive, quantity=quantity + 1)
    assert more.total_minor >= fewer.total_minor
    assert more.tax_minor >= fewer.tax_minor


@given(st.lists(amounts, min_size=1, max_size=4), st.integers(1, 60), st.integers(1, 60))
def test_with_falling_breaks_the_unit_price_never_rises(prices: list[int], first: int, second: int) -> None:
    falling = tuple(PricePoint(1 + 10 * step, amount) for step, amount in enumerate(sorted(prices, reverse=True)))
    fewer, more = sorted((first, second))

    def unit_price_of(quantity: int) -> int:
        line = CartLine(1, "SKU", quantity, falling, 2200)
        return price_cart(CartToPrice("EUR", True, (line,))).lines[0].unit_price_minor

    assert unit_price_of(more) <= unit_price_of(fewer)


@given(carts())
def test_nothing_is_ever_a_float(cart: CartToPrice) -> None:
    priced = price_cart(cart)
    for record in (priced, *priced.lines, *priced.taxes):
        assert not [f.name for f in fields(record) if isinstance(getattr(record, f.name), float)]


@given(st.integers(-(10**18), 10**18), st.integers(1, 10**6))
def test_division_is_the_nearest_integer_and_halves_go_outwards(numerator: int, denominator: int) -> None:
    quotient = divide_half_away(numerator, denominator)
    assert 2 * abs(quotient * denominator - numerator) <= denominator
    assert divide_half_away(-numerator, denominator) == -quotient
    assert divide_half_away(2 * abs(numerator) + 1, 2) == abs(numerator) + 1


@pytest.mark.parametrize(
    ("amount", "rate", "inclusive", "net", "tax"),
    [
        (1999, 2200, True, 1639, 360),  # 360.47 → 360
        (1999, 2200, False, 1999, 440),  # 439.78 → 440
        (25, 1000, False, 25, 3),  # 2.5 → 3, away from zero
        (35, 1000, False, 35, 4),  # 3.5 → 4: not to even by chance
        (10_000, 0, True, 10_000, 0),
        (129_900, 2700, True, 102_283, 27_617),  # 1,299 HUF; 27,616.54
    ],
)
def test_known_sums(amount: int, rate: int, inclusive: bool, net: int, tax: int) -> None:
    priced = one_line(amount, rate, inclusive=inclusive)
    assert (priced.net_minor, priced.tax_minor) == (net, tax)


def test_lines_of_one_variant_reach_a_quantity_break_together() -> None:
    breaks = (PricePoint(10, 800), PricePoint(1, 1000))
    lines = (CartLine("a", "SOCK", 6, breaks, 2200), CartLine("b", "SOCK", 4, breaks, 2200))
    priced = price_cart(CartToPrice("EUR", True, lines))
    assert [line.unit_price_minor for line in priced.lines] == [800, 800]
    assert priced.total_minor == 8000


def test_an_empty_cart_costs_nothing() -> None:
    assert price_cart(CartToPrice("EUR", True, ())).total_minor == 0


def test_a_variant_without_a_price_is_named() -> None:
    line = CartLine(1, "TENT-2", 1, (), 2200)
    with pytest.raises(PriceMissing, match="TENT-2") as caught:
        price_cart(CartToPrice("EUR", True, (line,)))
    assert caught.value.extra == {"variant": "TENT-2"}
    assert caught.value.errors[0].field == "lines[0].sku"


def test_below_the_lowest_break_there_is_no_price() -> None:
    line = CartLine(1, "CRATE", 5, (PricePoint(6, 100),), 2200)
    with pytest.raises(PriceMissing, match="5 units"):
        price_cart(CartToPrice("EUR", True, (line,)))


@pytest.mark.parametrize("quantity", [0, -1, QUANTITY_MAX + 1, 2**63])
def test_a_quantity_out_of_range_is_named(quantity: int) -> None:
    with pytest.raises(QuantityOutOfRange, match="SKU"):
        one_line(100, 2200, inclusive=True, quantity=quantity)


def test_prices_of_another_currency_are_refused() -> None:
    line = CartLine(1, "SKU", 1, (PricePoint(1, 100),), 2200, currency="PLN")
    with pytest.raises(CurrencyMismatch, match="PLN"):
        price_cart(CartToPrice("EUR", True, (line,)))


def test_the_rules_run_with_the_standard_library_alone() -> None:
    source = Path(__file__).parents[2] / "src"
    program = (
        f"import sys; sys.path.insert(0, {str(source)!r}); import kanava.pricing.rules as rules, kanava.pricing.model;"
        "outside = {m.partition('.')[0] for m in sys.modules} - sys.stdlib_module_names - {'kanava', '__main__'};"
        "print(sorted(m for m in outside if not m.startswith('_')))"
    )
    ran = subprocess.run([sys.executable, "-I", "-S", "-c", program], capture_output=True, text=True, check=False)
    assert (ran.stdout.strip(), ran.stderr) == ("[]", "")
