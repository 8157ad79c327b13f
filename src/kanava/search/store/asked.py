"""Synonyms, and what people have searched for."""

import msgspec

from kanava.platform.db import Query, Statement


class SetTerm(msgspec.Struct, frozen=True):
    """A term of a set of synonyms."""

    set_no: int
    term: str


LOCK_SYNONYMS = Statement("LOCK TABLE search_synonym IN SHARE ROW EXCLUSIVE MODE")
REMOVE_SYNONYMS = Statement("DELETE FROM search_synonym WHERE language = :language::text")
ADD_SYNONYMS = Statement(
    """
    INSERT INTO search_synonym (language, set_no, position, term, term_key)
    SELECT :language::text, n.set_no, n.position, n.term, n.term_key
    FROM unnest(:set_nos::int[], :positions::smallint[], :terms::text[], :term_keys::text[])
         AS n (set_no, position, term, term_key)
    """
)
SYNONYMS_OF = Query(
    """
    SELECT set_no, term FROM search_synonym WHERE language = :language::text ORDER BY set_no, position LIMIT 200000
    """,
    SetTerm,
)

# Only questions whose words the retailer uses himself are counted (the caller sees to it), so nobody's address is kept.
COUNT_QUERIES = Statement(
    """
    INSERT INTO search_query (channel_id, language, query_key, query, times, last_on)
    SELECT n.channel_id, n.language, n.query_key, n.query, n.times, :on_date::date
    FROM unnest(:channel_ids::bigint[], :languages::text[], :query_keys::text[], :queries::text[], :times::bigint[])
         AS n (channel_id, language, query_key, query, times)
    ORDER BY n.channel_id, n.language, n.query_key
    ON CONFLICT (channel_id, language, query_key) DO UPDATE
    SET times = search_query.times + excluded.times, last_on = excluded.last_on
    """
)
QUERIES_LIKE = Query(
    """
    SELECT query FROM search_query
    WHERE channel_id = :channel_id::bigint AND language = :language::text AND times >= :times_min::bigint
      AND query_key >= :beginning::text COLLATE "C" AND query_key < (:beginning::text || chr(1114111)) COLLATE "C"
    ORDER BY times DESC, query_key LIMIT :limit::int
    """,
    str,
)
PRUNE_QUERIES = Statement("DELETE FROM search_query WHERE last_on < :before::date")
