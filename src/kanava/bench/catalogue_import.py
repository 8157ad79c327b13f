"""Benchmark: the import of a catalogue file, against COPY of the same bytes into a bare table of texts.

The file is generated: five variants a product, texts in five languages, in the native layout as `kanava export`
writes it (every row carries the columns of its product). The import runs in a process of its own, as
`kanava import catalog FILE` would, so that its peak memory can be read.
"""

import asyncio
import csv
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import asyncpg
import msgspec

LANGUAGES = ("en", "sl", "pl", "hr", "hu")
WORDS = {
    "en": "warm light dry strong soft wide mountain river winter summer trail forest city home garden rain wind snow "
    "jacket trousers shirt lamp table blanket walks every day keeps its shape made with care for long use".split(),
    "sl": "topla lahka suha močna mehka široka gora reka zima poletje pot gozd mesto dom vrt dež veter sneg jakna "
    "hlače srajca svetilka miza odeja vsak dan ohrani obliko narejena skrbno za dolgo rabo".split(),
    "pl": "ciepła lekka sucha mocna miękka szeroka góra rzeka zima lato szlak las miasto dom ogród deszcz wiatr śnieg "
    "kurtka spodnie koszula lampa stół koc każdy dzień trzyma kształt zrobiona starannie na długo".split(),
    "hr": "topla lagana suha jaka meka široka planina rijeka zima ljeto staza šuma grad dom vrt kiša vjetar snijeg "
    "jakna hlače košulja svjetiljka stol deka svaki dan drži oblik izrađena pažljivo za dugu uporabu".split(),
    "hu": "meleg könnyű száraz erős puha széles hegy folyó tél nyár ösvény erdő város otthon kert eső szél hó kabát "
    "nadrág ing lámpa asztal takaró minden nap megtartja formáját gondosan készült hosszú használatra".split(),
}
SIZES = ("XS", "S", "M", "L", "XL")
COLOURS = ("blue", "green", "red", "black", "white", "sand", "olive", "grey")
CATEGORIES = tuple(
    f"{top}/{top}-{leaf}"
    for top in ("outdoor", "home", "clothing")
    for leaf in ("one", "two", "three", "four", "five", "six")
)
HEADER = (
    "handle",
    "sku",
    "status",
    "brand",
    "category",
    "tax_category",
    "tags",
    *(f"title_{language}" for language in LANGUAGES),
    *(f"description_{language}" for language in LANGUAGES),
    "option1_name",
    "option1_value",
    "option2_name",
    "option2_value",
    "gtin",
    "weight_grams",
    "length_mm",
    "width_mm",
    "height_mm",
    "image_urls",
    "model_3d_url",
    "product_image_urls",
)


class Measure(msgspec.Struct, frozen=True):
    """One figure and what it is compared with."""

    bench: str
    metric: str
    value: float
    unit: str
    reference: str
    reference_value: float
    ratio: float
    goal: float
    met: bool


def generate(path: Path, products: int, variants_each: int = 5, seed: int = 7) -> int:
    """Write the file and give its number of variants; the same seed writes the same bytes."""
    chance = random.Random(seed)
    number = 0
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(HEADER)
        for product in range(products):
            handle = f"item-{product:06d}"
            titles = [" ".join(chance.choices(WORDS[language], k=4)).capitalize() for language in LANGUAGES]
            descriptions = [_description(chance, WORDS[language]) for language in LANGUAGES]
            common = [
                "active",
                f"Brand {product % 150}",
                CATEGORIES[product % len(CATEGORIES)],
                "standard",
                "new|season" if product % 7 == 0 else "",
            ]
            picture = f"https://images.example.com/catalogue/{handle}/main.jpg"
            colour = COLOURS[product % len(COLOURS)]
            for place in range(variants_each):
                number += 1
                writer.writerow(
                    [
                        handle,
                        f"{product:06d}-{place:02d}",
                        *common,
                        *titles,
                        *descriptions,
                        "Size",
                        SIZES[place % 5],
                        "Colour",
                        colour if place < 5 else f"{colour} {place}",
                        _gtin(number),
                        120 + (number * 7) % 3000,
                        100 + place,
                        200,
                        30,
                        f"https://images.example.com/catalogue/{handle}/{place}.jpg",
                        f"https://images.example.com/models/{handle}.glb" if place == 0 else "",
                        picture,
                    ]
                )
    return number


