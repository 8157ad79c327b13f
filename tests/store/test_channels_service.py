"""What routing holds of channels in memory."""

from datetime import UTC, datetime

import pytest

from kanava.channels import service
from kanava.channels.model import ChannelChange, ListingChange, NewChannel, ServingLocation, ServingLocations
from kanava.platform.auth import SYSTEM
from kanava.platform.db import Connection, Database
from kanava.platform.snapshot import CONFIG_VERSION
from kanava.pricing import service as pricing
from kanava.pricing.records import NewPriceList

pytestmark = pytest.mark.anyio

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


async def add_channel(tx: Connection, code: str, **fields: object) -> None:
    if await pricing.find_price_list(tx, "EUR") is None:
        await pricing.create_price_list(tx, SYSTEM, NewPriceList(code="EUR", name="EUR", currency="EUR"), NOW)
    values = {"kind": "web", "name": code, "country": "SI", "currency": "EUR", "language": "sl", "price_list": "EUR"}
    await service.create_channel(tx, SYSTEM, NewChannel(code=code, **{**values, **fields}), NOW)  # type: ignore[arg-type]


async def add_locations(tx: Connection, count: int) -> list[int]:
    rows = await tx.fetch(
        "INSERT INTO location (code, kind, name, country, time_zone) "
        "SELECT 'L' || i, 'store', 'L', 'SI', 'Europe/Ljubljana' FROM generate_series(1, $1) i RETURNING location_id",
        count,
    )
    return [row[0] for row in rows]


async def test_every_channel_comes_with_its_locations_and_the_thresholds_that_hold(db: Database) -> None:
    async with db.transaction() as tx:
        await add_channel(tx, "WEB", threshold=2)
        await add_channel(tx, "APP")
        ids = await add_locations(tx, 3)
        locations = [ServingLocation("L1"), ServingLocation("L3", 7)]
        await service.put_serving_locations(tx, SYSTEM, "WEB", ServingLocations(locations), NOW)
        web, app = await service.all_for_routing(tx)
        assert (web.code, web.tax_inclusive, web.price_list_id) == ("WEB", True, app.price_list_id)
        assert dict(zip(web.location_ids, web.location_thresholds, strict=True)) == {ids[0]: 2, ids[2]: 7}
        assert (app.location_ids, app.location_thresholds) == ([], [])


async def test_two_thousand_locations_can_serve_a_channel(db: Database) -> None:
    async with db.transaction() as tx:
        await add_channel(tx, "WEB")
        await add_locations(tx, 2000)
        locations = [ServingLocation(f"L{number}") for number in range(1, 2001)]
        done = await service.put_serving_locations(tx, SYSTEM, "WEB", ServingLocations(locations), NOW)
        assert done.added_or_changed == 2000
        (web,) = await service.all_for_routing(tx)
        assert len(web.location_ids) == 2000


async def test_every_change_of_a_channel_raises_the_version_of_the_settings(db: Database) -> None:
    async with db.transaction() as tx:
        seen = [await CONFIG_VERSION.one(tx)]
        await add_channel(tx, "WEB")
        seen.append(await CONFIG_VERSION.one(tx))
        await service.change_channel(tx, SYSTEM, "WEB", ChannelChange(threshold=5), 1, NOW)
        seen.append(await CONFIG_VERSION.one(tx))
        await add_locations(tx, 1)
        await service.put_serving_locations(tx, SYSTEM, "WEB", ServingLocations([ServingLocation("L1")]), NOW)
        seen.append(await CONFIG_VERSION.one(tx))
        assert seen == sorted(set(seen))


async def test_listed_pairs_say_which_channels_list_a_variant(db: Database) -> None:
    async with db.transaction() as tx:
        await add_channel(tx, "WEB", assortment="listed")
        product_id = await tx.fetchval("INSERT INTO product (handle) VALUES ('p') RETURNING product_id")
        variant_id = await tx.fetchval(
            "INSERT INTO variant (product_id, sku) VALUES ($1, 'A') RETURNING variant_id", product_id
        )
        assert await service.listed_pairs(tx, [variant_id]) == set()
        await service.add_listings(tx, SYSTEM, "WEB", ListingChange(["A"]), NOW)
        (web,) = await service.all_for_routing(tx)
        assert await service.listed_pairs(tx, [variant_id]) == {(variant_id, web.channel_id)}
