"""Money: integers in the minor unit of a currency (ISO 4217), and how people read them.

The table below is ISO 4217's list of currencies in use; a test compares it with Babel's. CLDR says for a dozen of them
how many decimals people *write* (RSD, ALL: none), which is not how many the currency *has*: the table wins.
"""

from decimal import Decimal
from functools import lru_cache
from typing import Annotated

import msgspec

from kanava.platform.errors import InvalidInput

_TWO_DECIMALS = """
AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF CNY COP CRC CUP CVE
CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS INR IRR JMD KES KGS KHR KPW
KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK
PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH
USD UYU UZS VES WST XCD XCG YER ZAR ZMW ZWG
"""
_OTHERS = {
    0: "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX VND VUV XAF XOF XPF",
    3: "BHD IQD JOD KWD LYD OMR TND",
}

EXPONENTS: dict[str, int] = dict.fromkeys(_TWO_DECIMALS.split(), 2) | {
    code: exponent for exponent, codes in _OTHERS.items() for code in codes.split()
}
"""Decimals of each currency in use: EUR 2, HUF 2, JPY 0, KWD 3."""

_COINLESS = frozenset({"HUF"})
"""Currencies that CLDR writes with decimals although there are no such coins: nobody writes `4 990,00 Ft`."""

CurrencyCode = Annotated[str, msgspec.Meta(pattern="^[A-Z]{3}$", description="ISO 4217 code", examples=["EUR"])]


class Money(msgspec.Struct, frozen=True, gc=False):
    """An amount: 1999 and EUR are 19.99 euros."""

    amount_minor: int
    currency: CurrencyCode


def check_currency(code: str, field: str = "currency") -> str:
    """Give the code back when it is a currency in use; InvalidInput names `field` when it is not."""
    if code not in EXPONENTS:
        raise InvalidInput(f"{code!r} is not the code of a currency in use (ISO 4217).", field=field)
    return code


def major_amount(money: Money) -> Decimal:
    """Give the exact amount in the currency's main unit, for display and files; never for arithmetic."""
    return Decimal(money.amount_minor).scaleb(-EXPONENTS[money.currency])


def in_coins(money: Money) -> Money:
    """Give a part of an amount, such as the tax in it, as it is written: in a currency without small coins, whole."""
    if money.currency not in _COINLESS:
        return money
    coin = 10 ** EXPONENTS[money.currency]
    halves = abs(money.amount_minor) * 2 + coin
    whole = halves // (2 * coin) * coin
    return Money(whole if money.amount_minor >= 0 else -whole, money.currency)


def format_money(money: Money, language: str) -> str:
    """Write an amount as people of a language do (`19,99 €`); decimals are dropped only when they are zero."""
    from babel.numbers import format_currency  # loading Babel takes 30 ms: only where people read

    fraction_hidden = _written_decimals(money.currency) < EXPONENTS[money.currency]
    has_fraction = money.amount_minor % 10 ** EXPONENTS[money.currency] != 0
    if money.currency in _COINLESS and not has_fraction:
        return format_currency(
            major_amount(money),
            money.currency,
            format=_pattern_without_decimals(language.replace("-", "_")),
            locale=language.replace("-", "_"),
            currency_digits=False,
        )
    return format_currency(
        major_amount(money),
        money.currency,
        locale=language.replace("-", "_"),
        currency_digits=not (fraction_hidden and has_fraction),
    )


@lru_cache(maxsize=64)
def _pattern_without_decimals(locale: str) -> str:
    from babel import Locale

    return str(Locale.parse(locale).currency_formats["standard"].pattern).replace(".00", "")


@lru_cache(maxsize=256)
def _written_decimals(currency: str) -> int:
    from babel.numbers import get_currency_precision

    return get_currency_precision(currency)
