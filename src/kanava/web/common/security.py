"""What every page says to the browser, and which requests that change something are taken.

A form that another site sends is refused by where the browser says it comes from (`Sec-Fetch-Site`, else `Origin`):
browsers set both and no page can forge them. So pages need no token, may be kept open for days, and work without
script; session cookies are SameSite=Lax besides.
"""

from typing import Any
from urllib.parse import urlsplit

from litestar import Request, Response

from kanava.platform.errors import Forbidden
from kanava.platform.intake import refuse_zero_bytes_in_url

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
# Reading barcodes is WebAssembly. Pictures of products may lie with whoever made them.
_POLICY = {
    "default-src": "'self'",
    "script-src": "'self' 'wasm-unsafe-eval'",
    "style-src": "'self'",
    "img-src": "'self' data: blob: https:",
    "connect-src": "'self' blob:",
    "worker-src": "'self' blob:",
    "object-src": "'none'",
    "base-uri": "'none'",
    "form-action": "'self'",
    "frame-ancestors": "'none'",
}


def policy(**other: str) -> str:
    """Write the policy of a page; `style_src` and the like replace what every page says."""
    sources = _POLICY | {name.replace("_", "-"): value for name, value in other.items()}
    return "; ".join(f"{name} {value}" for name, value in sources.items())


CONTENT_SECURITY_POLICY = policy()
# model-viewer writes its own styles into the page, and fetches models that may lie elsewhere too.
POLICY_WITH_MODEL = policy(style_src="'self' 'unsafe-inline'", connect_src="'self' blob: https:")
HEADERS = {
    "content-security-policy": CONTENT_SECURITY_POLICY,
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "permissions-policy": "camera=(self), geolocation=(self), microphone=(), payment=(), usb=()",
}


async def admit(request: Request[Any, Any, Any]) -> None:
    """Refuse what no page of ours can have sent; runs before every page."""
    await refuse_zero_bytes_in_url(request)
    if request.method not in SAFE_METHODS and not from_our_pages(request):
        raise Forbidden("This form was sent from another site.", field="Origin")


def from_our_pages(request: Request[Any, Any, Any]) -> bool:
    """Say whether the browser sent this from a page of ours."""
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        return site in ("same-origin", "none")
    origin = request.headers.get("origin", "")
    return bool(origin) and urlsplit(origin).netloc == request.headers.get("host")


def with_headers(response: Response[Any]) -> Response[Any]:
    """Add what every page says to the browser; what a page has set itself stays."""
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    # A page shows a cart, an order or work: it is nobody else's, and the back button asks anew.
    response.headers.setdefault("cache-control", "private, no-cache")
    # One address answers htmx with a part and the back button with the page: the browser keeps the two apart.
    response.headers.setdefault("vary", "HX-Request")
    return response
