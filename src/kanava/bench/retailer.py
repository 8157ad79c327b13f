"""A retailer for order benchmarks, filled in by plain SQL: 24 stores, 2 warehouses, 5,000 variants, plenty of stock."""

import random
from collections.abc import Iterator
from uuid import UUID

import msgspec

from kanava.bench.installation import Installation
from kanava.bench.load import http_request
from kanava.platform.ids import uuid7

STORES = 24
WAREHOUSES = 2
VARIANTS = 5_000
ON_HAND = 1_000_000
CHANNEL = "web-si"
PICKUP_SHARE = 0.3
"""Share of order lines that are picked up at a store; the others are shipped."""

SEED = (
    "INSERT INTO price_list (code, name, currency) VALUES ('eur', 'EUR', 'EUR')",
    """INSERT INTO tax_rate (country, tax_category, rate_basis_points, source) VALUES ('SI', 'standard', 2200, 'api')
       ON CONFLICT DO NOTHING""",
    f"""
    INSERT INTO location (code, kind, name, city, country, latitude, longitude, time_zone, opening_hours, services,
                          parcel_cost_domestic_minor, parcel_cost_abroad_minor)
    SELECT CASE WHEN n <= {WAREHOUSES} THEN 'W-' ELSE 'S-' END || lpad(n::text, 2, '0'),
           CASE WHEN n <= {WAREHOUSES} THEN 'warehouse' ELSE 'store' END, 'Place ' || n, 'Ljubljana', 'SI',
           46 + n * 0.01, 14.5 + n * 0.01, 'Europe/Ljubljana', 'Mo-Sa 08:00-20:00',
           CASE WHEN n <= {WAREHOUSES} THEN '{{}}' ELSE '{{pickup,ship_from_store}}'::text[] END,
           300 + n * 10, 900 + n * 10
    FROM generate_series(1, {STORES + WAREHOUSES}) n
    """,
    f"""
    INSERT INTO product (handle, status, texts)
    SELECT 'product-' || n, 'active', jsonb_build_object('en', jsonb_build_object('title', 'Product ' || n))
    FROM generate_series(1, {VARIANTS // 5}) n
    """,
    f"""
    INSERT INTO variant (product_id, sku, position)
    SELECT p.product_id, 'SKU-' || lpad(n::text, 6, '0'), n % 5
    FROM generate_series(1, {VARIANTS}) n JOIN product p ON p.handle = 'product-' || (n - 1) / 5 + 1
    """,
    """
    INSERT INTO price (price_list_id, variant_id, amount_minor)
    SELECT l.price_list_id, v.variant_id, 999 + v.variant_id % 90 * 100 FROM price_list l, variant v
    """,
    f"""
    INSERT INTO channel (code, kind, name, country, currency, language, price_list_id)
    SELECT '{CHANNEL}', 'web', 'Web', 'SI', 'EUR', 'sl', price_list_id FROM price_list
    """,
    "INSERT INTO channel_location (channel_id, location_id) SELECT channel_id, location_id FROM channel, location",
    f"""
    INSERT INTO stock_level (variant_id, location_id, on_hand)
    SELECT v.variant_id, l.location_id, {ON_HAND} FROM variant v, location l ORDER BY 1, 2
    """,
    f"""
    INSERT INTO stock_movement (variant_id, movement_id, location_id, kind, on_hand_delta, reference, actor)
    SELECT v.variant_id, gen_random_uuid(), l.location_id, 'receipt', {ON_HAND}, 'bench', 'system:0'
    FROM variant v, location l ORDER BY 1, 3
    """,
)


async def seed(installation: Installation) -> None:
    """Fill the retailer in."""
    await installation.run(*SEED)
    await installation.settle()


def places() -> list[str]:
    """Give the codes of all locations."""
    numbers = range(1, WAREHOUSES + STORES + 1)
    return [f"{'W' if number <= WAREHOUSES else 'S'}-{number:02}" for number in numbers]


def sku(number: int) -> str:
    """Give the sku of variant 1 … VARIANTS."""
    return f"SKU-{number:06}"


class Line(msgspec.Struct):
    """A line of a request."""

    sku: str
    quantity: int
    fulfilment: dict[str, str]


def order_requests(api_key: str, count: int, *, hot_sku: str | None = None, seed_: int = 1) -> Iterator[bytes]:
    """Make orders of two different variants, one unit each; with `hot_sku` the first line of each is that variant."""
    chance = random.Random(seed_)
    for _ in range(count):
        first, second = chance.sample(range(1, VARIANTS + 1), 2)
        line = _line(chance, hot_sku, shipped=True) if hot_sku else _line(chance, sku(first))
        yield order_request(api_key, uuid7(), [line, _line(chance, sku(second))])


def _line(chance: random.Random, code: str, *, shipped: bool = False) -> Line:
    if shipped or chance.random() >= PICKUP_SHARE:
        return Line(code, 1, {"kind": "ship"})
    place = chance.randint(WAREHOUSES + 1, WAREHOUSES + STORES)
    return Line(code, 1, {"kind": "pickup", "location": f"S-{place:02}"})


def order_request(api_key: str, order_id: UUID, lines: list[Line]) -> bytes:
    """Make the request of one order, with a key and an address as a web shop sends them."""
    body = msgspec.json.encode(
        {
            "order_id": order_id,
            "channel": CHANNEL,
            "lines": lines,
            "customer": {"email": "ana.novak@example.com", "name": "Ana Novak", "phone": "+38640123456"},
            "ship_to": {
                "country": "SI", "name": "Ana Novak", "street": "Slovenska cesta 1", "city": "Ljubljana",
                "postal_code": "1000",
            },
        }
    )  # fmt: skip
    headers = {"Authorization": f"Bearer {api_key}", "Idempotency-Key": str(order_id)}
    return http_request("POST", "/api/orders", headers, body)
