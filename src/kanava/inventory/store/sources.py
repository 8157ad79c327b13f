"""Outside systems that report stock."""

import msgspec

from kanava.platform.db import Query, Statement


class Source(msgspec.Struct, frozen=True):
    """An outside system; one that never sent a delta needs no look at the ledger."""

    stock_source_id: int
    sends_deltas: bool


# Shared lock: the first delta of a source waits for the absolutes in flight, and they for it.
SOURCE = Query("SELECT stock_source_id, sends_deltas FROM stock_source WHERE code = :code::text FOR SHARE", Source)

NOTE_DELTAS = Statement("""
    UPDATE stock_source SET sends_deltas = true WHERE stock_source_id = :source::smallint AND NOT sends_deltas
""")

# Bounded: a caller that invents a name for every message would fill the table and the range of its ids.
REGISTER_SOURCE = Query(
    """
    INSERT INTO stock_source (code)
    SELECT :code::text WHERE (SELECT count(*) FROM stock_source) < :sources_max::int
    ON CONFLICT DO NOTHING
    RETURNING stock_source_id, sends_deltas
    """,
    Source,
)
