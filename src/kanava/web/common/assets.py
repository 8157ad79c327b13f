"""What Vite built: where a page finds its script and styles, and those files themselves, compressed, kept for ever."""

import gzip
import mimetypes
import re
from functools import cache
from pathlib import Path
from typing import Any

import msgspec
from litestar import Response, get

from kanava.platform.errors import NotFound
from kanava.platform.http import AnyRequest
from kanava.platform.refusal import CannotRun

STATIC = Path(__file__).parents[1] / "static"
DIST = STATIC / "dist"
NOT_BUILT = "The pages are not built yet: run `make install`, which builds them with Node 20 or newer."
COMPRESSIBLE = ("text/", "application/javascript", "application/json", "application/manifest+json", "image/svg+xml")
FOR_EVER = "public, max-age=31536000, immutable"
FOR_AN_HOUR = "public, max-age=3600"

mimetypes.add_type("application/manifest+json", ".webmanifest")
mimetypes.add_type("text/javascript", ".js")
mimetypes.add_type("font/woff2", ".woff2")
mimetypes.add_type("application/wasm", ".wasm")


class Entry(msgspec.Struct, frozen=True):
    """The files of one entry of the build, as paths that a browser asks for; `imports`: what the script loads first."""

    script: str
    styles: tuple[str, ...]
    imports: tuple[str, ...] = ()


class _Chunk(msgspec.Struct, frozen=True):
    file: str
    css: list[str] = []
    imports: list[str] = []


@cache
def _manifest() -> dict[str, _Chunk]:
    path = DIST / ".vite" / "manifest.json"
    if not path.is_file():
        raise CannotRun(NOT_BUILT)
    return msgspec.json.decode(path.read_bytes(), type=dict[str, _Chunk])


@cache
def entry(name: str) -> Entry:
    """Give the script and the styles of a face; CannotRun when the front end is not built."""
    chunk = _manifest()[f"src/{name}.ts"]
    styles = [style for key in chunk.imports for style in _manifest()[key].css] + chunk.css
    return Entry(
        f"/static/dist/{chunk.file}",
        tuple(f"/static/dist/{style}" for style in dict.fromkeys(styles)),
        tuple(f"/static/dist/{_manifest()[key].file}" for key in chunk.imports),
    )


@cache
def icons_path(face: str) -> str:
    """Give the path of the file that holds the icons of a face."""
    return f"/static/dist/{_manifest()[f'src/icons-{face}.svg'].file}"


@cache
def icon_names(face: str) -> frozenset[str]:
    """Give the names of the icons that a face has."""
    text = (STATIC / icons_path(face).removeprefix("/static/")).read_text()
    return frozenset(re.findall(r'<symbol id="icon-([a-z0-9-]+)"', text))


class _File(msgspec.Struct, frozen=True):
    plain: bytes
    compressed: bytes | None
    media_type: str
    cache_control: str


@cache
def _file(name: str) -> _File | None:
    path = (STATIC / name).resolve()
    if not path.is_relative_to(STATIC) or not path.is_file() or any(part.startswith(".") for part in path.parts[-3:]):
        return None
    plain = path.read_bytes()
    media_type = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    compressed = gzip.compress(plain, 9, mtime=0) if media_type.startswith(COMPRESSIBLE) and len(plain) > 500 else None
    kept = FOR_EVER if path.is_relative_to(DIST / "assets") else FOR_AN_HOUR
    return _File(plain, compressed, media_type, kept)


def static_response(request: AnyRequest, name: str, extra: dict[str, str] | None = None) -> Response[Any]:
    """Answer with a file of `static/`; NotFound."""
    # Only names of files that exist are kept in the cache: the folder bounds it.
    found = _file(name) if (STATIC / name).is_file() else None
    if found is None:
        raise NotFound(f"There is no file {name!r}.", field="path")
    headers = {"cache-control": found.cache_control, "x-content-type-options": "nosniff", **(extra or {})}
    body = found.plain
    if found.compressed is not None:
        headers["vary"] = "Accept-Encoding"
        if "gzip" in request.headers.get("accept-encoding", ""):
            headers["content-encoding"], body = "gzip", found.compressed
    return Response(body, media_type=found.media_type, headers=headers)


@get("/static/{path:path}", include_in_schema=False)
async def static_file(request: AnyRequest, path: str) -> Response[Any]:
    """Give a file of the front end."""
    return static_response(request, str(path).lstrip("/"))


routes = [static_file]
