"""PostgreSQL's own load generator, as the reference."""

import asyncio
import re
from pathlib import Path

import msgspec

from kanava.bench.installation import Installation
from kanava.bench.model import median
from kanava.platform.embedded import binary
from kanava.platform.refusal import CannotRun

_TPS = re.compile(r"tps = ([0-9.]+)")
_FAILED = re.compile(r"number of failed transactions: ([0-9]+)")


class Reference(msgspec.Struct, frozen=True):
    """What pgbench measured."""

    per_second: float
    p50_ms: float
    failed: int


async def run_pgbench(
    installation: Installation, script: Path, *, clients: int, threads: int = 1, seconds: float
) -> Reference:
    """Run a script with prepared statements; the median time of a transaction is taken of one client only."""
    log = installation.folder / "pgbench"
    # A line for every transaction would cost a busy run something.
    logged = ["-l", "--log-prefix", str(log)] if clients == 1 else []
    process = await asyncio.create_subprocess_exec(
        str(binary("pgbench")), "-n", "-M", "prepared", "-c", str(clients), "-j", str(threads),
        "-T", str(max(1, round(seconds))), "-f", str(script), *logged, installation.url,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    output, errors = await process.communicate()
    text = output.decode()
    found = _TPS.search(text)
    if process.returncode != 0 or found is None:
        raise CannotRun(f"pgbench did not run: {errors.decode().strip()[-500:]}")
    failed = _FAILED.search(text)
    times = []
    for path in installation.folder.glob("pgbench.*"):
        times += [int(line.split()[2]) / 1000 for line in path.read_text().splitlines() if line.split()[2].isdigit()]
        path.unlink()
    return Reference(float(found[1]), median(times) if times else 0.0, int(failed[1]) if failed else 0)
