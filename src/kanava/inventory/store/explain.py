"""Everything that decides what one channel sees of one variant, by location."""

import msgspec

from kanava.inventory.messages import ORDERS_NAMED
from kanava.platform.db import Query


class ChannelFacts(msgspec.Struct, frozen=True):
    """What the channel says of itself; `listed` is whether the variant belongs to its assortment."""

    channel_id: int
    code: str
    kind: str
    active: bool
    threshold: int
    hold_seconds: int
    listed: bool
    variant_active: bool


class PlaceFacts(msgspec.Struct, frozen=True):
    """A level with what the location and the channel say there; `safety_stock` includes the suppressed units."""

    location_id: int
    location: str
    kind: str
    active: bool
    fulfils_online: bool
    services: list[str]
    serves: bool
    on_hand: int
    reserved: int
    safety_stock: int
    suppressed: int
    incoming: int
    awaited: int
    ring_fenced: int
    shortfall: int
    channel_threshold: int | None
    variant_threshold: int | None
    variant_location_threshold: int | None
    own_fence: int
    expired_held: int


class FenceFacts(msgspec.Struct, frozen=True):
    """A ring-fence and whose it is."""

    location_id: int
    channel: str
    remaining: int


class PlaceOfVariant(PlaceFacts, frozen=True):
    """A level, where several variants were asked about."""

    variant_id: int


class ChannelOfVariant(ChannelFacts, frozen=True):
    """What the channel says of itself and of one of several variants."""

    variant_id: int
    sku: str


class FenceOfVariant(FenceFacts, frozen=True):
    """A ring-fence of one of several variants."""

    variant_id: int


class ReservedFacts(msgspec.Struct, frozen=True):
    """Units that belong to somebody; `number` is the order's."""

    location_id: int
    units: int
    reservations: int
    numbers: list[int]
    held: int


class AwaitedFacts(msgspec.Struct, frozen=True):
    """Units sold before they are there; `numbers` are those of the orders, `undated` units have no date."""

    location_id: int
    units: int
    undated: int
    numbers: list[int]


CHANNEL_FACTS = Query(
    """
    SELECT c.channel_id, c.code, c.kind, c.active, c.threshold, c.hold_seconds,
           c.assortment = 'all' OR EXISTS (SELECT FROM listing g WHERE g.channel_id = c.channel_id
                                           AND g.variant_id = v.variant_id) AS listed,
           v.status = 'active' AND p.status = 'active' AS variant_active
    FROM channel c, variant v JOIN product p USING (product_id)
    WHERE c.code = :channel::text AND v.variant_id = :variant_id::bigint
    """,
    ChannelFacts,
)

# Of an expired hold, the part that came out of a ring-fence falls back into it: it counts for that channel alone.
_PLACE = """
    SELECT l.location_id, p.code AS location, p.kind, p.active, p.fulfils_online, p.services,
           s.channel_id IS NOT NULL AS serves, l.on_hand, l.reserved,
           l.safety_stock + l.suppressed AS safety_stock, l.suppressed, l.incoming, l.awaited,
           l.ring_fenced, l.shortfall, s.threshold AS channel_threshold, tv.threshold AS variant_threshold,
           tl.threshold AS variant_location_threshold, coalesce(f.remaining, 0) AS own_fence,
           coalesce(x.units, 0)::int AS expired_held"""
