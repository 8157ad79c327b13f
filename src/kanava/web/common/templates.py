"""The templates, compiled once: `python -m kanava.web.common.templates` does so when Kanava is installed.

To compile them all takes seconds, which the first visitors of each process would wait for. What was compiled is taken
only when it was made of the very same text; anything else is compiled by the process that needs it, and kept there.
"""

from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import jinja2
from jinja2.bccache import Bucket, BytecodeCache

TEMPLATES = Path(__file__).parents[1] / "templates"
COMPILED = TEMPLATES.parent / "__pycache__"


class _Compiled(BytecodeCache):
    """What was compiled at installation and by this process; all faces and languages have the same."""

    def __init__(self) -> None:
        self._kept: dict[str, bytes] = {}

    def get_cache_key(self, name: str, filename: str | None = None) -> str:
        """Give the name without its folder: what was compiled stays good when the whole is moved."""
        del filename
        return name

    def load_bytecode(self, bucket: Bucket) -> None:
        """Give what was compiled of a template, if its text is still the same."""
        path = file_of(bucket.key)
        if bucket.key in self._kept:
            bucket.bytecode_from_string(self._kept[bucket.key])
        elif path.is_file():
            bucket.bytecode_from_string(path.read_bytes())

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep what was compiled of a template."""
        self._kept[bucket.key] = bucket.bytecode_to_string()

    def write(self) -> None:
        """Leave what is kept as files, for processes to come."""
        COMPILED.mkdir(exist_ok=True)
        for name, compiled in self._kept.items():
            path = file_of(name)
            if not path.is_file() or path.read_bytes() != compiled:
                path.write_bytes(compiled)


def file_of(name: str) -> Path:
    """Give where a compiled template lies; another Jinja may compile to something else."""
    return COMPILED / f"{name.replace('/', '.')}.jinja-{jinja2.__version__}"


_compiled = _Compiled()


def new_environment() -> jinja2.Environment:
    """Give templates without words and helpers; a name that nobody gave a value is an error, not an empty place."""
    made = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
        cache_size=-1,
        bytecode_cache=_compiled,
        extensions=["jinja2.ext.i18n", "jinja2.ext.do"],
    )
    # Here, not with the helpers: a filter of something constant is worked out when a template is compiled.
    made.filters["query"] = query
    return made


def query(given: dict[str, Any]) -> str:
    """Write a query string of what is not None; lists become repeated names."""
    return urlencode({name: value for name, value in given.items() if value is not None}, doseq=True)


def compile_all() -> None:
    """Compile every template that is not compiled yet, and leave all as files."""
    made = new_environment()
    made.install_null_translations(newstyle=True)  # type: ignore[attr-defined]
    for name in made.list_templates(extensions=["html", "js"]):
        made.get_template(name)
    _compiled.write()


if __name__ == "__main__":
    compile_all()
