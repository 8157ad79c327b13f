"""Columns of a file of neither layout: which of ours each most likely is, by its name."""

import re
import unicodedata
from collections.abc import Iterable, Sequence

# Words that shops of our countries write above columns, folded: no accents, small letters, one space.
_NAMES: dict[str, str] = {
    "handle": "handle|slug|product id|product code|parent|parent sku|url key|id izdelka|sifra izdelka|kod produktu|"
    "sifra proizvoda|termekkod",
    "sku": "sku|variant sku|item|item number|item code|article|article number|code|sifra|sifra artikla|indeks|"
    "kod towaru|symbol|sifra varijante|cikkszam",
    "status": "status|state|stanje|stan|allapot",
    "brand": "brand|vendor|manufacturer|znamka|blagovna znamka|marka|producent|robna marka|brend|marka nev|gyarto",
    "category": "category|categories|kategorija|kategoria|kategorie|kategoria nev|product type",
    "family": "family|attribute family|druzina|rodzina|obitelj|csalad",
    "tags": "tags|oznake|tagi|cimkek|keywords",
    "title": "title|name|product name|naziv|ime|naziv izdelka|nazwa|nazwa produktu|naziv proizvoda|megnevezes|nev|"
    "termeknev",
    "description": "description|body|opis|opis izdelka|opis produktu|opis proizvoda|leiras|termekleiras",
    "seo_title": "seo title|meta title|page title",
    "seo_description": "seo description|meta description",
    "gtin": "gtin|ean|ean13|ean code|upc|barcode|crtna koda|kod ean|kod kreskowy|barkod|crticni kod|vonalkod",
    "weight_grams": "weight|weight g|weight grams|grams|teza|teza g|masa|masa g|waga|waga g|tezina|suly|suly g|tomeg",
    "length_mm": "length|length mm|dolzina|dlugosc|duljina|hosszusag",
    "width_mm": "width|width mm|sirina|szerokosc|szelesseg",
    "height_mm": "height|height mm|visina|wysokosc|magassag",
    "image_urls": "image|images|image url|picture|photo|slika|slike|zdjecie|zdjecia|slika url|kep|kepek",
    "option1_value": "colour|color|barva|kolor|boja|szin",
    "option2_value": "size|velikost|rozmiar|velicina|meret",
}
_OURS = {name: ours for ours, names in _NAMES.items() for name in names.split("|")}
_TEXTS = ("title", "description", "seo_title", "seo_description")
_LANGUAGE = re.compile(r"(.+?)[ _-]+\(?([a-z]{2})\)?")
FIELDS = ("handle", "sku", "status", "variant_status", "brand", "category", "family", "tax_category", "tags")
MEASURES = ("gtin", "weight_grams", "length_mm", "width_mm", "height_mm", "position")
PICTURES = ("image_urls", "product_image_urls")


def fields_for(languages: Sequence[str], attributes: Iterable[str]) -> list[str]:
    """Give the columns of the native layout that a column may be said to be."""
    texts = [f"{field}_{language}" for field in _TEXTS for language in languages]
    options = [f"option{n}_{part}" for n in (1, 2, 3) for part in ("name", "value")]
    return [*FIELDS, *texts, *MEASURES, *options, *PICTURES, *(f"attribute.{name}" for name in sorted(attributes))]


def folded(name: str) -> str:
    """Give a name without accents, capitals and punctuation: `Naziv (SL)` → `naziv sl`."""
    plain = unicodedata.normalize("NFKD", name.replace("ł", "l").replace("Ł", "l"))
    letters = "".join(c for c in plain if not unicodedata.combining(c)).casefold()
    return " ".join(re.sub(r"[^a-z0-9]+", " ", letters).split())


def suggest(header: Sequence[str], fields: Sequence[str], language: str) -> dict[str, str]:
    """Guess for every column which field it is; a field is given away once, and "" is nothing."""
    known, taken, found = set(fields), set[str](), dict[str, str]()
    for exact in (True, False):
        for name in header:
            if not name or found.get(name):
                continue
            guess = name if exact else _guess(name, language)
            if guess in known and guess not in taken:
                found[name] = guess
                taken.add(guess)
            else:
                found.setdefault(name, "")
    return found


def _guess(name: str, language: str) -> str:
    words = folded(name)
    ours = _OURS.get(words, "")
    if not ours:
        ending = _LANGUAGE.fullmatch(words)
        if ending:
            ours, language = _OURS.get(ending[1], ""), ending[2]
            if ours not in _TEXTS:
                return ""
    if ours in _TEXTS:
        return f"{ours}_{language}"
    return ours or f"attribute.{words.replace(' ', '_')}"