_PLACE_FROM = """
    FROM stock_level l
    JOIN location p USING (location_id)
    LEFT JOIN channel_location s ON s.location_id = l.location_id AND s.channel_id = :channel_id::bigint
    LEFT JOIN stock_threshold tv ON tv.variant_id = l.variant_id AND tv.channel_id = :channel_id AND tv.location_id = 0
    LEFT JOIN stock_threshold tl ON tl.variant_id = l.variant_id AND tl.channel_id = :channel_id
          AND tl.location_id = l.location_id
    LEFT JOIN stock_ring_fence f ON f.variant_id = l.variant_id AND f.location_id = l.location_id
          AND f.channel_id = :channel_id
    LEFT JOIN LATERAL (
        SELECT sum(CASE WHEN r.channel_id = :channel_id THEN r.quantity
                        ELSE r.quantity - r.from_ring_fence END) AS units
        FROM reservation r
        WHERE r.variant_id = l.variant_id AND r.location_id = l.location_id AND r.state = 'held'
          AND r.expires_at <= :now::timestamptz
    ) x ON true
"""
PLACE_FACTS = Query(
    _PLACE
    + _PLACE_FROM
    + """
    WHERE l.variant_id = :variant_id::bigint AND (:location_id::bigint IS NULL OR l.location_id = :location_id)
    ORDER BY p.code LIMIT 5000
    """,
    PlaceFacts,
)

PLACES_OF_MANY = Query(
    _PLACE
    + ", l.variant_id"
    + _PLACE_FROM
    + """
    WHERE l.variant_id = ANY (:variant_ids::bigint[])
    ORDER BY l.variant_id, p.code LIMIT 50000
    """,
    PlaceOfVariant,
)

CHANNEL_FACTS_OF_MANY = Query(
    """
    SELECT c.channel_id, c.code, c.kind, c.active, c.threshold, c.hold_seconds,
           c.assortment = 'all' OR EXISTS (SELECT FROM listing g WHERE g.channel_id = c.channel_id
                                           AND g.variant_id = v.variant_id) AS listed,
           v.status = 'active' AND p.status = 'active' AS variant_active, v.variant_id, v.sku
    FROM channel c, variant v JOIN product p USING (product_id)
    WHERE c.code = :channel::text AND v.sku = ANY (:skus::text[])
    """,
    ChannelOfVariant,
)

FENCES_OF_MANY = Query(
    """
    SELECT f.location_id, c.code AS channel, f.remaining, f.variant_id
    FROM stock_ring_fence f JOIN channel c USING (channel_id)
    WHERE f.variant_id = ANY (:variant_ids::bigint[]) AND f.channel_id <> :channel_id::bigint AND f.remaining > 0
    ORDER BY f.variant_id, c.code LIMIT 50000
    """,
    FenceOfVariant,
)

OTHER_FENCES = Query(
    """
    SELECT f.location_id, c.code AS channel, f.remaining
    FROM stock_ring_fence f JOIN channel c USING (channel_id)
    WHERE f.variant_id = :variant_id::bigint AND f.channel_id <> :channel_id::bigint AND f.remaining > 0
    ORDER BY c.code LIMIT 5000
    """,
    FenceFacts,
)

_NUMBERS = f"""
    coalesce((array_agg(o.number ORDER BY o.number) FILTER (WHERE o.number IS NOT NULL))[1:{ORDERS_NAMED}], '{{}}')
        AS numbers"""

RESERVED_FOR = Query(
    f"""
    SELECT r.location_id, sum(r.quantity)::int AS units, count(*)::int AS reservations,
           {_NUMBERS},
           coalesce(sum(r.quantity) FILTER (WHERE r.state = 'held'), 0)::int AS held
    FROM reservation r LEFT JOIN sales_order o USING (order_id)
    WHERE r.variant_id = :variant_id::bigint AND r.state IN ('held', 'committed')
    GROUP BY r.location_id
    """,  # noqa: S608 -- a constant
    ReservedFacts,
)

AWAITED_FOR = Query(
    f"""
    SELECT r.location_id, sum(r.quantity)::int AS units,
           coalesce(sum(r.quantity) FILTER (WHERE r.expected_on IS NULL), 0)::int AS undated,
           {_NUMBERS}
    FROM reservation r LEFT JOIN sales_order o USING (order_id)
    WHERE r.variant_id = :variant_id::bigint AND r.state = 'awaited'
    GROUP BY r.location_id
    """,  # noqa: S608 -- a constant
    AwaitedFacts,
)
