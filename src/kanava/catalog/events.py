"""What the catalogue announces.

`product.changed` (aggregate `product`, id the handle): one product was created or edited by a person or a key.
`products.changed` (aggregate `catalog`, id the import's or the program's name): rows were imported; `handles` are
those of the chunk whose products or variants changed.
"""

from kanava.platform.outbox import Event


def product_changed(handle: str, version: int) -> Event:
    """Say that one product changed."""
    return Event("product.changed", "product", handle, {"handle": handle, "version": version})


def products_changed(source: str, handles: list[str]) -> Event:
    """Say that the products of a chunk changed."""
    return Event("products.changed", "catalog", source, {"handles": handles})
