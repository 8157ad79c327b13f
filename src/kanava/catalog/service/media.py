"""Pictures and models of products: stored under the hash of what is in them, so that the same file is stored once."""

import asyncio
import contextlib
import os
import tempfile
from datetime import datetime
from pathlib import Path

from kanava.catalog.files.pictures import MODEL_BYTES_MAX, PICTURE_BYTES_MAX, Prepared, UnusableMedia, prepare
from kanava.catalog.model import Media, Product, ProductPatch
from kanava.catalog.service.products import get_product, patch_product
from kanava.platform.auth import Actor
from kanava.platform.db import Connection

FOLDER = "uploads"
UPLOAD_BYTES_MAX = MODEL_BYTES_MAX

__all__ = ["PICTURE_BYTES_MAX", "UPLOAD_BYTES_MAX", "UnusableMedia", "add_media", "store_upload"]


async def store_upload(media_dir: Path, received: Path) -> Media:
    """Check an upload, write it anew below the folder of media, and give its address; UnusableMedia."""
    prepared = await asyncio.to_thread(prepare, received)
    await asyncio.to_thread(_write, media_dir / FOLDER / prepared.name[:2], prepared)
    return Media(f"/media/{FOLDER}/{prepared.name[:2]}/{prepared.name}", prepared.kind)


async def add_media(tx: Connection, actor: Actor, handle: str, media: list[Media], now: datetime) -> Product:
    """Put pictures or models behind those that a product has; one that it has already stays where it is."""
    product = await get_product(tx, handle)
    there = {item.url for item in product.media}
    added = [*product.media, *(item for item in media if item.url not in there)]
    return await patch_product(tx, actor, handle, ProductPatch(media=added), now, version=product.version)


def _write(folder: Path, prepared: Prepared) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / prepared.name
    if path.exists():
        return
    # Readers see the whole file or none, whatever happens meanwhile.
    handle, unfinished = tempfile.mkstemp(dir=folder, prefix=".", suffix=".part")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(prepared.body)
        Path(unfinished).chmod(0o644)
        Path(unfinished).replace(path)
    finally:
        with contextlib.suppress(FileNotFoundError):
            Path(unfinished).unlink()
