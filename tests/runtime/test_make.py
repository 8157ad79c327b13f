"""`make install` installs and builds the pages when something has changed, and only then."""

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
    -m) [ "$2" != pip ] || echo "$@" >> pip.log ;;
    *) exec {sys.executable} "$@" ;;
esac
"""

# Stands in for npm: notes what it is asked for, and leaves what a build leaves.
NPM = """echo "$@" >> ../npm.log
case "$1" in
    ci) mkdir -p node_modules ;;
    run) mkdir -p ../src/kanava/web/static/dist ;;
esac"""


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    shutil.copy(TOP / "Makefile", tmp_path)
    (tmp_path / "requirements.lock").write_text("one==1\n")
    (tmp_path / "pyproject.toml").write_text("[project]\n")
    interpreter = tmp_path / ".venv/bin/python"
    interpreter.parent.mkdir(parents=True)
    interpreter.write_text(INTERPRETER)
    interpreter.chmod(0o755)
    shutil.copytree(TOP / "frontend", tmp_path / "frontend", ignore=shutil.ignore_patterns("node_modules"))
    (tmp_path / "src/kanava/web/templates").mkdir(parents=True)
    tools = tmp_path / "tools"
    tools.mkdir()
    program(tools / "node", 'echo "v20.20.2"')
    program(tools / "npm", NPM)
    return tmp_path


def program(path: Path, text: str) -> None:
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)


def installs(checkout: Path) -> int:
    log = checkout / "pip.log"
    log.write_text("")
    (checkout / "npm.log").write_text("")
    done = make_install(checkout)
    assert done.returncode == 0, done.stderr
    return len(log.read_text().splitlines())


def make_install(checkout: Path, path: str | None = None) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}
    environment["PATH"] = path or f"{checkout / 'tools'}{os.pathsep}{environment['PATH']}"
    command = ["make", "install", f"PYTHON={sys.executable}"]
    return subprocess.run(command, cwd=checkout, env=environment, capture_output=True, text=True, check=False)


def asked_of_npm(checkout: Path) -> list[str]:
    return [line.split()[0] for line in (checkout / "npm.log").read_text().splitlines()]


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


def test_pages_are_built_when_a_source_or_a_template_changed(checkout: Path) -> None:
    installs(checkout)
    assert asked_of_npm(checkout) == ["ci", "run"]
    installs(checkout)
    assert asked_of_npm(checkout) == []
    (checkout / "src/kanava/web/templates/new.html").write_text('<p class="hidden">')
    installs(checkout)
    assert asked_of_npm(checkout) == ["run"]
    (checkout / "frontend/package-lock.json").write_text("{}")
    installs(checkout)
    assert asked_of_npm(checkout) == ["ci", "run"]


def test_a_build_that_fails_says_what_npm_said_and_is_tried_again(checkout: Path) -> None:
    program(checkout / "tools/npm", "echo there is no icon unicorn >&2; exit 1")
    refused = make_install(checkout)
    assert refused.returncode != 0
    assert "there is no icon unicorn" in refused.stderr
    program(checkout / "tools/npm", NPM)
    installs(checkout)
    assert asked_of_npm(checkout) == ["ci", "run"]


def test_a_machine_without_node_gets_one_sentence(checkout: Path) -> None:
    """Neither a Node that is new enough, nor pip that brings one."""
    program(checkout / "tools/node", 'echo "v16.0.0"')
    (checkout / "frontend/requirements.lock").write_text("no-such-package-of-ours==1 --hash=sha256:00\n")
    refused = make_install(checkout)
    assert refused.returncode != 0
    told = [line for line in refused.stderr.splitlines() if not line.startswith("make")]
    assert len(told) == 1
    assert "Node 20 or newer" in told[0]
