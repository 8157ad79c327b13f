"""People at the places, customers and the carrier of a replay: they do over HTTP what is theirs, in virtual time."""

import asyncio
import heapq
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime, time, timedelta
from random import Random
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from kanava.demo.replay import store
from kanava.demo.replay.client import ApiConnection
from kanava.demo.replay.load import CARRIER, CLOSES, CUT_OFF_HOUR, OPENS, TIME_ZONE, TRANSIT_DAYS, UNITS_PER_HOUR
from kanava.demo.replay.store import WorkRow
from kanava.platform.db import Database
from kanava.platform.ids import uuid7
from kanava.platform.refusal import CannotRun

ZONE = ZoneInfo(TIME_ZONE)
WORK_MAX = 5_000
REASONS = ("not_found", "not_found", "not_found", "damaged", "display_piece", "no_capacity")
CARRIER_LATE_SHARE = 0.03
NEVER_FETCHED_SHARE = 0.02
WAITS_SHARE = 0.2
"""Of customers whom nobody can serve: those who would rather wait than cancel."""
ANSWERS_AFTER = timedelta(hours=3)
DELIVERED_AT = time(14)


class Places:
    """Everybody but the customers' orders: picks, rejects, packs, ships, stages, hands over, delivers, answers."""

    def __init__(self, db: Database, connections: Sequence[ApiConnection], reject_percent: float, seed: int) -> None:
        self.db, self.reject_share, self.seed = db, reject_percent / 100, seed
        self.baskets: dict[UUID, str] = {}
        self.did: Counter[str] = Counter()
        self._connections: asyncio.Queue[ApiConnection] = asyncio.Queue()
        for connection in connections:
            self._connections.put_nowait(connection)
        # What is to happen later: (instant, a number that keeps them apart, what).
        self._later: list[tuple[datetime, int, str, WorkRow, str]] = []
        self._tried: Counter[tuple[str, int]] = Counter()
        self._asked: set[UUID] = set()

    @property
    def waiting(self) -> bool:
        """Whether something is still to happen."""
        return bool(self._later)

    async def work(self, now: datetime, passed: timedelta) -> int:
        """Do what people do until an instant; gives how many fulfilments are left on the boards."""
        due = []
        while self._later and self._later[0][0] <= now:
            due.append(heapq.heappop(self._later))
        await self._all([self._happens(what, row, number, now) for _, _, what, row, number in due])
        async with self.db.connection() as connection:
            rows = await store.WORK.all(connection, limit=WORK_MAX)
        for row in rows:
            if row.stuck_since is not None and row.fulfilment_id not in self._asked:
                self._asked.add(row.fulfilment_id)
                self._then(now + ANSWERS_AFTER, "answer", row)
        if OPENS <= now.astimezone(ZONE).hour < CLOSES:
            of_place: dict[str, list[WorkRow]] = {}
            for row in rows:
                if row.stuck_since is None:
                    of_place.setdefault(row.location, []).append(row)
            units = int(UNITS_PER_HOUR * passed / timedelta(hours=1))
            await self._all([self._shift(work, units, now) for work in of_place.values()])
        return len(rows)

    async def _all(self, doings: Sequence[Any]) -> None:
        async with asyncio.TaskGroup() as group:
            for doing in doings:
                group.create_task(doing)

    def _then(self, at: datetime, what: str, row: WorkRow, number: str = "") -> None:
        heapq.heappush(self._later, (at, len(self._later) + sum(self.did.values()) * 100_000, what, row, number))

    def _chance(self, row: WorkRow, of: str, line_no: int = 0) -> Random:
        """Give the dice of one decision: the same for the same seed, whoever is quicker."""
        basket = self.baskets[row.order_id]
        self._tried[of + basket, line_no] += 1
        return Random(f"{self.seed}:{of}:{basket}:{line_no}:{self._tried[of + basket, line_no]}")

    async def _shift(self, work: Sequence[WorkRow], units: int, now: datetime) -> None:
        """Let a place work on the most urgent first, as many units as its people can."""
        for row in work:
            if units <= 0:
                return
            units -= await self._fulfil(row, now)

    async def _post(self, path: str, body: object) -> tuple[int, Any]:
        connection = await self._connections.get()
        try:
            status, answer = await connection.post(f"/api{path}", str(uuid7()), body)
        finally:
            self._connections.put_nowait(connection)
        if status not in (200, 201, 409):
            raise CannotRun(f"{path} was answered with {status}: {str(answer)[:400]}")
        return status, answer

    async def _fulfil(self, row: WorkRow, now: datetime) -> int:
        """Pick every line or say that it cannot be given; then pack and ship, or stage. Gives the units looked for."""
        path, units = f"/fulfilments/{row.fulfilment_id}", 0
        status, seen = await self._post(f"{path}/take", {"take_over": True})
        for line in seen["lines"] if status == 200 else ():
            wanted = line["quantity_to_pick"]
            if not wanted:
                continue
            units += wanted
            chance = self._chance(row, "pick", line["line_no"])
            if chance.random() < self.reject_share:
                reason, lines = chance.choice(REASONS), [{"line_no": line["line_no"]}]
                body = {"rejection_id": uuid7(), "reason": reason, "lines": lines}
                status, answer = await self._post(f"{path}/rejections", body)
                self.did["rejected"] += status == 201
            else:
                body = {"pick_id": uuid7(), "code": line["sku"], "line_no": line["line_no"], "quantity": wanted}
                status, answer = await self._post(f"{path}/picks", body)
                self.did["picked"] += status == 201
            if status == 409:
                break  # Its units were moved in the meantime; what is left is looked at next time.
            seen = answer
        if status == 409 or seen["state"] != "picked":
            return units
        await (self._ship(row, now) if row.kind == "ship" else self._stage(row, now))
        return units

    async def _ship(self, row: WorkRow, now: datetime) -> None:
        path, number = f"/fulfilments/{row.fulfilment_id}", f"T{row.fulfilment_id.hex[-12:].upper()}"
        status, _ = await self._post(f"{path}/parcels", {"parcel_id": uuid7(), "tracking_number": number})
        if status == 409:
            return
        status, _ = await self._post(f"{path}/shipments", {"shipment_id": uuid7()})
        self.did["shipped"] += status == 201
        await self._news(number, "accepted", now)
        chance = self._chance(row, "carrier")
        days = TRANSIT_DAYS + (chance.random() < CARRIER_LATE_SHARE)
        self._then(arrival(now, days), "deliver", row, number)

    async def _stage(self, row: WorkRow, now: datetime) -> None:
        body = {"staging_id": uuid7(), "bay": "A1"}
        status, answer = await self._post(f"/fulfilments/{row.fulfilment_id}/stage", body)
        if status == 409 or answer["state"] != "ready":
            return
        self.did["staged"] += 1
        chance = self._chance(row, "collect")
        if chance.random() >= NEVER_FETCHED_SHARE:
            self._then(now + timedelta(hours=1 + 47 * chance.random()), "collect", row)

    async def _happens(self, what: str, row: WorkRow, number: str, now: datetime) -> None:
        if what == "deliver":
            await self._news(number, "delivered", now)
            self.did["delivered"] += 1
        elif what == "collect":
            async with self.db.connection() as connection:
                ids = {"order_id": row.order_id, "fulfilment_id": row.fulfilment_id}
                code = await store.CODE.one(connection, **ids)
            body = {"hand_over_id": uuid7(), "proof": {"kind": "code", "code": code}}
            status, _ = await self._post(f"/fulfilments/{row.fulfilment_id}/hand-overs", body)
            self.did["handed over"] += status == 201
        else:
            answer = "wait" if self._chance(row, "answer").random() < WAITS_SHARE else "cancel"
            body = {"resolution_id": uuid7(), "answer": answer}
            status, _ = await self._post(f"/fulfilments/{row.fulfilment_id}/resolve", body)
            self.did[f"answered: {answer}"] += status == 200

    async def _news(self, number: str, kind: str, now: datetime) -> None:
        event = {"carrier": CARRIER, "carrier_event_id": f"{number}-{kind}", "tracking_number": number, "kind": kind}
        await self._post("/carrier-events", {"events": [{**event, "occurred_at": now}]})


def arrival(shipped_at: datetime, days: int) -> datetime:
    """Say when a parcel is at the door: so many workdays after it left, in the afternoon."""
    local = shipped_at.astimezone(ZONE)
    day = local.date() + timedelta(days=local.hour >= CUT_OFF_HOUR)
    while day.weekday() >= 5:
        day += timedelta(days=1)
    while days:
        day += timedelta(days=1)
        days -= day.weekday() < 5
    return datetime.combine(day, DELIVERED_AT, ZONE).astimezone(UTC)
