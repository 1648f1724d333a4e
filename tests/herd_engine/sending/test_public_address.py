"""Which addresses a webhook may reach: an attack list, and IANA's registries from their borders."""

import ipaddress

import pytest

from herd_engine.sending.public_address import is_public, plain_address, spelled_host

PRIVATE_4 = [
    "0.0.0.1", "10.0.0.1", "100.64.0.1", "100.127.255.255", "127.0.0.1", "127.255.255.254", "169.254.169.254",
    "172.16.0.1", "172.31.255.255", "192.0.0.1", "192.0.0.9", "192.0.0.192", "192.0.2.1", "192.88.99.1",
    "192.168.1.1", "198.18.0.1", "198.19.255.255", "198.51.100.1", "203.0.113.9", "224.0.0.1",
    "239.255.255.255", "240.0.0.1", "255.255.255.255",
]  # fmt: skip
PUBLIC_4 = [
    "1.1.1.1", "8.8.8.8", "9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0", "126.255.255.255",
    "128.0.0.1", "169.253.255.255", "169.255.0.0", "172.15.255.255", "172.32.0.0", "192.0.1.0", "192.0.3.0",
    "192.88.98.255", "192.88.100.0", "192.167.255.255", "192.169.0.0", "198.17.255.255", "198.20.0.0",
    "203.0.112.255", "203.0.114.0", "223.255.255.255",
]  # fmt: skip
PRIVATE_6 = [
    "::", "::1", "100::1", "64:ff9b:1::1", "2001::1", "2001:2::1", "2001:10::1", "2001:1ff:ffff::1",
    "2001:db8::1", "3fff::1", "4000::1", "5f00::1", "fc00::1", "fdff::1", "fe80::1", "febf::1", "fec0::1",
    "feff::1", "ff02::1", "ff0e::1",
]  # fmt: skip
PUBLIC_6 = [
    "2000::1",
    "2001:200::1",
    "2001:4860:4860::8888",
    "2606:4700::1111",
    "2a00:1450:4001::1",
    "3ffe::1",
]


def mapped(inner: str) -> str:
    return f"::ffff:{inner}"


def compatible(inner: str) -> str:
    return f"::{inner}"


def translated(inner: str) -> str:
    return f"::ffff:0:{inner}"


def nat64(inner: str) -> str:
    return f"64:ff9b::{inner}"


def six_to_four(inner: str) -> str:
    number = int(ipaddress.IPv4Address(inner))
    return str(ipaddress.IPv6Address((0x2002 << 112) | (number << 80) | 1))


def isatap(inner: str) -> str:
    return f"2a00:1450::5efe:{inner}"


def isatap_global(inner: str) -> str:
    return f"2a00:1450::200:5efe:{inner}"


EMBEDDINGS = [mapped, compatible, translated, nat64, six_to_four, isatap, isatap_global]


@pytest.mark.parametrize("text", [*PRIVATE_4, *PRIVATE_6])
def test_what_is_not_reachable_from_everywhere_is_refused(text):
    assert not is_public(ipaddress.ip_address(text))


@pytest.mark.parametrize("text", [*PUBLIC_4, *PUBLIC_6])
def test_what_is_reachable_from_everywhere_is_not(text):
    assert is_public(ipaddress.ip_address(text))


@pytest.mark.parametrize("embedded", EMBEDDINGS)
@pytest.mark.parametrize("text", PRIVATE_4)
def test_a_private_address_is_refused_in_every_disguise(embedded, text):
    assert not is_public(ipaddress.ip_address(embedded(text)))


@pytest.mark.parametrize("embedded", EMBEDDINGS)
@pytest.mark.parametrize("text", ["1.1.1.1", "8.8.8.8"])
def test_a_public_address_may_be_written_as_one_of_ipv6(embedded, text):
    assert is_public(ipaddress.ip_address(embedded(text)))


@pytest.mark.parametrize("inner", ["127.0.0.1", "8.8.8.8"])
def test_teredo_is_refused_whatever_is_in_it(inner):
    hidden = int(ipaddress.IPv4Address(inner)) ^ 0xFFFFFFFF
    server = int(ipaddress.IPv4Address("8.8.8.8"))
    address = ipaddress.IPv6Address((0x20010000 << 96) | (server << 64) | hidden)

    assert address.teredo is not None
    assert not is_public(address)


def test_nothing_is_public_that_python_calls_private():
    networks = [*ipaddress.ip_network("0.0.0.0/0").subnets(new_prefix=16)]
    edges = [edge for network in networks for edge in (network[0], network[-1])]
    wide = [ipaddress.ip_address((high << 112) | low) for high in range(0x10000) for low in (0, 1)]

    assert [str(edge) for edge in edges if is_public(edge) and not edge.is_global] == []
    assert [str(edge) for edge in wide if is_public(edge) and not edge.is_global] == []


def test_an_address_is_allowed_by_what_it_stands_for():
    assert str(plain_address(ipaddress.ip_address("::ffff:127.0.0.1"))) == "127.0.0.1"
    assert str(plain_address(ipaddress.ip_address("2001:db8::1"))) == "2001:db8::1"


def test_a_name_of_another_alphabet_is_spelled_in_ascii():
    assert spelled_host("пример.рф") == "xn--e1afmkfd.xn--p1ai"
    assert spelled_host("hooks.example") == "hooks.example"
    assert spelled_host("::1") == "::1"


@pytest.mark.parametrize("host", ["", "a..b", "a b", "a\0b", "x" * 70, "v1.x:y", "a_b/c"])
def test_what_can_be_no_host_is_refused(host):
    with pytest.raises(ValueError, match=r"host|address"):
        spelled_host(host)
