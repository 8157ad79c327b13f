"""VAT rates: seeded from a package, overridden by people, read as one table."""

from datetime import date, datetime

from kanava.platform import audit, outbox
from kanava.platform.auth import Actor
from kanava.platform.countries import check_country
from kanava.platform.db import Connection
from kanava.platform.errors import FieldError, InvalidInput, NotFound
from kanava.platform.http import Page, decode_cursor, encode_cursor
from kanava.pricing import events, store
from kanava.pricing.model import TaxTable
from kanava.pricing.records import TaxRate, TaxRatesWritten, TaxRateUpload
from kanava.pricing.vat import rates_by_category


async def seed_tax_rates(tx: Connection) -> int:
    """Write the package's rates where no person has set one; gives the number of rows that are new.

    Safe to repeat: with a newer package, rates that changed follow from the day of its figures on.
    """
    import eu_vat_rates_data  # 2 MB of JSON: only where rates are seeded

    rows = [
        (country, category, rate)
        for country, published in eu_vat_rates_data.get_all_rates().items()
        for category, rate in rates_by_category(country, published).items()  # type: ignore[arg-type]
    ]
    return await store.SEED_TAX_RATES.run(
        tx,
        as_of=date.fromisoformat(eu_vat_rates_data.data_version[:10]),
        countries=[country for country, _, _ in rows],
        tax_categories=[category for _, category, _ in rows],
        rates_basis_points=[rate for _, _, rate in rows],
    )


async def put_tax_rates(
    tx: Connection,
    actor: Actor,
    request: TaxRateUpload,
    now: datetime,  # noqa: ARG001 - every verb takes `now`
) -> TaxRatesWritten:
    """Set rates; each wins over the package's from its day on. InvalidInput names every wrong row."""
    errors: list[FieldError] = []
    seen: dict[tuple[str, str, date | None], int] = {}
    for position, entry in enumerate(request.rates):
        try:
            check_country(entry.country, f"rates[{position}].country")
        except InvalidInput as refused:
            errors += refused.errors
        first = seen.setdefault((entry.country, entry.tax_category, entry.valid_from), position)
        if first != position:
            errors.append(FieldError(f"rates[{position}]", f"rates[{first}] is for the same category and day."))
    if errors:
        raise InvalidInput(f"{errors[0].field}: {errors[0].reason}", errors=errors)
    written = await store.UPSERT_TAX_RATES.run(
        tx,
        countries=[entry.country for entry in request.rates],
        tax_categories=[entry.tax_category for entry in request.rates],
        valid_froms=[entry.valid_from for entry in request.rates],
        rates_basis_points=[entry.rate_basis_points for entry in request.rates],
    )
    countries = sorted({entry.country for entry in request.rates})
    await audit.record(tx, actor, "put", "tax_rate", ",".join(countries), {"rates": request.rates})
    await outbox.publish(tx, [events.tax_rates_changed(countries)])
    return TaxRatesWritten(written)


async def remove_tax_rate(
    tx: Connection, actor: Actor, country: str, tax_category: str, valid_from: date | None
) -> None:
    """Remove one rate; the next seeding may bring the package's back."""
    removed = await store.REMOVE_TAX_RATE.run(tx, country=country, tax_category=tax_category, valid_from=valid_from)
    if not removed:
        raise NotFound(f"{country} has no rate for {tax_category!r} from that day on.", field="tax_category")
    await audit.record(tx, actor, "remove", "tax_rate", country, {"category": tax_category, "valid_from": valid_from})
    await outbox.publish(tx, [events.tax_rates_changed([country])])


async def list_tax_rates(tx: Connection, country: str | None, cursor: str | None, limit: int) -> Page[TaxRate]:
    """Give rates by country, category and day."""
    after = decode_cursor(cursor, str, str, date | None) if cursor else ("", "", None)
    rows = await store.TAX_RATES_AFTER.all(
        tx, country=country, after_country=after[0], after_category=after[1], after_valid_from=after[2], limit=limit
    )
    last = rows[-1] if len(rows) == limit else None
    return Page(rows, encode_cursor(last.country, last.tax_category, last.valid_from) if last else None)


async def tax_table(tx: Connection) -> TaxTable:
    """Give every rate, arranged for looking up, for a snapshot in memory guarded by `config_version`."""
    found: dict[tuple[str, str], list[tuple[date, int]]] = {}
    for rate in await store.ALL_TAX_RATES.all(tx):
        found.setdefault((rate.country, rate.tax_category), []).append(
            (rate.valid_from or date.min, rate.rate_basis_points)
        )
    return TaxTable({key: tuple(sorted(days, reverse=True)) for key, days in found.items()})
