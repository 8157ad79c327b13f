"""What search engines read besides the page: schema.org data."""

from collections.abc import Mapping, Sequence
from typing import Any
from zoneinfo import ZoneInfo

from kanava.platform.money import major_amount
from kanava.sourcing.promise.model import PromiseAnswer
from kanava.web.shop.layout import ShopStore
from kanava.web.shop.visit import Visit

CONTEXT = "https://schema.org"
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
Data = dict[str, Any]


def whole_url(origin: str, url: str) -> str:
    """Give an address with its site; one that has it stays."""
    return origin + url if url.startswith("/") else url


def breadcrumb_list(origin: str, visit: Visit, steps: Sequence[tuple[str, str]]) -> Data:
    """Describe the way to a page; the shop itself comes first."""
    return {
        "@context": CONTEXT,
        "@type": "BreadcrumbList",
        "itemListElement": [
            {"@type": "ListItem", "position": number, "name": name, "item": origin + href}
            for number, (name, href) in enumerate([(visit.look.brand, visit.base), *steps], 1)
        ],
    }


def postal_address(store: ShopStore) -> Data:
    """Describe where a store stands."""
    place = store.place
    return {
        "@type": "PostalAddress",
        "streetAddress": place.street,
        "postalCode": place.postal_code,
        "addressLocality": place.city,
        "addressCountry": place.country,
    }


def offers_of(
    visit: Visit, url: str, price: Any, promised: PromiseAnswer | None, units: Mapping[str, int]
) -> list[Data]:
    """Describe how a variant can be bought: delivered, and at each store that `units` names."""
    common = {
        "@type": "Offer",
        "url": url,
        "price": str(major_amount(price)),
        "priceCurrency": price.currency,
        "itemCondition": f"{CONTEXT}/NewCondition",
    }
    delivered = promised is not None and bool(promised.delivery)
    offers = [
        {
            **common,
            "availability": f"{CONTEXT}/{'InStock' if delivered else 'OutOfStock'}",
            "availableDeliveryMethod": f"{CONTEXT}/ParcelService",
        }
    ]
    for code, quantity in units.items():
        store = visit.shop.stores.get(code)
        if store is not None:
            offers.append(
                {
                    **common,
                    "availability": f"{CONTEXT}/{'InStock' if quantity > 0 else 'OutOfStock'}",
                    "availableDeliveryMethod": f"{CONTEXT}/OnSitePickup",
                    "availableAtOrFrom": {"@type": "Store", "name": store.place.name, "address": postal_address(store)},
                }
            )
    return offers


def local_business(origin: str, visit: Visit, store: ShopStore, week: Sequence[Any]) -> Data:
    """Describe a store with the hours of the days to come."""
    place = store.place
    zone = ZoneInfo(place.time_zone)
    opened = [
        {
            "@type": "OpeningHoursSpecification",
            "validFrom": day.day.isoformat(),
            "validThrough": day.day.isoformat(),
            "dayOfWeek": f"{CONTEXT}/{WEEKDAYS[day.day.weekday()]}",
            "opens": since.astimezone(zone).strftime("%H:%M"),
            "closes": until.astimezone(zone).strftime("%H:%M"),
        }
        for day in week
        for since, until in day.spans or []
    ]
    found: Data = {
        "@context": CONTEXT,
        "@type": "Store",
        "name": place.name,
        "url": f"{origin}{visit.base}/stores/{place.code}",
        "image": f"{origin}/static/icons/icon-512.png",
        "address": postal_address(store),
        "openingHoursSpecification": opened,
    }
    if place.phone:
        found["telephone"] = place.phone
    if place.latitude is not None and place.longitude is not None:
        found["geo"] = {"@type": "GeoCoordinates", "latitude": place.latitude, "longitude": place.longitude}
    return found
