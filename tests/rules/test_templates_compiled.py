"""Templates compiled at installation are taken for the text that they were made of, and for no other."""

from pathlib import Path

import jinja2
import pytest

from kanava.web.common import templates


def environment(text: str) -> tuple[jinja2.Environment, templates._Compiled]:
    cache = templates._Compiled()
    return jinja2.Environment(loader=jinja2.DictLoader({"shop/a.html": text}), bytecode_cache=cache), cache


def test_what_was_compiled_is_taken_for_the_same_text_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(templates, "COMPILED", tmp_path)
    made, cache = environment("one")
    assert made.get_template("shop/a.html").render() == "one"
    cache.write()
    assert len(list(tmp_path.iterdir())) == 1
    changed, _ = environment("two")
    assert changed.get_template("shop/a.html").render() == "two"
    same, _ = environment("one")
    monkeypatch.setattr(same, "compile", None)
    assert same.get_template("shop/a.html").render() == "one"


def test_a_file_that_was_cut_short_is_compiled_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(templates, "COMPILED", tmp_path)
    made, cache = environment("one")
    made.get_template("shop/a.html")
    cache.write()
    (path,) = tmp_path.iterdir()
    path.write_bytes(path.read_bytes()[:-9])
    again, _ = environment("one")
    assert again.get_template("shop/a.html").render() == "one"
