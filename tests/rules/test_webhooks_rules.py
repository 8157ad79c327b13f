"""Where webhooks may go, what they carry, when they are tried again."""

from contextlib import suppress
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from uuid import UUID

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from standardwebhooks import Webhook, WebhookVerificationError

from kanava.webhooks.errors import WebhookAddressRefused
from kanava.webhooks.model import Due
from kanava.webhooks.rules.addresses import check_addresses, check_url, refusal_of
from kanava.webhooks.rules.sending import (
    FAILURES_MIN,
    RETRY_DELAYS,
    beginning_of,
    body_of,
    failure_of,
    headers_of,
    reason_for_failing,
    retry_at,
    secret_of,
)

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
DUE = Due(
    endpoint_id=UUID(int=1),
    aggregate="order",
    aggregate_id="7",
    event_id=UUID(int=2),
    type="order.placed",
    occurred_at=NOW,
    data='{"number": 7, "name": "Žiga"}',
    attempts=0,
    url="https://example.com/hook",
    secrets=[secret_of(bytes(range(32)))],
)

REFUSED = (
    "127.0.0.1 127.9.9.9 10.1.2.3 172.16.0.1 172.31.255.255 192.168.1.1 169.254.169.254 100.64.0.1 100.100.100.200 "
    "0.0.0.0 224.0.0.1 239.1.1.1 240.0.0.1 255.255.255.255 168.63.129.16 192.0.2.1 198.18.0.1 ::1 :: fe80::1 fc00::1 "
    "fd00:ec2::254 ff02::1 ::ffff:127.0.0.1 ::ffff:10.0.0.1 ::ffff:169.254.169.254 64:ff9b::a00:1 2002:7f00:1:: "
    "::7f00:1 2001:db8::1 2001:0:1::1"
).split()
PUBLIC = "93.184.216.34 8.8.8.8 172.32.0.1 100.128.0.1 2606:4700::1111 ::ffff:8.8.8.8 64:ff9b::808:808".split()


@pytest.mark.parametrize("text", REFUSED)
def test_nothing_is_sent_into_a_network_of_ours(text: str) -> None:
    assert refusal_of(ip_address(text), private_allowed=False)


@pytest.mark.parametrize("text", PUBLIC)
def test_public_addresses_are_sent_to(text: str) -> None:
    assert refusal_of(ip_address(text), private_allowed=False) is None


@given(st.ip_addresses())
def test_what_python_calls_private_is_refused_unless_it_stands_for_a_public_address(address: object) -> None:
    found = ip_address(str(address))
    if refusal_of(found, private_allowed=False) is None:
        inner = getattr(found, "ipv4_mapped", None) or found
        assert inner.is_global or inner in (ip_address("192.0.0.9"), ip_address("192.0.0.10"))
        assert not inner.is_multicast


def test_the_setting_lets_private_addresses_in_but_no_metadata() -> None:
    assert refusal_of(ip_address("127.0.0.1"), private_allowed=True) is None
    assert refusal_of(ip_address("169.254.169.254"), private_allowed=True)
    assert refusal_of(ip_address("::ffff:169.254.169.254"), private_allowed=True)


def test_one_bad_address_among_good_ones_is_enough() -> None:
    with pytest.raises(WebhookAddressRefused, match=r"hooks.example leads to 10.0.0.1, a private address"):
        check_addresses("hooks.example", ["93.184.216.34", "10.0.0.1"], private_allowed=False)
    with pytest.raises(WebhookAddressRefused, match="no address"):
        check_addresses("hooks.example", [], private_allowed=False)


