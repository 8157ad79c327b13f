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
from pathlib import Path

import asyncpg
import msgspec
from rich.progress import Progress

from kanava.bench.model import BenchContext, Measure, at_most, compared, median

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


async def import_in_a_process(url: str, path: Path) -> tuple[float, float, int]:
    """Import in a process of its own; gives seconds, its peak memory in MB, and the number of new variants."""
    command = [sys.executable, "-m", "kanava.bench.catalogue_import", "--import", url, str(path)]
    process = await asyncio.create_subprocess_exec(*command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    output, errors = await process.communicate()
    if process.returncode != 0:
        raise RuntimeError(errors.decode()[-2000:])
    seconds, peak_mb, created = output.split()
    return float(seconds), float(peak_mb), int(created)


async def run(context: BenchContext) -> list[Measure]:
    """Import 100,000 variants (20,000 with `--quick`); COPY and import take turns, each round in a fresh database."""
    products = 4_000 if context.quick else 20_000
    path = context.folder / "catalogue.csv"
    with context.step("The file is generated"):
        variants = await asyncio.to_thread(generate, path, products)
    context.note(f"{variants} variants of {products} products, {path.stat().st_size / 1e6:.1f} MB, five languages.")
    copied, imported, peaks = [], [], []
    async with context.installation() as installation:
        with context.step("COPY and import", total=context.rounds) as advance:
            for number in range(context.rounds):
                fresh = await installation.copy(f"catalogue_{number}")
                copied.append(await copy_seconds(fresh.url, path))
                seconds, peak_mb, created = await import_in_a_process(fresh.url, path)
                if created != variants:
                    raise RuntimeError(f"{created} of {variants} variants were imported")
                imported.append(seconds)
                peaks.append(peak_mb)
                advance(1)
    path.unlink()
    speed, reference = variants / median(imported), variants / median(copied)
    return [
        compared(
            "catalogue_import",
            "speed",
            speed,
            "variants/s",
            reference="COPY of the same bytes into a table of texts",
            reference_value=reference,
            at_least=0.1,
        ),
        at_most("catalogue_import", "peak memory", max(peaks), "MB", goal=300),
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


async def main() -> None:
    """Run alone."""
    with tempfile.TemporaryDirectory(prefix="kanava-bench-") as folder, Progress(transient=True) as progress:
        await asyncio.to_thread(Path(folder).chmod, 0o755)
        for measure in await run(BenchContext(Path(folder), progress, quick="--quick" in sys.argv)):
            print(msgspec.json.encode(measure).decode())


if __name__ == "__main__":
    if sys.argv[1:2] == ["--import"]:
        took, made = asyncio.run(import_file(sys.argv[2], Path(sys.argv[3])))
        print(took, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, made)
    else:
        asyncio.run(main())
