"""`make install` installs when what is locked has changed, and only then."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

TOP = Path(__file__).parents[2]
# Stands in for the interpreter of .venv: notes what pip is asked for, and hashes as the real one does.
INTERPRETER = f"""#!/bin/sh
case "$1" in
    -m) echo "$@" >> pip.log ;;
    *) exec {sys.executable} "$@" ;;
esac
"""


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    shutil.copy(TOP / "Makefile", tmp_path)
    (tmp_path / "requirements.lock").write_text("one==1\n")
    (tmp_path / "pyproject.toml").write_text("[project]\n")
    interpreter = tmp_path / ".venv/bin/python"
    interpreter.parent.mkdir(parents=True)
    interpreter.write_text(INTERPRETER)
    interpreter.chmod(0o755)
    return tmp_path


def installs(checkout: Path) -> int:
    log = checkout / "pip.log"
    log.write_text("")
    environment = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}
    subprocess.run(["make", "install", f"PYTHON={sys.executable}"], cwd=checkout, check=True, env=environment)
    return len(log.read_text().splitlines())


def test_what_is_locked_is_installed_once(checkout: Path) -> None:
    assert installs(checkout) == 2
    assert installs(checkout) == 0
    (checkout / "requirements.lock").touch()
    assert installs(checkout) == 0


@pytest.mark.parametrize("name", ["requirements.lock", "pyproject.toml"])
def test_another_content_is_installed_however_old_the_file_is(checkout: Path, name: str) -> None:
    installs(checkout)
    (checkout / name).write_text("two==2\n")
    os.utime(checkout / name, (0, 0))
    assert installs(checkout) == 2
    assert installs(checkout) == 0


def test_an_environment_that_was_cut_short_is_finished(checkout: Path) -> None:
    installs(checkout)
    (checkout / ".venv/.installed").unlink()
    assert installs(checkout) == 2
