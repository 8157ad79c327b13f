"""Where messages go: an SMTP server, or a folder of .eml files that any mail program opens."""

from collections.abc import Sequence
from email.message import EmailMessage
from email.utils import formataddr, formatdate, parseaddr
from pathlib import Path
from typing import Protocol
from urllib.parse import unquote, urlsplit
from uuid import UUID

import aiosmtplib
import msgspec

from kanava.engagement.model import Rendered
from kanava.platform.refusal import CannotRun

SECONDS_MAX = 20.0
"""How long one step of a conversation with a mail server may take."""


class Letter(msgspec.Struct, frozen=True):
    """A message ready to go; `picture` is shown in the text where `cid:code` stands (PNG)."""

    message_id: UUID
    recipient: str
    rendered: Rendered
    picture: bytes | None = None


class Result(msgspec.Struct, frozen=True):
    """What became of a letter: `error` None is accepted, `final` will be refused again."""

    error: str | None = None
    final: bool = False


class Mailer(Protocol):
    """A way out for letters."""

    async def send(self, letters: Sequence[Letter]) -> list[Result]:
        """Send letters one after the other; gives a result for each."""


def mailer_of(server: str, sender: str, folder: Path) -> Mailer:
    """Choose the way out: `server` is smtp://user:password@host:port, smtps://…, or empty for the folder."""
    if not server:
        return FolderMailer(sender, folder)
    parts = urlsplit(server)
    if parts.scheme not in ("smtp", "smtps") or not parts.hostname:
        raise CannotRun("KANAVA_MAIL_SERVER is smtp://host:port or smtps://host:port, with user:password@ if need be.")
    return SmtpMailer(sender, server)


def email_of(sender: str, letter: Letter) -> EmailMessage:
    """Write a letter as an e-mail; its Message-ID is the same however often it is sent."""
    rendered = letter.rendered
    name, address = parseaddr(sender)
    mail = EmailMessage()
    mail["From"] = formataddr((name, address))
    mail["To"] = letter.recipient
    mail["Subject"] = rendered.subject
    mail["Date"] = formatdate(usegmt=True)
    mail["Message-ID"] = f"<{letter.message_id}@{address.rpartition('@')[2] or 'localhost'}>"
    # Holiday notes and the like are not wanted in answer to what a machine sends.
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content(rendered.text)
    mail.add_alternative(rendered.html, subtype="html")
    if letter.picture is not None:
        html = mail.get_payload()[1]  # type: ignore[index]
        html.add_related(letter.picture, "image", "png", cid="<code>")  # type: ignore[union-attr]
    return mail


class FolderMailer:
    """Writes each letter as a file; the default, for trying things out."""

    def __init__(self, sender: str, folder: Path) -> None:
        self.sender, self.folder = sender, folder

    async def send(self, letters: Sequence[Letter]) -> list[Result]:
        """Write the letters into the folder."""
        self.folder.mkdir(parents=True, exist_ok=True)
        for letter in letters:
            path = self.folder / f"{letter.message_id}.eml"
            path.write_bytes(email_of(self.sender, letter).as_bytes())
        return [Result() for _ in letters]


class SmtpMailer:
    """Hands letters to a mail server, several over one connection."""

    def __init__(self, sender: str, server: str) -> None:
        self.sender = sender
        parts = urlsplit(server)
        self.host, self.encrypted = parts.hostname or "", parts.scheme == "smtps"
        self.port = parts.port or (465 if self.encrypted else 25)
        self.user = unquote(parts.username) if parts.username else None
        self.password = unquote(parts.password) if parts.password else None

    async def send(self, letters: Sequence[Letter]) -> list[Result]:
        """Send the letters; when the server cannot be reached, all of them fail for now."""
        client = aiosmtplib.SMTP(
            hostname=self.host,
            port=self.port,
            use_tls=self.encrypted,
            username=self.user,
            password=self.password,
            timeout=SECONDS_MAX,
        )
        results: list[Result] = []
        try:
            async with client:
                for letter in letters:
                    results.append(await self._send_one(client, letter))  # noqa: PERF401 -- what was sent counts when the line breaks
        except (aiosmtplib.SMTPException, OSError) as error:
            results += [Result(f"{type(error).__name__}: {error}")] * (len(letters) - len(results))
        return results

    async def _send_one(self, client: aiosmtplib.SMTP, letter: Letter) -> Result:
        try:
            await client.send_message(email_of(self.sender, letter))
        except aiosmtplib.SMTPRecipientsRefused as error:
            refused = error.recipients[0]
            return Result(f"{refused.code} {refused.message}", final=refused.code >= 500)
        except aiosmtplib.SMTPResponseException as error:
            return Result(f"{error.code} {error.message}", final=error.code >= 500)
        except (ValueError, UnicodeError) as error:
            # An address that no mail can be sent to.
            return Result(str(error), final=True)
        return Result()
