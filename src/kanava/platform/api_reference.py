"""The page at `/api`: Swagger UI over our OpenAPI document; every file comes from here, nobody else is asked."""

import importlib.util
from pathlib import Path

from litestar import Response, get
from litestar.response import File

from kanava.platform.errors import NotFound

FOLDER = "/api/reference"
# React styles elements one by one, which asks for no exception; the pictures of Swagger UI are in its style sheet.
HEADERS = {
    "content-security-policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
}
CACHED = {**HEADERS, "cache-control": "public, max-age=3600"}
PAGE = f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Kanava API</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="{FOLDER}/swagger-ui.css">
</head>
<body>
<div id="reference"></div>
<script src="{FOLDER}/swagger-ui.js"></script>
<script src="{FOLDER}/start.js"></script>
<noscript>
This page needs JavaScript; the same in JSON is at <a href="/api/openapi.json">/api/openapi.json</a>.
</noscript>
</body>
</html>
"""
# No validator: it would send our address to swagger.io.
START = """SwaggerUIBundle({
  url: "/api/openapi.json", dom_id: "#reference", deepLinking: true, docExpansion: "none", validatorUrl: null,
});
"""
# Found without importing the package, which would read ten megabytes that we do not use.
_PACKAGE = importlib.util.find_spec("offapi")
FILES = {
    name: (Path(folder) / file, media_type)
    for folder in (_PACKAGE.submodule_search_locations or [] if _PACKAGE else [])
    for name, file, media_type in (
        ("swagger-ui.js", "swagger_bundle.js", "text/javascript"),
        ("swagger-ui.css", "swagger_style.css", "text/css"),
    )
}


@get("/api", include_in_schema=False, media_type="text/html")
async def api_reference() -> Response[str]:
    """Give the API's documentation as a page."""
    return Response(PAGE, headers=HEADERS)


@get(f"{FOLDER}/start.js", include_in_schema=False, media_type="text/javascript")
async def start_script() -> Response[str]:
    """Give the lines that start Swagger UI; inside the page they would need an exception from its policy."""
    return Response(START, headers=CACHED)


@get(FOLDER + "/{name:str}", include_in_schema=False)
async def reference_file(name: str) -> File:
    """Give one of Swagger UI's own files."""
    if name not in FILES:
        raise NotFound("The page has no such file.", field="name")
    path, media_type = FILES[name]
    return File(path, media_type=media_type, headers=CACHED, content_disposition_type="inline")


routes = [api_reference, start_script, reference_file]
