"""The stores: finding one, its page, calling it one's own, and saying where one is."""

import math
from datetime import date, datetime, timedelta
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import msgspec
from litestar import Response, get, post
from litestar.enums import RequestEncodingType
from litestar.params import Body

from kanava.platform import clock
from kanava.platform.errors import NotFound
from kanava.platform.http import AnyRequest
from kanava.stores import hours
from kanava.web.common.pages import origin_of, safe_next, see_other
from kanava.web.common.sessions import forget
from kanava.web.shop import seo
from kanava.web.shop.layout import ShopStore
from kanava.web.shop.near import NEAR_COOKIE, Near, keep_near, postal_code_of
from kanava.web.shop.product_hints import coordinates_of
from kanava.web.shop.visit import STORE_COOKIE, Visit, keep_store, shop_page

EARTH_RADIUS_METRES = 6_371_009
STORES_LISTED_MAX = 200
DAYS_AHEAD = 60
Form = RequestEncodingType.URL_ENCODED
Short = Annotated[str, msgspec.Meta(max_length=100)]
Next = Annotated[str, msgspec.Meta(max_length=2000)]


class NearForm(msgspec.Struct, frozen=True):
    """Where the visitor is: a postal code, or degrees from her browser; neither forgets it."""

    postal_code: Short = ""
    latitude: Short = ""
    longitude: Short = ""
    next: Next = ""


class StoreForm(msgspec.Struct, frozen=True):
    """The store that the visitor calls hers; none forgets it."""

    store: Short = ""
    next: Next = ""


class FoundStore(msgspec.Struct, frozen=True):
    """A store of the list."""

    store: ShopStore
    distance_metres: int | None
    open_now: bool
    changes_at: datetime | None


class DayOpen(msgspec.Struct, frozen=True):
    """A day and when the place is open on it; `differs`: not as on that weekday else, for `reason`."""

    day: date
    spans: list[tuple[datetime, datetime]]
    reason: str
    differs: bool


def metres_between(here: tuple[float, float], there: tuple[float, float]) -> int:
    """Give the distance along a great circle (haversine)."""
    (a, b), (c, d) = [(math.radians(x), math.radians(y)) for x, y in (here, there)]
    chord = math.sin((c - a) / 2) ** 2 + math.cos(a) * math.cos(c) * math.sin((d - b) / 2) ** 2
    return round(2 * EARTH_RADIUS_METRES * math.asin(math.sqrt(chord)))


def listed(visit: Visit, here: tuple[float, float] | None, now: datetime) -> list[FoundStore]:
    """Give the stores of the market, nearest first when it is known where the visitor is, else by town."""
    found = []
    for store in visit.shop.stores_of(visit.market.channel):
        if store.place.country != visit.market.country:
            continue
        opened = store.is_open(now)
        changes_at = store.next_closing(now) if opened else store.next_opening(now)
        metres = None
        if here is not None and store.place.latitude is not None and store.place.longitude is not None:
            metres = metres_between(here, (store.place.latitude, store.place.longitude))
        found.append(FoundStore(store, metres, opened, changes_at))
    if here is not None:
        found.sort(key=lambda each: each.distance_metres if each.distance_metres is not None else EARTH_RADIUS_METRES)
    return found[:STORES_LISTED_MAX]


def week_of(store: ShopStore, now: datetime) -> list[DayOpen]:
    """Give today and the six days to come."""
    today = now.astimezone(ZoneInfo(store.place.time_zone)).date()
    return [_day(store, today + timedelta(days=ahead)) for ahead in range(7)]


def exceptions_of(store: ShopStore, now: datetime) -> list[DayOpen]:
    """Give the days of the next weeks that differ from the usual ones, as far as somebody has said so."""
    today = now.astimezone(ZoneInfo(store.place.time_zone)).date()
    last = today + timedelta(days=DAYS_AHEAD)
    days = sorted(each.on_date for each in store.schedule.exceptions if today <= each.on_date <= last)
    return [_day(store, day) for day in days]


def _day(store: ShopStore, day: date) -> DayOpen:
    zone = ZoneInfo(store.place.time_zone)
    since = datetime(day.year, day.month, day.day, tzinfo=zone)
    until = since + timedelta(days=1)
    spans = [(each.opens_at, each.closes_at) for each in hours.open_intervals(store.schedule, since, until)]
    known = next((each for each in store.schedule.exceptions if each.on_date == day), None)
    return DayOpen(day, spans, known.reason if known is not None else "", known is not None)


@get("/{market:str}/{language:str}/stores")
async def show_stores(request: AnyRequest, visit: Visit) -> Response[str]:
    """Show the stores of the market."""
    here = await coordinates_of(request, visit)
    unknown = visit.near is not None and here is None
    return shop_page(
        request,
        visit,
        "shop/stores.html",
        stores=listed(visit, here, clock.now()),
        here=here,
        unknown=unknown or request.query_params.get("notice") == "postal_code",
        next_path=safe_next(request.query_params.get("next"), ""),
    )


@get("/{market:str}/{language:str}/stores/{code:str}")
async def show_store(request: AnyRequest, visit: Visit, code: str) -> Response[str]:
    """Show a store with its hours."""
    store = visit.shop.stores.get(code)
    if store is None or code not in visit.shop.serving.get(visit.market.channel, ()):
        raise NotFound(f"There is no store {code!r}.", field="code")
    now = clock.now()
    week = week_of(store, now)
    origin = origin_of(request)
    steps = [(store.place.name, f"{visit.base}/stores/{code}")]
    return shop_page(
        request,
        visit,
        "shop/store.html",
        store=store,
        week=week,
        exceptions=exceptions_of(store, now),
        structured=[
            seo.local_business(origin, visit, store, week),
            seo.breadcrumb_list(origin, visit, steps),
        ],
    )


@post("/{market:str}/{language:str}/my-store")
async def choose_store(
    request: AnyRequest, visit: Visit, data: Annotated[StoreForm, Body(media_type=Form)]
) -> Response[Any]:
    """Keep the visitor's store in her browser, or forget it."""
    response = see_other(safe_next(data.next, f"{visit.base}/stores"))
    if data.store in visit.shop.serving.get(visit.market.channel, ()):
        keep_store(request, response, data.store)
    else:
        forget(request, response, STORE_COOKIE)
    return response


@post("/{market:str}/{language:str}/near")
async def say_where(
    request: AnyRequest, visit: Visit, data: Annotated[NearForm, Body(media_type=Form)]
) -> Response[Any]:
    """Keep where the visitor is in her browser, or forget it."""
    back = safe_next(data.next, f"{visit.base}/stores")
    response = see_other(back)
    near = _near_of(data)
    if near is not None:
        keep_near(request, response, near)
    elif not data.postal_code.strip():
        forget(request, response, NEAR_COOKIE)
    else:
        response = see_other(back + ("&" if "?" in back else "?") + "notice=postal_code")
    return response


def _near_of(data: NearForm) -> Near | None:
    try:
        position = float(data.latitude), float(data.longitude)
    except ValueError:
        code = postal_code_of(data.postal_code)
        return Near(code) if code else None
    # Not a number is not between the poles either.
    return Near("", position) if -90 <= position[0] <= 90 and -180 <= position[1] <= 180 else None


routes = [show_stores, show_store, choose_store, say_where]
