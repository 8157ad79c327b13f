"""The word lists of `texts/`, read once; arrays hold one text per language in the order of `LANGUAGES`."""

import tomllib
from functools import cache
from importlib import resources
from typing import Any

import msgspec

from kanava.demo.model import LANGUAGES, ProductType


@cache
def _file(name: str) -> dict[str, Any]:
    text = resources.files("kanava.demo").joinpath("texts", f"{name}.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


@cache
def product_types() -> tuple[ProductType, ...]:
    """Give every kind of product, in the order of the files."""
    found: list[ProductType] = []
    for name in ("types_clothing", "types_gear", "types_home"):
        for code, fields in _file(name).items():
            found.append(msgspec.convert({**fields, "code": code}, ProductType))
    return tuple(found)


def words(table: str) -> dict[str, Any]:
    """Give a table of `words.toml`: adjectives, audiences, features, notes or labels."""
    found: dict[str, Any] = _file("words")[table]
    return found


def matter(table: str) -> dict[str, Any]:
    """Give a table of `matter.toml`: materials, care, colours, palettes, sizes, categories, attributes, families."""
    found: dict[str, Any] = _file("matter")[table]
    return found


def policy_texts(language: str) -> dict[str, dict[str, str]]:
    """Give title and body of each kind of policy."""
    found: dict[str, dict[str, str]] = _file(f"policies_{language}")
    return found


def by_language(texts: list[str]) -> dict[str, str]:
    """Give an array of texts as language → text."""
    return dict(zip(LANGUAGES, texts, strict=True))
