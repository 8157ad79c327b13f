"""Conditions of messages."""

from typing import ClassVar

from kanava.platform.errors import Conflict, NotFound


class MessageNotFound(NotFound):
    """There is no such message."""

    title: ClassVar[str] = "There is no such message"


class TemplateNotFound(NotFound):
    """There is no such kind of message."""

    title: ClassVar[str] = "There is no such kind of message"


class MessageUnderWay(Conflict):
    """The message waits to be sent already."""

    title: ClassVar[str] = "The message waits to be sent already"
