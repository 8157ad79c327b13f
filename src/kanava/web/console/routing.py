"""Routing rules: rulesets in sentences, published, and tried out on past orders before."""

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime
from typing import Any

import msgspec
from litestar import Response, get, post
from litestar.response import Stream

from kanava.catalog import service as catalog
from kanava.platform import clock
from kanava.platform.db import Connection, Database
from kanava.platform.errors import Conflict, KanavaError
from kanava.platform.http import AnyRequest, database_of
from kanava.sourcing.routing import service as routing
from kanava.sourcing.routing.ruleset import RulesetContent
from kanava.sourcing.routing.simulating import Simulation, simulate
from kanava.stores import service as stores
from kanava.stores.model import LocationFilter
from kanava.web.common.pages import render, see_other
from kanava.web.console.forms import transaction
from kanava.web.console.products_forms import all_channels, category_choices, read_fields, version_of, whole
from kanava.web.console.routing_words import Names, Words
from kanava.web.console.shell import Desk, console_page, may, refused

N = str
"""Marks a text for the catalogues; it is translated where it is shown."""

PATH = "/console/routing"
STATES = {
    "draft": (N("Draft"), "warning"),
    "live": (N("Live"), "success"),
    "retired": (N("Retired"), "ghost"),
}
RULESETS_SHOWN = 100
LOCATIONS_MAX = 500
DAYS = (7, 14, 28, 90)
PROGRESS_EVERY = 0.3
PLACES_SHOWN = 20


async def names_of(request: AnyRequest, connection: Connection, language: str, now: datetime) -> Names:
    """Read what channels, places and categories are called."""
    found = await all_channels(connection)
    places = await stores.list_locations(connection, LocationFilter(), LOCATIONS_MAX, None, now)
    tree = category_choices(await catalog.category_tree(connection), language)
    return Names(
        {channel.code: channel.name for channel in found},
        {place.code: place.name for place in places.items},
        {choice.code: choice.name for choice in tree},
        request.app.state.settings.currency,
    )


@get(PATH, guards=may("routing:read"))
async def routing_page(request: AnyRequest, desk: Desk) -> Response[str]:
    """Show the rulesets, the live one in sentences."""
    async with database_of(request).connection() as connection:
        rulesets = (await routing.list_rulesets(connection, None, None, RULESETS_SHOWN)).items
        live = await routing.live_ruleset(connection)
        names = await names_of(request, connection, desk.language, clock.now())
    words = Words(desk.language, names)
    return console_page(
        request,
        desk,
        "console/routing.html",
        rulesets=rulesets,
        live=live,
        sentences=[(rule.name, words.sentence(rule)) for rule in live.rules],
        states=STATES,
        words=words,
    )


@post(PATH, guards=may("routing:write"))
async def make_draft(request: AnyRequest, desk: Desk) -> Response[Any]:
    """Make a draft with the rules of another ruleset, or of the live one."""
    typed = await read_fields(request)
    number = whole(typed, "of", 0, 2**31 - 1) or 0
    async with database_of(request).transaction() as tx:
        if number:
            of = await routing.get_ruleset(tx, number)
            content = RulesetContent(of.name, of.costs, of.rules)
        else:
            content = RulesetContent(desk.text(N("New rules")), (await routing.live_ruleset(tx)).costs, [])
        made = await routing.create_ruleset(tx, desk.actor, content, clock.now())
    return see_other(f"{PATH}/{made.number}/edit")


async def _show(request: AnyRequest, desk: Desk, number: int, *, status: int = 200, **facts: Any) -> Response[str]:
    async with database_of(request).connection() as connection:
        ruleset = await routing.get_ruleset(connection, number)
        names = await names_of(request, connection, desk.language, clock.now())
    words = Words(desk.language, names)
    everything: dict[str, Any] = {
        "ruleset": ruleset,
        "sentences": [(rule.name, words.sentence(rule)) for rule in ruleset.rules],
        "states": STATES,
        "words": words,
        "days": DAYS,
        "saved": request.query_params.get("saved") == "yes",
        "simulation": None,
        **facts,
    }
    return console_page(request, desk, "console/routing_ruleset.html", status=status, **everything)


@get(f"{PATH}/{{number:int}}", guards=may("routing:read"))
async def ruleset_page(request: AnyRequest, desk: Desk, number: int) -> Response[str]:
    """Show a ruleset in sentences."""
    return await _show(request, desk, number)


