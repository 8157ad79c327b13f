"""Whether a service's terms hold together; every error names its field."""

from collections.abc import Collection, Iterator, Sequence

from kanava.carriers.errors import CarrierTermsInvalid
from kanava.carriers.model import CarrierInput, CarrierServiceInput, PickupPoint, Rate, ServiceTerms, Zone
from kanava.carriers.snapshot import postal_key
from kanava.platform.countries import COUNTRIES
from kanava.platform.errors import FieldError, InvalidInput
from kanava.platform.money import EXPONENTS

NUMBER = "{tracking_number}"
ERRORS_MAX = 100


def check_carrier(carrier: CarrierInput) -> None:
    """Refuse an address for tracking that is none, or has no place for the number."""
    url = carrier.tracking_url
    if not url:
        return
    if not url.startswith(("https://", "http://")) or any(c.isspace() or c in '<>"' for c in url):
        raise InvalidInput("A tracking page has an address that begins with https://.", field="tracking_url")
    if url.count(NUMBER) != 1:
        raise InvalidInput(f"The address has {NUMBER} once, where the number goes.", field="tracking_url")


def check_service(service: CarrierServiceInput, locations: Collection[str]) -> None:
    """Refuse terms that do not hold together, all errors at once; `locations` are the codes that exist."""
    errors = [*_terms(service.terms, locations)]
    for index, zone in enumerate(service.terms.zones):
        errors += _zone(f"terms.zones[{index}]", zone)
        errors += _rates(f"terms.zones[{index}].rates", zone.rates, service.weight_grams_max)
    errors += _overlaps(service.terms.zones)
    raise_errors(errors)


def check_points(points: Sequence[PickupPoint]) -> None:
    """Refuse points in no country, and codes that stand twice."""
    errors = []
    seen: set[str] = set()
    for index, point in enumerate(points):
        if point.country not in COUNTRIES:
            errors.append(FieldError(f"points[{index}].country", f"{point.country!r} is no country (ISO 3166-1)."))
        if point.code in seen:
            errors.append(FieldError(f"points[{index}].code", f"The code {point.code!r} stands twice."))
        seen.add(point.code)
    raise_errors(errors)


def raise_errors(errors: Sequence[FieldError]) -> None:
    """Raise CarrierTermsInvalid when there are any."""
    if errors:
        raise CarrierTermsInvalid("; ".join(error.reason for error in errors[:3]), errors=errors[:ERRORS_MAX])


def _terms(terms: ServiceTerms, locations: Collection[str]) -> Iterator[FieldError]:
    if not terms.cut_offs and not any(terms.location_cut_offs.values()):
        yield FieldError("terms.cut_offs", "Parcels are collected on no weekday.")
    if len(set(terms.delivery_weekdays)) != len(terms.delivery_weekdays):
        yield FieldError("terms.delivery_weekdays", "A weekday stands twice.")
    for code in terms.location_cut_offs:
        if code not in locations:
            yield FieldError(f"terms.location_cut_offs.{code}", f"No location has the code {code!r}.")
    seen: set[str] = set()
    for index, zone in enumerate(terms.zones):
        if zone.code in seen:
            yield FieldError(f"terms.zones[{index}].code", f"Two zones have the code {zone.code!r}.")
        seen.add(zone.code)


def _zone(path: str, zone: Zone) -> Iterator[FieldError]:
    for index, country in enumerate(zone.origins):
        if country not in COUNTRIES:
            yield FieldError(f"{path}.origins[{index}]", f"{country!r} is no country (ISO 3166-1).")
        elif country in zone.origins[:index]:
            yield FieldError(f"{path}.origins[{index}]", f"{country} stands twice.")
    for index, destination in enumerate(zone.destinations):
        if destination.country not in COUNTRIES:
            field = f"{path}.destinations[{index}].country"
            yield FieldError(field, f"{destination.country!r} is no country (ISO 3166-1).")
        for number, prefix in enumerate(destination.postal_prefixes):
            if not postal_key(prefix):
                field = f"{path}.destinations[{index}].postal_prefixes[{number}]"
                yield FieldError(field, "A prefix has a letter or a digit.")


def _rates(path: str, rates: Sequence[Rate], weight_grams_max: int) -> Iterator[FieldError]:
    before = 0
    currencies = set(rates[0].prices)
    for index, rate in enumerate(rates):
        field = f"{path}[{index}]"
        if rate.weight_grams_up_to <= before:
            yield FieldError(f"{field}.weight_grams_up_to", f"Rates are ascending; the one before ends at {before} g.")
        if rate.weight_grams_up_to > weight_grams_max:
            yield FieldError(f"{field}.weight_grams_up_to", f"The service takes parcels up to {weight_grams_max} g.")
        for currency in rate.prices:
            if currency not in EXPONENTS:
                yield FieldError(f"{field}.prices.{currency}", f"{currency!r} is no currency in use (ISO 4217).")
        for currency in sorted(currencies ^ set(rate.prices)):
            yield FieldError(f"{field}.prices", f"{currency} has a price at some weights of the zone but not at all.")
        before = max(before, rate.weight_grams_up_to)
    if before < weight_grams_max:
        yield FieldError(path, f"Parcels of {before + 1} to {weight_grams_max} g have no rate.")


def _overlaps(zones: Sequence[Zone]) -> Iterator[FieldError]:
    claimed: dict[tuple[str, str, str], str] = {}
    for index, zone in enumerate(zones):
        for number, destination in enumerate(zone.destinations):
            prefixes = [postal_key(prefix) for prefix in destination.postal_prefixes] or [""]
            path = f"terms.zones[{index}].destinations[{number}]"
            for position, prefix in enumerate(prefixes):
                field = f"{path}.postal_prefixes[{position}]" if prefix else f"{path}.country"
                for origin in zone.origins:
                    first = claimed.setdefault((origin, destination.country, prefix), zone.code)
                    if first != zone.code or claimed_twice(prefixes, position, zone, number):
                        where = f"{destination.country} {prefix}".strip()
                        yield FieldError(field, f"{where} from {origin} is in the zone {first!r} already.")
                        break


def claimed_twice(prefixes: Sequence[str], position: int, zone: Zone, number: int) -> bool:
    """Say whether the same part of a country stands before within one zone."""
    country, prefix = zone.destinations[number].country, prefixes[position]
    if prefix in prefixes[:position]:
        return True
    return any(
        other.country == country and prefix in ([postal_key(each) for each in other.postal_prefixes] or [""])
        for other in zone.destinations[:number]
    )
