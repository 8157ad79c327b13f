"""Pictures and 3D models that people upload: what they are is read from their bytes, never from their names.

A picture is decoded and written anew, so nothing of the file but its pixels is kept: no EXIF with the photographer's
address, no trailing archive, no second format in the same bytes. Formats that can carry a program (SVG) are refused.
"""

import hashlib
import io
import warnings
from contextlib import suppress
from pathlib import Path
from typing import ClassVar, Literal

import msgspec

from kanava.platform.errors import InvalidInput

PICTURE_BYTES_MAX = 12 << 20
MODEL_BYTES_MAX = 32 << 20
PIXELS_MAX = 50_000_000
SIDE_MAX = 2400
SIDE_LEAST = 16
QUALITY = 86
FORMATS = ("JPEG", "PNG", "WEBP", "AVIF")
_GLB_JSON = 0x4E4F534A
_GLB_JSON_BYTES_MAX = 8 << 20

Reason = Literal["empty", "too_large", "svg", "unknown", "damaged", "too_many_pixels", "too_small", "model", "outside"]
REASONS: dict[Reason, str] = {
    "empty": "The file is empty.",
    "too_large": "A picture has at most 12 MB and a 3D model at most 32 MB.",
    "svg": "SVG drawings can hold programs and are not taken: save it as PNG or WebP.",
    "unknown": "The file is neither a JPEG, PNG, WebP or AVIF picture nor a GLB model.",
    "damaged": "The picture is damaged and cannot be read.",
    "too_many_pixels": "The picture has more than 50 million pixels.",
    "too_small": "The picture is smaller than 16 by 16 pixels.",
    "model": "The 3D model is damaged: it is no GLB of version 2.",
    "outside": "The 3D model takes parts from other addresses: save it as one GLB file.",
}


class UnusableMedia(InvalidInput):
    """A file that is neither a picture nor a model that can be shown; `reason` says why."""

    title: ClassVar[str] = "The file cannot be used."

    def __init__(self, reason: Reason) -> None:
        super().__init__(REASONS[reason], field="file")
        self.reason: Reason = reason


class Prepared(msgspec.Struct, frozen=True):
    """What is stored: a WebP picture or the model as it came; `name` is made of the hash of its bytes."""

    kind: Literal["image", "model_3d"]
    name: str
    body: bytes
    width: int = 0
    height: int = 0


def prepare(path: Path) -> Prepared:
    """Read an upload and make what is stored of it; UnusableMedia. Takes tens of milliseconds: run it in a thread."""
    size = path.stat().st_size
    if not size:
        raise UnusableMedia("empty")
    with path.open("rb") as file:
        head = file.read(1024)
    if head.startswith(b"glTF"):
        return _model(path, size)
    if size > PICTURE_BYTES_MAX:
        raise UnusableMedia("too_large")
    if _looks_like_markup(head):
        raise UnusableMedia("svg")
    return _picture(path)


def _looks_like_markup(head: bytes) -> bool:
    text = head.removeprefix(b"\xef\xbb\xbf").replace(b"\x00", b"").lstrip().lower()
    return text.startswith(b"<") and (b"<svg" in text or text.startswith((b"<?xml", b"<!doctype", b"<!--")))


def _picture(path: Path) -> Prepared:
    from PIL import Image, ImageOps, UnidentifiedImageError  # 40 ms: only where a picture is uploaded

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            opened = Image.open(path, formats=FORMATS)
        except UnidentifiedImageError:
            raise UnusableMedia("unknown") from None
        except Image.DecompressionBombError:
            raise UnusableMedia("too_many_pixels") from None
        except (OSError, ValueError, SyntaxError):
            raise UnusableMedia("damaged") from None
        with opened:
            # The header says how large it will be: nothing is decoded before this.
            if opened.width * opened.height > PIXELS_MAX:
                raise UnusableMedia("too_many_pixels")
            if min(opened.size) < SIDE_LEAST:
                raise UnusableMedia("too_small")
            try:
                opened.draft("RGB", (SIDE_MAX, SIDE_MAX))
                image = ImageOps.exif_transpose(opened)
                image = _in_srgb(image)
                image.thumbnail((SIDE_MAX, SIDE_MAX), Image.Resampling.LANCZOS)
                clean = Image.new(image.mode, image.size)
                clean.paste(image)
                body = io.BytesIO()
                clean.save(body, "WEBP", quality=QUALITY, method=4)
            except (OSError, ValueError, SyntaxError, MemoryError, Image.DecompressionBombError):
                raise UnusableMedia("damaged") from None
    written = body.getvalue()
    return Prepared("image", f"{_hash(written)}.webp", written, clean.width, clean.height)


def _in_srgb(image: "Image.Image") -> "Image.Image":  # type: ignore[name-defined]  # noqa: F821
    from PIL import ImageCms

    profile = image.info.get("icc_profile")
    has_alpha = image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info
    if profile and image.mode in ("RGB", "RGBA", "CMYK", "L"):
        # A profile that cannot be read is as good as none.
        with suppress(ImageCms.PyCMSError, OSError, ValueError):
            source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            wanted = "RGBA" if image.mode == "RGBA" else "RGB"
            changed = ImageCms.profileToProfile(image, source, ImageCms.createProfile("sRGB"), outputMode=wanted)
            if changed is not None:
                return changed
    return image.convert("RGBA" if has_alpha else "RGB")


def _model(path: Path, size: int) -> Prepared:
    if size > MODEL_BYTES_MAX:
        raise UnusableMedia("too_large")
    body = path.read_bytes()
    version, length = int.from_bytes(body[4:8], "little"), int.from_bytes(body[8:12], "little")
    json_bytes, kind = int.from_bytes(body[12:16], "little"), int.from_bytes(body[16:20], "little")
    if version != 2 or length != size or kind != _GLB_JSON or not 0 < json_bytes <= min(size, _GLB_JSON_BYTES_MAX):
        raise UnusableMedia("model")
    try:
        scene = msgspec.json.decode(body[20 : 20 + json_bytes].rstrip(b" \x00"), type=_Scene)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise UnusableMedia("model") from None
    if any(part.uri and not part.uri.startswith("data:") for part in (*scene.buffers, *scene.images)):
        raise UnusableMedia("outside")
    return Prepared("model_3d", f"{_hash(body)}.glb", body)


class _Part(msgspec.Struct):
    uri: str = ""


class _Scene(msgspec.Struct):
    asset: dict[str, object]
    buffers: list[_Part] = []
    images: list[_Part] = []


def _hash(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()[:40]
