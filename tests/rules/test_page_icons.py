"""Icons are named so that the build finds them: `icon("name")`, or `icon_name="name"` where a macro draws one."""

from collections.abc import Iterator
from pathlib import Path

import jinja2
import pytest
from jinja2 import nodes

from kanava.web.common.templates import TEMPLATES, new_environment

PAGES = sorted(TEMPLATES.rglob("*.html"))


def parsed(path: Path) -> nodes.Template:
    return new_environment().parse(path.read_text())


def macros_with_icons() -> dict[str, int]:
    """Each macro that takes `icon_name`, and at which place it would stand."""
    found: dict[str, int] = {}
    for path in PAGES:
        for macro in parsed(path).find_all(nodes.Macro):
            names = [each.name for each in macro.args]
            if "icon_name" in names:
                found[macro.name] = names.index("icon_name")
    return found


def by_position(page: nodes.Template, macros: dict[str, int]) -> Iterator[nodes.Call]:
    for call in page.find_all(nodes.Call):
        if isinstance(call.node, nodes.Name) and len(call.args) > macros.get(call.node.name, 99):
            yield call


def test_no_icon_is_given_by_position() -> None:
    macros = macros_with_icons()
    assert {"alert", "empty", "ask"} <= set(macros)
    lost = [f"{path.name}:{call.lineno}" for path in PAGES for call in by_position(parsed(path), macros)]
    assert not lost, f"the build does not see these icons; say icon_name=: {lost}"


def test_an_icon_by_position_is_noticed() -> None:
    page = jinja2.Environment().parse('{{ alert("Sent.", "success", "mail") }}')
    with pytest.raises(StopIteration):
        next(by_position(page, {"alert": 3}))
    assert next(by_position(page, {"alert": 2})).lineno == 1
