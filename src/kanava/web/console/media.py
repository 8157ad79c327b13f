"""Pictures and models of a product: uploaded, ordered, described in every language."""

import shutil
import tempfile
from pathlib import Path
from typing import Any

import msgspec
from litestar import Response, post

from kanava.catalog import service as catalog
from kanava.catalog.model import Media, Product, ProductPatch
from kanava.catalog.service import UnusableMedia
from kanava.platform import clock
from kanava.platform.db import Connection
from kanava.platform.errors import InvalidInput, KanavaError
from kanava.platform.http import AnyRequest
from kanava.web.common.pages import see_other
from kanava.web.common.receiving import TooLarge, receive_form
from kanava.web.console.forms import transaction
from kanava.web.console.products import PATH
from kanava.web.console.products_edit import save
from kanava.web.console.products_forms import read_fields, version_of
from kanava.web.console.products_page import show_product
from kanava.web.console.shell import Desk, Refused, may, refused

N = str
"""Marks a text for the catalogues; it is translated where it is shown."""

FILES_MAX = 20
ALT_LENGTH_MAX = 500
REASONS = {
    "empty": N("The file is empty."),
    "too_large": N("A picture has at most 12 MB, a 3D model at most 32 MB."),
    "svg": N("SVG drawings can hold programs and are not taken: save it as PNG or WebP."),
    "unknown": N("The file is neither a JPEG, PNG, WebP or AVIF picture nor a GLB model."),
    "damaged": N("The picture is damaged and cannot be read."),
    "too_many_pixels": N("The picture has more than 50 million pixels."),
    "too_small": N("The picture is smaller than 16 by 16 pixels."),
    "model": N("The 3D model is damaged: it is no GLB of version 2."),
    "outside": N("The 3D model takes parts from other addresses: save it as one GLB file."),
}


@post(f"{PATH}/{{handle:str}}/media/upload", guards=may("catalog:write"), request_max_body_size=None)
async def upload_media(request: AnyRequest, desk: Desk, handle: str) -> Response[Any]:
    """Take pictures and models; good ones are kept, the others are named with the reason."""
    data_dir: Path = request.app.state.settings.data_dir.resolve()
    (data_dir / "tmp").mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix="media-", dir=data_dir / "tmp"))
    added: list[Media] = []
    wrong: dict[str, str] = {}
    try:
        received = await receive_form(request, folder, catalog.UPLOAD_BYTES_MAX, FILES_MAX)
        if not received.files:
            raise InvalidInput("Choose a file first.")
        for file in received.files:
            try:
                added.append(await catalog.store_upload(data_dir / "media", file.path))
            except UnusableMedia as error:
                wrong[file.name] = desk.text(REASONS[error.reason])
        if added:
            async with transaction(request) as tx:
                await catalog.add_media(tx, desk.actor, handle, added, clock.now())
    except KanavaError as error:
        too_large = isinstance(error, TooLarge)
        problem = Refused(desk.text(REASONS["too_large"]), "", {}) if too_large else refused(desk, error)
        return await show_product(
            request, desk, handle, "media", status=error.status, problem=problem, refused_files={}
        )
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    if wrong:
        words = desk.text(N("Some files were not taken."))
        problem = Refused(words, "", {})
        return await show_product(request, desk, handle, "media", status=422, problem=problem, refused_files=wrong)
    return see_other(f"{PATH}/{handle}?tab=media&saved=yes")


@post(f"{PATH}/{{handle:str}}/media", guards=may("catalog:write"))
async def save_media(request: AnyRequest, desk: Desk, handle: str) -> Response[Any]:
    """Write the words of pictures, move one up or down, or take one away."""
    typed = await read_fields(request)

    async def write(tx: Connection) -> None:
        product = await catalog.get_product(tx, handle)
        media = [_described(item, number, typed) for number, item in enumerate(product.media)]
        verb, _colon, number = typed.get("do", "save").partition(":")
        media = _moved(media, verb, int(number) if number.isdigit() and len(number) < 5 else -1)
        patch = ProductPatch(media=media)
        await catalog.patch_product(tx, desk.actor, handle, patch, clock.now(), version=version_of(typed))

    def held(product: Product) -> dict[str, str]:
        words = {f"alt.{n}.{tag}": item.alt.get(tag, "") for n, item in enumerate(product.media) for tag in item.alt}
        return words | {"pictures": str(len(product.media))}

    return await save(request, desk, handle, "media", typed, write, held)


def _described(item: Media, number: int, typed: dict[str, str]) -> Media:
    begin = f"alt.{number}."
    alt = {name.removeprefix(begin): text.strip() for name, text in typed.items() if name.startswith(begin)}
    if any(len(text) > ALT_LENGTH_MAX for text in alt.values()):
        raise InvalidInput(f"Words for a picture have at most {ALT_LENGTH_MAX} characters.", field=begin)
    return msgspec.structs.replace(item, alt={**item.alt, **alt})


def _moved(media: list[Media], verb: str, number: int) -> list[Media]:
    if not 0 <= number < len(media):
        return media
    if verb == "remove":
        return media[:number] + media[number + 1 :]
    other = number - 1 if verb == "up" else number + 1
    if verb in ("up", "down") and 0 <= other < len(media) and media[other].kind == media[number].kind:
        media[number], media[other] = media[other], media[number]
    return media


routes: list[Any] = [upload_media, save_media]
