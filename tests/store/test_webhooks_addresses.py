"""Webhooks go to the address that was checked, whatever a name or an answer says afterwards."""

import ssl
from collections.abc import Sequence

import pytest
import trustme

from factories.receiver import Reply, receiving
from factories.webhooks import QUICK, dispatching, register, tell, until_state
from kanava.platform.db import Database
from kanava.webhooks.gateway import resolve
from kanava.webhooks.rules import sending as rules

pytestmark = pytest.mark.anyio


@pytest.fixture(autouse=True)
def quick_retries(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rules, "RETRY_DELAYS", QUICK)
    monkeypatch.setattr("kanava.webhooks.dispatcher.IDLE_SECONDS", 0.02)


async def test_a_redirect_is_a_failure_that_names_where_it_led_and_is_not_followed(db: Database) -> None:
    async with receiving() as receiver, receiving() as inner, dispatching(db):
        receiver.reply = lambda _: Reply(302, {"location": inner.url})
        endpoint = await register(db, receiver.url)
        await tell(db, [1])
        (dead,) = await until_state(db, endpoint, "dead")
    assert dead.error == f"It answered 302, a redirect to {inner.url}; redirects are not followed."
    assert inner.connections == 0


async def test_a_name_that_leads_elsewhere_after_it_was_checked_is_not_connected_to(db: Database) -> None:
    answers = [["93.184.216.34"], ["127.0.0.1"], ["93.184.216.34", "10.0.0.1"], ["::ffff:127.0.0.1"]]
    asked: list[str] = []

    async def rebinding(host: str, _port: int) -> Sequence[str]:
        asked.append(host)
        return answers[min(len(asked), len(answers) - 1)]

    async with receiving() as receiver, dispatching(db, private_allowed=False, resolver=rebinding):
        endpoint = await register(db, f"https://rebind.example:{receiver.port}/hook")
        await tell(db, [1])
        (dead,) = await until_state(db, endpoint, "dead")
    assert len(asked) == len(QUICK) + 1
    assert "rebind.example leads to ::ffff:127.0.0.1, a loopback address" in (dead.error or "")
    assert receiver.connections == 0


async def test_the_settings_of_today_count_and_not_those_of_when_it_was_made(db: Database) -> None:
    async with receiving() as receiver, dispatching(db, private_allowed=False):
        endpoint = await register(db, receiver.url)
        await tell(db, [1])
        (dead,) = await until_state(db, endpoint, "dead")
    assert "https://" in (dead.error or "")
    assert receiver.connections == 0


async def test_the_connection_goes_to_the_checked_address_with_the_name_of_the_url(db: Database) -> None:
    authority = trustme.CA()
    server, client = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), ssl.create_default_context()
    authority.issue_cert("hooks.example").configure_cert(server)
    authority.configure_trust(client)
    asked: list[str] = []

    async def here(host: str, _port: int) -> Sequence[str]:
        asked.append(host)
        return ["127.0.0.1"]

    async with receiving(server) as receiver, dispatching(db, resolver=here, tls=client):
        right = await register(db, f"https://hooks.example:{receiver.port}/hook", "right")
        wrong = await register(db, f"https://other.example:{receiver.port}/hook", "wrong")
        await tell(db, [1, 2], type_="right")
        await until_state(db, right, "delivered", 2)
        await tell(db, [3], type_="wrong")
        (dead,) = await until_state(db, wrong, "dead")
    assert {r.server_name for r in receiver.received} == {"hooks.example"}
    assert receiver.received[0].headers["host"] == f"hooks.example:{receiver.port}"
    assert asked.count("hooks.example") == 1, "the connection was used again"
    assert "certificate" in (dead.error or "").lower()


async def test_the_resolver_knows_this_machine() -> None:
    assert "127.0.0.1" in await resolve("localhost", 80)
