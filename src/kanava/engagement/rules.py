"""Which news of an order is told to the customer, and with which facts. Pure.

`NEWS` has a function for each type of event that is told; it gives the kind of message and its facts, or None when
there is nothing that she needs to know.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import msgspec

from kanava.engagement.model import Kind
from kanava.fulfilment.model import NOT_COLLECTED, REFUSED

WITH_NEWS_OF_THEIR_OWN = (REFUSED, NOT_COLLECTED)

Facts = dict[str, Any]
Told = tuple[Kind, Facts]


class Known(msgspec.Struct, frozen=True):
    """What is known of an event's order: its lines by number, its total, money to be given back; places by code."""

    lines: Mapping[int, Facts]
    total: Facts
    refund_due: Facts | None
    places: Mapping[str, Facts]
    parcels: Mapping[str, Sequence[Mapping[str, Any]]] = {}
    """Units in each parcel, by its id."""

    def items(self, lines: Sequence[Mapping[str, Any]]) -> list[Facts]:
        """Name the units of an event's lines."""
        return [
            {**_named(self.lines.get(line["line_no"]), line["sku"]), "quantity": line["quantity"]} for line in lines
        ]

    def whole(self) -> list[Facts]:
        """Name everything that is still ordered, with its price."""
        return [line for line in self.lines.values() if line["quantity"]]

    def time_zone(self, code: str | None) -> str:
        """Give the clock of a place."""
        place = self.places.get(code or "")
        return str(place["time_zone"]) if place else "UTC"


def _named(line: Facts | None, sku: str) -> Facts:
    return {"sku": sku, "title": sku if line is None else line["title"]}


def _placed(data: Mapping[str, Any], known: Known) -> Told | None:
    if all(line["fulfilment"] == "carry_out" for line in data["lines"]):
        return None  # She has the goods and the receipt in her hand.
    promises = []
    for promise in data.get("promises") or []:
        place = known.places.get(promise.get("location") or "")
        if promise.get("promised_by"):
            promises.append(
                {
                    "place": place["name"] if place else None,
                    "by": promise["promised_by"],
                    # A parcel's day is the day where it leaves from: its destinations are no further than that.
                    "time_zone": known.time_zone(promise.get("location") or next(iter(promise["work_by"]), None)),
                }
            )
    return "order_confirmed", {"items": known.whole(), "total": known.total, "promises": promises}


def _line_cancelled(data: Mapping[str, Any], known: Known) -> Told | None:
    if not data["lines"] or _told_otherwise(data):
        return None
    return "order_changed", {"items": known.whole(), "cancelled": known.items(data["lines"]), "total": known.total}


def _amended(_: Mapping[str, Any], known: Known) -> Told | None:
    return "order_changed", {"items": known.whole(), "cancelled": [], "total": known.total}


def _told_otherwise(data: Mapping[str, Any]) -> bool:
    """What was refused at the counter or not collected has news of its own (`collected`, `collection_expired`)."""
    return str(data.get("reason") or "").startswith(WITH_NEWS_OF_THEIR_OWN)


def _cancelled(data: Mapping[str, Any], known: Known) -> Told | None:
    if _told_otherwise(data):
        return None
    return "order_cancelled", {"cancelled": known.items(data.get("lines") or []), "refund": known.refund_due}


def _moved(data: Mapping[str, Any], known: Known) -> Told | None:
    """She is told only when what she was told before no longer holds: another store, or a later date."""
    before, by = data.get("promised_by_before"), data.get("promised_by")
    other_store = data["kind"] != "ship"
    later = bool(by) and (before is None or by > before)
    if not other_store and not later:
        return None
    code = data["to_location"]
    place = known.places.get(code) if other_store else None
    facts = {"items": known.items(data["lines"]), "place": place, "by": by, "time_zone": known.time_zone(code)}
    return "delivery_changed", facts


def _stuck(data: Mapping[str, Any], known: Known) -> Told | None:
    return "cannot_fulfil", {"items": known.items(data["lines"])}


def _waiting(kind: Kind) -> Callable[[Mapping[str, Any], Known], Told | None]:
    def told(data: Mapping[str, Any], known: Known) -> Told | None:
        return kind, {
            "items": known.items(data["lines"]) if data.get("lines") else known.whole(),
            "place": known.places[data["location"]],
            "kind": data["kind"],
            "collect_by": data.get("collect_by"),
            "collection_of": data["fulfilment_id"],
        }

    return told


def _collected(data: Mapping[str, Any], known: Known) -> Told | None:
    return "collected", {"items": known.items(data["lines"]), "refused": known.items(data.get("refused") or [])}


def _expired(data: Mapping[str, Any], known: Known) -> Told | None:
    return "collection_expired", {"items": known.items(data["lines"])}


def _parcel(kind: Kind) -> Callable[[Mapping[str, Any], Known], Told | None]:
    def told(data: Mapping[str, Any], known: Known) -> Told | None:
        keys = ("carrier", "tracking_number", "tracking_url")
        return kind, {
            "items": known.items(known.parcels.get(data["parcel_id"], ())),
            **{key: data.get(key) for key in keys},
        }

    return told


def _refunded(data: Mapping[str, Any], _: Known) -> Told | None:
    return "refunded", {"amount": data["amount"]}


NEWS: Mapping[str, Callable[[Mapping[str, Any], Known], Told | None]] = {
    "order.placed": _placed,
    "order.amended": _amended,
    "order.line_cancelled": _line_cancelled,
    "order.cancelled": _cancelled,
    "payment.refunded": _refunded,
    "fulfilment.moved": _moved,
    "fulfilment.stuck": _stuck,
    "fulfilment.ready": _waiting("ready_to_collect"),
    "fulfilment.reminded": _waiting("collection_reminder"),
    "fulfilment.collected": _collected,
    "fulfilment.expired": _expired,
    "parcel.shipped": _parcel("shipped"),
    "parcel.delivered": _parcel("delivered"),
    "parcel.failed": _parcel("delivery_failed"),
    "parcel.returned": _parcel("parcel_returned"),
}
WORK = "fulfilment.opened"
"""The event that staff are told of."""
