"""Typed attributes: a value has the type that the family of the product names."""

import re
from collections.abc import Mapping

from kanava.catalog.model import AttributeDefinition, AttributeValue
from kanava.catalog.rules.texts import check_plain

TEXT_CHARACTERS_MAX = 2_000
INTEGER_MAX = 10**15
_INTEGER = re.compile(r"[+-]?[0-9]{1,16}")
_DECIMAL = re.compile(r"([+-]?)([0-9]{1,16})(?:[.,]([0-9]{1,12}))?")
_TRUE = frozenset({"true", "yes", "1"})
_FALSE = frozenset({"false", "no", "0"})
NAME = re.compile(r"[a-z][a-z0-9_]{0,62}")


def check_definitions(attributes: Mapping[str, AttributeDefinition]) -> list[tuple[str, str]]:
    """Give (attribute, reason) for each definition that cannot be."""
    errors = []
    for name, definition in attributes.items():
        if not NAME.fullmatch(name):
            errors.append((name, "a name has small letters, digits and _, and starts with a letter"))
        if definition.type == "choice" and not definition.choices:
            errors.append((name, "a choice needs choices"))
        if definition.type != "choice" and definition.choices:
            errors.append((name, "only a choice has choices"))
        errors += [
            (name, f"{choice[:50]!r} has names and is no choice")
            for choice in definition.choice_names
            if choice not in definition.choices
        ]
        if definition.type == "measure" and not definition.unit:
            errors.append((name, "a measure needs a unit"))
        if definition.type not in ("decimal", "measure") and definition.scale:
            errors.append((name, "only a decimal or a measure has a scale"))
        errors += [
            (name, f"{choice[:50]!r} is no choice: 1 to 200 characters, no spaces around")
            for choice in definition.choices
            if not choice or choice != choice.strip() or not choice.isprintable() or len(choice) > 200
        ]
    return errors


def stored_value(definition: AttributeDefinition, value: AttributeValue) -> AttributeValue:
    """Check a value as the API takes it: integers for decimals and measures, in units of 10^-scale."""
    kind = definition.type
    if kind == "boolean":
        if not isinstance(value, bool):
            raise ValueError("must be true or false")
        return value
    if kind in ("text", "choice"):
        if not isinstance(value, str):
            raise ValueError("must be a text")
        return _text_or_choice(definition, value)
    if isinstance(value, bool) or not isinstance(value, int):
        reason = f"must be an integer (scale {definition.scale})" if kind != "integer" else "must be an integer"
        raise ValueError(reason)  # noqa: TRY004 - a value outside its domain, told to the caller
    return _bounded(value)


def value_of_cell(definition: AttributeDefinition, cell: str) -> AttributeValue:
    """Read a value from a file's cell: `12.50`, `250 mm`, `yes`, `wool`."""
    kind = definition.type
    if kind == "boolean":
        lowered = cell.lower()
        if lowered in _TRUE or lowered in _FALSE:
            return lowered in _TRUE
        raise ValueError("must be true or false")
    if kind == "integer":
        if not _INTEGER.fullmatch(cell):
            raise ValueError("must be a whole number")
        return _bounded(int(cell))
    if kind == "measure":
        return _scaled(definition, cell.removesuffix(definition.unit).rstrip())
    if kind == "decimal":
        return _scaled(definition, cell)
    return _text_or_choice(definition, cell)


def cell_of_value(definition: AttributeDefinition | None, value: AttributeValue) -> str:
    """Write a stored value as a file's cell; the inverse of `value_of_cell`."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str) or definition is None or not definition.scale:
        return str(value)
    digits = str(abs(value)).zfill(definition.scale + 1)
    return f"{'-' if value < 0 else ''}{digits[: -definition.scale]}.{digits[-definition.scale :]}"


def _text_or_choice(definition: AttributeDefinition, value: str) -> str:
    text = check_plain(value, TEXT_CHARACTERS_MAX)
    if not text:
        raise ValueError("is empty")
    if definition.type == "choice" and text not in definition.choices:
        raise ValueError(
            f"must be one of {', '.join(definition.choices[:12])}{' …' if len(definition.choices) > 12 else ''}"
        )
    return text


def _scaled(definition: AttributeDefinition, cell: str) -> int:
    found = _DECIMAL.fullmatch(cell)
    if not found:
        raise ValueError(f"must be a number{' in ' + definition.unit if definition.unit else ''}")
    sign, whole, fraction = found[1], found[2], (found[3] or "").rstrip("0")
    if len(fraction) > definition.scale:
        raise ValueError(f"must have at most {definition.scale} decimals")
    return _bounded(int(sign + whole + fraction.ljust(definition.scale, "0")))


def _bounded(value: int) -> int:
    if abs(value) > INTEGER_MAX:
        raise ValueError("is too large")
    return value
