"""Composition root of the worker process: which jobs and periodic duties there are.

A module that has work for later adds its handler to `HANDLERS` or its duty to `periodic_duties`, here; its reader of
the event feed goes to `kanava.consumers`.
"""

import asyncio
import signal
import sys
from collections.abc import Mapping
from datetime import datetime, timedelta

import uvloop

from kanava.catalog import jobs as catalog
from kanava.consumers import CONSUMERS
from kanava.engagement import store as messages
from kanava.engagement.gateway import mailer_of
from kanava.engagement.sending import Sender
from kanava.fulfilment import jobs as fulfilment
from kanava.fulfilment.service import carrier_events, uncollected
from kanava.fulfilment.service.policy import policy_of
from kanava.fulfilment.service.rerouting import move
from kanava.inventory import service as inventory
from kanava.platform import auth, idempotency
from kanava.platform.consumers import run_consumers
from kanava.platform.db import Database
from kanava.platform.jobs import Handler, in_bites
from kanava.platform.refusal import CannotRun
from kanava.platform.running_jobs import Periodic, run_jobs
from kanava.platform.telemetry import configure_logs
from kanava.search import service as searching
from kanava.settings import Settings, load_settings
from kanava.sourcing.routing import rechecking, rerouting, scarcity
from kanava.supervisor.lifeline import wait_for_go, watch_lifeline
from kanava.webhooks import jobs as webhooks
from kanava.webhooks import service as deliveries
from kanava.webhooks.dispatcher import dispatcher_of

WORKER_CONNECTIONS = 12


async def look_after_awaited(db: Database, now: datetime) -> int:
    """Date units anew that are awaited past their day, or serve them from what is free."""
    async with db.transaction() as tx:
        return await inventory.look_after_awaited(tx, now)


def periodic_duties(settings: Settings) -> list[Periodic]:
    """Give the duties that come back by the clock."""

    async def expire_holds(db: Database, now: datetime) -> int:
        return await in_bites(db, lambda tx: inventory.expire_due_holds(tx, now))

    async def prune_idempotency_records(db: Database, now: datetime) -> int:
        async with db.transaction() as tx:
            return await idempotency.PRUNE.run(tx, before=now - timedelta(hours=settings.idempotency_hours))

    async def prune_staff_sessions(db: Database, now: datetime) -> int:
        async with db.transaction() as tx:
            return await auth.PRUNE_SESSIONS.run(tx, now=now)

    async def prune_messages(db: Database, now: datetime) -> int:
        async with db.transaction() as tx:
            return await messages.PRUNE.run(tx, before=now - timedelta(days=settings.message_days))

    async def prune_webhook_deliveries(db: Database, now: datetime) -> int:
        return await webhooks.prune(db, settings.webhook_keep_days, now)

    async def prune_carrier_events(db: Database, now: datetime) -> int:
        before = now - timedelta(days=settings.carrier_event_days)
        return await in_bites(db, lambda tx: carrier_events.prune(tx, before))

    async def prune_events(db: Database, now: datetime) -> int:
        before = now - timedelta(days=settings.event_days)
        return await deliveries.prune_events(db, before, [consumer.name for consumer in CONSUMERS])

    async def remind_uncollected(db: Database, now: datetime) -> int:
        policy = policy_of(settings)
        return await in_bites(db, lambda tx: uncollected.remind_uncollected(tx, policy, now))

    async def match_carrier_events(db: Database, now: datetime) -> int:
        async with db.transaction() as tx:
            return await carrier_events.match_again(tx, now)

    async def reroute_open_orders(db: Database, now: datetime) -> int:
        return (await rerouting.reroute(db, now, move)).moved

    async def reroute_changed(db: Database, now: datetime) -> int:
        return await rechecking.reroute_changed(db, now, move)

    async def price_scarcity(db: Database, now: datetime) -> int:
        return await scarcity.price_scarcity(db, settings.currency, now)

    return [
        Periodic("price_scarcity", "7 0,6,12,18 * * *", price_scarcity),
        Periodic("reroute_open_orders", "37 2 * * *", reroute_open_orders),
        Periodic("reroute_changed", "* * * * *", reroute_changed),
        Periodic("remind_uncollected", "*/5 * * * *", remind_uncollected),
        Periodic("expire_uncollected", "*/5 * * * *", uncollected.expire_uncollected),
        Periodic("match_carrier_events", "* * * * *", match_carrier_events),
        Periodic("retry_stuck_fulfilments", "*/5 * * * *", fulfilment.retry_oldest),
        Periodic("resume_reopened_places", "* * * * *", fulfilment.resume_reopened),
        Periodic("check_places_of_fulfilments", "7,37 * * * *", fulfilment.check_places),
        Periodic("look_after_awaited", "*/5 * * * *", look_after_awaited),
        Periodic("expire_holds", "* * * * *", expire_holds),
        Periodic("prune_idempotency_records", "17 * * * *", prune_idempotency_records),
        Periodic("prune_staff_sessions", "47 * * * *", prune_staff_sessions),
        Periodic("prune_search_queries", "23 3 * * *", searching.prune_queries),
        Periodic("prune_messages", "27 3 * * *", prune_messages),
        Periodic("prune_webhook_deliveries", "37 * * * *", prune_webhook_deliveries),
        Periodic("prune_carrier_events", "47 3 * * *", prune_carrier_events),
        Periodic("prune_events", "17 4 * * *", prune_events),
    ]


HANDLERS: Mapping[str, Handler] = {**fulfilment.HANDLERS, **catalog.HANDLERS}


async def run_worker(settings: Settings, stop: asyncio.Event) -> None:
    """Run the worker until `stop` is set."""
    mailer = mailer_of(settings.mail_server, settings.mail_from, settings.data_dir / "mail")
    db = await Database.open(settings.database_url, pool_size=WORKER_CONNECTIONS, application_name="kanava-worker")
    try:
        dispatcher = dispatcher_of(db, private_allowed=settings.webhook_private_addresses)
        async with asyncio.TaskGroup() as parts:
            parts.create_task(run_jobs(db, settings.database_url, HANDLERS, periodic_duties(settings), stop))
            parts.create_task(run_consumers(db, CONSUMERS, stop, {webhooks.CONSUMER.name: dispatcher.wake}))
            parts.create_task(dispatcher.run(stop))
            parts.create_task(Sender(db, mailer, settings.retailer_name, settings.shop_address).run(stop))
    finally:
        await db.close()


async def _main() -> None:
    settings = load_settings()
    configure_logs(settings.log_level, settings.log_format == "json")
    wait_for_go()
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    watch_lifeline(stop.set)
    await run_worker(settings, stop)


def main() -> None:
    """Run as a process of its own; ends 1 when it cannot go on."""
    try:
        uvloop.run(_main())
    except CannotRun as error:
        sys.exit(f"kanava worker: {error}")


if __name__ == "__main__":
    main()
