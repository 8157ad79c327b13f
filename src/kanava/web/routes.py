"""All pages, as one router: refused, answered, compressed and dressed the same way."""

from litestar import Router
from litestar.config.compression import CompressionConfig
from litestar.middleware import DefineMiddleware
from litestar.middleware.compression import CompressionMiddleware

from kanava.web import console, kiosk, shop, store
from kanava.web.common import assets, media, sign_in
from kanava.web.common.errors import HANDLERS
from kanava.web.common.security import admit, with_headers
from kanava.web.shop.kiosks import DeviceUnknown, to_set_up

NOT_COMPRESSED = "not_compressed"
"""Set in the `opt` of a handler whose answer is a stream, or compressed already."""

_compressing = CompressionConfig(backend="gzip", gzip_compress_level=4, exclude_opt_key=NOT_COMPRESSED)

pages = Router(
    path="/",
    route_handlers=[*sign_in.routes, *store.routes, *console.routes, *shop.routes, *kiosk.routes],
    include_in_schema=False,
    before_request=admit,
    after_request=with_headers,
    exception_handlers={**HANDLERS, DeviceUnknown: to_set_up},
    middleware=[DefineMiddleware(CompressionMiddleware, config=_compressing)],
)
routes = [pages, *assets.routes, *media.routes]
