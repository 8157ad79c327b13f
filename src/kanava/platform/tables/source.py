"""What kind of file it is, whether its bytes are text, and its fingerprint: one pass before anything is imported."""

import codecs
import hashlib
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import cast

import msgspec

from kanava.platform.tables.model import FileFormat, FileUnreadable

BLOCK_BYTES = 1 << 20
LINE_BYTES_MAX = 16 << 20
XLSX_UNPACKED_BYTES_MAX = 1 << 30
# A UTF-32 mark begins with a UTF-16 mark, so it is looked for first.
_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# A spreadsheet runs a cell that begins so as a formula; the writer puts an apostrophe before it.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "'")
_ESCAPE = re.compile(rb"'[=+\-@\t']")
ENCODINGS = ("utf-8", "cp1250", "iso-8859-2", "cp852", "cp1252", "utf-16")
"""What a text file may be said to be written in."""
# Letters of ISO 8859-2 (ą, ś, ź, ž) that are signs which hardly anybody writes in Windows' code page.
_LETTERS_OF_ISO = frozenset(b"\xa6\xac\xb1\xb6\xbc\xbe")
_CONTROLS_OF_ISO = range(0x80, 0xA0)


class Source(msgspec.Struct, frozen=True):
    """A file to be read.

    `invalid_bytes` says that some of its bytes are not text in its encoding; `escapes` that a cell may begin with the
    apostrophe that keeps a spreadsheet from running it.
    """

    path: Path
    format: FileFormat
    encoding: str
    fingerprint: str
    bytes: int
    invalid_bytes: bool
    escapes: bool


def inspect(path: Path, file_format: FileFormat | None = None, encoding: str | None = None) -> Source:
    """Read the whole file once; FileUnreadable when it cannot be a table.

    `encoding`: what somebody says that a text file is written in; None: UTF-8, unless its beginning shows another.
    """
    if encoding is not None and encoding not in ENCODINGS:
        raise FileUnreadable(f"An encoding is one of {', '.join(ENCODINGS)}.", field="encoding")
    try:
        with path.open("rb") as file:
            head = file.read(4096)
    except OSError as error:
        raise FileUnreadable(f"{path.name} cannot be opened: {error.strerror}.", field="file") from error
    if not head:
        raise FileUnreadable("The file is empty.", field="file")
    found = file_format or _format_of(path, head)
    if (found == "xlsx") != head.startswith(b"PK\x03\x04"):
        raise FileUnreadable("The file is not what its name or the format option says.", field="file")
    shown = _encoding_of(head)
    # A mark at the beginning says more than "UTF-8" or "UTF-16" alone.
    used = shown if encoding is None or shown.startswith(encoding) else encoding
    used = "binary" if found == "xlsx" else used
    digest, invalid, escapes, longest = _scan(path, used)
    if found != "xlsx" and longest > LINE_BYTES_MAX:
        raise FileUnreadable(f"A line is longer than {LINE_BYTES_MAX >> 20} MB: this is no table.", field="file")
    if found == "xlsx":
        _check_archive(path)
    return Source(path, found, used, digest, path.stat().st_size, invalid, escapes)


def guess_encoding(path: Path) -> str | None:
    """Give what a text file of our countries is most likely written in when it is not UTF-8; None when it may be."""
    with path.open("rb") as file:
        head = file.read(BLOCK_BYTES)
    if head.startswith(b"PK\x03\x04") or _encoding_of(head[:4096]) != "utf-8":
        return None
    read = codecs.getincrementaldecoder("utf-8")("surrogateescape").decode(head)
    wrong = bytes(ord(letter) - 0xDC00 for letter in read if "\udc80" <= letter <= "\udcff")
    right = sum("\x7f" < letter < "\ud800" for letter in read)
    # A file with a broken letter among many good ones is UTF-8 all the same.
    if len(wrong) <= right:
        return None
    if any(byte in _CONTROLS_OF_ISO for byte in wrong):
        return "cp1250"
    return "iso-8859-2" if any(byte in _LETTERS_OF_ISO for byte in wrong) else "cp1250"


