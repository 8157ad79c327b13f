"""What a browser has besides its screen: a camera that sees a code, a position, a model to turn."""

import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import segno
from PIL import Image
from playwright.sync_api import Browser

from factories.visitors import PHONE, Installation, Visitor, associate, sign_in

SIZE = (640, 480)
LJUBLJANA = {"latitude": 46.0511, "longitude": 14.5051}


def filmed(text: str, path: Path) -> Path:
    """Write what a camera sees that is held over a QR code, as raw video."""
    picture = Image.new("L", SIZE, 235)
    code = segno.make(text, error="m", micro=False)
    side = code.symbol_size()[0]
    drawn = Image.new("L", (side, side), 235)
    drawn.putdata([16 if dark else 235 for row in code.matrix_iter(border=4) for dark in row])
    factor = 360 // side
    picture.paste(drawn.resize((side * factor, side * factor), Image.Resampling.NEAREST), (140, 60))
    frame = b"FRAME\n" + picture.tobytes() + bytes([128]) * (SIZE[0] * SIZE[1] // 2)
    path.write_bytes(f"YUV4MPEG2 W{SIZE[0]} H{SIZE[1]} F10:1 Ip A1:1 C420jpeg\n".encode() + frame * 10)
    return path


@pytest.fixture
def variant(installation: Installation) -> dict[str, str]:
    """A variant with a barcode."""
    with installation.api() as api:
        items = api.get("/api/products", params={"limit": 20}).json()["items"]
        product = api.get(f"/api/products/{next(each['handle'] for each in items)}").json()
    return next(each for each in product["variants"] if each["gtins"])


@pytest.fixture
def camera(chromium: Browser, chromium_path: str, variant: dict[str, str], tmp_path: Path) -> Iterator[Browser]:
    """A browser whose camera looks at the barcode of the variant."""
    film = filmed(variant["gtins"][0], tmp_path / "film.y4m")
    arguments = ["--no-sandbox", "--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream",
                 f"--use-file-for-fake-video-capture={film}"]  # fmt: skip
    browser = chromium.browser_type.launch(executable_path=chromium_path, args=arguments)
    yield browser
    browser.close()


def test_the_camera_reads_a_code(installation: Installation, camera: Browser, variant: dict[str, str]) -> None:
    context = camera.new_context(viewport={"width": PHONE[0], "height": PHONE[1]}, locale="en-GB")
    maja = Visitor(context, installation.url)
    sign_in(maja, associate(installation, "LJ-01"))
    page = maja.page
    page.wait_for_url("**/store/work")
    maja.goes_to("/store/look-up")
    page.locator("[data-camera]").click()
    page.locator("dialog#camera").wait_for(state="hidden", timeout=30_000)
    field = page.locator("form[data-scan] [name=code]")
    assert field.input_value() == variant["gtins"][0]
    assert maja.complaints == []
    context.close()


def test_where_she_is_sorts_the_stores(visitor: Callable[..., Visitor]) -> None:
    person = visitor(size=PHONE, locale="en-GB", geolocation=LJUBLJANA, permissions=["geolocation"])
    page = person.page
    person.goes_to("/si/en/stores")
    page.locator("[data-locate]").first.click()
    page.get_by_text(re.compile(r"\d\s(km|m)\b")).first.wait_for()
    assert "Ljubljana" in page.locator("main li:has(h2)").first.inner_text()


def test_a_model_can_be_turned(installation: Installation, visitor: Callable[..., Visitor]) -> None:
    with installation.api() as api:
        found = api.get(
            "/api/search/products", params={"channel": "web-si", "q": "vaza", "category": "lamps-decor"}
        ).json()
    handle = next(each["handle"] for each in found["items"] if each["handle"].startswith("vase-"))
    person = visitor(size=PHONE, locale="en-GB")
    person.goes_to(f"/si/en/p/{handle}")
    person.page.get_by_role("button", name="View in 3D").click()
    deadline = time.monotonic() + 30
    while not person.page.evaluate("document.querySelector('model-viewer')?.loaded"):
        assert time.monotonic() < deadline, "the model is not shown"
        time.sleep(0.1)
    box = person.page.locator("model-viewer").bounding_box()
    assert box is not None
    assert box["height"] > 200, "its own styles are there"
