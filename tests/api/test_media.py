"""Pictures come out of the media folder and can do nothing but be looked at."""

from pathlib import Path

import httpx
import pytest

from kanava.settings import Settings

pytestmark = pytest.mark.anyio


async def test_a_picture_is_served_with_its_type_and_cannot_run_scripts(
    client: httpx.AsyncClient, settings: Settings
) -> None:
    folder = Path(settings.data_dir) / "media" / "demo"
    folder.mkdir(parents=True)
    (folder / "mug.svg").write_text("<svg xmlns='http://www.w3.org/2000/svg'/>")
    answer = await client.get("/media/demo/mug.svg", headers={"Authorization": ""})
    assert (answer.status_code, answer.headers["content-type"]) == (200, "image/svg+xml")
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert answer.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize("path", ["/media/../settings.py", "/media/%2e%2e/secret", "/media/demo/none.svg", "/media/"])
async def test_nothing_outside_the_folder_is_served(client: httpx.AsyncClient, settings: Settings, path: str) -> None:
    (Path(settings.data_dir) / "secret").write_text("secret")
    assert (await client.get(path)).status_code == 404
