"""Which URLs and addresses events are sent to: never into our own network (server-side request forgery)."""

from collections.abc import Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from urllib.parse import urlsplit

import msgspec

from kanava.webhooks.errors import WebhookAddressRefused

Address = IPv4Address | IPv6Address

# The registries of special-purpose addresses of IANA. Kept here because Python's own lists differ by version.
_ALWAYS_REFUSED: dict[str, str] = {
    "0.0.0.0/8": "an unspecified address",
    "169.254.0.0/16": "a link-local address, where clouds keep their metadata",
    "168.63.129.16/32": "a cloud's own service",
    "100.100.100.200/32": "a cloud's metadata service",
    "192.0.0.192/32": "a cloud's metadata service",
    "fd00:ec2::/32": "a cloud's metadata service",
    "fd20:ce::254/128": "a cloud's metadata service",
    "224.0.0.0/4": "a multicast address",
    "240.0.0.0/4": "a reserved address",
    "::/128": "an unspecified address",
    "fe80::/10": "a link-local address",
    "ff00::/8": "a multicast address",
}
_PRIVATE: dict[str, str] = {
    "10.0.0.0/8": "a private address",
    "100.64.0.0/10": "an address of a carrier's own network",
    "127.0.0.0/8": "a loopback address",
    "172.16.0.0/12": "a private address",
    "192.0.0.0/24": "a reserved address",
    "192.0.2.0/24": "an address for documentation",
    "192.88.99.0/24": "a reserved address",
    "192.168.0.0/16": "a private address",
    "198.18.0.0/15": "an address for measurements",
    "198.51.100.0/24": "an address for documentation",
    "203.0.113.0/24": "an address for documentation",
    "::1/128": "a loopback address",
    "fc00::/7": "a private address",
    "fec0::/10": "a private address",
    "100::/64": "a reserved address",
    "2001::/23": "a reserved address",
    "2001:db8::/32": "an address for documentation",
    "3fff::/20": "an address for documentation",
    "5f00::/16": "a reserved address",
    "64:ff9b:1::/48": "a private address",
}
_NAT64 = IPv6Network("64:ff9b::/96")
_COMPATIBLE = IPv6Network("::/96")
_SIX_TO_FOUR = IPv6Network("2002::/16")


def _parsed(table: dict[str, str]) -> list[tuple[IPv4Network | IPv6Network, str]]:
    return [(IPv6Network(text) if ":" in text else IPv4Network(text), reason) for text, reason in table.items()]


_ALWAYS, _USUALLY = _parsed(_ALWAYS_REFUSED), _parsed(_PRIVATE)


class Target(msgspec.Struct, frozen=True):
    """Where a URL leads."""

    host: str
    port: int


def refusal_of(address: Address, *, private_allowed: bool) -> str | None:
    """Say what kind of address it is when nothing is sent there, None when it is one of the public internet's."""
    inner = _inside(address)
    if inner is not None and (reason := refusal_of(inner, private_allowed=private_allowed)) is not None:
        return reason
    for network, reason in _ALWAYS if private_allowed else [*_ALWAYS, *_USUALLY]:
        if address.version == network.version and address in network:
            return reason
    return None


def _inside(address: Address) -> IPv4Address | None:
    """Give the IPv4 address that an IPv6 address stands for."""
    if not isinstance(address, IPv6Address) or int(address) <= 1:
        return None
    if address.ipv4_mapped is not None:
        return address.ipv4_mapped
    if address in _NAT64 or address in _COMPATIBLE:
        return IPv4Address(address.packed[-4:])
    return address.sixtofour if address in _SIX_TO_FOUR else None


def check_addresses(host: str, addresses: Sequence[str], *, private_allowed: bool) -> None:
    """Raise WebhookAddressRefused unless every address of a host may be sent to."""
    if not addresses:
        raise WebhookAddressRefused(f"{host} has no address.", field="url")
    for text in addresses:
        reason = refusal_of(ip_address(text), private_allowed=private_allowed)
        if reason is not None:
            leads = f"{host} is" if host == text else f"{host} leads to {text},"
            raise WebhookAddressRefused(f"{leads} {reason}; events are not sent there.", field="url")


def check_url(url: str, *, private_allowed: bool) -> Target:
    """Give where a URL leads; WebhookAddressRefused when it is none that events are sent to."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError as error:
        raise WebhookAddressRefused("This is no URL.", field="url") from error
    if parts.scheme != "https" and not (private_allowed and parts.scheme == "http"):
        raise WebhookAddressRefused("A webhook URL begins with https://.", field="url")
    if not host or not url.isascii() or any(character == " " or not character.isprintable() for character in url):
        raise WebhookAddressRefused("A webhook URL names a host and is ASCII without blanks.", field="url")
    if parts.username is not None or parts.password is not None:
        raise WebhookAddressRefused("A webhook URL has no user name; the signature says who we are.", field="url")
    if parts.fragment:
        raise WebhookAddressRefused("A webhook URL has no part behind a #.", field="url")
    if port == 0:
        raise WebhookAddressRefused("A port is between 1 and 65535.", field="url")
    try:
        host.encode("idna")
    except UnicodeError as error:
        raise WebhookAddressRefused("That is no host name.", field="url") from error
    return Target(host, port or (443 if parts.scheme == "https" else 80))
