"""Forms of the merchandiser's pages: fields whose names depend on the data, and what several pages need to know."""

from collections.abc import Mapping, Sequence
from urllib.parse import parse_qsl

import msgspec

from kanava.catalog import service as catalog
from kanava.catalog.model import CategoryNode
from kanava.channels import service as channels
from kanava.channels.model import Channel
from kanava.platform import audit, staff
from kanava.platform.db import Connection
from kanava.platform.errors import InvalidInput
from kanava.platform.http import AnyRequest
from kanava.web.common.translations import LANGUAGES, known_language

FIELDS_MAX = 5_000
CHANNELS_MAX = 500
SCRIPT_BYTES_MAX = 2_000_000


async def read_lists(request: AnyRequest) -> dict[str, list[str]]:
    """Give the fields of an urlencoded form, those of one name together; InvalidInput when they are too many."""
    body = await request.body()
    if len(body) > SCRIPT_BYTES_MAX:
        raise InvalidInput("The form is too long.", field="form")
    try:
        pairs = parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=FIELDS_MAX)
    except ValueError:
        raise InvalidInput("The form cannot be read.", field="form") from None
    found: dict[str, list[str]] = {}
    for name, value in pairs:
        if "\x00" in value or "\x00" in name:
            raise InvalidInput("A text cannot hold a zero byte.", field=name.replace("\x00", ""))
        found.setdefault(name, []).append(value)
    return found


async def read_fields(request: AnyRequest) -> dict[str, str]:
    """Give the fields of an urlencoded form; of several with one name the last."""
    return {name: values[-1] for name, values in (await read_lists(request)).items()}


def whole(fields: Mapping[str, str], name: str, least: int = 0, most: int = 10**15) -> int | None:
    """Read a whole number, None when the field is empty; InvalidInput names the field."""
    text = fields.get(name, "").strip().replace("\xa0", "").replace(" ", "")
    if not text:
        return None
    if not (text.lstrip("-").isascii() and text.lstrip("-").isdigit() and len(text) < 18):
        raise InvalidInput("must be a whole number", field=name)
    number = int(text)
    if not least <= number <= most:
        raise InvalidInput(f"must be between {least} and {most}", field=name)
    return number


def version_of(fields: Mapping[str, str]) -> int:
    """Read the version that a form was made of."""
    return whole(fields, "version") or 0


def best_name(names: Mapping[str, str], language: str, otherwise: str) -> str:
    """Give a name in the reader's language, else in English, else any, else the code."""
    return names.get(language) or names.get("en") or next(iter(names.values()), "") or otherwise


class CategoryChoice(msgspec.Struct, frozen=True):
    """A category as a select shows it: `path` are the codes from the top, `depth` how far down it stands."""

    code: str
    name: str
    path: str
    depth: int


def category_choices(tree: Sequence[CategoryNode], language: str) -> list[CategoryChoice]:
    """Give every category, each below its parent."""
    found: list[CategoryChoice] = []

    def walk(nodes: Sequence[CategoryNode], above: str, depth: int) -> None:
        for node in nodes:
            path = f"{above}/{node.code}" if above else node.code
            found.append(CategoryChoice(node.code, best_name(node.names, language, node.code), path, depth))
            walk(node.children, path, depth + 1)

    walk(tree, "", 0)
    return found


async def all_channels(connection: Connection) -> list[Channel]:
    """Give every channel, by name."""
    page = await channels.list_channels(connection, None, None, CHANNELS_MAX)
    return sorted(page.items, key=lambda channel: channel.name.casefold())


def languages_of(found: Sequence[Channel]) -> list[str]:
    """Give the languages that texts are written in: those of the channels, and English for all others."""
    spoken = {known_language(channel.language) or channel.language for channel in found} | {"en"}
    return [tag for tag in LANGUAGES if tag in spoken] + sorted(spoken - set(LANGUAGES))


async def last_editor(connection: Connection, subject: str, subject_id: str) -> str:
    """Give the name of who changed a thing last, as far as it is known."""
    entries = await audit.entries(connection, subject, subject_id, None, 1)
    if not entries:
        return ""
    return (await names_of_actors(connection, [entries[0].actor])).get(entries[0].actor, "")


async def names_of_actors(connection: Connection, labels: Sequence[str]) -> dict[str, str]:
    """Give the names of people behind `staff:3`; keys and programs keep their label."""
    found = {label: label for label in labels}
    if any(label.startswith("staff:") for label in labels):
        people = {f"staff:{person.staff_id}": person.name for person in await staff.list_staff(connection)}
        found |= {label: people[label] for label in labels if label in people}
    return found


async def brand_names(connection: Connection) -> list[str]:
    """Give brands for the list of suggestions of a field."""
    return await catalog.brands_like(connection, "", 500)
