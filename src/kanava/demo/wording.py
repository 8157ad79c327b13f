"""Titles and descriptions of products: whole sentences written by hand, put together; only titles need grammar."""

from collections.abc import Mapping, Sequence
from html import escape
from random import Random

from kanava.demo import grammar
from kanava.demo.model import LANGUAGES, DemoText, ProductType
from kanava.demo.words import matter, words

_HOME = ("tableware", "cookware", "textiles", "lamps-decor")


class Wording:
    """Gives texts; holds the word tables so that they are looked up once."""

    def __init__(self) -> None:
        self.adjectives, self.audiences, self.features = words("adjectives"), words("audiences"), words("features")
        self.notes, self.labels = words("notes"), words("labels")
        self.colours, self.scents, self.attributes = matter("colours"), matter("scents"), matter("attributes")
        self.materials, self.care = matter("materials"), matter("care")

    def text(
        self,
        kind: ProductType,
        language: int,
        model: str,
        adjective: str,
        audience: str,
        colours: Sequence[str],
        attributes: Mapping[str, int | bool | str],
    ) -> DemoText:
        """Write one product in one language (its place in `LANGUAGES`); the same call always writes the same."""
        rng = Random(f"{kind.code}:{model}:{audience}")
        material = self.materials[str(attributes["material"])][language]
        care = self.care[kind.care][language]
        notes = self.notes["home" if kind.category in _HOME else "outdoor"]
        note = notes[rng.choice(sorted(notes))][language]
        chosen = rng.sample(kind.features, min(3, len(kind.features)))
        parts = [f"<p>{escape(kind.text[language], False)} {escape(note, False)}</p>"]
        items = "".join(f"<li>{escape(self.features[code][language], False)}</li>" for code in chosen)
        parts.append(f"<ul>{items}</ul>")
        facts = [*self._facts(attributes, language), *self._colours(kind, colours, language)]
        if facts:
            parts.append(f"<p>{escape('; '.join(facts), False)}.</p>")
        names = (self.attributes["material"][2 + language], self.labels["care"][language])
        parts.append(f"<p><strong>{names[0]}:</strong> {material}. <strong>{names[1]}:</strong> {care}</p>")
        return DemoText(
            title=grammar.title(
                kind.noun[language],
                LANGUAGES[language],
                model,
                self.adjectives[adjective][language],
                self.audiences[audience][language] if audience else "",
            ),
            description="".join(parts),
            material=material,
            care=care,
        )

    def _facts(self, attributes: Mapping[str, int | bool | str], language: int) -> list[str]:
        found = []
        for code, value in attributes.items():
            _, unit, *names = self.attributes[code]
            if isinstance(value, int) and not isinstance(value, bool):
                amount = grammar.number(value, LANGUAGES[language])
                found.append(f"{names[language]}: {amount}" + (f"\u00a0{unit}" if unit else ""))
        return found

    def _colours(self, kind: ProductType, colours: Sequence[str], language: int) -> list[str]:
        if not colours:
            return []
        scents = kind.colours == "scent"
        table = self.scents if scents else self.colours
        label = self.labels["scents" if scents else "colours"][language]
        named = [table[colour][2 + language] for colour in colours]
        return [f"{label}: {', '.join(named).lower() if language == 0 else ', '.join(named)}"]
