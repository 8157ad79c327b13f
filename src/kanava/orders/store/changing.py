"""Statements that change one order; all of them run under the lock of its row."""

import msgspec

from kanava.platform.db import Query, Statement


class KnownChange(msgspec.Struct, frozen=True):
    """A change that was carried out under this id."""

    kind: str
    digest: bytes


CHANGE = Query(
    """
    SELECT kind, digest FROM order_change WHERE order_id = :order_id::uuid AND change_id = :change_id::uuid
    """,
    KnownChange,
)

INSERT_CHANGE = Statement("""
    INSERT INTO order_change (order_id, change_id, kind, digest, actor, recorded_at)
    VALUES (:order_id::uuid, :change_id::uuid, :kind::text, :digest::bytea, :actor::text, :now::timestamptz)
""")

UPDATE_ORDER = Statement("""
    UPDATE sales_order SET status = :status::text, hold_reason = :hold_reason::text, net_minor = :net_minor::bigint,
        tax_minor = :tax_minor::bigint, total_minor = :total_minor::bigint,
        delivery_net_minor = :delivery_net_minor::bigint, delivery_tax_minor = :delivery_tax_minor::bigint,
        delivery_total_minor = :delivery_total_minor::bigint, customer_email = :customer_email::text,
        customer_name = :customer_name::text, customer_phone = :customer_phone::text, ship_to = :ship_to::jsonb,
        updated_at = :now::timestamptz, version = version + 1
    WHERE order_id = :order_id::uuid
""")

WRITE_LINES = Statement("""
    INSERT INTO order_line (order_id, line_no, variant_id, sku, quantity, quantity_cancelled, quantity_fulfilled,
                            fulfilment_kind, location_id, unit_price_minor, net_minor, tax_minor, total_minor,
                            tax_rate_basis_points)
    SELECT :order_id::uuid, l.line_no, l.variant_id, l.sku, l.quantity, l.quantity_cancelled, l.quantity_fulfilled,
           l.fulfilment_kind, l.location_id, l.unit_price_minor, l.net_minor, l.tax_minor, l.total_minor,
           l.tax_rate_basis_points
    FROM unnest(:line_nos::smallint[], :variant_ids::bigint[], :skus::text[], :quantities::int[],
                :quantities_cancelled::int[], :quantities_fulfilled::int[], :fulfilment_kinds::text[],
                :location_ids::bigint[], :unit_prices::bigint[], :nets::bigint[], :taxes::bigint[],
                :totals::bigint[], :tax_rates::int[])
         AS l (line_no, variant_id, sku, quantity, quantity_cancelled, quantity_fulfilled, fulfilment_kind,
               location_id, unit_price_minor, net_minor, tax_minor, total_minor, tax_rate_basis_points)
    ON CONFLICT (order_id, line_no) DO UPDATE SET
        quantity = excluded.quantity, quantity_cancelled = excluded.quantity_cancelled,
        quantity_fulfilled = excluded.quantity_fulfilled, fulfilment_kind = excluded.fulfilment_kind,
        location_id = excluded.location_id, net_minor = excluded.net_minor, tax_minor = excluded.tax_minor,
        total_minor = excluded.total_minor, tax_rate_basis_points = excluded.tax_rate_basis_points
""")
