"""Facts for previews: what each kind of message is rendered from, filled with a believable order."""

from typing import Any

from kanava.engagement.model import KINDS, Kind

_PLACE = {
    "name": "Jelovir Ljubljana Center",
    "street": "Slovenska cesta 58",
    "postal_code": "1000",
    "city": "Ljubljana",
    "phone": "+386 1 555 01 23",
    "time_zone": "Europe/Ljubljana",
}
_ITEMS = [
    {"sku": "JAK-0412-M-GRN", "title": "Wodoodporna kurtka przeciwdeszczowa Źródło, zielony, M", "quantity": 1},
    {"sku": "TRM-0099-750", "title": "Thermos bottle 0.75 l", "quantity": 2},
]
_PRICED = [{**item, "total": {"amount_minor": 12990, "currency": "EUR"}} for item in _ITEMS]
_TRANSFER = {
    "holder": "Jelovir trgovina d.o.o.",
    "iban": "SI56 2633 0001 2039 086",
    "bic": "JELVSI2X",
    "amount": {"amount_minor": 26370, "currency": "EUR"},
    "reference": "100123",
}
# A white square: the real one is made of the order's code at the moment of sending.
_PICTURE = "data:image/gif;base64,R0lGODlhAQABAIAAAP///wAAACH5BAAAAAAALAAAAAABAAEAAAICRAEAOw=="

_EVERY: dict[str, Any] = {"number": "100123", "name": "Zofia Brzęczyszczykiewicz", "items": _ITEMS}
_OF_KIND: dict[Kind, dict[str, Any]] = {
    "order_confirmed": {
        "items": _PRICED,
        "sums": {
            "goods": {"amount_minor": 25980, "currency": "EUR"},
            "delivery": {"amount_minor": 390, "currency": "EUR"},
            "tax": {"amount_minor": 4755, "currency": "EUR"},
            "total": {"amount_minor": 26370, "currency": "EUR"},
        },
        "transfer": _TRANSFER,
        "promises": [
            {"place": _PLACE["name"], "by": "2026-11-24T15:30:00+00:00", "time_zone": _PLACE["time_zone"]},
            {"place": None, "by": "2026-11-26T17:00:00+00:00", "time_zone": _PLACE["time_zone"]},
        ],
    },
    "order_changed": {
        "items": _PRICED,
        "cancelled": _ITEMS[:1],
        "sums": {
            "tax": {"amount_minor": 276165, "currency": "HUF"},
            "total": {"amount_minor": 1299000, "currency": "HUF"},
        },
        "transfer": {**_TRANSFER, "amount": {"amount_minor": 1299000, "currency": "HUF"}},
    },
    "order_cancelled": {"cancelled": _ITEMS, "refund": {"amount_minor": 25980, "currency": "EUR"}},
    "delivery_changed": {
        "place": None,
        "same_place": False,
        "by": "2026-11-27T17:00:00+00:00",
        "time_zone": _PLACE["time_zone"],
    },
    "stock_delayed": {"expected_on": "2026-12-04"},
    "ready_to_collect": {
        "place": _PLACE,
        "kind": "pickup",
        "code": "402917",
        "code_picture": _PICTURE,
        "collect_by": "2026-12-01T18:00:00+00:00",
    },
    "collection_reminder": {
        "place": _PLACE,
        "code": "402917",
        "code_picture": _PICTURE,
        "collect_by": "2026-12-01T18:00:00+00:00",
    },
    "collected": {"refused": _ITEMS[1:]},
    "shipped": {
        "carrier": "Brza pošta",
        "tracking_number": "SI123456789SI",
        "tracking_url": "https://example.com/track/SI123456789SI",
    },
    "delivery_failed": {"tracking_url": "https://example.com/track/SI123456789SI"},
    "refunded": {"amount": {"amount_minor": 25980, "currency": "EUR"}},
    "order_link": {"items": []},
    "sign_in_code": {"items": [], "name": None, "code": "402917", "minutes": 10, "order_url": None},
    "work_arrived": {
        "name": None,
        "place": _PLACE["name"],
        "time_zone": _PLACE["time_zone"],
        "tasks": [
            {"number": "100123-1", "kind": "pickup", "work_by": "2026-11-24T15:30:00+00:00", "lines": _ITEMS},
            {"number": "100124-1", "kind": "ship", "work_by": "2026-11-24T16:00:00+00:00", "lines": _ITEMS[:1]},
        ],
    },
}

# As the real one is: added at the moment of sending, to every message of a customer about an order.
_LINK = {"order_url": "https://shop.example/o/0199c3f2-6d1c-7b5e-9a54-1c2d3e4f5a6b/Zm9yZ2VyeSBpcyBub3Q?in=en"}

SAMPLES: dict[Kind, dict[str, Any]] = {
    kind: _EVERY | ({} if kind == "work_arrived" else _LINK) | _OF_KIND.get(kind, {}) for kind in KINDS
}
