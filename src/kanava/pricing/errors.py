"""Why a price cannot be given or stored."""

from typing import ClassVar

from kanava.platform.errors import Conflict, InvalidInput, NotFound


class PriceMissing(InvalidInput):
    """A variant has no price in force in the price lists that apply."""

    title: ClassVar[str] = "A variant has no price in force."


class QuantityOutOfRange(InvalidInput):
    """A quantity is below 1 or above what one line may hold."""

    title: ClassVar[str] = "A quantity is out of range."


class CurrencyMismatch(InvalidInput):
    """Amounts of two currencies meet where only one can be."""

    title: ClassVar[str] = "The currencies differ."


class TaxRateMissing(InvalidInput):
    """No tax rate is in force for a country."""

    title: ClassVar[str] = "No tax rate is in force for this country."


class PriceListNotFound(NotFound):
    """No price list has this code."""

    title: ClassVar[str] = "No price list has this code."


class PriceListExists(Conflict):
    """A price list with this code exists already."""

    title: ClassVar[str] = "A price list with this code exists already."


class PricesRejected(InvalidInput):
    """Rows of a bulk request are wrong; `errors` names each by row and field, and nothing was written."""

    title: ClassVar[str] = "Some prices are wrong; nothing was written."
