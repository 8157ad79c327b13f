"""Gettext catalogues, read from their .po files when first needed: nothing has to be compiled at installation."""

from gettext import GNUTranslations
from io import BytesIO
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po


def compiled(path: Path, language: str) -> GNUTranslations:
    """Give the catalogue of a .po file."""
    with path.open("rb") as file:
        catalogue = read_po(file, locale=language)
    data = BytesIO()
    write_mo(data, catalogue)
    data.seek(0)
    return GNUTranslations(data)
