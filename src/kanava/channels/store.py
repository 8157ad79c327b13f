"""Every SQL statement of the channel registry."""

from kanava.channels.model import (
    BankAccountRow,
    ChannelRow,
    KnownLocation,
    KnownVariant,
    ListedOn,
    ListedPair,
    ListingRow,
    RoutingChannel,
    ServingLocation,
)
from kanava.platform.db import Query

_COLUMNS = """
    c.channel_id, c.price_list_id, c.code, c.kind, c.name, c.country, c.currency, c.language, l.code AS price_list,
    c.assortment, c.threshold, c.hold_seconds, c.fee_basis_points, c.fee_fixed_minor, c.sells_incoming, c.active,
    c.bank_holder, c.bank_iban, c.bank_bic, c.version, c.created_at, c.updated_at
"""

INSERT_CHANNEL = Query(
    """
    INSERT INTO channel (code, kind, name, country, currency, language, price_list_id, assortment, threshold,
                         hold_seconds, fee_basis_points, fee_fixed_minor, sells_incoming, active, bank_holder,
                         bank_iban, bank_bic, created_at, updated_at)
    VALUES (:code::text, :kind::text, :name::text, :country::text, :currency::text, :language::text,
            :price_list_id::bigint, :assortment::text, :threshold::int, :hold_seconds::int, :fee_basis_points::int,
            :fee_fixed_minor::bigint, :sells_incoming::boolean, :active::boolean, :bank_holder::text, :bank_iban::text,
            :bank_bic::text, :now::timestamptz, :now)
    ON CONFLICT (code) DO NOTHING
    RETURNING channel_id
    """,
    int,
)

CHANNEL = Query(
    f"SELECT {_COLUMNS} FROM channel c JOIN price_list l USING (price_list_id) WHERE c.code = :code::text",  # noqa: S608 - constants of this file
    ChannelRow,
)

CHANNEL_FOR_WRITING = Query(
    f"""
    SELECT {_COLUMNS} FROM channel c JOIN price_list l USING (price_list_id)
    WHERE c.code = :code::text FOR NO KEY UPDATE OF c
    """,  # noqa: S608 - constants of this file
    ChannelRow,
)

UPDATE_CHANNEL = Query(
    """
    UPDATE channel
    SET name = :name::text, country = :country::text, currency = :currency::text, language = :language::text,
        price_list_id = :price_list_id::bigint, assortment = :assortment::text, threshold = :threshold::int,
        hold_seconds = :hold_seconds::int, fee_basis_points = :fee_basis_points::int,
        fee_fixed_minor = :fee_fixed_minor::bigint, sells_incoming = :sells_incoming::boolean,
        active = :active::boolean, bank_holder = :bank_holder::text, bank_iban = :bank_iban::text,
        bank_bic = :bank_bic::text, version = version + 1, updated_at = :now::timestamptz
    WHERE channel_id = :channel_id::bigint
    RETURNING channel_id
    """,
    int,
)

CHANNELS_AFTER = Query(
    f"""
    SELECT {_COLUMNS} FROM channel c JOIN price_list l USING (price_list_id)
    WHERE c.code > :after::text AND (:kind::text IS NULL OR c.kind = :kind)
    ORDER BY c.code LIMIT :limit::int
    """,  # noqa: S608 - constants of this file
    ChannelRow,
)

# Every channel with its serving locations, for a snapshot in memory.
ALL_FOR_ROUTING = Query(
    """
    SELECT c.channel_id, c.code, c.kind, c.country, c.currency, c.language, c.price_list_id,
           l.tax_inclusive, c.assortment, c.threshold, c.hold_seconds, c.active, c.sells_incoming,
           coalesce(s.location_ids, '{}') AS location_ids,
           coalesce(s.location_thresholds, '{}') AS location_thresholds
    FROM channel c
    JOIN price_list l USING (price_list_id)
    LEFT JOIN (
        SELECT cl.channel_id, array_agg(cl.location_id ORDER BY cl.location_id) AS location_ids,
               array_agg(coalesce(cl.threshold, o.threshold) ORDER BY cl.location_id) AS location_thresholds
        FROM channel_location cl JOIN channel o USING (channel_id)
        GROUP BY cl.channel_id
    ) s USING (channel_id)
    ORDER BY c.channel_id
    LIMIT 10000
    """,
    RoutingChannel,
)

BANK_ACCOUNTS = Query(
    """
    SELECT code AS channel, bank_holder AS holder, bank_iban AS iban, bank_bic AS bic FROM channel
    WHERE bank_iban <> '' ORDER BY code LIMIT 10000
    """,
    BankAccountRow,
)

LOCATIONS_BY_CODE = Query(
    "SELECT code, location_id FROM location WHERE code = ANY (:codes::text[]) LIMIT 2000", KnownLocation
)

REMOVE_OTHER_LOCATIONS = Query(
    """
    DELETE FROM channel_location
    WHERE channel_id = :channel_id::bigint AND location_id <> ALL (:location_ids::bigint[])
    RETURNING location_id
    """,
    int,
)

UPSERT_LOCATIONS = Query(
    """
    INSERT INTO channel_location (channel_id, location_id, threshold)
    SELECT :channel_id::bigint, s.location_id, s.threshold
    FROM unnest(:location_ids::bigint[], :thresholds::int[]) AS s (location_id, threshold)
    ON CONFLICT (channel_id, location_id) DO UPDATE SET threshold = excluded.threshold
    WHERE channel_location.threshold IS DISTINCT FROM excluded.threshold
    RETURNING location_id
    """,
    int,
)

LOCATIONS_AFTER = Query(
    """
    SELECT p.code AS location, s.threshold
    FROM channel_location s JOIN location p USING (location_id)
    WHERE s.channel_id = :channel_id::bigint AND p.code > :after::text
    ORDER BY p.code LIMIT :limit::int
    """,
    ServingLocation,
)

VARIANTS_BY_SKU = Query("SELECT sku, variant_id FROM variant WHERE sku = ANY (:skus::text[]) LIMIT 10000", KnownVariant)

ADD_LISTINGS = Query(
    """
    INSERT INTO listing (channel_id, variant_id)
    SELECT :channel_id::bigint, variant_id FROM unnest(:variant_ids::bigint[]) AS v (variant_id)
    ORDER BY variant_id
    ON CONFLICT DO NOTHING
    RETURNING variant_id
    """,
    int,
)

REMOVE_LISTINGS = Query(
    """
    DELETE FROM listing WHERE channel_id = :channel_id::bigint AND variant_id = ANY (:variant_ids::bigint[])
    RETURNING variant_id
    """,
    int,
)

LISTINGS_AFTER = Query(
    """
    SELECT s.variant_id, v.sku
    FROM listing s JOIN variant v USING (variant_id)
    WHERE s.channel_id = :channel_id::bigint AND s.variant_id > :after::bigint
    ORDER BY s.variant_id LIMIT :limit::int
    """,
    ListingRow,
)

LISTED_PAIRS = Query(
    "SELECT variant_id, channel_id FROM listing WHERE variant_id = ANY (:variant_ids::bigint[])", ListedPair
)

CHANNELS_LISTING = Query(
    """
    SELECT v.sku, c.code AS channel
    FROM variant v JOIN listing g USING (variant_id) JOIN channel c USING (channel_id)
    WHERE v.sku = ANY (:skus::text[])
    """,
    ListedOn,
)
