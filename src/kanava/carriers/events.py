"""What the carriers module announces."""

from kanava.platform.outbox import Event


def carrier_changed(code: str, what: str, service: str | None = None) -> Event:
    """Announce that a carrier, one of its services (`service` has its code) or its pickup points changed."""
    data = {"code": code, "what": what}
    if service is not None:
        data["service"] = service
    return Event(type="carrier.changed", aggregate="carrier", aggregate_id=code, data=data)
