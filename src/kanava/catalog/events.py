"""What the catalogue announces.

`product.changed` (aggregate `product`, id the handle): one product was created or edited by a person or a key.
`products.changed` (aggregate `catalog`, id the import's or the program's name): rows were imported; `handles` are
those of the chunk whose products or variants changed.
`category.changed` (aggregate `category`, id the code): a category was made, moved or renamed.
`attribute_family.changed` (aggregate `attribute_family`, id the code): what products of a family may have is another.
`option_names.changed` (aggregate `catalog`, id `option_names`): axes or values are read another way.
"""

from kanava.platform.outbox import Event


def product_changed(handle: str, version: int) -> Event:
    """Say that one product changed."""
    return Event("product.changed", "product", handle, {"handle": handle, "version": version})


def products_changed(source: str, handles: list[str]) -> Event:
    """Say that the products of a chunk changed."""
    return Event("products.changed", "catalog", source, {"handles": handles})


def category_changed(code: str) -> Event:
    """Say that a category was made, moved or renamed."""
    return Event("category.changed", "category", code, {"code": code})


def attribute_family_changed(code: str) -> Event:
    """Say that a family was made or changed."""
    return Event("attribute_family.changed", "attribute_family", code, {"code": code})


def option_names_changed(axes: list[str]) -> Event:
    """Say that people read these axes, or values of them, another way."""
    return Event("option_names.changed", "catalog", "option_names", {"axes": axes})
