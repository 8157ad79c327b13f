"""What an operator reads is what the code does."""

import re
import tomllib
from pathlib import Path

import msgspec
import pytest

from kanava.platform import embedded, migrate
from kanava.platform.refusal import CannotRun
from kanava.settings import Settings, load_settings, variable_of

TOP = Path(__file__).parents[2]
FIELDS = [field.name for field in msgspec.structs.fields(Settings)]


@pytest.mark.parametrize("field", FIELDS)
def test_a_setting_is_documented_with_its_default(field: str) -> None:
    default = next(f.default for f in msgspec.structs.fields(Settings) if f.name == field)
    shown = str(default).lower() if isinstance(default, bool) else str(default)
    line = re.search(
        rf"^\| `{variable_of(field)}` \| (.+?) \| .{{20,}} \|$", _read("docs/operations/settings.md"), re.MULTILINE
    )
    assert line, f"{variable_of(field)} is missing in docs/operations/settings.md"
    assert line[1] == (f"`{shown}`" if shown else "empty")
    assert f"#{variable_of(field)}={shown}\n" in _read(".env.example")


def test_no_setting_is_documented_that_does_not_exist() -> None:
    documented = re.findall(r"^\| `(KANAVA_\w+)`", _read("docs/operations/settings.md"), re.MULTILINE)
    assert sorted(documented) == sorted(variable_of(field) for field in FIELDS)


def test_a_dependency_is_documented() -> None:
    project = tomllib.loads(_read("pyproject.toml"))["project"]
    wanted = [*project["dependencies"], *(r for extra in project["optional-dependencies"].values() for r in extra)]
    names = sorted({re.split(r"[<>=\[ ]", requirement)[0] for requirement in wanted})
    assert (
        sorted(re.findall(r"^\| `([\w-]+)` \| .{10,} \|$", _read("docs/operations/dependencies.md"), re.MULTILINE))
        == names
    )


def test_the_lock_file_has_hashes_and_no_address() -> None:
    lock = _read("requirements.lock")
    assert not re.search(r"://|--(index|extra-index|find-links|trusted)", lock)
    pinned = re.findall(r"^([\w.-]+)==\S+ \\\n    --hash=sha256:", lock, re.MULTILINE)
    assert len(pinned) == len(re.findall(r"^\w", lock, re.MULTILINE))
    project = tomllib.loads(_read("pyproject.toml"))["project"]
    wanted = [*project["dependencies"], *(r for extra in project["optional-dependencies"].values() for r in extra)]
    assert {re.split(r"[<>=\[ ]", requirement)[0] for requirement in wanted} <= set(pinned)


def test_schema_sql_is_what_the_migrations_make(cluster: embedded.Cluster) -> None:
    made = migrate.dump_schema(cluster.url("kanava_template"))
    assert made == _read("schema.sql"), "run `make schema`"


@pytest.mark.parametrize(
    ("variable", "value", "reason"),
    [
        ("KANAVA_PORT", "http", "a whole number"),
        ("KANAVA_PORT", "70000", "65535"),
        ("KANAVA_API_PROCESSES", "0", "1"),
        ("KANAVA_DEMO", "maybe", "true or false"),
        ("KANAVA_LOG_LEVEL", "loud", "debug, error, info, warning"),
        ("KANAVA_CURRENCY", "euro", "matching"),
        ("KANAVA_DATABASE_URL", "mysql://x", "postgresql://"),
        ("KANAVA_PROT", "8000", "no setting"),
    ],
)
def test_a_wrong_setting_is_one_sentence_that_names_it(variable: str, value: str, reason: str) -> None:
    with pytest.raises(CannotRun) as refusal:
        load_settings({variable: value}, None)
    assert str(refusal.value).startswith(variable)
    assert reason in str(refusal.value)
    assert str(refusal.value).endswith(".")
    assert "\n" not in str(refusal.value)


def test_the_environment_wins_over_the_file(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("KANAVA_PORT=8123\nKANAVA_CURRENCY=PLN\n")
    settings = load_settings({"KANAVA_PORT": "8124"}, tmp_path / ".env")
    assert (settings.port, settings.currency) == (8124, "PLN")


def _read(name: str) -> str:
    return (TOP / name).read_text()
