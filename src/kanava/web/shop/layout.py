"""What the frame of every page of the shop shows: categories, countries and languages, the visitor's own store."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

import msgspec

from kanava.catalog import service as catalog
from kanava.catalog.model import CategoryNode
from kanava.channels import service as channels
from kanava.channels.model import BankAccount
from kanava.platform import clock
from kanava.platform.db import Connection
from kanava.policies import service as policies
from kanava.policies.model import KINDS, PolicyHead
from kanava.stores import hours
from kanava.stores import service as stores
from kanava.stores.model import NamedPlace, Schedule
from kanava.web.shop.markets import Markets, load_markets

HANDS_OVER = frozenset({"pickup", "curbside"})


class ShopStore(msgspec.Struct, frozen=True):
    """A store as pages of the shop show it; `services` such as pickup."""

    place: NamedPlace
    services: frozenset[str]
    schedule: Schedule

    def is_open(self, now: datetime) -> bool:
        """Say whether it is open at an instant."""
        return hours.is_open(self.schedule, now)

    def next_opening(self, now: datetime) -> datetime | None:
        """Give when it opens next."""
        return hours.next_opening(self.schedule, now)

    def next_closing(self, now: datetime) -> datetime | None:
        """Give when it closes next."""
        return hours.next_closing(self.schedule, now)


class MenuNode(msgspec.Struct, frozen=True):
    """A category in the visitor's language."""

    code: str
    name: str
    children: list["MenuNode"]


class Menu(list[MenuNode]):
    """The categories in a language, with what pages have drawn of them: the same for everybody until they change."""

    def __init__(self, nodes: Sequence[MenuNode] = ()) -> None:
        super().__init__(nodes)
        self._drawn: dict[tuple[str, str], str] = {}

    def once(self, name: str, base: str, caller: Callable[[], str]) -> str:
        """Draw a part of a page of `base`, which says market and language, or give what was drawn of it before.

        What it shows may depend on these, on the menu and on the settings only: `{% call visit.menu.once(…) %}`.
        """
        drawn = self._drawn.get((name, base))
        if drawn is None:
            drawn = self._drawn[name, base] = caller()
        return drawn


class Menus:
    """The menus of a process by language; the categories are read each time, and named anew when they differ."""

    def __init__(self) -> None:
        self._tree: list[CategoryNode] = []
        self._made: dict[tuple[str, ...], Menu] = {}

    async def current(self, connection: Connection, languages: tuple[str, ...]) -> Menu:
        """Give the categories, named in the first of the languages that has a name."""
        tree = await catalog.category_tree(connection)
        if tree != self._tree:
            self._tree, self._made = tree, {}
        made = self._made.get(languages)
        if made is None:
            made = self._made[languages] = Menu([menu_node(node, languages) for node in tree])
        return made


class ShopSettings(msgspec.Struct, frozen=True):
    """Settings that all pages need.

    Markets, stores by code, which of them serve a channel, the bank account of each channel that has one, and the
    policies of each country by kind and language, without their texts.
    """

    markets: Markets
    stores: Mapping[str, ShopStore]
    serving: Mapping[str, frozenset[str]]
    accounts: Mapping[str, BankAccount] = {}
    policies: Mapping[tuple[str, str], Mapping[str, PolicyHead]] = {}
    menus: Menus = msgspec.field(default_factory=Menus)

    def policy(self, country: str, kind: str, languages: Sequence[str]) -> PolicyHead | None:
        """Give a policy of a country in the first of the languages that it is written in, else in any; else None."""
        written = self.policies.get((country, kind))
        if not written:
            return None
        return next((written[each] for each in languages if each in written), next(iter(written.values())))

    def policies_of(self, country: str, languages: Sequence[str]) -> list[PolicyHead]:
        """Give what a country has of policies, each in one language."""
        found = [self.policy(country, kind, languages) for kind in KINDS]
        return [each for each in found if each is not None]

    def stores_of(self, channel: str) -> list[ShopStore]:
        """Give the stores of a channel by town and name."""
        found = [self.stores[code] for code in self.serving.get(channel, ()) if code in self.stores]
        return sorted(found, key=lambda each: (each.place.city, each.place.name, each.place.code))


async def load_shop(connection: Connection) -> ShopSettings:
    """Read the settings of the pages; whoever holds them asks whether `config_version` is still the same."""
    places = [row for row in await stores.all_for_routing(connection) if row.kind == "store" and row.active]
    named = await stores.name_places(connection, [row.code for row in places])
    code_of = {row.location_id: row.code for row in places}
    found = {
        row.code: ShopStore(named[row.code], frozenset(row.services), row.schedule())
        for row in places
        if row.code in named
    }
    serving = {
        row.code: frozenset(code_of[number] for number in row.location_ids if number in code_of)
        for row in await channels.all_for_routing(connection)
    }
    written: dict[tuple[str, str], dict[str, PolicyHead]] = {}
    for head in await policies.all_heads(connection):
        written.setdefault((head.country, head.kind), {})[head.language] = head
    accounts = await channels.bank_accounts(connection)
    return ShopSettings(await load_markets(connection), found, serving, accounts, written)


async def read_menu(connection: Connection, languages: Sequence[str]) -> list[MenuNode]:
    """Read the categories, named in the first of the languages that has a name."""
    return [menu_node(node, languages) for node in await catalog.category_tree(connection)]


def menu_node(node: CategoryNode, languages: Sequence[str]) -> MenuNode:
    """Name a category and everything below it."""
    return MenuNode(
        node.code, name_in(node.names, languages) or node.code, [menu_node(c, languages) for c in node.children]
    )


def name_in(names: Mapping[str, str], languages: Sequence[str]) -> str:
    """Give the name in the first of the languages that has one; empty when none has."""
    return next((names[language] for language in languages if names.get(language)), "")


def way_to(menu: Sequence[MenuNode], code: str) -> list[MenuNode]:
    """Give the categories from the top to one of them; empty when there is none of that code."""
    for node in menu:
        if node.code == code:
            return [node]
        below = way_to(node.children, code)
        if below:
            return [node, *below]
    return []


def opening_facts(store: ShopStore, now: datetime | None = None) -> tuple[bool, datetime | None]:
    """Say whether a store is open, and when that changes; None when it never does."""
    at = now or clock.now()
    opened = store.is_open(at)
    return opened, store.next_closing(at) if opened else store.next_opening(at)
