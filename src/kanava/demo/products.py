"""Products of the demo retailer: 1,200 with 9,000 variants, made from the kinds in `texts/types_*.toml`."""

from collections.abc import Iterator, Sequence
from random import Random

from stdnum import ean

from kanava.demo.model import LANGUAGES, Audience, DemoProduct, DemoText, DemoVariant, Model, Picture, ProductType
from kanava.demo.models import MODELLED
from kanava.demo.wording import Wording
from kanava.demo.words import matter, product_types

VARIANTS = 9_000
GTIN_PREFIX = "210"
"""GS1 keeps 200 to 299 for use inside a company: such a number never meets one of somebody else's goods."""

MODELS = (
    "Iskra Burja Zarja Megla Slana Rosa Skala Breza Jasen Javor Smreka Vresje Brina Kresna Livada Planja Dolina Greben "
    "Slap Potok Jezero Obala Bonaca Maestral Levanda Kadulja Maslina Lipa Hrast Bukva Jela Kalina Malina Jagoda "
    "Lastovka Vrabec Jazbec Srna Gams Vidra Kuna Polana Wrzos Sosna Halny Strumyk Tisza Liget Hajnal Harmat Zuzmara "
    "Berek Csillag Kavics Vadon Patak"
).split()

_HOUSE = "Jelovir"
_APPAREL_SIZES = ("apparel", "shoe")
_FLAT_PRICE_SIZES = ("apparel", "shoe", "hat", "glove", "sock", "language")


class Sketch:
    """A product while its colours may still change, so that the variants come to exactly `VARIANTS`."""

    def __init__(self, kind: ProductType, audience: Audience, model: str, rng: Random) -> None:
        self.kind, self.audience, self.model = kind, audience, model
        self.axis, self.sizes = sizes_of(kind, audience)
        self.palette = list(palette_of(kind))
        rng.shuffle(self.palette)
        few = 2 if self.axis == "size" and kind.sizes in _APPAREL_SIZES else 3
        self.colours = min(len(self.palette), few + rng.choice((-1, 0, 0, 1)))
        self.seed = rng.random()

    @property
    def step(self) -> int:
        """Variants that one colour more or less makes."""
        return max(1, len(self.sizes))

    @property
    def variant_count(self) -> int:
        return max(1, self.colours) * self.step


def sizes_of(kind: ProductType, audience: Audience) -> tuple[str, list[str]]:
    """Give the name of the size axis (empty: none) and its values."""
    table = matter("sizes")
    axis, values = table[f"{kind.sizes}-{audience}"] if kind.sizes in _APPAREL_SIZES else table[kind.sizes]
    return axis, values


def palette_of(kind: ProductType) -> Sequence[str]:
    """Give the colours (or scents) that a kind of product comes in."""
    if kind.colours == "scent":
        return list(matter("scents"))
    found: list[str] = matter("palettes")[kind.colours]
    return found


def sketches(seed: int) -> list[Sketch]:
    """Draw up every product, then add and take colours until there are exactly `VARIANTS` variants."""
    found: list[Sketch] = []
    for kind in product_types():
        rng = Random(f"{seed}:{kind.code}")
        audiences: Sequence[Audience] = ("women", "men", "kids") if len(kind.count) == 3 else ("",)
        models = rng.sample(MODELS, max(kind.count))
        for audience, count in zip(audiences, kind.count, strict=True):
            found.extend(Sketch(kind, audience, model, rng) for model in models[:count])
    _balance(found, Random(f"{seed}:balance"))
    return found


def _balance(found: list[Sketch], rng: Random) -> None:
    missing = VARIANTS - sum(sketch.variant_count for sketch in found)
    order = list(found)
    for _ in range(20):
        rng.shuffle(order)
        for sketch in order:
            step = sketch.step
            if missing >= step and sketch.colours and sketch.colours < min(5, len(sketch.palette)):
                sketch.colours += 1
                missing -= step
            elif -missing >= step and sketch.colours > 1:
                sketch.colours -= 1
                missing += step
        if missing == 0:
            return
    raise AssertionError(f"{missing} variants cannot be placed; change the counts in texts/types_*.toml")


def products(seed: int) -> tuple[tuple[DemoProduct, ...], tuple[Picture, ...], tuple[Model, ...]]:
    """Give the products, and the pictures and models that show them."""
    wording = Wording()
    serial = iter(range(1, VARIANTS + 1))
    shown: dict[str, Picture | Model] = {}
    made = [make_product(sketch, seed, wording, serial, shown) for sketch in sketches(seed)]
    files = [shown[name] for name in sorted(shown)]
    pictures = tuple(each for each in files if isinstance(each, Picture))
    return tuple(made), pictures, tuple(each for each in files if isinstance(each, Model))


