"""`make clean`: stop and delete the embedded database of a data directory, wherever it was placed."""

import sys
from pathlib import Path

from kanava.platform import embedded
from kanava.platform.refusal import CannotRun
from kanava.supervisor.ownership import own_data_dir


def main() -> None:
    """Delete the cluster of the data directory that the first argument names."""
    data_dir = Path(sys.argv[1])
    try:
        with own_data_dir(data_dir):
            embedded.remove(data_dir)
    except CannotRun as error:
        sys.exit(f"kanava: {error}")


if __name__ == "__main__":
    main()
