"""Statements of what documents show."""

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from kanava.platform.db import Query


class ParcelFacts(msgspec.Struct, frozen=True):
    """A parcel, where it comes from and where it goes; `position` of `parcels` of its fulfilment."""

    order_id: UUID
    parcel_id: UUID
    order_number: int
    sequence_no: int
    placed_at: datetime
    language: str
    ship_to: dict[str, Any] | None
    customer_name: str | None
    location_id: int
    location_name: str
    street: str
    city: str
    postal_code: str
    country: str
    time_zone: str
    carrier: str
    service: str
    tracking_number: str | None
    weight_grams: int | None
    position: int
    parcels: int
    units_elsewhere: int


class TitledUnits(msgspec.Struct, frozen=True):
    """Units of a variant with its name in a language; `note` says which fulfilments they are for."""

    sku: str
    title: str
    options: str
    quantity: int
    gtin: str | None
    note: str


class PlaceFacts(msgspec.Struct, frozen=True):
    """A place, or the place of a wave."""

    location_id: int
    name: str
    code: str
    time_zone: str


_TITLE = """coalesce(p.texts -> :language::text ->> 'title', p.texts -> 'en' ->> 'title',
                    (SELECT t.value ->> 'title' FROM jsonb_each(p.texts) t ORDER BY t.key LIMIT 1), p.handle)"""
# A variant of no product cannot be; but a document is better short of a name than missing.
_NAMES = """LEFT JOIN variant v USING (variant_id) LEFT JOIN product p USING (product_id)
    LEFT JOIN LATERAL (SELECT min(b.gtin) AS gtin FROM barcode b WHERE b.variant_id = v.variant_id) g ON true"""

PARCEL_FACTS = Query(
    """
    SELECT k.order_id, k.parcel_id, f.order_number, f.sequence_no, o.placed_at, c.language, o.ship_to, o.customer_name,
           f.location_id, l.name AS location_name, l.street, l.city, l.postal_code, l.country, l.time_zone, k.carrier,
           k.service, k.tracking_number, k.weight_grams, n.position, n.parcels,
           ((SELECT coalesce(sum(quantity - quantity_cancelled), 0) FROM order_line WHERE order_id = k.order_id)
            - (SELECT coalesce(sum(quantity), 0) FROM parcel_line
               WHERE order_id = k.order_id AND parcel_id = k.parcel_id))::int AS units_elsewhere
    FROM parcel k JOIN fulfilment f USING (order_id, fulfilment_id) JOIN sales_order o USING (order_id)
    JOIN location l USING (location_id) JOIN channel c ON c.channel_id = f.channel_id
    JOIN LATERAL (
        SELECT count(*)::int AS parcels,
               (count(*) FILTER (WHERE (s.packed_at, s.parcel_id) <= (k.packed_at, k.parcel_id)))::int AS position
        FROM parcel s
        WHERE s.order_id = k.order_id AND s.fulfilment_id = k.fulfilment_id
          AND (s.state <> 'cancelled' OR s.parcel_id = k.parcel_id)) n ON true
    WHERE k.parcel_id = :parcel_id::uuid
    """,
    ParcelFacts,
)

PARCEL_CONTENTS = Query(
    f"""
    SELECT l.sku, coalesce({_TITLE}, '') AS title, array_to_string(coalesce(v.option_values, '{{}}'), ' · ') AS options,
           k.quantity, g.gtin, '' AS note
    FROM parcel_line k JOIN order_line l USING (order_id, line_no) {_NAMES}
    WHERE k.order_id = :order_id::uuid AND k.parcel_id = :parcel_id::uuid
    ORDER BY k.line_no LIMIT 1000
    """,  # noqa: S608 -- constants of ours
    TitledUnits,
)


def _to_pick(chosen_by: str) -> "Query[TitledUnits]":
    """Make the statement of a pick list: variants in the order of their skus, as shelves are mostly kept."""
    return Query(
        f"""
        SELECT u.sku, coalesce({_TITLE}, '') AS title,
               array_to_string(coalesce(v.option_values, '{{}}'), ' · ') AS options, u.quantity, g.gtin, u.note
        FROM (SELECT l.sku, l.variant_id, sum(l.quantity - l.quantity_ended - l.quantity_picked)::int AS quantity,
                     string_agg(f.order_number || '-' || f.sequence_no
                                || CASE WHEN l.quantity - l.quantity_ended - l.quantity_picked > 1
                                        THEN ' ×' || l.quantity - l.quantity_ended - l.quantity_picked ELSE '' END,
                                ', ' ORDER BY f.work_by, f.order_number, f.sequence_no) AS note
              FROM fulfilment f JOIN fulfilment_line l USING (order_id, fulfilment_id)
              WHERE {chosen_by} AND f.state IN ('open', 'picking') AND NOT f.on_hold AND f.stuck_since IS NULL
                AND l.quantity - l.quantity_ended - l.quantity_picked > 0
              GROUP BY l.sku, l.variant_id) u {_NAMES}
        ORDER BY u.sku LIMIT :limit::int
        """,  # noqa: S608 -- constants of ours
        TitledUnits,
    )


TO_PICK_OF_WAVE = _to_pick("f.wave_id = :wave_id::uuid")
TO_PICK_AT_LOCATION = _to_pick("f.location_id = :location_id::bigint")

PLACE_OF_WAVE = Query(
    """
    SELECT l.location_id, l.name, l.code, l.time_zone FROM wave w JOIN location l USING (location_id)
    WHERE w.wave_id = :wave_id::uuid
    """,
    PlaceFacts,
)

PLACE = Query("SELECT location_id, name, code, time_zone FROM location WHERE code = :code::text", PlaceFacts)