def make_product(
    sketch: Sketch, seed: int, wording: Wording, serial: Iterator[int], files: dict[str, Picture | Model]
) -> DemoProduct:
    """Make the product of a sketch; the pictures and the model that show it are added to `files`."""
    kind = sketch.kind
    rng = Random(f"{seed}:{kind.code}:{sketch.audience}:{sketch.model}")
    adjective = rng.choice(kind.adjectives)
    colours = sketch.palette[: sketch.colours]
    attributes = _attributes(kind, rng)
    style = rng.randrange(3)
    look = adjective if adjective in ("striped", "quilted", "woven", "ribbed") else ""
    shown = [_picture(kind, colour, style, look, "front", files) for colour in colours or [""]]
    models = [_model(kind, colour, style, files) for colour in colours or [""]]
    detail = (_picture(kind, (colours or [""])[0], style, look, "detail", files),) if rng.random() < 0.4 else ()
    handle = "-".join(part for part in (kind.code, sketch.model.lower(), sketch.audience) if part)
    draw = rng.random()
    texts: dict[str, DemoText] = {
        language: wording.text(kind, position, sketch.model, adjective, sketch.audience, colours, attributes)
        for position, language in enumerate(LANGUAGES)
    }
    axes = ("scent" if kind.colours == "scent" else "colour",) if colours else ()
    return DemoProduct(
        handle=handle,
        type=kind.code,
        status="draft" if draw < 0.012 else "archived" if draw < 0.03 else "active",
        brand=_brand(kind, sketch.audience),
        category=kind.category,
        family=kind.family,
        tax_category=kind.tax,
        option_axes=axes + ((sketch.axis,) if sketch.axis else ()),
        attributes=attributes,
        texts=texts,
        variants=tuple(_variants(sketch, colours, list(zip(shown, models, strict=True)), serial, rng)),
        images=(shown[0], *detail),
        price_eur_minor=_euro_price(kind, sketch.audience, rng),
        breaks=kind.breaks,
    )


def _brand(kind: ProductType, audience: str) -> str:
    if audience == "kids":
        return f"{_HOUSE} Mini"
    if kind.tax == "food":
        return f"{_HOUSE} Malica"
    return f"{_HOUSE} Dom" if is_home(kind) else _HOUSE


def is_home(kind: ProductType) -> bool:
    """Say whether a kind belongs under the home categories."""
    return kind.category in ("tableware", "cookware", "textiles", "lamps-decor")


def _attributes(kind: ProductType, rng: Random) -> dict[str, int | bool | str]:
    found: dict[str, int | bool | str] = {}
    for code, (lowest, highest, step) in matter("families")[kind.family].items():
        found[code] = rng.randrange(lowest, highest + 1, step)
    material = rng.choice(kind.materials)
    found["material"] = material
    found["recycled"] = material.startswith("recycled")
    return found


def _picture(
    kind: ProductType, colour: str, style: int, look: str, view: str, files: dict[str, Picture | Model]
) -> str:
    parts = (kind.code, colour, str(style), look, view if view == "detail" else "")
    name = "-".join(part for part in parts if part) + ".svg"
    files[name] = Picture(name, kind.code, hex_of(kind, colour), style, look, view)
    return name


def _model(kind: ProductType, colour: str, style: int, files: dict[str, Picture | Model]) -> str:
    """Give the name of the model, empty for a kind that has none."""
    if kind.code not in MODELLED:
        return ""
    name = f"{kind.code}-{colour}-{style}.glb"
    # Boxes lie on their longest side; a vase stands.
    low, _, long = sorted(kind.box)
    width, height = (low, long) if kind.code == "vase" else (long, low)
    files[name] = Model(name, kind.code, hex_of(kind, colour), style, width, height)
    return name


def hex_of(kind: ProductType, colour: str) -> str:
    """Give the colour value of a colour or scent; things without a choice of colour take a warm paper tone."""
    if not colour:
        return "#c9a36a"
    found: str = matter("scents" if kind.colours == "scent" else "colours")[colour][1]
    return found


def _euro_price(kind: ProductType, audience: str, rng: Random) -> int:
    low, high = kind.price
    euros = low + (high - low) * rng.betavariate(2, 3)
    if audience == "kids":
        euros *= 0.65
    if euros < 10:
        return int(euros) * 100 + rng.choice((49, 99))
    if euros < 60:
        return int(euros) * 100 + 99
    return (int(euros) // 5 * 5 + 4) * 100 + 99


def size_factor(kind_sizes: str, index: int) -> float:
    """Say how much dearer and heavier a larger size is; clothes cost the same in every size."""
    return 1.0 if kind_sizes in _FLAT_PRICE_SIZES else 1.0 + 0.3 * index


def _variants(
    sketch: Sketch, colours: Sequence[str], files: Sequence[tuple[str, str]], serial: Iterator[int], rng: Random
) -> Iterator[DemoVariant]:
    kind = sketch.kind
    stem = "-".join(part for part in (kind.sku, sketch.model.upper(), sketch.audience[:1].upper()) if part)
    table = matter("scents" if kind.colours == "scent" else "colours")
    small = 0.62 if sketch.audience == "kids" else 1.0
    weight = kind.weight * small * rng.uniform(0.88, 1.15)
    for (image, model), colour in zip(files, colours or [""], strict=True):
        for index, value in enumerate(sketch.sizes or [""]):
            code, shown = _size_code(value)
            grown = 1 + 0.045 * (index - 2) if size_factor(kind.sizes, 1) == 1.0 else 1 + 0.35 * index
            length, width, height = (round(side * small**0.5 * min(grown, 1.4)) for side in kind.box)
            yield DemoVariant(
                sku="-".join(part for part in (stem, table[colour][0] if colour else "", code) if part),
                option_values=tuple(text for text in (table[colour][2] if colour else "", shown) if text),
                gtin=gtin(next(serial)),
                colour=colour,
                weight_grams=round(weight * grown),
                length_mm=length,
                width_mm=width,
                height_mm=height,
                images=(image,),
                model=model,
                size_index=index,
                size_count=max(1, len(sketch.sizes)),
            )


def _size_code(value: str) -> tuple[str, str]:
    code, equals, shown = value.partition("=")
    if not equals:
        code, shown = value.replace("–", "-").replace("/", "").replace(" ", "").upper(), value
    return code, shown


def gtin(serial: int) -> str:
    """Give the serial-th barcode of the range, 13 digits with the check digit."""
    body = f"{GTIN_PREFIX}{serial:09d}"
    return body + ean.calc_check_digit(body)
