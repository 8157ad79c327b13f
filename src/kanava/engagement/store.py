"""Messages: written by events, taken by the sender, recorded when sent."""

from uuid import UUID

from kanava.engagement.model import Message, Outgoing
from kanava.platform.db import Query, Statement

# The same reason twice is one message.
INSERT_MESSAGES = Query(
    """
    INSERT INTO message (message_id, once_key, kind, audience, recipient, language, order_id, location_id, facts,
                         due_at, created_at)
    SELECT m.message_id, m.once_key, m.kind, m.audience, m.recipient, m.language, m.order_id, m.location_id,
           m.facts::jsonb, :now::timestamptz, :now::timestamptz
    FROM unnest(:message_ids::uuid[], :once_keys::text[], :kinds::text[], :audiences::text[], :recipients::text[],
                :languages::text[], :order_ids::uuid[], :location_ids::bigint[], :facts::text[])
         AS m (message_id, once_key, kind, audience, recipient, language, order_id, location_id, facts)
    ON CONFLICT (once_key) DO NOTHING
    RETURNING message_id
    """,
    UUID,
)

# Work for a place: one mail at once, then one a minute with all that came meanwhile. A person's row of this place that
# still waits takes the new tasks on; else a row is written that is due a minute after the last one.
ADD_WORK = Statement(
    """
    WITH work AS (
        SELECT * FROM unnest(:message_ids::uuid[], :recipients::text[], :languages::text[], :location_ids::bigint[],
                             :facts::text[]) AS w (message_id, recipient, language, location_id, facts)
    ), added AS (
        UPDATE message m SET facts = jsonb_set(m.facts, '{tasks}', (m.facts -> 'tasks') || (w.facts::jsonb -> 'tasks'))
        FROM work w
        WHERE m.kind = 'work_arrived' AND m.state = 'waiting' AND m.location_id = w.location_id
          AND m.recipient = w.recipient AND jsonb_array_length(m.facts -> 'tasks') < 200
        RETURNING w.message_id
    )
    INSERT INTO message (message_id, once_key, kind, audience, recipient, language, location_id, facts, due_at,
                         created_at)
    SELECT w.message_id, 'work_arrived:' || w.message_id, 'work_arrived', 'staff', w.recipient, w.language,
           w.location_id, w.facts::jsonb,
           greatest(:now::timestamptz,
                    (SELECT max(coalesce(e.sent_at, e.created_at)) + interval '1 minute' FROM message e
                     WHERE e.kind = 'work_arrived' AND e.location_id = w.location_id AND e.recipient = w.recipient)),
           :now::timestamptz
    FROM work w
    WHERE w.message_id NOT IN (SELECT message_id FROM added)
    """
)

# A worker that died while sending leaves its messages to the next one, ten minutes later.
CLAIM = Query(
    """
    UPDATE message m SET state = 'sending', attempts = m.attempts + 1,
        due_at = :now::timestamptz + interval '10 minutes'
    FROM (SELECT message_id FROM message
          WHERE state IN ('waiting', 'sending') AND due_at <= :now::timestamptz
          ORDER BY due_at LIMIT :limit::int FOR UPDATE SKIP LOCKED) due
    WHERE m.message_id = due.message_id
    RETURNING m.message_id, m.kind, m.recipient, m.language, m.order_id, m.facts, m.attempts
    """,
    Outgoing,
)

RECORD = Statement(
    """
    UPDATE message m SET state = r.state, subject = r.subject, error = r.error,
        due_at = coalesce(r.due_at, m.due_at), sent_at = CASE WHEN r.state = 'sent' THEN :now::timestamptz END
    FROM unnest(:message_ids::uuid[], :states::text[], :subjects::text[], :errors::text[], :dues::timestamptz[])
         AS r (message_id, state, subject, error, due_at)
    WHERE m.message_id = r.message_id AND m.state = 'sending'
    """
)

_MESSAGE = """
    SELECT message_id, kind, audience, recipient, language, order_id, state, attempts, subject, error, created_at,
           due_at, sent_at FROM message
"""

MESSAGES = Query(
    _MESSAGE
    + """
    WHERE (:order_id::uuid IS NULL OR order_id = :order_id::uuid)
      AND (:state::text IS NULL OR state = :state::text)
      AND (:before_at::timestamptz IS NULL
           OR (created_at, message_id) < (:before_at::timestamptz, :before_id::uuid))
    ORDER BY created_at DESC, message_id DESC LIMIT :limit::int
    """,
    Message,
)

MESSAGE = Query(_MESSAGE + "WHERE message_id = :message_id::uuid", Message)

SEND_AGAIN = Statement(
    """
    UPDATE message SET state = 'waiting', attempts = 0, due_at = :now::timestamptz, error = NULL
    WHERE message_id = :message_id::uuid AND state IN ('sent', 'failed')
    """
)

PRUNE = Statement("DELETE FROM message WHERE state IN ('sent', 'failed') AND created_at < :before::timestamptz")