def invalid_positions(source: Source) -> Iterator[tuple[int, int]]:
    """Give (position in the file, byte) of each byte that is not text, in order."""
    decoder = codecs.getincrementaldecoder(source.encoding)
    with source.path.open("rb") as file:
        at, rest, state = 0, b"", decoder()
        while block := file.read(BLOCK_BYTES):
            rest += block
            while True:
                pending = len(state.getstate()[0])
                try:
                    state.decode(rest)
                    at, rest = at + len(rest), b""
                    break
                except UnicodeDecodeError as error:
                    # The decoder counts from the bytes that it held back.
                    wrong = max(error.start - pending, 0)
                    for place in range(wrong, max(error.end - pending, wrong + 1)):
                        yield at + place, rest[place]
                    taken = max(error.end - pending, wrong + 1)
                    at, rest, state = at + taken, rest[taken:], decoder()
                    if source.encoding == "utf-8-sig":
                        state = codecs.getincrementaldecoder("utf-8")()


def _format_of(path: Path, head: bytes) -> FileFormat:
    if head.startswith(b"PK\x03\x04"):
        return "xlsx"
    if head.startswith((b"\xd0\xcf\x11\xe0", b"%PDF", b"\x1f\x8b")):
        raise FileUnreadable("The file is neither CSV, JSON lines nor XLSX.", field="file")
    suffix = path.suffix.lower().removeprefix(".")
    if suffix in ("csv", "jsonl", "xlsx"):
        return cast(FileFormat, suffix)
    return "jsonl" if head.lstrip(b"\xef\xbb\xbf \r\n\t").startswith(b"{") else "csv"


def _encoding_of(head: bytes) -> str:
    for mark, encoding in _MARKS:
        if head.startswith(mark):
            return encoding
    # Without a mark, UTF-16 of a header line shows by a zero in every second byte.
    even, odd = head[0:200:2].count(0), head[1:200:2].count(0)
    half = min(len(head), 200) // 2
    if half and odd > half * 0.8 and not even:
        return "utf-16-le"
    if half and even > half * 0.8 and not odd:
        return "utf-16-be"
    return "utf-8"


def _scan(path: Path, encoding: str) -> tuple[str, bool, bool, int]:
    digest = hashlib.sha256()
    decoder = None if encoding == "binary" else codecs.getincrementaldecoder(encoding)()
    invalid, escapes, run, longest = False, not encoding.startswith("utf-8"), 0, 0
    with path.open("rb") as file:
        while block := file.read(BLOCK_BYTES):
            digest.update(block)
            first, last = block.find(b"\n"), block.rfind(b"\n")
            run = run + len(block) if first < 0 else len(block) - last
            longest = max(longest, run)
            if not escapes and b"'" in block:
                escapes = block.endswith(b"'") or _ESCAPE.search(block) is not None
            if decoder is not None and not invalid:
                try:
                    decoder.decode(block)
                except UnicodeDecodeError:
                    invalid = True
    if decoder is not None and not invalid:
        try:
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            invalid = True
    return digest.hexdigest(), invalid, escapes, longest


def _check_archive(path: Path) -> None:
    try:
        with zipfile.ZipFile(path) as archive:
            unpacked = sum(item.file_size for item in archive.infolist())
            names = archive.namelist()
    except (zipfile.BadZipFile, OSError, ValueError) as error:
        raise FileUnreadable("The workbook is damaged.", field="file") from error
    if "xl/workbook.xml" not in names:
        raise FileUnreadable("The file is an archive, but no workbook.", field="file")
    if unpacked > XLSX_UNPACKED_BYTES_MAX:
        raise FileUnreadable("The workbook unpacks to more than 1 GB.", field="file")
