"""Conditions of the catalogue that a caller is told about."""

from typing import ClassVar

from kanava.platform.errors import Conflict, InvalidInput, NotFound


class ProductNotFound(NotFound):
    """No product has the handle."""

    title: ClassVar[str] = "There is no such product."


class VariantNotFound(NotFound):
    """No variant has the sku or the GTIN."""

    title: ClassVar[str] = "There is no such variant."


class CategoryNotFound(NotFound):
    """No category has the code."""

    title: ClassVar[str] = "There is no such category."


class AttributeFamilyNotFound(NotFound):
    """No attribute family has the code."""

    title: ClassVar[str] = "There is no such attribute family."


class ImportNotFound(NotFound):
    """No import run has the id."""

    title: ClassVar[str] = "There is no such import."


class HandleTaken(Conflict):
    """Another product has the handle."""

    title: ClassVar[str] = "Another product has this handle."


class InvalidProduct(InvalidInput):
    """A product or its variants have values that are not allowed; the errors name the fields."""

    title: ClassVar[str] = "The product has values that are not allowed."


class CategoryCycle(Conflict):
    """A category cannot stand below itself."""

    title: ClassVar[str] = "A category cannot stand below itself."


class AttributeInUse(Conflict):
    """The type, level or scale of an attribute that products use cannot change."""

    title: ClassVar[str] = "The attribute is in use."
