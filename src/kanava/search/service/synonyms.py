"""Words that mean the same in a shop."""

from datetime import datetime

from kanava.platform import audit
from kanava.platform.auth import Actor
from kanava.platform.db import Connection
from kanava.platform.errors import FieldError, InvalidInput
from kanava.search.model import Synonyms, SynonymSet, SynonymsStored
from kanava.search.rules.words import term_key
from kanava.search.service.indexing import raise_version
from kanava.search.store import asked as store

WORDS_PER_TERM_MAX = 3


async def get_synonyms(tx: Connection, language: str) -> Synonyms:
    """Give all sets of a language; a language without any has an empty list."""
    sets: dict[int, list[str]] = {}
    for row in await store.SYNONYMS_OF.all(tx, language=language):
        sets.setdefault(row.set_no, []).append(row.term)
    return Synonyms(language, [SynonymSet(terms) for terms in sets.values()])


async def put_synonyms(
    tx: Connection,
    actor: Actor,
    request: Synonyms,
    now: datetime,  # noqa: ARG001 - every verb takes `now`
) -> SynonymsStored:
    """Replace the sets of a language; they count from the next search on."""
    errors = []
    rows: list[tuple[int, int, str, str]] = []
    for number, one in enumerate(request.sets):
        seen = set()
        for position, term in enumerate(one.terms):
            key = term_key(request.language, term)
            field = f"sets[{number}].terms[{position}]"
            if not key or len(key.split()) > WORDS_PER_TERM_MAX:
                errors.append(FieldError(field, f"A term has 1 to {WORDS_PER_TERM_MAX} words."))
            elif key in seen:
                errors.append(FieldError(field, "It is the same as another term of the set."))
            seen.add(key)
            rows.append((number, position, " ".join(term.split()), key))
    if errors:
        raise InvalidInput(f"{len(errors)} of the terms are wrong; nothing was changed.", errors=errors[:1000])
    await store.LOCK_SYNONYMS.run(tx)
    await store.REMOVE_SYNONYMS.run(tx, language=request.language)
    await store.ADD_SYNONYMS.run(
        tx,
        language=request.language,
        set_nos=[row[0] for row in rows],
        positions=[row[1] for row in rows],
        terms=[row[2] for row in rows],
        term_keys=[row[3] for row in rows],
    )
    await raise_version(tx)
    await audit.record(tx, actor, "put", "synonyms", request.language, {"sets": len(request.sets)})
    return SynonymsStored(request.language, len(request.sets))
