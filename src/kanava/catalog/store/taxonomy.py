"""Brands, categories and attribute families."""

from typing import Any

import msgspec

from kanava.catalog.model import Brand, Category
from kanava.platform.db import Query, Statement


class FamilyRow(msgspec.Struct, frozen=True):
    """A family; `attributes` as stored."""

    code: str
    attributes: dict[str, Any]


class CategoryPicture(msgspec.Struct, frozen=True):
    """A picture of one of a category's own products."""

    code: str
    url: str


class FamilyUse(msgspec.Struct, frozen=True):
    """An attribute that products or variants of a family have."""

    name: str


LIST_BRANDS = Query(
    "SELECT name FROM brand WHERE (:after::text IS NULL OR name > :after) ORDER BY name LIMIT :limit::int", Brand
)
ADD_BRAND = Statement("INSERT INTO brand (name) VALUES (:name::text) ON CONFLICT DO NOTHING")

LIST_CATEGORIES = Query(
    """
    SELECT c.code, p.code AS parent, c.position, c.names
    FROM category c LEFT JOIN category p ON p.category_id = c.parent_id
    ORDER BY c.position, c.code LIMIT 100000
    """,
    Category,
)
# Any product on sale will do: the first that the index gives, so that large categories cost no more than small ones.
CATEGORY_PICTURES = Query(
    """
    SELECT c.code, picture.url
    FROM category c CROSS JOIN LATERAL (
        SELECT m.url FROM product p JOIN media m ON m.product_id = p.product_id AND m.kind = 'image'
        WHERE p.category_id = c.category_id AND p.status = 'active' LIMIT 1
    ) picture
    ORDER BY c.code LIMIT 100000
    """,
    CategoryPicture,
)
GET_CATEGORY = Query(
    """
    SELECT c.code, p.code AS parent, c.position, c.names
    FROM category c LEFT JOIN category p ON p.category_id = c.parent_id WHERE c.code = :code::text
    """,
    Category,
)
# The category itself and everything above it.
ANCESTORS = Query(
    """
    WITH RECURSIVE above AS (
        SELECT category_id, parent_id, code FROM category WHERE code = :code::text
        UNION
        SELECT c.category_id, c.parent_id, c.code FROM category c JOIN above a ON c.category_id = a.parent_id
    )
    SELECT code FROM above
    """,
    str,
)
LOCK_CATEGORIES = Statement("LOCK TABLE category IN SHARE ROW EXCLUSIVE MODE")
PUT_CATEGORY = Query(
    """
    INSERT INTO category (code, parent_id, position, names)
    VALUES (:code::text, (SELECT category_id FROM category WHERE code = :parent::text), :position::int, :names::jsonb)
    ON CONFLICT (code) DO UPDATE
        SET parent_id = excluded.parent_id, position = excluded.position, names = excluded.names
    RETURNING code
    """,
    str,
)

LIST_FAMILIES = Query(
    """
    SELECT code, attributes FROM attribute_family
    WHERE (:after::text IS NULL OR code > :after) ORDER BY code LIMIT :limit::int
    """,
    FamilyRow,
)
FAMILIES_BY_CODE = Query("SELECT code, attributes FROM attribute_family WHERE code = ANY (:codes::text[])", FamilyRow)
LOCK_FAMILY = Query("SELECT code, attributes FROM attribute_family WHERE code = :code::text FOR UPDATE", FamilyRow)
PUT_FAMILY = Query(
    """
    INSERT INTO attribute_family (code, attributes) VALUES (:code::text, :attributes::jsonb)
    ON CONFLICT (code) DO UPDATE SET attributes = excluded.attributes
    RETURNING code, attributes
    """,
    FamilyRow,
)
ATTRIBUTES_IN_USE = Query(
    """
    SELECT n.name FROM unnest(:names::text[]) AS n (name)
    WHERE EXISTS (SELECT FROM product p JOIN attribute_family f USING (attribute_family_id)
                  WHERE f.code = :code::text AND p.attributes ? n.name)
       OR EXISTS (SELECT FROM variant v JOIN product p USING (product_id)
                  JOIN attribute_family f USING (attribute_family_id)
                  WHERE f.code = :code AND v.attributes ? n.name)
    """,
    FamilyUse,
)
