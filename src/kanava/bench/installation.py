"""Where benchmarks find the installation that they measure on."""

from kanava.supervisor.temporary import Api, Installation, fresh_installation

__all__ = ["Api", "Installation", "fresh_installation"]
