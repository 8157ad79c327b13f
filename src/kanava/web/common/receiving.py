"""Files that a browser sends: written to disk as they arrive, never whole in memory, within the limit of their page."""

from pathlib import Path
from typing import BinaryIO, ClassVar

import msgspec
from multipart import MultipartError, MultipartSegment, PushMultipartParser, parse_options_header

from kanava.platform.errors import InvalidInput, KanavaError
from kanava.platform.http import AnyRequest

FIELDS_MAX = 50
FIELD_BYTES_MAX = 10_000
ENVELOPE_BYTES = 64 << 10


class TooLarge(KanavaError):
    """What was sent is larger than this page takes."""

    status: ClassVar[int] = 413
    title: ClassVar[str] = "That is too large."


class ReceivedFile(msgspec.Struct, frozen=True):
    """A file as it came; `name` is what the browser called it, without folders."""

    field: str
    name: str
    path: Path
    bytes: int


class Received(msgspec.Struct, frozen=True):
    """The fields of a form and its files."""

    fields: dict[str, str]
    files: list[ReceivedFile]


async def receive_form(request: AnyRequest, folder: Path, bytes_max: int, files_max: int = 1) -> Received:
    """Write the files of a multipart form into a folder; TooLarge, InvalidInput."""
    kind, options = parse_options_header(request.headers.get("content-type", ""))
    boundary = options.get("boundary")
    if kind != "multipart/form-data" or not boundary:
        raise InvalidInput("Send a form with a file.", field="file")
    limit = bytes_max * files_max + ENVELOPE_BYTES
    form = _Form(folder, bytes_max, files_max)
    seen = 0
    parser = PushMultipartParser(boundary, max_segment_count=FIELDS_MAX)
    try:
        async for block in request.stream():
            seen += len(block)
            if seen > limit:
                raise TooLarge("The file is too large.")
            for part in parser.parse(block):
                form.take(part)
    except MultipartError:
        raise InvalidInput("The form could not be read.", field="file") from None
    finally:
        form.close()
    if not parser.closed:
        raise InvalidInput("The form ended too early.", field="file")
    return Received(form.fields, form.files)


class _Form:
    """The parts of a form, one after the other: a header, blocks of its body, and None at its end."""

    def __init__(self, folder: Path, bytes_max: int, files_max: int) -> None:
        self.folder, self.bytes_max, self.files_max = folder, bytes_max, files_max
        self.fields: dict[str, str] = {}
        self.files: list[ReceivedFile] = []
        self._segment: MultipartSegment | None = None
        self._text = b""
        self._file: BinaryIO | None = None
        self._path = folder
        self._bytes = 0

    def take(self, part: MultipartSegment | bytes | None) -> None:
        """Take what the parser found."""
        if part is None:
            self._end()
        elif isinstance(part, MultipartSegment):
            self._begin(part)
        elif self._file is not None:
            self._bytes += len(part)
            if self._bytes > self.bytes_max:
                raise TooLarge("The file is too large.", field=self._segment.name if self._segment else "file")
            self._file.write(part)
        else:
            self._text += part
            if len(self._text) > FIELD_BYTES_MAX:
                raise TooLarge("A field is too long.")

    def _begin(self, segment: MultipartSegment) -> None:
        self._segment, self._text, self._bytes = segment, b"", 0
        # A file field in which nobody chose a file is sent with an empty name.
        if segment.filename:
            if len(self.files) >= self.files_max:
                raise TooLarge(f"At most {self.files_max} files at once.")
            self._path = self.folder / f"received-{len(self.files)}"
            self._file = self._path.open("wb")

    def _end(self) -> None:
        segment = self._segment
        if segment is None:
            return
        if self._file is not None:
            self._file.close()
            name = Path((segment.filename or "").replace("\\", "/").replace("\x00", "")).name[-200:] or "file"
            self.files.append(ReceivedFile(segment.name or "", name, self._path, self._bytes))
            self._file = None
        elif segment.filename is None:
            self.fields[segment.name or ""] = self._text.decode("utf-8", "replace").replace("\x00", "")
        self._segment = None

    def close(self) -> None:
        """Close what is still open."""
        if self._file is not None:
            self._file.close()
