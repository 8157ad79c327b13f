"""Which news of an order is told to the customer, and with which facts. Pure.

`NEWS` has a function for each type of event that is told; it gives the kind of message and its facts, or None when
there is nothing that she needs to know.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from kanava.engagement.model import Kind
from kanava.fulfilment.model import NOT_COLLECTED, REFUSED

WITH_NEWS_OF_THEIR_OWN = (REFUSED, NOT_COLLECTED)

Facts = dict[str, Any]
Told = tuple[Kind, Facts]


class Known(msgspec.Struct, frozen=True):
    """What is known of an event's order: its lines by number, what it costs, money to be given back; places by code."""

    lines: Mapping[int, Facts]
    sums: Facts
    refund_due: Facts | None
    places: Mapping[str, Facts]
    parcels: Mapping[str, Sequence[Mapping[str, Any]]] = {}
    """Units in each parcel, by its id."""
    transfer: Facts | None = None
    """What is still to be transferred, and to which account."""

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
    return "order_confirmed", {
        "items": known.whole(),
        "sums": known.sums,
        "promises": promises,
        "transfer": known.transfer,
    }


def _line_cancelled(data: Mapping[str, Any], known: Known) -> Told | None:
    if not data["lines"] or _told_otherwise(data):
        return None
    return _whole_again(known, known.items(data["lines"]))


def _amended(_: Mapping[str, Any], known: Known) -> Told | None:
    return _whole_again(known, [])


def _whole_again(known: Known, cancelled: list[Facts]) -> Told:
    """Tell the whole order as it is now, with what is still to be transferred for it."""
    items = {"items": known.whole(), "cancelled": cancelled}
    return "order_changed", {**items, "sums": known.sums, "transfer": known.transfer}


def _told_otherwise(data: Mapping[str, Any]) -> bool:
    """What was refused at the counter or not collected has news of its own (`collected`, `collection_expired`)."""
    return str(data.get("reason") or "").startswith(WITH_NEWS_OF_THEIR_OWN)


def _cancelled(data: Mapping[str, Any], known: Known) -> Told | None:
    if _told_otherwise(data):
        return None
    return "order_cancelled", {"cancelled": known.items(data.get("lines") or []), "refund": known.refund_due}


def _moved(data: Mapping[str, Any], known: Known) -> Told | None:
    """She is told only when what she was told before no longer holds: another store, or a later day."""
    before, by = data.get("promised_by_before"), data.get("promised_by")
    fetched, code = data["kind"] != "ship", data["to_location"]
    if not fetched and not _on_a_later_day(before, by, known.time_zone(code)):
        return None
    return _changed(data, known, code, same_place=False)


def _resumed(data: Mapping[str, Any], known: Known) -> Told | None:
    """What nobody could do goes on where it was; she hears of it when that is later than she was told."""
    before, by, code = data.get("promised_by_before"), data.get("promised_by"), data["location"]
    if data["kind"] == "ship":
        later = _on_a_later_day(before, by, known.time_zone(code))
    else:
        later = before is not None and by is not None and _at(by) > _at(before)
    return _changed(data, known, code, same_place=True) if later else None


def _changed(data: Mapping[str, Any], known: Known, code: str, *, same_place: bool) -> Told:
    return "delivery_changed", {
        "items": known.items(data["lines"]),
        "place": known.places.get(code) if data["kind"] != "ship" else None,
        "same_place": same_place,
        "by": data.get("promised_by"),
        "time_zone": known.time_zone(code),
    }


def _on_a_later_day(before: str | None, by: str | None, time_zone: str) -> bool:
    """Say whether goods that are brought come on a later day than was said: hours are promised of stores only."""
    if by is None:
        return False
    zone = ZoneInfo(time_zone)
    return before is None or _at(by).astimezone(zone).date() > _at(before).astimezone(zone).date()


def _at(instant: str) -> datetime:
    return datetime.fromisoformat(instant)


def _stuck(data: Mapping[str, Any], known: Known) -> Told | None:
    return "cannot_fulfil", {"items": known.items(data["lines"])}


def _delayed(data: Mapping[str, Any], known: Known) -> Told | None:
    return "stock_delayed", {"items": known.items(_together(data["lines"])), "expected_on": data["expected_on"]}


def _arrived(data: Mapping[str, Any], known: Known) -> Told | None:
    return "stock_arrived", {"items": known.items(_together(data["lines"]))}


def _together(lines: Sequence[Mapping[str, Any]]) -> list[Facts]:
    """Name each line once: its units may have waited at several places, or for several arrivals."""
    units: dict[int, Facts] = {}
    for line in lines:
        known = units.setdefault(line["line_no"], {"line_no": line["line_no"], "sku": line["sku"], "quantity": 0})
        known["quantity"] += line["quantity"]
    return list(units.values())


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
    "fulfilment.resumed": _resumed,
    "fulfilment.stuck": _stuck,
    "order.stock_delayed": _delayed,
    "order.stock_arrived": _arrived,
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
