"""New products on real PostgreSQL: two people at once, and one like another."""

import asyncio
from datetime import UTC, datetime

import pytest

from kanava.catalog import service
from kanava.catalog.errors import HandleTaken
from kanava.catalog.model import ProductInput, Text, VariantInput
from kanava.platform.auth import SYSTEM

pytestmark = pytest.mark.anyio
NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)


def cup(sku, **fields):
    return ProductInput({"en": Text("Cup")}, [VariantInput(sku, **fields)])


async def make(db, request):
    async with db.transaction() as tx:
        made = await service.create_product(tx, SYSTEM, "cup", request, NOW)
        await asyncio.sleep(0.2)  # The other one has looked, and found nothing yet.
        return made


async def test_of_two_who_take_a_handle_at_once_one_is_told(db):
    answers = await asyncio.gather(make(db, cup("A")), make(db, cup("B")), return_exceptions=True)
    assert sorted(type(each).__name__ for each in answers) == ["HandleTaken", "Product"], answers
    made = next(each for each in answers if not isinstance(each, HandleTaken))
    async with db.connection() as connection:
        kept = await service.get_product(connection, "cup")
    assert [each.sku for each in kept.variants] == [each.sku for each in made.variants]


async def test_a_button_pressed_twice_at_once_makes_one_product(db):
    first, second = await asyncio.gather(make(db, cup("A")), make(db, cup("A")))
    assert first == second


async def test_a_product_without_a_variant_on_sale_is_duplicated_with_all_of_them(db):
    async with db.transaction() as tx:
        await service.create_product(tx, SYSTEM, "cup", cup("A", status="archived", gtins=["4006381333931"]), NOW)
        twin = await service.duplicate_product(
            tx, SYSTEM, "cup", service.Duplicate("cup-2", "-2", {"en": "Cup 2"}), NOW
        )
    assert [(each.sku, each.status, each.gtins) for each in twin.variants] == [("A-2", "active", [])]
