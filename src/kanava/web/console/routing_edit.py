"""A draft of routing rules as a form: one block of fields for each rule, added and taken away without a script."""

from typing import Any

import msgspec
from litestar import Response, get, post

from kanava.platform import clock
from kanava.platform.errors import FieldError, InvalidInput, KanavaError, PreconditionFailed
from kanava.platform.http import AnyRequest, database_of
from kanava.sourcing.routing import service as routing
from kanava.sourcing.routing.ruleset import Costs, Rule, Ruleset, RulesetContent
from kanava.web.common.pages import see_other
from kanava.web.console.forms import transaction
from kanava.web.console.prices_amounts import read_amount, written_amount
from kanava.web.console.products_forms import last_editor, read_lists, whole
from kanava.web.console.routing import PATH, names_of
from kanava.web.console.routing_words import EFFECTS, KINDS, WEEKDAYS
from kanava.web.console.shell import Desk, console_page, may, refused

RULES_MAX = 200
LISTS = ("channels", "categories", "kinds", "locations", "weekdays")
TEXTS = ("name", "effect", "amount", "parcels", "countries", "regions", "value_from", "value_below")
COSTS = (
    "split_penalty_minor",
    "late_day_minor",
    "busy_hour_minor",
    "handling_per_parcel_minor",
    "handling_per_unit_minor",
)

RuleForm = dict[str, Any]


def _as_form(rule: Rule, currency: str, language: str) -> RuleForm:
    when = rule.when

    def amount(value: int | None) -> str:
        return "" if value is None else written_amount(value, currency, language)

    return {
        "name": rule.name,
        "effect": rule.effect,
        "amount": amount(rule.amount_minor),
        "parcels": "" if rule.parcels_max is None else str(rule.parcels_max),
        "countries": " ".join(when.countries or ()),
        "regions": ", ".join(when.regions or ()),
        "value_from": amount(when.value_from_minor),
        "value_below": amount(when.value_below_minor),
        **{name: list(getattr(when, name) or ()) for name in LISTS},
    }


def _typed_rules(fields: dict[str, list[str]]) -> list[RuleForm]:
    numbers = fields.get("rule", [])[:RULES_MAX]
    return [
        {name: fields.get(f"{name}.{number}", [""])[-1].strip() for name in TEXTS}
        | {name: fields.get(f"{name}.{number}", []) for name in LISTS}
        for number in numbers
    ]


def _empty() -> RuleForm:
    return dict.fromkeys(TEXTS, "") | {name: [] for name in LISTS} | {"effect": "prefer"}


def _rule(form: RuleForm, number: int, currency: str) -> Rule:
    field = f"rules[{number}]"

    def amount(name: str) -> int | None:
        return read_amount(form[name], currency, f"{field}.{name}") if form[name] else None

    when = {name: form[name] or None for name in LISTS}
    when["countries"] = form["countries"].upper().replace(",", " ").split() or None
    when["regions"] = [part.strip() for part in form["regions"].split(",") if part.strip()] or None
    when["value_from_minor"], when["value_below_minor"] = amount("value_from"), amount("value_below")
    weighs = form["effect"] in ("prefer", "avoid")
    raw = {
        "name": form["name"],
        "effect": form["effect"],
        "when": {name: value for name, value in when.items() if value is not None},
        "amount_minor": amount("amount") if weighs else None,
        "parcels_max": whole(form, "parcels", 1, 100) if form["effect"] == "parcels_max" else None,
    }
    try:
        return msgspec.convert({name: value for name, value in raw.items() if value is not None}, Rule)
    except msgspec.ValidationError as error:
        raise InvalidInput(f"{error}", errors=[FieldError(field, str(error))]) from None


def _content(fields: dict[str, list[str]], rules: list[RuleForm], currency: str) -> RulesetContent:
    typed = {name: values[-1] for name, values in fields.items()}
    costs = {name: read_amount(typed.get(name, "") or "0", currency, name) for name in COSTS}
    try:
        return RulesetContent(
            typed.get("ruleset_name", "").strip()[:200] or "…",
            msgspec.convert({**costs, "cut_off": typed.get("cut_off", "16:00")}, Costs),
            [_rule(form, number, currency) for number, form in enumerate(rules)],
        )
    except msgspec.ValidationError as error:
        raise InvalidInput(f"{error}.", field="cut_off") from None


async def _form(request: AnyRequest, desk: Desk, ruleset: Ruleset, *, status: int = 200, **facts: Any) -> Response[str]:
    async with database_of(request).connection() as connection:
        names = await names_of(request, connection, desk.language, clock.now())
    currency = names.currency
    costs = msgspec.structs.asdict(ruleset.costs)
    everything: dict[str, Any] = {
        "ruleset": ruleset,
        "rules": [_as_form(rule, currency, desk.language) for rule in ruleset.rules],
        "costs": {name: written_amount(costs[name], currency, desk.language) for name in COSTS}
        | {"cut_off": costs["cut_off"]},
        "ruleset_name": ruleset.name,
        "names": names,
        "effects": EFFECTS,
        "kinds": KINDS,
        "weekdays": WEEKDAYS,
        "conflict": "",
        **facts,
    }
    return console_page(request, desk, "console/routing_edit.html", status=status, **everything)


@get(f"{PATH}/{{number:int}}/edit", guards=may("routing:write"))
async def edit_page(request: AnyRequest, desk: Desk, number: int) -> Response[str]:
    """Show a draft as a form."""
    async with database_of(request).connection() as connection:
        ruleset = await routing.get_ruleset(connection, number)
    return await _form(request, desk, ruleset)


@post(f"{PATH}/{{number:int}}/edit", guards=may("routing:write"))
async def save_draft(request: AnyRequest, desk: Desk, number: int) -> Response[Any]:
    """Save a draft; adding and taking away a rule shows the form again with everything typed still there."""
    fields = await read_lists(request)
    typed = {name: values[-1] for name, values in fields.items()}
    rules = _typed_rules(fields)
    verb, _colon, place = typed.get("do", "save").partition(":")
    db = database_of(request)
    async with db.connection() as connection:
        ruleset = await routing.get_ruleset(connection, number)
    kept: dict[str, Any] = {
        "costs": {name: typed.get(name, "") for name in (*COSTS, "cut_off")},
        "ruleset_name": typed.get("ruleset_name", ""),
    }
    if verb == "add":
        return await _form(request, desk, ruleset, rules=[*rules, _empty()], **kept)
    if verb == "remove" and place.isdigit():
        return await _form(
            request, desk, ruleset, rules=[rule for n, rule in enumerate(rules) if n != int(place)], **kept
        )
    try:
        content = _content(fields, rules, request.app.state.settings.currency)
        async with transaction(request) as tx:
            version = whole(typed, "version") or 0
            await routing.change_ruleset(tx, desk.actor, number, content, version, clock.now())
    except KanavaError as error:
        conflict = ""
        if isinstance(error, PreconditionFailed):
            async with db.connection() as connection:
                conflict = await last_editor(connection, "routing_ruleset", str(number)) or "…"
        problem = refused(desk, error)
        return await _form(
            request, desk, ruleset, status=error.status, rules=rules, problem=problem, conflict=conflict, **kept
        )
    return see_other(f"{PATH}/{number}?saved=yes")


routes: list[Any] = [edit_page, save_draft]
