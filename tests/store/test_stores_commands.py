"""`kanava import locations` as a person or a script runs it."""

import json
import subprocess
import sys

import pytest

pytestmark = pytest.mark.anyio
RUN = "from kanava.stores.commands import app; app(prog_name='kanava import')"


def run(database_url, tmp_path, content, *arguments):
    file = tmp_path / "locations.csv"
    file.write_bytes(content)
    return subprocess.run(
        [sys.executable, "-c", RUN, "locations", str(file), *arguments],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        env={"KANAVA_DATABASE_URL": database_url, "PATH": "/usr/bin:/bin", "COLUMNS": "120"},
        timeout=60,
        check=False,
    )


GOOD = b"code,name,country,latitude,longitude\nLJ-01,Ljubljana,SI,46.05,14.51\n"


async def test_good_files_end_with_0(db, database_url, tmp_path):
    dry = run(database_url, tmp_path, GOOD, "--dry-run")
    assert (dry.returncode, "1 would be created" in dry.stdout) == (0, True), dry
    done = run(database_url, tmp_path, GOOD, "--json")
    assert done.returncode == 0
    assert json.loads(done.stdout)["created"] == 1
    assert json.loads(run(database_url, tmp_path, GOOD, "--json").stdout)["unchanged"] == 1


async def test_bad_rows_end_with_1_and_the_good_ones_are_in(db, database_url, tmp_path):
    done = run(database_url, tmp_path, GOOD + b"B/2,B,SI,46,14\nMB-01,Maribor,SI,146,15\n")
    assert done.returncode == 1
    assert "latitude" in done.stdout
    async with db.connection() as connection:
        assert await connection.fetchval("SELECT count(*) FROM location") == 1


async def test_what_cannot_be_read_or_reached_ends_with_2_and_a_sentence(db, database_url, tmp_path):
    for result in (
        run(database_url, tmp_path, b"\xff\xfe"),
        run(database_url, tmp_path, b""),
        run("postgresql://127.0.0.1:1/none", tmp_path, GOOD),
    ):
        assert result.returncode == 2, result
        assert result.stderr.startswith("kanava: ")
        assert "Traceback" not in result.stderr
