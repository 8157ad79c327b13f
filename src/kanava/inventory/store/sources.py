"""Outside systems that report stock."""

from kanava.platform.db import Query

SOURCE_ID = Query("SELECT stock_source_id FROM stock_source WHERE code = :code::text", int)

# Bounded: a caller that invents a name for every message would fill the table and the range of its ids.
REGISTER_SOURCE = Query(
    """
    INSERT INTO stock_source (code)
    SELECT :code::text WHERE (SELECT count(*) FROM stock_source) < :sources_max::int
    ON CONFLICT DO NOTHING
    RETURNING stock_source_id
    """,
    int,
)