@post(f"{PATH}/{{number:int}}/publish", guards=may("routing:write"))
async def publish(request: AnyRequest, desk: Desk, number: int) -> Response[Any]:
    """Let a draft decide from now on."""
    typed = await read_fields(request)
    try:
        async with transaction(request) as tx:
            await routing.publish_ruleset(tx, desk.actor, number, version_of(typed), clock.now())
    except KanavaError as error:
        return await _show(request, desk, number, status=error.status, problem=refused(desk, error))
    return see_other(f"{PATH}/{number}?saved=yes")


class _Trial:
    """A simulation in a thread with its own event loop and connection: routing thousands of orders is counting.

    One at a time in a process, so that the shop's pages go on being served meanwhile.
    """

    running = False

    def __init__(self, url: str, number: int, days: int, now: datetime) -> None:
        self.url, self.number, self.days, self.now = url, number, days, now
        self.done, self.total = 0, 0

    async def run(self) -> Simulation:
        """Simulate; Conflict while another one runs here."""
        if _Trial.running:
            raise Conflict("Another simulation is running here; try again when it is done.")
        _Trial.running = True
        try:
            return await asyncio.to_thread(lambda: asyncio.run(self._simulate()))
        finally:
            _Trial.running = False

    async def _simulate(self) -> Simulation:
        db = await Database.open(self.url, pool_size=1, application_name="kanava-simulation")
        try:
            async with db.connection() as connection:
                return await simulate(connection, self.number, self.days, self.now, self._advance)
        finally:
            await db.close()

    def _advance(self, done: int, total: int) -> None:
        self.done, self.total = done, total


def _load(simulation: Simulation, names: Names) -> list[tuple[str, int, int]]:
    """Give units by place under the live rules and under the draft, the busiest first."""
    codes = {*simulation.live.load, *simulation.draft.load}
    rows = [
        (names.locations.get(code, code), simulation.live.load.get(code, 0), simulation.draft.load.get(code, 0))
        for code in codes
    ]
    return sorted(rows, key=lambda row: (-max(row[1], row[2]), row[0]))[:PLACES_SHOWN]


async def _facts(request: AnyRequest, desk: Desk, simulation: Simulation) -> dict[str, Any]:
    async with database_of(request).connection() as connection:
        names = await names_of(request, connection, desk.language, clock.now())
    load = _load(simulation, names)
    most = max((max(live, draft) for _name, live, draft in load), default=1)
    return {"simulation": simulation, "load": load, "most": most, "words": Words(desk.language, names)}


@post(f"{PATH}/{{number:int}}/simulate", guards=may("routing:read"), status_code=200, opt={"not_compressed": True})
async def simulate_ruleset(request: AnyRequest, desk: Desk, number: int) -> Any:
    """Route past orders under these rules and the live ones; for a script as a stream of JSON lines with progress."""
    typed = await read_fields(request)
    days = whole(typed, "days", 1, 400) or DAYS[0]
    trial = _Trial(request.app.state.settings.database_url, number, days, clock.now())
    if "application/x-ndjson" in request.headers.get("accept", ""):
        return Stream(_lines(request, desk, trial), media_type="application/x-ndjson")
    try:
        simulation = await trial.run()
    except KanavaError as error:
        return await _show(request, desk, number, status=error.status, problem=refused(desk, error))
    return await _show(request, desk, number, **await _facts(request, desk, simulation))


async def _lines(request: AnyRequest, desk: Desk, trial: _Trial) -> AsyncIterator[bytes]:
    work = asyncio.create_task(trial.run())
    try:
        while not work.done():
            yield _line({"done": trial.done, "total": trial.total})
            await asyncio.wait([work], timeout=PROGRESS_EVERY)
        simulation = await work
    except KanavaError as error:
        yield _line({"problem": refused(desk, error).words})
        return
    facts = await _facts(request, desk, simulation)
    yield _line({"html": render(request, "console/_routing_simulation.html", desk.look, {"desk": desk, **facts})})


def _line(value: dict[str, Any]) -> bytes:
    return msgspec.json.encode(value) + b"\n"


routes: list[Any] = [routing_page, make_draft, ruleset_page, publish, simulate_ruleset]
