"""The embedded server stops whoever started it."""

import subprocess
import sys
import time
from pathlib import Path

from kanava.platform import embedded

# A starter that lives on and never collects its child, as a busy supervisor or a test worker does.
STARTER = """
import sys, time
from pathlib import Path
from kanava.platform import embedded
server = embedded.start(embedded.cluster_at(Path(sys.argv[1])), durable=False)
print(server.pid, flush=True)
time.sleep(120)
"""


def test_stop_does_not_wait_for_the_starter_to_collect_the_server(tmp_path: Path) -> None:
    starter = subprocess.Popen([sys.executable, "-c", STARTER, str(tmp_path)], stdout=subprocess.PIPE, text=True)
    try:
        assert starter.stdout is not None
        assert starter.stdout.readline().strip().isdigit()
        assert embedded.running_url(tmp_path) is not None
        began = time.monotonic()
        embedded.remove(tmp_path)
        assert time.monotonic() - began < embedded.STOP_SECONDS_MAX / 2
        assert embedded.running_url(tmp_path) is None
    finally:
        starter.kill()
        starter.wait()
        starter.stdout.close()
