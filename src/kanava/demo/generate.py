"""The whole demo retailer as records: `generate(seed)`, pure, the same seed gives the same retailer."""

from kanava.demo.channels import channels
from kanava.demo.model import DemoAttribute, DemoCategory, DemoFamily, DemoOptionName, DemoRetailer
from kanava.demo.prices import price_lists
from kanava.demo.products import products
from kanava.demo.stock import ring_fences, stock, thresholds, transfers
from kanava.demo.stores import RETAILER, locations
from kanava.demo.words import by_language, matter, product_types


def generate(seed: int = 1) -> DemoRetailer:
    """Make the retailer; takes about two seconds."""
    places = locations()
    made, pictures, models = products(seed)
    stocked = tuple(stock(seed, places, made))
    return DemoRetailer(
        name=RETAILER,
        seed=seed,
        locations=places,
        categories=categories(),
        families=families(),
        option_names=option_names(),
        products=made,
        price_lists=price_lists(seed, made),
        channels=channels(seed, places, made),
        stock=stocked,
        ring_fences=ring_fences(seed, stocked),
        thresholds=thresholds(seed, made),
        transfers=transfers(seed, places, stocked),
        pictures=pictures,
        models=models,
    )


def categories() -> tuple[DemoCategory, ...]:
    """Give the tree, parents before children."""
    found: dict[str, DemoCategory] = {}
    for code, (parent, *names) in matter("categories").items():
        path = f"{found[parent].path}/{code}" if parent else code
        found[code] = DemoCategory(code, parent, path, by_language(names))
    return tuple(found.values())


def option_names() -> tuple[DemoOptionName, ...]:
    """Give what axes, colours and scents are called; sizes and measures read the same in every language."""
    found = [DemoOptionName(axis, "", by_language(names)) for axis, names in matter("axes").items()]
    for axis, table in (("colour", "colours"), ("scent", "scents")):
        found += [DemoOptionName(axis, names[0], by_language(names)) for _, _, *names in matter(table).values()]
    return tuple(found)


def families() -> tuple[DemoFamily, ...]:
    """Give every family with the attributes of its products; the materials it may name are those of its kinds."""
    known = matter("attributes")
    palette, scents = matter("colours"), matter("scents")
    colours = tuple(sorted({*palette, *scents}))
    materials: dict[str, set[str]] = {}
    for kind in product_types():
        materials.setdefault(kind.family, set()).update(kind.materials)
    found = []
    for family, ranges in matter("families").items():
        attributes = []
        for code in (*ranges, "material", "recycled"):
            kind_of, unit, *names = known[code]
            choices = tuple(sorted(materials[family])) if code == "material" else ()
            named = {choice: by_language(matter("materials")[choice]) for choice in choices}
            attributes.append(DemoAttribute(code, kind_of, unit, by_language(names), choices, choice_names=named))
        for code, choices in (("colour", colours), ("colour_hex", ())):
            kind_of, unit, *names = known[code]
            named = {choice: by_language((palette.get(choice) or scents[choice])[2:]) for choice in choices}
            attributes.append(DemoAttribute(code, kind_of, unit, by_language(names), choices, "variant", named))
        found.append(DemoFamily(family, tuple(attributes)))
    return tuple(found)
