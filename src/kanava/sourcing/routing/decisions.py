"""Decisions as they are stored and carried by the event `order.placed`."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from kanava.platform.consumers import Consumer
from kanava.platform.db import Connection
from kanava.platform.ids import uuid7
from kanava.platform.outbox import StoredEvent
from kanava.sourcing.routing.charges import charges_of
from kanava.sourcing.routing.costing import Setting
from kanava.sourcing.routing.model import Charge, Need, Plan, ScarcityPrices
from kanava.sourcing.routing.service import ChosenLine, ChosenPlace, RunnerUp
from kanava.sourcing.routing.store import orders as orders_sql


class Decision(msgspec.Struct, frozen=True):
    """Where the shipped goods of an order come from, why, and what came second. As in `routing_decision`.

    What is of the order as a whole stands at a place without a name.
    """

    ruleset: int
    cost_minor: int
    chosen: list[ChosenPlace]
    runner_up: RunnerUp | None = None


def decision_of(
    plan: Plan,
    needs: Sequence[Need],
    setting: Setting,
    ruleset: int,
    codes: Mapping[int, str],
    scarcity: ScarcityPrices | None = None,
) -> Decision | None:
    """Put a plan into words; None when nothing is shipped."""
    charges = charges_of(plan, needs, setting.places, setting.terms, scarcity)
    own = {need.line_no for need in needs if need.location_id is not None}
    lines: dict[int, list[ChosenLine]] = {}
    for part in plan.parts:
        if part.line_no not in own:
            lines.setdefault(part.location_id, []).append(ChosenLine(part.line_no, part.quantity))
    if not lines:
        return None
    chosen = [ChosenPlace(codes[at], listed, list(charges.get(at, ()))) for at, listed in lines.items()]
    whole: list[Charge] = charges.get(0, [])
    if whole:
        chosen.append(ChosenPlace("", [], list(whole)))
    other = plan.runner_up
    runner_up = None if other is None else RunnerUp([codes[at] for at in other.location_ids], other.cost_minor)
    return Decision(ruleset, plan.cost_minor, chosen, runner_up)


async def record(tx: Connection, order_id: UUID, cause: str, decision: Decision, decided_at: datetime) -> None:
    """Write a decision down, in the transaction that carries it out."""
    await orders_sql.INSERT_DECISIONS.write(tx, [_row(order_id, cause, msgspec.to_builtins(decision), decided_at)])


def _row(order_id: UUID, cause: str, decision: Mapping[str, Any], decided_at: datetime) -> tuple[Any, ...]:
    return (
        order_id,
        uuid7(),
        cause,
        decision["ruleset"],
        decision["cost_minor"],
        decision["chosen"],
        decision["runner_up"],
        decided_at,
    )


async def take_placed(tx: Connection, events: Sequence[StoredEvent], _now: datetime) -> None:
    """Keep the decisions that `order.placed` carries (`routing` in its facts); consumer of the event feed."""
    rows = []
    for event in events:
        decision = event.data.get("routing")
        if decision is not None:
            rows.append(_row(UUID(event.aggregate_id), "placed", decision, event.occurred_at))
    if rows:
        await orders_sql.INSERT_DECISIONS.write(tx, rows)


CONSUMER = Consumer("routing", take_placed, types=("order.placed",))