@pytest.mark.parametrize(
    "url",
    [
        "http://example.com/", "ftp://example.com/", "https://", "https:///path", "https://user@example.com/",
        "https://user:secret@example.com/", "https://example.com/#part", "https://example.com:0/",
        "https://example.com:99999/", "https://exa mple.com/", "https://example.com/a b", "https://[::1/", "nonsense",
        "https://" + "a" * 64 + ".com/", "https://example.com/\n", "https://trgovina-čaj.si/",
    ],
)  # fmt: skip
def test_a_url_that_is_no_place_for_events_is_refused_by_name(url: str) -> None:
    with pytest.raises(WebhookAddressRefused) as refused:
        check_url(url, private_allowed=False)
    assert refused.value.errors[0].field == "url"


@given(st.text(max_size=60))
def test_any_text_is_a_target_or_refused(text: str) -> None:
    for url in (text, "https://" + text):
        with suppress(WebhookAddressRefused):
            assert check_url(url, private_allowed=True).host


def test_a_target_is_host_and_port() -> None:
    assert (check_url("https://Example.com/x?y=1", private_allowed=False).host) == "example.com"
    assert check_url("https://example.com:8443/", private_allowed=False).port == 8443
    assert check_url("https://[2606:4700::1111]/", private_allowed=False).host == "2606:4700::1111"
    assert check_url("https://xn--trgovina-aj-vnb.si/", private_allowed=False).port == 443


def test_the_body_is_a_cloud_event_and_the_same_each_time() -> None:
    body = body_of(DUE)
    assert body == body_of(msgspec.structs.replace(DUE, attempts=3))
    assert msgspec.json.decode(body) == {
        "specversion": "1.0",
        "id": str(DUE.event_id),
        "source": "urn:kanava",
        "type": "order.placed",
        "subject": "order/7",
        "time": "2026-11-22T12:00:00Z",
        "datacontenttype": "application/json",
        "data": {"number": 7, "name": "Žiga"},
    }


def test_each_secret_in_force_signs_and_no_other() -> None:
    body, now = body_of(DUE), datetime.now(UTC)
    old, new, other = (secret_of(bytes([n]) * 32) for n in (1, 2, 3))
    headers = headers_of(msgspec.structs.replace(DUE, secrets=[new, old]), body, now)
    assert headers["webhook-id"] == str(DUE.event_id)
    for secret in (old, new):
        assert Webhook(secret).verify(body, headers)["id"] == str(DUE.event_id)
    with pytest.raises(WebhookVerificationError):
        Webhook(other).verify(body, headers)
    with pytest.raises(WebhookVerificationError):
        Webhook(new).verify(body + b" ", headers)
    late = headers_of(msgspec.structs.replace(DUE, secrets=[new]), body, now - timedelta(minutes=6))
    with pytest.raises(WebhookVerificationError):
        Webhook(new).verify(body, late)


@given(st.integers(1, 20), st.floats(0, 1))
def test_retries_come_later_and_later_and_end(attempts: int, chance: float) -> None:
    at = retry_at(attempts, NOW, chance)
    if attempts > len(RETRY_DELAYS):
        assert at is None
    else:
        assert at is not None
        assert RETRY_DELAYS[attempts - 1] <= at - NOW <= RETRY_DELAYS[attempts - 1] * 1.2


def test_only_2xx_is_a_delivery_and_a_redirect_is_named() -> None:
    assert failure_of(200, None) is None
    assert failure_of(204, None) is None
    assert failure_of(500, None) == "It answered 500."
    assert "http://10.0.0.1/" in (failure_of(302, "http://10.0.0.1/") or "")


def test_days_of_failing_switch_off_a_single_bad_hour_does_not() -> None:
    long_ago = NOW - timedelta(days=3)
    assert reason_for_failing(long_ago, FAILURES_MIN, NOW)
    assert reason_for_failing(long_ago, FAILURES_MIN - 1, NOW) is None
    assert reason_for_failing(long_ago + timedelta(seconds=1), 1_000, NOW) is None


def test_the_beginning_of_an_answer_can_be_stored() -> None:
    assert beginning_of(b"a\x00b\xff" + b"c" * 2000, 6) == "a\ufffdb\ufffdcc"
