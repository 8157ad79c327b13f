"""Words as they are compared: folded (no case, no accents) and stemmed, the same way in documents and in questions.

Stems are Snowball's. Slovenian has none there and takes the Serbian one, whose endings it shares (jakna, jakne, jakni;
nahrbtnik, nahrbtniki). A word is looked up in every form that folding and stemming make of it, in either order, so that
neither a missing accent nor an ending that only one side has keeps the two apart.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache

import Stemmer

STEMMERS = {
    "ar": "arabic", "ca": "catalan", "cs": "czech", "da": "danish", "de": "german", "el": "greek", "en": "english",
    "es": "spanish", "et": "estonian", "eu": "basque", "fi": "finnish", "fr": "french", "ga": "irish", "hi": "hindi",
    "hr": "serbian", "hu": "hungarian", "hy": "armenian", "id": "indonesian", "it": "italian", "lt": "lithuanian",
    "ne": "nepali", "nl": "dutch", "no": "norwegian", "pl": "polish", "pt": "portuguese", "ro": "romanian",
    "ru": "russian", "sl": "serbian", "sr": "serbian", "sv": "swedish", "ta": "tamil", "tr": "turkish",
}  # fmt: skip
"""Which Snowball algorithm a language takes; others are folded only."""

WORD_LENGTH_MAX = 40
PREFIX_LENGTH_MIN = 2
BARELY_LENGTH_MAX = 3
FORMS_KEPT = 200_000
PLACES_MAX = 4
"""Places of a word in a document that are kept: more say nothing more about it."""
POSITION_MAX = 16_383
"""PostgreSQL's highest position in a tsvector."""

# Letters that Unicode does not take apart into a plain one and an accent.
_LETTERS = str.maketrans({"đ": "d", "ł": "l", "ø": "o", "ß": "ss", "æ": "ae", "œ": "oe", "ð": "d", "þ": "th", "ı": "i"})
_WORD = re.compile(r"[^\W_]+")
_TAG = re.compile(r"<[^>]*>")


def fold(text: str) -> str:
    """Give a text without case and accents: č, ć, š, ž, đ, ł, ő and ű become plain letters."""
    if text.isascii():
        return text.lower()
    decomposed = unicodedata.normalize("NFKD", text.casefold().translate(_LETTERS))
    return "".join([letter for letter in decomposed if not unicodedata.combining(letter)])


def without_markup(text: str) -> str:
    """Give a description's words without its tags."""
    return _TAG.sub(" ", text)


def raw_words(text: str) -> list[str]:
    """Give the words of a text as they are written, in lower case; what is too long is no word."""
    return [word for word in _WORD.findall(text.casefold()) if len(word) <= WORD_LENGTH_MAX]


@lru_cache(maxsize=64)
def _stemmer(language: str) -> "Stemmer.Stemmer | None":
    algorithm = STEMMERS.get(language.partition("-")[0])
    return Stemmer.Stemmer(algorithm) if algorithm else None


@lru_cache(maxsize=FORMS_KEPT)
def forms(language: str, word: str) -> tuple[str, ...]:
    """Give every form that a word is compared by; the first is the word folded, the second its stem folded."""
    plain = fold(word)
    stemmer = _stemmer(language)
    # Numbers and sizes are what they are.
    if stemmer is None or len(plain) < 3 or not plain.isalpha():
        return (plain,)
    found = dict.fromkeys((plain, fold(stemmer.stemWord(word)), stemmer.stemWord(plain)))
    return tuple([form for form in found if len(form) >= 2])


def stem(language: str, word: str) -> str:
    """Give the form that endings leave."""
    found = forms(language, word)
    return found[1] if len(found) > 1 else found[0] if found else ""


def term_key(language: str, text: str) -> str:
    """Give what a synonym is found by: its stems, joined with spaces."""
    return " ".join([stem(language, word) for word in raw_words(text)])


def lexeme(language: str, form: str) -> str:
    """Give a form as it stands in the index: languages share it, and are kept apart by their name in front."""
    return f"'{language}/{form}'"


