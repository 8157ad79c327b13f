"""Files that programs read: robots.txt, sitemaps, the manifest of the installed shop, its service worker."""

import gzip
from collections.abc import Iterator
from datetime import date
from typing import Any
from xml.sax.saxutils import escape

import msgspec
from litestar import Response, get

from kanava.platform import clock
from kanava.platform.errors import NotFound
from kanava.platform.http import AnyRequest, database_of
from kanava.search import service as search
from kanava.web.common.assets import entry, icons_path
from kanava.web.common.pages import environment, origin_of
from kanava.web.common.translations import LANGUAGES
from kanava.web.shop.category_listing import search_of
from kanava.web.shop.layout import MenuNode, ShopSettings, read_menu
from kanava.web.shop.markets import Market
from kanava.web.shop.visit import Visit, shop_page

URLS_PER_FILE = 10_000
PRODUCTS_PER_FILE = URLS_PER_FILE // len(LANGUAGES)
PARTS_MAX = 10_000
NAMESPACE = "http://www.sitemaps.org/schemas/sitemap/0.9"
AN_HOUR = "public, max-age=3600"
NOT_COMPRESSED = {"not_compressed": True}


@get("/robots.txt")
async def robots(request: AnyRequest) -> Response[str]:
    """Say what search engines need not read: what belongs to one visitor, and lists narrowed in every way."""
    lines = ["User-agent: *"]
    parts = ("account", "cart", "checkout", "orders", "search", "suggestions", "near", "take-over")
    # A product may be called so in front: only the whole word is meant.
    lines += [f"Disallow: /*/{part}{end}" for part in parts for end in ("$", "/", "?")]
    lines += ["Disallow: /*?*f=", "Disallow: /*?*sort=", "Disallow: /api/", "Disallow: /store", "Disallow: /console"]
    lines += [
        "Disallow: /o/",
        "Disallow: /kiosk",
        "Disallow: /sign-in",
        f"Sitemap: {origin_of(request)}/sitemap.xml",
        "",
    ]
    return Response("\n".join(lines), media_type="text/plain", headers={"cache-control": AN_HOUR})


@get("/sitemap.xml")
async def sitemap_index(request: AnyRequest) -> Response[str]:
    """List the sitemaps: for each market one of pages, and as many of products as it takes."""
    origin = origin_of(request)
    names = []
    async with database_of(request).connection() as connection:
        shop: ShopSettings = await request.app.state.shop.current(connection)
        for slug, market in shop.markets.shops.items():
            sold = await search.sold_products(search_of(request), connection, market.channel, 0, 0, clock.now())
            names += [f"{slug}-{part}" for part in range(-(-sold.total // PRODUCTS_PER_FILE) + 1)]
    rows = "".join(f"<sitemap><loc>{escape(origin)}/sitemaps/{name}.xml.gz</loc></sitemap>" for name in names)
    text = f'<?xml version="1.0" encoding="UTF-8"?><sitemapindex xmlns="{NAMESPACE}">{rows}</sitemapindex>'
    return Response(text, media_type="application/xml", headers={"cache-control": AN_HOUR})


@get("/sitemaps/{name:str}", opt=NOT_COMPRESSED)
async def sitemap(request: AnyRequest, name: str) -> Response[bytes]:
    """Give a sitemap: part 0 of a market has its pages, the others have products."""
    slug, _dash, number = name.removesuffix(".xml.gz").rpartition("-")
    if not name.endswith(".xml.gz") or not number.isascii() or not number.isdigit() or int(number[:6]) > PARTS_MAX:
        raise NotFound("There is no such sitemap.", field="name")
    part = int(number)
    now = clock.now()
    async with database_of(request).connection() as connection:
        shop: ShopSettings = await request.app.state.shop.current(connection)
        market = shop.markets.shops.get(slug)
        if market is None:
            raise NotFound("There is no such sitemap.", field="name")
        if part == 0:
            menu = await read_menu(connection, (market.language,))
            paths: list[tuple[str, date | None]] = list(_pages(shop, market, menu))
        else:
            first = (part - 1) * PRODUCTS_PER_FILE
            sold = await search.sold_products(
                search_of(request), connection, market.channel, first, PRODUCTS_PER_FILE, now
            )
            paths = [(f"/p/{each.handle}", each.updated_at.date()) for each in sold.items]
    if not paths:
        raise NotFound("There is no such sitemap.", field="name")
    origin = origin_of(request)
    urls = "".join(
        f"<url><loc>{escape(f'{origin}/{slug}/{language}{path}')}</loc>"
        + (f"<lastmod>{changed.isoformat()}</lastmod>" if changed else "")
        + "</url>"
        for path, changed in paths[: URLS_PER_FILE // len(LANGUAGES)]
        for language in LANGUAGES
    )
    text = f'<?xml version="1.0" encoding="UTF-8"?><urlset xmlns="{NAMESPACE}">{urls}</urlset>'
    return Response(
        gzip.compress(text.encode(), 6, mtime=0), media_type="application/gzip", headers={"cache-control": AN_HOUR}
    )


def _pages(shop: ShopSettings, market: Market, menu: list[MenuNode]) -> Iterator[tuple[str, None]]:
    yield "", None
    yield "/stores", None
    for store in shop.stores_of(market.channel):
        if store.place.country == market.country:
            yield f"/stores/{store.place.code}", None
    for policy in shop.policies_of(market.country, (market.language,)):
        yield f"/policies/{policy.kind}", None
    nodes = list(menu)
    while nodes:
        node = nodes.pop(0)
        yield f"/c/{node.code}", None
        nodes += node.children


@get("/{market:str}/{language:str}/manifest.webmanifest")
async def manifest(visit: Visit) -> Response[bytes]:
    """Describe the shop as an application that can be installed."""
    sizes = (
        ("icon-192", "192x192", "any"),
        ("icon-512", "512x512", "any"),
        ("icon-maskable-512", "512x512", "maskable"),
    )
    told = {
        "name": visit.look.brand,
        "short_name": visit.look.brand,
        "lang": visit.language,
        "start_url": visit.base,
        "scope": f"/{visit.market.slug}/",
        "display": "standalone",
        "background_color": "#fbfaf6",
        "theme_color": "#fbfaf6",
        "icons": [
            {"src": f"/static/icons/{name}.png", "sizes": size, "type": "image/png", "purpose": purpose}
            for name, size, purpose in sizes
        ],
    }
    return Response(
        msgspec.json.encode(told), media_type="application/manifest+json", headers={"cache-control": AN_HOUR}
    )


@get("/{market:str}/{language:str}/offline")
async def offline(request: AnyRequest, visit: Visit) -> Response[str]:
    """Show what the installed shop shows without a network."""
    # It is kept for days: how many units are in the cart by then it cannot know.
    return shop_page(request, msgspec.structs.replace(visit, cart_units=0), "shop/offline.html")


@get("/sw.js")
async def service_worker() -> Response[str]:
    """Give the service worker, which is another one whenever something else was built."""
    files = entry("shop")
    built = [icons_path("shop"), files.script, *files.styles]
    text = (
        environment("en", "shop")
        .get_template("shop/sw.js")
        .render(
            version="".join(path.rsplit("/", 1)[-1] for path in built),
            files=built,
            languages_known=list(LANGUAGES),
        )
    )
    return Response(text, media_type="text/javascript", headers={"cache-control": "no-cache"})


routes: list[Any] = [manifest, offline]
root_routes: list[Any] = [robots, sitemap_index, sitemap, service_worker]
