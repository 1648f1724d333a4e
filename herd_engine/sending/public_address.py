"""Which addresses are of the public internet, by a table of ours.

Python's ``is_global`` calls some addresses public that lead back into a private network, and what it says of
others changed between patch versions. Here an IPv6 address is public only if it is global unicast, and every
IPv4 address that is written into one is looked at as well.

The tables are IANA's special-purpose registries (https://www.iana.org/assignments/iana-ipv4-special-registry,
https://www.iana.org/assignments/iana-ipv6-special-registry), taken whole where a block holds anything that is
not reachable from everywhere.
"""

import re
from collections.abc import Iterator
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

_NOT_PUBLIC_4 = tuple(
    map(
        IPv4Network,
        (
            "0.0.0.0/8",  # this network
            "10.0.0.0/8",  # private
            "100.64.0.0/10",  # shared by customers of a provider
            "127.0.0.0/8",  # this machine
            "169.254.0.0/16",  # link-local; clouds tell secrets at 169.254.169.254
            "172.16.0.0/12",  # private
            "192.0.0.0/24",  # protocol assignments; a cloud tells secrets at 192.0.0.192
            "192.0.2.0/24",  # documentation
            "192.88.99.0/24",  # relays from 6to4, given up
            "192.168.0.0/16",  # private
            "198.18.0.0/15",  # measurements
            "198.51.100.0/24",  # documentation
            "203.0.113.0/24",  # documentation
            "224.0.0.0/4",  # multicast
            "240.0.0.0/4",  # reserved, broadcast
        ),
    )
)
_PUBLIC_6 = IPv6Network("2000::/3")
"""Global unicast; what is outside is local (fc00::, fe80::, fec0::), multicast (ff00::) or of no use."""
_NOT_PUBLIC_6 = tuple(
    map(
        IPv6Network,
        (
            "2001::/23",  # protocol assignments, Teredo among them
            "2001:db8::/32",  # documentation
            "3fff::/20",  # documentation
        ),
    )
)
_LAST_32_BITS = tuple(
    map(
        IPv6Network,
        (
            "::/96",  # compatible; this machine (::1) and no address at all (::) become 0.0.0.x
            "::ffff:0:0/96",  # mapped
            "::ffff:0:0:0/96",  # translated
            "64:ff9b::/96",  # NAT64
        ),
    )
)
"""Networks whose addresses are an IPv4 address and nothing else."""
_SIX_TO_FOUR = IPv6Network("2002::/16")
_ISATAP = (0x00005EFE, 0x02005EFE)
_MASK = 2**32 - 1
_HOST = re.compile(r"[A-Za-z0-9._-]+")


def spelled_host(host: str) -> str:
    """Return a host as the network spells it: a name of another alphabet in ASCII.

    Raises
    ------
    ValueError
        It can be no host.
    """
    if ":" in host:
        ip_address(host.partition("%")[0])
        return host
    try:
        spelled = host.encode("idna").decode("ascii")
    except UnicodeError as error:
        raise ValueError(f"{host} can be no host") from error
    if not _HOST.fullmatch(spelled):
        raise ValueError(f"{host} can be no host")
    return spelled


def plain_address(address: Address) -> Address:
    """Return the IPv4 address that an IPv6 one is another spelling of, else the address itself."""
    if isinstance(address, IPv6Address) and any(address in network for network in _LAST_32_BITS):
        return IPv4Address(int(address) & _MASK)
    return address


def is_public(address: Address) -> bool:
    """Tell whether an address, and every address that is written into it, is of the public internet."""
    address = plain_address(address)
    if isinstance(address, IPv4Address):
        return not any(address in network for network in _NOT_PUBLIC_4)
    return (
        address in _PUBLIC_6
        and not any(address in network for network in _NOT_PUBLIC_6)
        and all(is_public(inner) for inner in _carried(address))
    )


def _carried(address: IPv6Address) -> Iterator[IPv4Address]:
    """Yield the IPv4 addresses that what is sent to a tunnel's address goes on to."""
    bits = int(address)
    if address in _SIX_TO_FOUR:
        yield IPv4Address(bits >> 80 & _MASK)
    if bits >> 32 & _MASK in _ISATAP:
        yield IPv4Address(bits & _MASK)
