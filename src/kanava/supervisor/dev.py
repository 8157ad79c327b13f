"""`make dev`: `kanava up`, started anew when a source file changes."""

import signal
import subprocess
import sys
import time
from pathlib import Path

SOURCES = Path(__file__).parents[1]
LOOK_SECONDS = 0.5


def newest_change() -> float:
    """Give when the youngest source file changed."""
    return max(path.stat().st_mtime for path in SOURCES.rglob("*.py"))


def main() -> None:
    """Run until Ctrl-C; a change stops everything cleanly and starts it again."""
    while True:
        seen = newest_change()
        # In this terminal's own group: Ctrl-C reaches it and it stops its parts.
        running = subprocess.Popen([sys.executable, "-m", "kanava.cli", "up", *sys.argv[1:]])  # noqa: S603
        try:
            while running.poll() is None and newest_change() == seen:
                time.sleep(LOOK_SECONDS)
            if running.poll() is None:
                running.send_signal(signal.SIGTERM)
                running.wait()
                continue
            while newest_change() == seen:  # It could not start: the next change may cure it.
                time.sleep(LOOK_SECONDS)
        except KeyboardInterrupt:
            running.wait()
            return


if __name__ == "__main__":
    main()
