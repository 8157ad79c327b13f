"""What the pages of the counter share: the channel that sells over it, articles with names and pictures, promises."""

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from kanava.catalog import service as catalog
from kanava.catalog.model import VariantShown
from kanava.catalog.service.finding import FoundVariant, find_variants
from kanava.platform import clock
from kanava.platform.db import Connection
from kanava.platform.http import AnyRequest
from kanava.sourcing.model import ChannelRules, RoutingConfig
from kanava.sourcing.promise.errors import AddressOutsideZones
from kanava.sourcing.promise.model import PromiseAnswer, PromiseQuestion
from kanava.sourcing.promise.service import PromiseReader
from kanava.stores.model import NamedPlace
from kanava.web.common.translations import translations_of
from kanava.web.store.shell import Shift

FOUND_MAX = 24


class Article(msgspec.Struct, frozen=True):
    """A variant as a line shows it; `forgotten` when the catalogue does not know it any more."""

    sku: str
    title: str
    options: str
    picture: str | None
    for_sale: bool
    handle: str = ""

    @property
    def forgotten(self) -> bool:
        """Whether the catalogue does not have it any more."""
        return not self.handle

    @property
    def name(self) -> str:
        """Title and options in one."""
        return f"{self.title} · {self.options}" if self.options else self.title


async def articles(connection: Connection, shift: Shift, skus: Iterable[str]) -> dict[str, Article]:
    """Give names and pictures of variants; one that is gone stands there by its sku."""
    wanted = list(dict.fromkeys(skus))
    shown = await catalog.show_variants(connection, wanted, shift.languages)
    return {sku: article_of(shown, sku) for sku in wanted}


def article_of(shown: Mapping[str, VariantShown], sku: str) -> Article:
    """Give an article by its sku."""
    found = shown.get(sku)
    if found is None:
        return Article(sku, sku, "", None, for_sale=False)
    return Article(sku, found.title or sku, " · ".join(found.options), found.image_url, found.for_sale, found.handle)


async def config_of(request: AnyRequest, connection: Connection) -> RoutingConfig:
    """Give the settings that placing decides with."""
    config: RoutingConfig = await request.app.state.order_placer.config(connection)
    return config


def till_of(config: RoutingConfig, place: NamedPlace) -> ChannelRules | None:
    """Give the channel that a place sells on over its counter, that of its country first; None for a warehouse."""
    at = config.location_ids[place.code]
    if config.spots[at].kind != "store":
        return None
    serving = [
        each for each in config.channels.values() if each.active and each.kind == "store" and at in each.thresholds
    ]
    return min(serving, key=lambda each: (each.country != place.country, each.code), default=None)


async def find_exactly(connection: Connection, shift: Shift, code: str) -> FoundVariant | None:
    """Give the variant whose sku or barcode this is; None when it is neither."""
    wanted = code.strip()
    if not wanted:
        return None
    for each in await find_variants(connection, wanted, shift.language, 2):
        if each.sku == wanted or any(_same_barcode(gtin, wanted) for gtin in each.gtins):
            return each
    return None


def _same_barcode(gtin: str, code: str) -> bool:
    digits = code.replace(" ", "").replace("-", "")
    return digits.isascii() and digits.isdigit() and gtin.lstrip("0") == digits.lstrip("0")


async def promised(request: AnyRequest, question: PromiseQuestion) -> PromiseAnswer | None:
    """Say what can be promised; None when no carrier goes to the address."""
    reader: PromiseReader = request.app.state.promises
    async with reader.db.connection() as connection:
        try:
            return await reader.promise(connection, question, clock.now(), known_caller)
        except AddressOutsideZones:
            return None


async def known_caller(_version: int | None) -> None:
    """Who asks was looked up when the page was asked for."""


def translator(shift: Shift) -> Any:
    """Give gettext in the language of the page."""
    return translations_of(shift.language).gettext
