"""Markets: a country's web shop under a short path (`/si/…`), which is a channel of kind `web`; and the kiosks'."""

from collections.abc import Sequence

import msgspec

from kanava.channels import service as channels
from kanava.channels.model import Channel
from kanava.platform.db import Connection
from kanava.web.common.translations import known_language

CHANNELS_MAX = 500


class Market(msgspec.Struct, frozen=True):
    """A channel as visitors reach it; `slug` is the first part of its paths."""

    slug: str
    channel: str
    kind: str
    name: str
    country: str
    currency: str
    language: str


class Markets(msgspec.Struct, frozen=True):
    """All markets: the web shops by slug, the kiosks by channel code."""

    shops: dict[str, Market]
    kiosks: dict[str, Market]

    def for_country(self, country: str | None) -> Market | None:
        """Give the shop of a country, else the first one; None when there is no web channel at all."""
        return self.shops.get((country or "").lower()) or next(iter(self.shops.values()), None)


def markets_of(found: Sequence[Channel]) -> Markets:
    """Give each active web channel a slug: its country when it is the country's first, else its code."""
    shops: dict[str, Market] = {}
    kiosks: dict[str, Market] = {}
    for channel in sorted(found, key=lambda each: each.code):
        if not channel.active:
            continue
        language = known_language(channel.language) or "en"
        country = channel.country.lower()
        slug = country if country not in shops else channel.code.lower()
        market = Market(slug, channel.code, channel.kind, channel.name, channel.country, channel.currency, language)
        if channel.kind == "web":
            shops[slug] = market
        elif channel.kind == "kiosk":
            kiosks[channel.code] = msgspec.structs.replace(market, slug="kiosk")
    return Markets(shops, kiosks)


async def load_markets(connection: Connection) -> Markets:
    """Read the channels that are shops."""
    web = await channels.list_channels(connection, "web", None, CHANNELS_MAX)
    kiosks = await channels.list_channels(connection, "kiosk", None, CHANNELS_MAX)
    return markets_of([*web.items, *kiosks.items])
