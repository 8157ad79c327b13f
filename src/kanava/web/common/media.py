"""Pictures and models of products: somebody's files, so a browser must neither run nor guess them; kept by ETag."""

import asyncio
import gzip
import mimetypes
import os
from collections import OrderedDict
from pathlib import Path
from typing import Any

import msgspec
from litestar import Response, get
from litestar.response import File

from kanava.platform.errors import NotFound
from kanava.platform.http import AnyRequest
from kanava.web.common.assets import COMPRESSIBLE

HEADERS = {
    "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'; sandbox",
    "x-content-type-options": "nosniff",
    "cache-control": "public, max-age=3600",
}
WHOLE_BYTES_MAX = 2_000_000
"""Larger files are streamed, and not compressed here."""
KEPT_BYTES_MAX = 16_000_000

mimetypes.add_type("model/gltf-binary", ".glb")
mimetypes.add_type("model/gltf+json", ".gltf")
mimetypes.add_type("model/vnd.usdz+zip", ".usdz")
mimetypes.add_type("image/avif", ".avif")
mimetypes.add_type("image/webp", ".webp")


class _Kept(msgspec.Struct, frozen=True):
    etag: str
    compressed: bytes


class Compressed:
    """Compressed files that were asked for lately, by path; one that has changed on the disk is made anew."""

    def __init__(self) -> None:
        self._kept: OrderedDict[Path, _Kept] = OrderedDict()
        self._bytes = 0

    def find(self, path: Path, etag: str) -> bytes | None:
        """Give the compressed file when it is held as it is on the disk."""
        found = self._kept.get(path)
        if found is None or found.etag != etag:
            return None
        self._kept.move_to_end(path)
        return found.compressed

    def keep(self, path: Path, etag: str, compressed: bytes) -> None:
        """Hold a compressed file; those that were not asked for longest go."""
        before = self._kept.pop(path, None)
        self._bytes += len(compressed) - (len(before.compressed) if before is not None else 0)
        self._kept[path] = _Kept(etag, compressed)
        while self._bytes > KEPT_BYTES_MAX:
            _, gone = self._kept.popitem(last=False)
            self._bytes -= len(gone.compressed)


_compressed = Compressed()


@get("/media/{path:path}", include_in_schema=False)
async def media_file(request: AnyRequest, path: str) -> Response[Any] | File:
    """Give a file of the media folder; NotFound for everything else."""
    folder: Path = request.app.state.settings.data_dir / "media"
    found = await asyncio.to_thread(_look_up, folder, str(path).lstrip("/"))
    if found is None:
        raise NotFound("There is no such file.", field="path")
    whole, stat = found
    media_type = mimetypes.guess_type(whole.name)[0] or "application/octet-stream"
    etag = f'"{stat.st_mtime_ns:x}-{stat.st_size:x}"'
    headers = {**HEADERS, "etag": etag}
    compressible = media_type.startswith((*COMPRESSIBLE, "model/gltf")) and stat.st_size <= WHOLE_BYTES_MAX
    if compressible:
        headers["vary"] = "Accept-Encoding"
    if etag in request.headers.get("if-none-match", ""):
        return Response(None, status_code=304, headers=headers)
    if stat.st_size > WHOLE_BYTES_MAX:
        return File(whole, media_type=media_type, headers=HEADERS, content_disposition_type="inline")
    if not compressible or "gzip" not in request.headers.get("accept-encoding", ""):
        return Response(await asyncio.to_thread(Path(whole).read_bytes), media_type=media_type, headers=headers)
    body = _compressed.find(whole, etag)
    if body is None:
        body = await asyncio.to_thread(_compress, whole)
        _compressed.keep(whole, etag, body)
    return Response(body, media_type=media_type, headers={**headers, "content-encoding": "gzip"})


def _look_up(folder: Path, name: str) -> tuple[Path, os.stat_result] | None:
    try:
        base = folder.resolve()
        whole = (base / name).resolve()
        if not whole.is_relative_to(base) or not whole.is_file():
            return None
        return whole, whole.stat()
    except (OSError, ValueError):
        return None  # Names that no file can have, or gone in this moment.


def _compress(path: Path) -> bytes:
    return gzip.compress(path.read_bytes(), 6, mtime=0)


routes = [media_file]
