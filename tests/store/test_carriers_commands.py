"""`kanava import carriers` and `kanava export carriers` as a person or a script runs them."""

import json
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from kanava.demo.carriers import carriers
from kanava.platform.db import Database

pytestmark = pytest.mark.anyio


def run(database_url: str, folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "kanava.cli", *arguments],
        cwd=folder,
        capture_output=True,
        text=True,
        env={"KANAVA_DATABASE_URL": database_url, "PATH": "/usr/bin:/bin", "COLUMNS": "120"},
        timeout=60,
        check=False,
    )


async def test_what_is_written_out_is_read_in(db: Database, database_url: str, tmp_path: Path) -> None:
    file = tmp_path / "carriers.json"
    file.write_bytes(msgspec.json.encode(carriers(())))
    first = run(database_url, tmp_path, "import", "carriers", str(file), "--json")
    assert (first.returncode, json.loads(first.stdout)) == (0, {"carriers": 4, "services": 12, "pickup_points": 0})
    out = run(database_url, tmp_path, "export", "carriers", "-")
    assert out.returncode == 0, out.stderr
    (tmp_path / "again.json").write_text(out.stdout)
    again = run(database_url, tmp_path, "import", "carriers", "again.json", "--json")
    assert json.loads(again.stdout) == {"carriers": 0, "services": 0, "pickup_points": 0}


async def test_a_wrong_file_is_one_sentence_and_nothing_is_written(
    db: Database, database_url: str, tmp_path: Path
) -> None:
    (tmp_path / "wrong.json").write_text('{"carriers": [{"code": "post"}]}')
    refused = run(database_url, tmp_path, "import", "carriers", "wrong.json")
    assert refused.returncode == 1
    assert "carriers[0]" in refused.stderr
    assert "Traceback" not in refused.stderr
