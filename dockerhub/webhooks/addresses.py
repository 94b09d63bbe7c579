"""Which addresses are those of the public internet. Pure."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

Address = IPv4Address | IPv6Address

# Ours and not Python's `is_global`, whose answers have changed between patch releases.
# Source: https://www.iana.org/assignments/iana-ipv4-special-registry (read 2026-11-22)
_NOT_PUBLIC = tuple(
    IPv4Network(network)
    for network in (
        "0.0.0.0/8",  # this network; Linux takes 0.0.0.0 for itself
        "10.0.0.0/8",  # private
        "100.64.0.0/10",  # behind a provider's NAT
        "127.0.0.0/8",  # loopback
        "169.254.0.0/16",  # link-local, and where clouds tell their secrets
        "172.16.0.0/12",  # private
        "192.0.0.0/24",  # protocols
        "192.0.2.0/24",  # documentation
        "192.88.99.0/24",  # 6to4 relays, given up
        "192.168.0.0/16",  # private
        "198.18.0.0/15",  # benchmarks
        "198.51.100.0/24",  # documentation
        "203.0.113.0/24",  # documentation
        "224.0.0.0/4",  # multicast
        "240.0.0.0/4",  # reserved, and broadcast
    )
)
# All that was ever given out for the internet; what is outside of it is not public.
# Source: https://www.iana.org/assignments/iana-ipv6-special-registry (read 2026-11-22)
_UNICAST = IPv6Network("2000::/3")
_NOT_PUBLIC_6 = tuple(
    IPv6Network(network)
    for network in (
        "2001::/23",  # protocols, Teredo among them
        "2001:db8::/32",  # documentation
        "3fff::/20",  # documentation
    )
)
_MAPPED = IPv6Network("::ffff:0:0/96")
_NAT64 = IPv6Network("64:ff9b::/96")
_6TO4 = IPv6Network("2002::/16")


def is_public(address: Address) -> bool:
    """Tell whether *address* is one of the public internet.

    One that holds an IPv4 address (mapped, NAT64, 6to4) is what that one is.
    """
    if isinstance(address, IPv4Address):
        return not any(address in network for network in _NOT_PUBLIC)
    held = _held(address)
    if held is not None:
        return is_public(held)
    return address in _UNICAST and not any(address in network for network in _NOT_PUBLIC_6)


def read_address(text: str) -> Address | None:
    """Return the address that the system's own text says, None if it is none.

    An interface behind `%` is left out.
    """
    try:
        return ip_address(text.partition("%")[0])
    except ValueError:
        return None


def _held(address: IPv6Address) -> IPv4Address | None:
    if address in _MAPPED or address in _NAT64:
        return IPv4Address(int(address) & 0xFFFF_FFFF)
    return IPv4Address(int(address) >> 80 & 0xFFFF_FFFF) if address in _6TO4 else None
