"""What people search for: counted in the process, and written down every few seconds, without who."""

from datetime import datetime, timedelta
from time import monotonic

from kanava.platform.db import Connection, Database
from kanava.search.model import TEXT_LENGTH_MAX
from kanava.search.rules.words import fold, raw_words
from kanava.search.service.words import Found
from kanava.search.store import asked as store

QUERIES_WAITING_MAX = 2_000
WRITE_SECONDS = 10.0
DAYS_KEPT = 90
LENGTH_MIN = 3


class Asked:
    """Questions that found something, until they are written."""

    def __init__(self) -> None:
        self._waiting: dict[tuple[int, str, str], tuple[str, int]] = {}
        self._due = monotonic() + WRITE_SECONDS

    def note(self, channel_id: int, language: str, text: str, found: Found, total: int) -> None:
        """Count a question, if it is one that others could put as well: nothing misspelt, no code, something found."""
        words = raw_words(text)
        shown = " ".join(words)
        good = total and not found.corrections and not found.relaxed and found.exact is None
        if not good or not LENGTH_MIN <= len(shown) <= TEXT_LENGTH_MAX or len(self._waiting) >= QUERIES_WAITING_MAX:
            return
        key = (channel_id, language, fold(shown))
        self._waiting[key] = (shown, self._waiting.get(key, (shown, 0))[1] + 1)

    @property
    def due(self) -> bool:
        """Whether it is time to write."""
        return bool(self._waiting) and monotonic() >= self._due

    async def write(self, tx: Connection, now: datetime) -> None:
        """Write what was counted."""
        waiting, self._waiting, self._due = self._waiting, {}, monotonic() + WRITE_SECONDS
        if waiting:
            await store.COUNT_QUERIES.run(
                tx,
                channel_ids=[channel_id for channel_id, _, _ in waiting],
                languages=[language for _, language, _ in waiting],
                query_keys=[key for _, _, key in waiting],
                queries=[shown for shown, _ in waiting.values()],
                times=[times for _, times in waiting.values()],
                on_date=now.date(),
            )

    async def write_when_due(self, db: Database, now: datetime) -> None:
        """Write what was counted, if it is time."""
        if self.due:
            async with db.transaction() as tx:
                await self.write(tx, now)


async def prune_queries(db: Database, now: datetime) -> int:
    """Forget questions that nobody has put for a long time."""
    async with db.transaction() as tx:
        return await store.PRUNE_QUERIES.run(tx, before=(now - timedelta(days=DAYS_KEPT)).date())
