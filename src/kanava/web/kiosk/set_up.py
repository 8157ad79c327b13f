"""Making a browser a kiosk: a member of staff signs in on it, and says where it stands and what it sells."""

from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.enums import RequestEncodingType
from litestar.params import Body

from kanava.platform import clock, devices, staff
from kanava.platform.auth import Actor, check_scope
from kanava.platform.devices import NewDevice
from kanava.platform.errors import InvalidInput, NotFound
from kanava.platform.http import AnyRequest, database_of
from kanava.platform.ids import uuid7
from kanava.web.common.pages import Look, page, see_other
from kanava.web.common.sessions import A_YEAR, STAFF_COOKIE, cookie, forget, read_token
from kanava.web.common.sign_in import staff_language
from kanava.web.shop.kiosks import DEVICE_COOKIE, KIOSK, SET_UP, standing_of
from kanava.web.shop.layout import ShopSettings

SCOPE = "locations:write"
Short = Annotated[str, msgspec.Meta(max_length=100)]


class SetUpForm(msgspec.Struct, frozen=True):
    """Where the device stands and what it is called there; its id was made with the page."""

    device_id: Short = ""
    name: Short = ""
    location: Short = ""
    channel: Short = ""


def _only_kiosk(market: str) -> None:
    if market != KIOSK:
        raise NotFound("There is no shop at this address.", field="market")


def _look(request: AnyRequest) -> Look:
    language = staff_language(request)
    look = Look("kiosk", language, SET_UP, request.app.state.settings.retailer_name)
    request.scope["look"] = look  # type: ignore[typeddict-unknown-key]
    return look


async def _staff(request: AnyRequest) -> Actor:
    actor: Actor = await request.app.state.authenticator.actor_of(read_token(request))
    check_scope(actor, SCOPE)
    return actor


@get(f"/{KIOSK}")
async def open_kiosk(request: AnyRequest) -> Response[Any]:
    """Lead a kiosk to its first screen, and any other browser to where it is made one."""
    async with database_of(request).connection() as connection:
        standing = await standing_of(request, connection, await request.app.state.shop.current(connection))
    return see_other(SET_UP if standing is None else f"/{KIOSK}/{standing.market.language}/welcome")


@get("/{market:str}/set-up")
async def show_set_up(request: AnyRequest, market: str) -> Response[Any]:
    """Show what this device is, or the form to a member of staff, who is asked to sign in first."""
    _only_kiosk(market)
    look = _look(request)
    async with database_of(request).connection() as connection:
        shop: ShopSettings = await request.app.state.shop.current(connection)
        standing = await standing_of(request, connection, shop)
    if standing is not None and request.query_params.get("anew") != "1":
        store = shop.stores.get(standing.store)
        return page(request, "kiosk/ready.html", look, standing=standing, store=store)
    await _staff(request)
    return _form(request, look, shop, SetUpForm(device_id=str(uuid7())), {})


def _form(
    request: AnyRequest, look: Look, shop: ShopSettings, form: SetUpForm, errors: dict[str, str], status: int = 200
) -> Response[str]:
    channels = sorted(shop.markets.kiosks.values(), key=lambda each: each.name)
    served = {code for each in channels for code in shop.serving.get(each.channel, ())}
    places = sorted(
        (each for code, each in shop.stores.items() if code in served),
        key=lambda each: (each.place.country, each.place.city, each.place.name),
    )
    return page(
        request,
        "kiosk/set_up.html",
        look,
        status=status,
        form=form,
        errors=errors,
        channels=channels,
        places=places,
        action=SET_UP,
    )


@post("/{market:str}/set-up")
async def set_up(
    request: AnyRequest, market: str, data: Annotated[SetUpForm, Body(media_type=RequestEncodingType.URL_ENCODED)]
) -> Response[Any]:
    """Enrol this browser's device; the member of staff is signed out of it."""
    _only_kiosk(market)
    look = _look(request)
    actor = await _staff(request)
    async with database_of(request).connection() as connection:
        shop: ShopSettings = await request.app.state.shop.current(connection)
    try:
        wanted = NewDevice(UUID(data.device_id), "kiosk", data.name, data.location, data.channel)
    except ValueError:
        return see_other(SET_UP)
    try:
        async with database_of(request).transaction() as tx:
            token = await devices.enrol_device(tx, actor, wanted, clock.now())
            await staff.sign_out(tx, read_token(request))
    except InvalidInput as error:
        errors = {each.field: "wrong" for each in error.errors}
        return _form(request, look, shop, data, errors, 422)
    language = shop.markets.kiosks[data.channel].language
    response = see_other(f"/{KIOSK}/{language}/welcome")
    response.set_cookie(cookie(request, DEVICE_COOKIE, token, A_YEAR))
    forget(request, response, STAFF_COOKIE)
    return response


routes = [open_kiosk, show_set_up, set_up]
