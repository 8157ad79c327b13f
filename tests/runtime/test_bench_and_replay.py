"""The benchmarks' frame and the replay: that they run and count right; never how fast."""

import json
import os
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from kanava.bench import load, report
from kanava.bench.commands import BENCHES
from kanava.bench.model import Measure, at_least, at_most, compared
from kanava.bench.running import Report, run_benches
from kanava.platform.refusal import CannotRun


def kanava(*arguments: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run the command in a folder without settings."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("KANAVA_")}
    command = [sys.executable, "-m", "kanava.cli", *arguments]
    return subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, timeout=120, check=False
    )


def test_every_benchmark_that_is_named_is_there() -> None:
    import importlib

    assert all(callable(importlib.import_module(f"kanava.bench.{name}").run) for name in BENCHES)


def test_goals_are_told_apart_from_figures() -> None:
    reached = compared("b", "m", 30, "/s", reference="r", reference_value=20, at_least=1.5)
    assert (reached.ratio, reached.goal, reached.met) == (1.5, "≥ 1.5 ×", True)
    missed = compared("b", "m", 31, "ms", reference="r", reference_value=10, at_most=3)
    assert (missed.goal, missed.met) == ("≤ 3 ×", False)
    assert at_most("b", "m", 121, "MB", goal=120).met is False
    assert at_least("b", "m", 300, "/s", goal=300).met is True


def test_json_lines_have_the_agreed_fields(capsys: pytest.CaptureFixture[str]) -> None:
    report.print_json(Report("b", [at_least("b", "m", 1, "/s", goal=2)], [], 0.1))
    (line,) = capsys.readouterr().out.splitlines()
    fields = ["bench", "metric", "value", "unit", "reference", "reference_value", "ratio", "goal", "met"]
    assert list(json.loads(line)) == fields == [field.name for field in msgspec.structs.fields(Measure)]


def test_ready_made_requests_survive_the_file(tmp_path: Path) -> None:
    requests = [load.http_request("POST", "/x", {"A": "b"}, b"{}"), load.http_request("GET", "/y", {})]
    assert load.write_requests(tmp_path / "r", iter(requests)) == 2
    assert load.read_requests(tmp_path / "r") == requests
    assert requests[0].endswith(b"Content-Length: 2\r\n\r\n{}")


