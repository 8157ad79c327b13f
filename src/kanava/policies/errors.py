"""Why a policy cannot be read or written."""

from typing import ClassVar

from kanava.platform.errors import NotFound


class PolicyNotFound(NotFound):
    """The country has no policy of this kind in this language."""

    title: ClassVar[str] = "There is no such policy."
