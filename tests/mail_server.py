"""A real mail server on this machine that keeps what it is given."""

from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any, cast

from aiosmtpd.controller import Controller

from tests_support import free_port


class Mailbox:
    """What arrived; recipients in `refused` are turned away for good, those in `busy` for now."""

    def __init__(self) -> None:
        self.mails: list[EmailMessage] = []
        self.refused: set[str] = set()
        self.busy: set[str] = set()

    async def handle_RCPT(self, _server: Any, _session: Any, envelope: Any, address: str, _options: Any) -> str:  # noqa: N802
        if address in self.refused:
            return "550 5.1.1 no such mailbox"
        if address in self.busy:
            return "451 4.3.0 try again later"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802
        self.mails.append(cast("EmailMessage", message_from_bytes(envelope.content, policy=policy.default)))
        return "250 OK"

    def to(self, recipient: str) -> list[EmailMessage]:
        """Give the mails of one recipient, in the order in which they came."""
        return [mail for mail in self.mails if mail["To"] == recipient]

    def subjects(self, recipient: str) -> list[str]:
        """Give what their subjects say."""
        return [str(mail["Subject"]) for mail in self.to(recipient)]


@contextmanager
def mail_server(mailbox: Mailbox) -> Iterator[str]:
    """Run the server; gives its address as KANAVA_MAIL_SERVER takes it."""
    port = free_port()
    controller = Controller(mailbox, hostname="127.0.0.1", port=port)
    controller.start()
    try:
        yield f"smtp://127.0.0.1:{port}"
    finally:
        controller.stop()
