"""Files that wait to be imported: each in a folder of its own below the data directory, gone after a week."""

import asyncio
import shutil
import time
from pathlib import Path
from uuid import UUID

import msgspec

from kanava.catalog.service import Options
from kanava.platform.errors import NotFound
from kanava.platform.http import AnyRequest
from kanava.platform.ids import uuid7
from kanava.web.common.receiving import receive_form

FILE_BYTES_MAX = 256 << 20
KEPT_SECONDS = 7 * 24 * 3600


class Waiting(msgspec.Struct, frozen=True):
    """A file that was uploaded."""

    upload_id: UUID
    path: Path

    @property
    def name(self) -> str:
        """What the file is called."""
        return self.path.name


def _folder(request: AnyRequest) -> Path:
    folder: Path = request.app.state.settings.data_dir / "imports"
    return folder.resolve()


async def keep_upload(request: AnyRequest) -> Waiting | None:
    """Write the file of a form to disk; None when nobody chose one, TooLarge beyond 256 MB."""
    upload_id = uuid7()
    root = _folder(request)
    folder = root / str(upload_id)
    await asyncio.to_thread(_prune, root)
    folder.mkdir(parents=True)
    try:
        received = await receive_form(request, folder, FILE_BYTES_MAX)
        if not received.files:
            shutil.rmtree(folder, ignore_errors=True)
            return None
        file = received.files[0]
        path = folder / ("".join(c if c.isalnum() or c in "-_. " else "_" for c in file.name).lstrip(".") or "file")
        file.path.rename(path)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    return Waiting(upload_id, path)


def find_upload(request: AnyRequest, upload_id: UUID) -> Waiting:
    """Give a file that waits; NotFound once it is gone."""
    folder = _folder(request) / str(upload_id)
    files = [path for path in folder.iterdir() if path.suffix != ".options"] if folder.is_dir() else []
    if not files:
        raise NotFound("This file is no longer kept: upload it again.", field="file")
    return Waiting(upload_id, files[0])


def keep_options(waiting: Waiting, run_id: UUID, options: Options) -> None:
    """Remember how a run read the file, so that the import after a check reads it the same way."""
    (waiting.path.parent / f"{run_id}.options").write_bytes(msgspec.json.encode(options))


def options_of(waiting: Waiting, run_id: UUID) -> Options:
    """Give how a run read the file."""
    path = waiting.path.parent / f"{run_id}.options"
    if not path.is_file():
        raise NotFound("This check is no longer kept: upload the file again.", field="file")
    return msgspec.json.decode(path.read_bytes(), type=Options)


def _prune(root: Path) -> None:
    before = time.time() - KEPT_SECONDS
    for folder in root.iterdir() if root.is_dir() else ():
        if folder.stat().st_mtime < before:
            shutil.rmtree(folder, ignore_errors=True)