def ranked(language: str, parts: Iterable[tuple[str, str]]) -> str:
    """Give the text of a tsvector that ranks, from (weight, text) in the order of importance."""
    places: dict[str, list[str]] = {}
    position = 0
    for weight, text in parts:
        for word in raw_words(text):
            position += 1
            place = f"{min(position, POSITION_MAX)}{weight}"
            for form in forms(language, word):
                known = places.get(form)
                if known is None:
                    places[form] = [place]
                elif len(known) < PLACES_MAX:
                    known.append(place)
    return " ".join([f"{lexeme(language, form)}:{','.join(known)}" for form, known in places.items() if form])


def unranked(language: str, texts: Iterable[str], description: str) -> str:
    """Give the text of a tsvector that only finds."""
    found: dict[str, None] = {}
    for text in texts:
        for word in raw_words(text):
            found.update(dict.fromkeys(forms(language, word)))
    for word in raw_words(description):
        # A word of a description is found by its stem; others also as they are written, from the first letter on.
        known = forms(language, word)
        found.update(dict.fromkeys(known[1:] or known))
    return " ".join([lexeme(language, form) for form in found if form])


def vocabulary(language: str, texts: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Give the words of texts, folded, each with its stem; numbers and single letters are nothing to correct to."""
    for text in texts:
        for word in raw_words(text):
            found = forms(language, word)
            if found and len(found[0]) > 2 and found[0].isalpha():
                yield found[0], found[1] if len(found) > 1 else found[0]


def transpositions(word: str) -> list[str]:
    """Give a word with each two neighbours swapped: a slip of the fingers that shares few trigrams with the word."""
    return [
        word[:at] + word[at + 1] + word[at] + word[at + 2 :] for at in range(len(word) - 1) if word[at] != word[at + 1]
    ]


class Question:
    """Words of a question in one language, and the tsquery that they become."""

    def __init__(self, language: str, text: str, words_max: int) -> None:
        self.language = language
        self.words = raw_words(text)[:words_max]
        # Somebody who has just typed a space has finished the word.
        self.unfinished = bool(text) and bool(self.words) and not text[-1].isspace()

    @property
    def barely_begun(self) -> bool:
        """Whether the last word has so few letters that descriptions are no place to look for it."""
        return self.unfinished and len(self.words[-1]) <= BARELY_LENGTH_MAX

    def stems(self, start: int, end: int) -> str:
        """Give the key by which synonyms of some of the words are found."""
        return " ".join([stem(self.language, word) for word in self.words[start:end]])

    def keys(self, length_max: int) -> list[str]:
        """Give the keys of every run of up to so many words."""
        count = len(self.words)
        return [
            self.stems(start, end)
            for start in range(count)
            for end in range(start + 1, min(count, start + length_max) + 1)
        ]

    def tsquery(
        self, corrections: Mapping[int, Sequence[str]], synonyms: Mapping[str, Sequence[str]], *, every: bool
    ) -> str:
        """Give the tsquery: all words (`every`) or any, each in all its forms, corrected, or by a synonym."""
        count = len(self.words)
        alternatives = []
        terms = [self._word(position, corrections.get(position, ()), synonyms) for position in range(count)]
        alternatives.append((" & " if every else " | ").join(terms))
        # A synonym of several words stands in for all of them together.
        for start in range(count):
            for end in range(start + 2, count + 1):
                for other in synonyms.get(self.stems(start, end), ()):
                    rest = terms[:start] + terms[end:]
                    alternatives.append(" & ".join([*rest, self._term(other)]))
        return " | ".join([f"({one})" for one in alternatives if one])

    def _word(self, position: int, corrections: Sequence[str], synonyms: Mapping[str, Sequence[str]]) -> str:
        word = self.words[position]
        found = [lexeme(self.language, form) for form in forms(self.language, word)]
        plain = fold(word)
        if self.unfinished and position == len(self.words) - 1 and len(plain) >= PREFIX_LENGTH_MIN:
            found[0] += ":*"
        found += [lexeme(self.language, correction) for correction in corrections]
        # Without a word to look up (a lone letter that folds away) the lexeme of nothing finds nothing.
        keys = {self.stems(position, position + 1), *[stem(self.language, one) for one in corrections]}
        found += [self._term(other) for key in keys for other in synonyms.get(key, ())]
        return "(" + " | ".join(dict.fromkeys(found)) + ")" if found else lexeme(self.language, plain)

    def _term(self, term: str) -> str:
        words = [
            "(" + " | ".join([lexeme(self.language, form) for form in forms(self.language, word)]) + ")"
            for word in raw_words(term)
        ]
        return "(" + " & ".join(words) + ")"
