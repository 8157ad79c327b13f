"""From the words of a question to products: exact codes, corrections of misspelt words, synonyms, full text."""

import msgspec

from kanava.platform.db import Connection
from kanava.search.model import WORDS_MAX
from kanava.search.rules.words import Question, fold, forms, transpositions
from kanava.search.service.holding import Held
from kanava.search.store import matching
from kanava.search.store.matching import ExactVariant

MATCHES_MAX = 10_000
SYNONYM_WORDS_MAX = 3
LIKENESS_MIN = 0.32
"""Share of trigrams in common from which a word is taken for another one misspelt; `kurtek` and `kurtka` share 0.4."""
CORRECTED_LENGTH_MIN = 4
CORRECTIONS_MAX = 3
LIKENESS_WITHIN = 0.12
"""How much less like it than the best correction another one may be."""
GTIN_LENGTHS = (8, 12, 13, 14)


class Found(msgspec.Struct, frozen=True):
    """What a text is about: products with ranks, from the best; `relaxed`: they have some of the words, not all."""

    product_ids: list[int]
    ranks: list[float]
    exact: ExactVariant | None
    corrections: dict[str, list[str]]
    relaxed: bool = False

    @property
    def cut_off(self) -> bool:
        """Whether there were more than are looked at."""
        return len(self.product_ids) >= MATCHES_MAX


async def find(
    connection: Connection, held: Held, language: str, text: str, *, every: bool = True, names_only: bool = False
) -> Found:
    """Find products by a text; without `every`, those that have any of its words; `names_only`: not by descriptions."""
    exact = await exact_variant(connection, text)
    question = Question(language, text, WORDS_MAX)
    if exact is not None:
        return Found([exact.product_id], [1.0], exact, {})
    if not question.words:
        return Found([], [], None, {})
    corrections = await _corrections(connection, question)
    synonyms = held.synonyms.get(language, {})
    asked = question.tsquery(
        {position: [form for row in rows for form in (row.word, row.stem)] for position, rows in corrections.items()},
        synonyms,
        every=every,
    )
    where = matching.MATCHES_OF_NAMES if names_only or question.barely_begun else matching.MATCHES
    found = await where.one(connection, question=asked, limit=MATCHES_MAX)
    told = {question.words[position]: [row.word for row in rows] for position, rows in corrections.items()}
    return Found(found.product_ids, found.ranks, None, told, relaxed=not every)


async def exact_variant(connection: Connection, text: str) -> ExactVariant | None:
    """Give the variant whose sku or barcode this is."""
    code = text.strip()
    if " " in code and not any(letter.isdigit() for letter in code):
        return None
    digits = code.lstrip("0") if code.isascii() and code.isdigit() else ""
    length = next((length for length in GTIN_LENGTHS if len(digits) <= length), None) if digits else None
    gtin = digits.zfill(length) if length else ""
    return await matching.EXACT.one_or_none(connection, code=code, code_in_capitals=code.upper(), gtin=gtin)


async def _corrections(connection: Connection, question: Question) -> dict[int, list[matching.Correction]]:
    last = len(question.words) - 1
    words = [
        (position, fold(word))
        for position, word in enumerate(question.words)
        if len(word) >= CORRECTED_LENGTH_MIN and word.isalpha()
    ]
    if not words:
        return {}
    all_forms = [(p, form) for p, _ in words for form in forms(question.language, question.words[p])]
    swaps = [(position, swap) for position, word in words for swap in transpositions(word)]
    rows = await matching.CORRECTIONS.all(
        connection,
        language=question.language,
        positions=[position for position, _ in words],
        words=[word for _, word in words],
        unfinished=[question.unfinished and position == last for position, _ in words],
        swap_positions=[position for position, _ in swaps],
        swaps=[swap for _, swap in swaps],
        form_positions=[position for position, _ in all_forms],
        forms=[form for _, form in all_forms],
        likeness_min=LIKENESS_MIN,
    )
    found: dict[int, list[matching.Correction]] = {}
    for row in rows:
        known = found.setdefault(row.position, [])
        near = not known or row.likeness >= known[0].likeness - LIKENESS_WITHIN
        if near and len(known) < CORRECTIONS_MAX and all(row.word != other.word for other in known):
            known.append(row)
    return found
