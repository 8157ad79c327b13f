"""What search calls "in stock" is what inventory calls available: its SQL says the rule a second time."""

import random

import pytest

from kanava.inventory.service.explain import Question, explain
from kanava.platform import clock
from kanava.platform.db import Connection, Database
from kanava.search.store import cards

pytestmark = [pytest.mark.anyio, pytest.mark.search_shop]

CHANNEL, OTHER = "web-en", "web-pl"


async def scatter(tx: Connection, chance: random.Random) -> None:
    """Write levels of every sort about the number of units at which the answer turns."""
    ids = dict(await tx.fetch("SELECT code, channel_id FROM channel"))
    places = [row[0] for row in await tx.fetch("SELECT location_id FROM location ORDER BY code")]
    await tx.execute("UPDATE channel SET threshold = 1 WHERE code = $1", CHANNEL)
    await tx.execute(
        "UPDATE channel_location SET threshold = 2 WHERE channel_id = $1 AND location_id = $2", ids[CHANNEL], places[0]
    )
    for (variant,) in await tx.fetch("SELECT variant_id FROM variant ORDER BY sku"):
        for place in places:
            if chance.random() < 0.1:
                continue
            holds = [
                (chance.choice([CHANNEL, OTHER]), chance.choice([-1, 1]), chance.randrange(2))
                for _ in range(chance.choice([0, 0, 1, 2]))
            ]
            fences = {code: chance.randrange(3) for code in (CHANNEL, OTHER) if chance.random() < 0.3}
            safety, suppressed = chance.choice([0, 0, 1]), chance.choice([0, 0, 0, 1])
            reserved = 2 * len(holds)
            on_hand = max(0, reserved + sum(fences.values()) + safety + suppressed + chance.randrange(5))
            await tx.execute(
                """INSERT INTO stock_level
                       (variant_id, location_id, on_hand, reserved, safety_stock, suppressed, ring_fenced)
                   VALUES ($1, $2, $3, $4, $5, $6, $7)""",
                variant, place, on_hand, reserved, safety, suppressed, sum(fences.values()),
            )  # fmt: skip
            for code, units in fences.items():
                await tx.execute(
                    "INSERT INTO stock_ring_fence VALUES ($1, $2, $3, $4)", variant, place, ids[code], units
                )
            for code, hours, fenced in holds:
                await tx.execute(
                    """INSERT INTO reservation (variant_id, reservation_id, location_id, quantity, state, channel_id,
                                                from_ring_fence, expires_at)
                       VALUES ($1, gen_random_uuid(), $2, 2, 'held', $3, $4, now() + make_interval(hours => $5))""",
                    variant, place, ids[code], fenced, hours,
                )  # fmt: skip
        for place in (0, *places):
            if chance.random() < 0.15:
                await tx.execute(
                    "INSERT INTO stock_threshold VALUES ($1, $2, $3, $4)",
                    variant, ids[CHANNEL], place, chance.randrange(4),
                )  # fmt: skip


async def test_search_finds_in_stock_what_inventory_finds_available(db: Database) -> None:
    async with db.transaction() as tx:
        await scatter(tx, random.Random(7))
    now = clock.now()
    async with db.transaction() as tx:
        variants = dict(await tx.fetch("SELECT sku, variant_id FROM variant"))
        places = dict(await tx.fetch("SELECT code, location_id FROM location"))
        channel_id = await tx.fetchval("SELECT channel_id FROM channel WHERE code = $1", CHANNEL)
        own = dict(
            await tx.fetch(
                "SELECT location_id, threshold FROM channel_location WHERE channel_id = $1 AND threshold IS NOT NULL",
                channel_id,
            )
        )
        asked = {
            "channel_id": channel_id,
            "threshold": 1,
            "own_location_ids": list(own),
            "own_thresholds": list(own.values()),
            "any_threshold": True,
            "now": now,
        }
        ids = list(variants.values())
        found = {
            code: set(await cards.STOCKED_AT.all(tx, variant_ids=ids, location_id=place, **asked))
            for code, place in places.items()
        }
        anywhere = set(await cards.STOCKED.all(tx, variant_ids=ids, location_ids=list(places.values()), **asked))
        # A web channel sells in the way that leaves the safety stock alone; LJ and WH can both do it.
        seen = {
            code: {
                variant
                for sku, variant in variants.items()
                if (await explain(tx, Question(sku, CHANNEL, code), now)).seen
            }
            for code in places
        }
    assert len(own) == 1
    assert found == seen
    assert anywhere == seen["LJ"] | seen["WH"]
    assert 20 < len(anywhere) < len(ids) - 5, "both answers are common"
