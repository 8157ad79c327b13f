"""`python -m kanava.cli` is `kanava`."""

from kanava.cli import main

main()