@pytest.mark.anyio
async def test_a_benchmark_that_breaks_or_misses_its_goal_leaves_the_others_their_figures(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from kanava.bench import hot, memory, single

    async def missed(_context: object) -> list[Measure]:
        return [at_least("hot", "orders", 1, "/s", goal=2)]

    async def broken(_context: object) -> list[Measure]:
        raise ZeroDivisionError("nothing was placed")

    async def refused(_context: object) -> list[Measure]:
        raise CannotRun("There is no room.")

    for module, run in ((hot, missed), (single, broken), (memory, refused)):
        monkeypatch.setattr(module, "run", run)
    (tmp_path / "performance.md").write_text(f"Words.\n{report.START}\n{report.END}\nMore words.\n")
    monkeypatch.setattr(report, "_docs_folder", lambda: tmp_path)
    names = ["single", "hot", "memory"]
    reports = await run_benches(names, tmp_path, quick=True, on_report=report.print_json)
    assert [one.failure for one in reports] == ["ZeroDivisionError: nothing was placed", None, "There is no room."]
    assert json.loads(capsys.readouterr().out)["met"] is False
    written = report.write_docs(reports, command="kanava bench all").read_text()
    assert written.startswith("Words.")
    assert written.endswith("More words.\n")
    for expected in ("| orders | `kanava bench hot` |", "≥ 2 /s | **no** |", "could not be run: There is no room."):
        assert expected in written


def test_a_benchmark_replaces_its_own_rows_and_notes_and_keeps_the_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    head = "| figure | command | value | reference | ratio | goal | met |\n|---|---|---|---|---|---|---|"
    path = tmp_path / "performance.md"
    path.write_text(
        f"""Words.
{report.START}

A quiet machine.

{head}
| orders by hand | `kanava bench orders --quick` | 1/s | | | | yes |
| hot, old | `kanava bench hot` (before) | 2/s | | | | yes |
| hot, older | the same | 3/s | | | | yes |
| second start | by hand: `kanava up` | 2.5 s | | | | yes |

{report.END}
More words.
"""
    )
    monkeypatch.setattr(report, "_docs_folder", lambda: tmp_path)

    def write(bench: str, value: float, *, failure: str | None = None) -> list[str]:
        measures = [] if failure else [at_least(bench, f"{bench} figure", value, "/s", goal=5)]
        ran = Report(bench, measures, [f"note {value:g}"], 1.0, failure)
        lines = report.write_docs([ran], command=f"kanava bench {bench} --quick --write-docs").read_text().splitlines()
        assert (lines[0], lines[-1]) == ("Words.", "More words.")
        assert "A quiet machine." in lines
        return lines

    def rows(lines: list[str]) -> list[str]:
        return [line.split(" | ")[0].removeprefix("| ") for line in lines if line.startswith("| ")][1:]

    assert rows(write("hot", 6)) == ["orders by hand", "hot figure", "second start"]
    assert rows(write("memory", 7)) == ["orders by hand", "hot figure", "second start", "memory figure"]
    last = write("hot", 9)
    assert "| hot figure | `kanava bench hot --quick` | 9.00 /s |  |  | ≥ 5 /s | yes |" in last
    assert [line for line in last if line.startswith("- ")] == ["- note 7", "- note 9"]
    failed = write("memory", 8, failure="no room")
    assert rows(failed) == rows(last)
    assert "- could not be run: no room" in failed


def test_an_unknown_benchmark_is_a_wrong_argument(tmp_path: Path) -> None:
    done = kanava("bench", "nothing", folder=tmp_path)
    assert done.returncode == 2
    assert "orders" in done.stderr


@pytest.mark.slow
def test_a_short_replay_takes_every_receipt_and_leaves_every_invariant_whole(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    done = kanava("demo", "replay", "--orders", "60", "--pickup-share", "0.5", "--json", folder=tmp_path)
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert told["receipts"] == 60 == told["orders_taken"] + told["orders_refused"]
    assert told["till_orders"] > 0 < told["pickup_orders"]
    assert set(told["refused_by_reason"]) <= {"nothing-in-stock", "insufficient-stock"}
    assert told["lines_filled"] > told["shortages"] > 0
    assert set(told["invariants"].values()) == {0}


@pytest.mark.slow
def test_a_replay_with_rejections_says_what_was_promised_and_what_happened(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    shares = ("--pickup-share", "0.4", "--ship-share", "0.4")
    done = kanava("demo", "replay", "--orders", "30", "--reject-percent", "15", *shares, "--json", folder=tmp_path)
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert set(told["invariants"].values()) == {0}
    assert told["pickup_orders"] > 0 < told["shipped_orders"]
    did, audit = told["promises"]["did"], told["promises"]["audit"]
    assert did["delivered"] == did["shipped"] > 0 < did["handed over"] <= did["staged"]
    assert did["picked"] > did["rejected"] > 0
    assert {row["kind"] for row in audit["rows"]} == {"pickup", "ship"}
    outcomes = {row["outcome"] for row in audit["rows"]}
    assert "kept" in outcomes
    assert not outcomes & {"under way", "overdue", "no date promised"}, "everything came to its end"
    assert audit["units_kept"] > 0


def test_shares_of_more_than_all_are_wrong_arguments(tmp_path: Path) -> None:
    done = kanava("demo", "replay", "--pickup-share", "0.6", "--ship-share", "0.6", folder=tmp_path)
    assert done.returncode == 2
    assert "--ship-share" in done.stderr


def test_no_receipt_of_december_is_read() -> None:
    from kanava.demo.replay.receipts import FIRST_DAY_KEPT_BACK, Receipts, Selection

    receipts = Receipts(Selection())
    assert receipts.sold["transaction_timestamp"].max() < FIRST_DAY_KEPT_BACK
    assert FIRST_DAY_KEPT_BACK.month == 12
    assert receipts.baskets > 140_000
