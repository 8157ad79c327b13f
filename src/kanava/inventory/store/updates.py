"""Setting and changing many levels at once: messages of outside sources, and counts."""

import msgspec

from kanava.platform.db import BULK_SECONDS_MAX, Query, Statement


class Outcome(msgspec.Struct, frozen=True):
    """What one statement did to `wanted` acceptable rows; the arrays say what it found at rows it did not apply.

    `reserved` and `incoming` are parallel to `positions`, the applied rows that moved something or hold a shortfall.
    """

    wanted: int
    done: int
    positions: list[int]
    before: list[int]
    on_hand: list[int]
    reserved: list[int]
    incoming: list[int]
    shortfall: list[int]
    left_positions: list[int]
    left_verdicts: list[str]
    left_on_hand: list[int]


# One statement for a whole message, because each pass more is a pass more over up to 10,000 levels:
# - `given` finds each row's level and decides; sorted by key, so that two messages lock in the same order;
# - `changed` updates by the row version that `given` has seen. A level that somebody else changes in between is not
#   updated: then `done` is less than `wanted`, the caller rolls back, takes the locks first and runs it again;
# - `fresh` inserts levels that did not exist; when somebody else's was quicker the unique violation has the same way
#   out (ON CONFLICT would cost a third more);
# - `ledger` writes what moved, `marks` keeps what a level has no column for.
# The columns come as array literals (`{1,NULL,3}`): the driver takes four times as long to encode lists.
# A row is known by its position, from 1. It has either `absolute` or `delta`.
# `source` NULL: no message but a count, no sequence is compared.
APPLY_UPDATES = Query(
    """
    WITH given AS MATERIALIZED (
        SELECT g.position, g.variant_id, g.location_id, g.movement_id, g.safety_stock, g.sequence,
               g.delta IS NULL AS is_absolute, l.ctid AS tid, coalesce(l.on_hand, 0) AS before,
               coalesce(l.reserved, 0) AS reserved, coalesce(l.incoming, 0) AS incoming,
               l.stock_source_id AS source_before, l.sequence AS sequence_before, w.after,
               CASE
                   WHEN s.newest >= g.sequence
                       THEN CASE WHEN g.delta IS NULL AND s.newest = g.sequence THEN 'repeated' ELSE 'stale' END
                   WHEN g.delta IS NOT NULL
                        AND EXISTS (SELECT FROM stock_movement r
                                    WHERE r.variant_id = g.variant_id AND r.movement_id = g.movement_id)
                       THEN 'repeated'
                   WHEN g.expected <> coalesce(l.on_hand, 0) THEN 'unexpected'
                   WHEN w.after < 0 THEN 'negative'
                   WHEN w.after > 1000000000 THEN 'too_many'
                   ELSE 'apply'
               END AS verdict
        FROM (SELECT position::int AS position, variant_id, location_id, movement_id, absolute, delta, expected,
                     safety_stock, coalesce(own_sequence, :sequence::bigint) AS sequence
              FROM unnest(:variant_ids::text::bigint[], :location_ids::text::bigint[], :movement_ids::text::uuid[],
                          :absolutes::text::int[], :deltas::text::int[], :expecteds::text::int[],
                          :safety_stocks::text::int[], :sequences::text::bigint[]) WITH ORDINALITY
                   AS u (variant_id, location_id, movement_id, absolute, delta, expected, safety_stock, own_sequence,
                         position)) g
        LEFT JOIN stock_level l ON l.variant_id = g.variant_id AND l.location_id = g.location_id
        LEFT JOIN stock_source_mark m ON m.variant_id = g.variant_id AND m.location_id = g.location_id
              AND m.stock_source_id = :source::smallint
        CROSS JOIN LATERAL (
            SELECT CASE WHEN l.stock_source_id = :source::smallint THEN l.sequence ELSE m.absolute_sequence END
        ) AS s (newest)
        CROSS JOIN LATERAL (
            SELECT CASE
                WHEN g.delta IS NOT NULL THEN coalesce(l.on_hand, 0)::bigint + g.delta
                WHEN m.delta_sequence > g.sequence THEN g.absolute + (
                    SELECT coalesce(sum(r.on_hand_delta), 0) FROM stock_movement r
                    WHERE r.variant_id = g.variant_id AND r.location_id = g.location_id AND r.kind = 'adjustment'
                      AND r.stock_source_id = :source::smallint AND r.sequence > g.sequence)
                ELSE g.absolute
            END
        ) AS w (after)
        ORDER BY g.variant_id, g.location_id
    ), changed AS (
        UPDATE stock_level l SET
            on_hand = g.after,
            shortfall = greatest(0, l.reserved - g.after),
            safety_stock = coalesce(g.safety_stock, l.safety_stock),
            stock_source_id = CASE WHEN g.is_absolute THEN coalesce(:source::smallint, l.stock_source_id)
                                   ELSE l.stock_source_id END,
            sequence = CASE WHEN g.is_absolute THEN coalesce(g.sequence, l.sequence) ELSE l.sequence END
        FROM given g
        WHERE l.ctid = g.tid AND l.variant_id = g.variant_id AND l.location_id = g.location_id AND g.verdict = 'apply'
        RETURNING 1
    ), fresh AS (
        INSERT INTO stock_level (variant_id, location_id, on_hand, safety_stock, stock_source_id, sequence)
        SELECT g.variant_id, g.location_id, g.after, coalesce(g.safety_stock, 0),
               CASE WHEN g.is_absolute THEN :source::smallint END, CASE WHEN g.is_absolute THEN g.sequence END
        FROM given g WHERE g.tid IS NULL AND g.verdict = 'apply'
        RETURNING 1
    ), ledger AS (
        INSERT INTO stock_movement (variant_id, movement_id, location_id, kind, on_hand_delta, reference, reason,
                                    stock_source_id, sequence, actor, recorded_at)
        SELECT g.variant_id, g.movement_id, g.location_id,
               CASE WHEN g.is_absolute THEN :kind::text ELSE 'adjustment' END, g.after - g.before, :reference::text,
               :reason::text, :source::smallint, g.sequence, :actor::text, :now::timestamptz
        FROM given g WHERE g.verdict = 'apply' AND g.after <> g.before
    ), marks AS (
        INSERT INTO stock_source_mark AS m (variant_id, location_id, stock_source_id, absolute_sequence, delta_sequence)
        SELECT g.variant_id, g.location_id, CASE WHEN g.is_absolute THEN g.source_before ELSE :source::smallint END,
               CASE WHEN g.is_absolute THEN g.sequence_before END, CASE WHEN NOT g.is_absolute THEN g.sequence END
        FROM given g
        WHERE g.verdict = 'apply' AND (NOT g.is_absolute OR g.source_before <> :source::smallint)
        ON CONFLICT (variant_id, location_id, stock_source_id) DO UPDATE SET
            absolute_sequence = greatest(m.absolute_sequence, excluded.absolute_sequence),
            delta_sequence = greatest(m.delta_sequence, excluded.delta_sequence)
    )
    SELECT count(*) FILTER (WHERE a.applied)::int AS wanted,
           ((SELECT count(*) FROM changed) + (SELECT count(*) FROM fresh))::int AS done,
           coalesce(array_agg(a.position) FILTER (WHERE a.told), '{}') AS positions,
           coalesce(array_agg(a.before) FILTER (WHERE a.told), '{}') AS before,
           coalesce(array_agg(a.after::int) FILTER (WHERE a.told), '{}') AS on_hand,
           coalesce(array_agg(a.reserved) FILTER (WHERE a.told), '{}') AS reserved,
           coalesce(array_agg(a.incoming) FILTER (WHERE a.told), '{}') AS incoming,
           coalesce(array_agg(greatest(0, a.reserved - a.after)::int) FILTER (WHERE a.told), '{}') AS shortfall,
           coalesce(array_agg(a.position) FILTER (WHERE NOT a.applied), '{}') AS left_positions,
           coalesce(array_agg(a.verdict) FILTER (WHERE NOT a.applied), '{}') AS left_verdicts,
           coalesce(array_agg(a.before) FILTER (WHERE NOT a.applied), '{}') AS left_on_hand
    FROM (SELECT *, verdict = 'apply' AS applied, verdict = 'apply' AND after <> before AS told FROM given) a
    """,
    Outcome,
    seconds_max=BULK_SECONDS_MAX,
)

# For the rest of the transaction. A plan made while the levels were few reads all of them, and is kept while they grow
# to a million: seen in the first load of a new installation. So it is made anew each time.
LOOK_UP_BY_KEY = Query(
    """
    SELECT set_config('enable_seqscan', 'off', true) || set_config('enable_hashjoin', 'off', true)
        || set_config('enable_mergejoin', 'off', true) || set_config('plan_cache_mode', 'force_custom_plan', true)
        AS settings
    """,
    str,
)

LOCK_LEVELS = Statement("""
    SELECT FROM stock_level l
    JOIN unnest(:variant_ids::bigint[], :location_ids::bigint[]) AS k (variant_id, location_id)
      ON l.variant_id = k.variant_id AND l.location_id = k.location_id
    ORDER BY l.variant_id, l.location_id
    FOR UPDATE OF l
""")
