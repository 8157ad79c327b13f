"""Sending over HTTP to addresses that were checked, and to no others.

A host is resolved at each connection, every address that comes back is checked, and the connection is made to one of
exactly these: a name that leads elsewhere a moment later (DNS rebinding) gains nothing. Host header, server name and
certificate are those of the URL. Built on httpcore, whose network backend may be replaced; httpx does not offer that.
"""

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from time import monotonic, perf_counter
from typing import Any
from urllib.parse import urlsplit

import httpcore

from kanava import __version__
from kanava.webhooks.errors import WebhookAddressRefused
from kanava.webhooks.model import Answer
from kanava.webhooks.rules.addresses import check_addresses, check_url
from kanava.webhooks.rules.sending import beginning_of, failure_of

REQUEST_SECONDS_MAX = 10.0
RESOLVE_SECONDS_MAX = 5.0
ANSWER_BYTES_MAX = 65_536
ANSWER_BYTES_KEPT = 1_024
IDLE_SECONDS_MAX = 4.0
"""How long a connection is kept for the next request: less than the five seconds of common servers."""
ADDRESSES_TRIED_MAX = 3
ERROR_LENGTH_MAX = 500
USER_AGENT = f"Kanava-Webhooks/{__version__}"

Resolve = Callable[[str, int], Awaitable[Sequence[str]]]


async def resolve(host: str, port: int) -> Sequence[str]:
    """Give every address of a host, as the system knows them."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(address[4][0]) for address in found))


async def addresses_of(host: str, port: int, *, private_allowed: bool, resolver: Resolve = resolve) -> Sequence[str]:
    """Give the addresses of a host; WebhookAddressRefused when there is none, or one that nothing is sent to."""
    try:
        async with asyncio.timeout(RESOLVE_SECONDS_MAX):
            found = await resolver(host, port)
    except (OSError, UnicodeError) as error:  # also TimeoutError
        raise WebhookAddressRefused(f"{host} cannot be resolved.", field="url") from error
    check_addresses(host, found, private_allowed=private_allowed)
    return found


class CheckedNetwork(httpcore.AsyncNetworkBackend):
    """Opens connections to addresses that were checked just before."""

    def __init__(self, *, private_allowed: bool, resolver: Resolve) -> None:
        self.private_allowed, self.resolver = private_allowed, resolver
        self.inner = httpcore.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 -- the signature is httpcore's
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """Connect to an address of `host`."""
        addresses = await addresses_of(host, port, private_allowed=self.private_allowed, resolver=self.resolver)
        failure: Exception = httpcore.ConnectError("no address")
        for address in addresses[:ADDRESSES_TRIED_MAX]:
            try:
                return await self.inner.connect_tcp(address, port, timeout, local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
        raise failure

    async def sleep(self, seconds: float) -> None:
        """Wait."""
        await self.inner.sleep(seconds)


class Connections:
    """Connections that wait for their next request, the last used first.

    httpcore's own pool looks at every pair of its connections for every request: half of the time of a worker.
    """

    def __init__(self, network: CheckedNetwork, tls: ssl.SSLContext | None) -> None:
        self.network, self.tls = network, tls or httpcore.default_ssl_context()
        self._idle: dict[tuple[bytes, bytes, int], list[httpcore.AsyncHTTPConnection]] = {}
        self._swept_at = monotonic()

    @asynccontextmanager
    async def lent(self, origin: httpcore.Origin) -> AsyncIterator[httpcore.AsyncHTTPConnection]:
        """Lend a connection for one request; it is kept when it is fit for another."""
        await self._sweep()
        key = (origin.scheme, origin.host, origin.port)
        connection = None
        while connection is None and (waiting := self._idle.get(key)):
            connection = waiting.pop()
            if connection.has_expired() or not connection.is_available():
                await connection.aclose()
                connection = None
        if connection is None:
            connection = httpcore.AsyncHTTPConnection(
                origin, ssl_context=self.tls, keepalive_expiry=IDLE_SECONDS_MAX, network_backend=self.network
            )
        try:
            yield connection
        finally:
            if connection.is_idle():
                self._idle.setdefault(key, []).append(connection)
            else:
                await connection.aclose()

    async def _sweep(self) -> None:
        if monotonic() - self._swept_at < IDLE_SECONDS_MAX:
            return
        self._swept_at = monotonic()
        expired = [each for waiting in self._idle.values() for each in waiting if each.has_expired()]
        kept = {key: [each for each in waiting if each not in expired] for key, waiting in self._idle.items()}
        self._idle = {key: waiting for key, waiting in kept.items() if waiting}
        for connection in expired:
            await connection.aclose()

    async def close(self) -> None:
        """Close every connection that waits."""
        idle, self._idle = self._idle, {}
        for connection in [each for waiting in idle.values() for each in waiting]:
            await connection.aclose()


class Gateway:
    """Posts to endpoints; connections are kept for a moment and used again."""

    def __init__(
        self,
        *,
        private_allowed: bool,
        resolver: Resolve = resolve,
        tls: ssl.SSLContext | None = None,
        seconds_max: float = REQUEST_SECONDS_MAX,
    ) -> None:
        self.private_allowed, self.seconds_max = private_allowed, seconds_max
        self.connections = Connections(CheckedNetwork(private_allowed=private_allowed, resolver=resolver), tls)

    async def close(self) -> None:
        """Close every connection."""
        await self.connections.close()

    async def post(self, url: str, headers: dict[str, str], body: bytes) -> Answer:
        """Send one request and give what came of it; whatever goes wrong is in the answer."""
        started = perf_counter()
        status, kept, error = None, None, None
        try:
            # Again, because the settings may have changed since the endpoint was made.
            check_url(url, private_allowed=self.private_allowed)
            async with asyncio.timeout(self.seconds_max):
                status, kept, error = await self._post(url, headers, body)
        except WebhookAddressRefused as refused:
            error = refused.detail
        except TimeoutError:
            error = f"There was no whole answer within {self.seconds_max:g} seconds."
        except (httpcore.NetworkError, httpcore.ProtocolError, httpcore.TimeoutException, OSError) as broken:
            error = f"The connection failed: {str(broken) or type(broken).__name__}."[:ERROR_LENGTH_MAX]
        except (httpcore.UnsupportedProtocol, ValueError) as wrong:
            error = f"The request could not be sent: {wrong}."[:ERROR_LENGTH_MAX]
        return Answer(status, kept, error, round((perf_counter() - started) * 1000))

    async def _post(self, url: str, headers: dict[str, str], body: bytes) -> tuple[int, str, str | None]:
        host = urlsplit(url).netloc
        sent = {"host": host, "user-agent": USER_AGENT, "accept-encoding": "identity", "content-length": str(len(body))}
        request = httpcore.Request("POST", url, headers=list((sent | headers).items()), content=body)
        async with self.connections.lent(request.url.origin) as connection:
            response = await connection.handle_async_request(request)
            try:
                beginning = await _beginning(response)
            finally:
                await response.aclose()
        location = next((v.decode("latin-1") for n, v in response.headers if n.lower() == b"location"), None)
        return response.status, beginning_of(beginning, ANSWER_BYTES_KEPT), failure_of(response.status, location)


async def _beginning(response: httpcore.Response) -> bytes:
    """Read an answer to its end, or as far as answers are read; gives its first kilobyte."""
    beginning, size = b"", 0
    async for chunk in response.aiter_stream():
        size += len(chunk)
        if len(beginning) < ANSWER_BYTES_KEPT:
            beginning += chunk[:ANSWER_BYTES_KEPT]
        if size >= ANSWER_BYTES_MAX:
            break
    return beginning