def _description(chance: random.Random, words: list[str]) -> str:
    first, second = (" ".join(chance.choices(words, k=count)).capitalize() for count in (14, 10))
    points = "".join(f"<li>{' '.join(chance.choices(words, k=3))}</li>" for _ in range(2))
    return f"<p>{first}, <b>{chance.choice(words)}</b>.</p><p>{second}.</p><ul>{points}</ul>"


def _gtin(number: int) -> str:
    digits = f"383{number:09d}"
    weighted = sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(digits))
    return digits + str(-weighted % 10)


async def copy_seconds(url: str, path: Path) -> float:
    """Time COPY of the file into a bare table of texts."""
    connection = await asyncpg.connect(url)
    try:
        await connection.execute("DROP TABLE IF EXISTS bench_catalogue_copy")
        await connection.execute(f"CREATE TABLE bench_catalogue_copy ({', '.join(f'{name} text' for name in HEADER)})")
        started = time.perf_counter()
        await connection.copy_to_table("bench_catalogue_copy", source=path, format="csv", header=True)
        seconds = time.perf_counter() - started
        await connection.execute("DROP TABLE bench_catalogue_copy")
        return seconds
    finally:
        await connection.close()


async def run(url: str, products: int = 20_000, report: Callable[[str], None] = lambda _line: None) -> list[Measure]:
    """Run against a migrated, empty database; takes about half a minute for 100,000 variants."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "catalogue.csv"
        variants = await asyncio.to_thread(generate, path, products)
        megabytes = path.stat().st_size / 1e6
        report(f"{variants} variants, {megabytes:.1f} MB")
        before = await copy_seconds(url, path)
        done = await asyncio.to_thread(
            subprocess.run,
            [sys.executable, "-m", "kanava.bench.catalogue_import", "--import", url, str(path)],
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode != 0:
            raise RuntimeError(done.stderr[-2000:])
        seconds, peak_mb, created = (float(part) for part in done.stdout.split())
        if created != variants:
            raise RuntimeError(f"{created:.0f} of {variants} variants were imported")
        copied = min(before, await copy_seconds(url, path))
        report(f"COPY {copied:.2f} s, import {seconds:.2f} s, peak {peak_mb:.0f} MB")
    speed, reference = variants / seconds, variants / copied
    return [
        Measure(
            "catalogue_import",
            "speed",
            round(speed),
            "variants/s",
            "COPY of the same bytes",
            round(reference),
            round(speed / reference, 3),
            0.1,
            speed / reference >= 0.1,
        ),
        Measure(
            "catalogue_import",
            "peak memory",
            round(peak_mb),
            "MB",
            "limit",
            300,
            round(peak_mb / 300, 2),
            1.0,
            peak_mb <= 300,
        ),
    ]


async def import_file(url: str, path: Path) -> tuple[float, int]:
    """Import a file as the command does; gives seconds and the number of new variants."""
    from kanava.catalog.commands import run_import
    from kanava.catalog.service import Options
    from kanava.platform.db import Database

    db = await Database.open(url, pool_size=2)
    try:
        started = time.perf_counter()
        run = await run_import(db, path, Options())
        return time.perf_counter() - started, run.variants_created
    finally:
        await db.close()


async def main(products: int) -> None:
    """Run against a server of its own."""
    from kanava.platform import embedded, migrate

    folder = Path(tempfile.mkdtemp(prefix="kanava-bench-"))
    try:
        with embedded.session(folder) as url:
            await migrate.migrate(url)
            for measure in await run(url, products, print):
                print(msgspec.json.encode(measure).decode())
    finally:
        embedded.remove(folder)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--import"]:
        took, made = asyncio.run(import_file(sys.argv[2], Path(sys.argv[3])))
        print(took, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, made)
    else:
        asyncio.run(main(int(sys.argv[1]) if len(sys.argv) > 1 else 20_000))
