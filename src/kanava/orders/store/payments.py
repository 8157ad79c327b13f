"""Statements that change payments: an amount changes in one statement, and the table's CHECKs refuse what cannot be."""

from kanava.orders.store.reading import PaymentRow
from kanava.platform.db import Query, Statement

_COLUMNS = """order_id, payment_id, method, currency, authorised_minor, captured_minor, voided_minor, refunded_minor,
              external_reference"""

PAYMENT = Query(
    f"""
    SELECT {_COLUMNS} FROM payment WHERE order_id = :order_id::uuid AND payment_id = :payment_id::uuid
    """,  # noqa: S608
    PaymentRow,
)

PAYMENT_COUNT = Query("SELECT count(*) FROM payment WHERE order_id = :order_id::uuid", int)

INSERT_PAYMENT = Statement("""
    INSERT INTO payment (order_id, payment_id, method, currency, authorised_minor, captured_minor,
                         external_reference, recorded_at)
    VALUES (:order_id::uuid, :payment_id::uuid, :method::text, :currency::text, :authorised_minor::bigint,
            :captured_minor::bigint, :external_reference::text, :now::timestamptz)
""")

# Without an amount the whole rest.
CAPTURE = Query(
    f"""
    UPDATE payment SET captured_minor = captured_minor
        + coalesce(:amount_minor::bigint, authorised_minor - captured_minor - voided_minor)
    WHERE order_id = :order_id::uuid AND payment_id = :payment_id::uuid
    RETURNING {_COLUMNS}
    """,  # noqa: S608
    PaymentRow,
)

VOID = Query(
    f"""
    UPDATE payment SET voided_minor = voided_minor
        + coalesce(:amount_minor::bigint, authorised_minor - captured_minor - voided_minor)
    WHERE order_id = :order_id::uuid AND payment_id = :payment_id::uuid
    RETURNING {_COLUMNS}
    """,  # noqa: S608
    PaymentRow,
)

VOID_MANY = Statement("""
    UPDATE payment p SET voided_minor = p.voided_minor + v.amount_minor
    FROM unnest(:payment_ids::uuid[], :amounts_minor::bigint[]) AS v (payment_id, amount_minor)
    WHERE p.order_id = :order_id::uuid AND p.payment_id = v.payment_id
""")

REFUND = Query(
    f"""
    UPDATE payment SET refunded_minor = refunded_minor + :amount_minor::bigint
    WHERE order_id = :order_id::uuid AND payment_id = :payment_id::uuid
    RETURNING {_COLUMNS}
    """,  # noqa: S608
    PaymentRow,
)

INSERT_REFUND = Statement("""
    INSERT INTO payment_refund (order_id, refund_id, payment_id, amount_minor, reason, recorded_at)
    VALUES (:order_id::uuid, :refund_id::uuid, :payment_id::uuid, :amount_minor::bigint, :reason::text,
            :now::timestamptz)
""")
