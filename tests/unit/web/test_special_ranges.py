"""Ranges that no publisher is in, whatever the standard library of this Python thinks of them."""

from ipaddress import ip_network

import pytest

from shared.web.addresses import is_public, parse_address

SPECIAL = (
    "3fff::/20",
    "5f00::/16",
    "192.0.0.0/24",
    "192.88.99.0/24",
    "168.63.129.16/32",
    "::ffff:0:0:0/96",  # IPv4-translated
    "64:ff9b::/96",
    "64:ff9b:1::/48",
    "100::/64",
    "2001::/23",
    "2001:db8::/32",
    "2002::/16",
    "4000::/3",
    "8000::/1",
    "fc00::/7",
    "fe80::/10",
    "ff00::/8",
    "::/96",
    "0.0.0.0/8",
    "100.64.0.0/10",
    "169.254.0.0/16",
    "198.18.0.0/15",
    "203.0.113.0/24",
    "224.0.0.0/4",
    "240.0.0.0/4",
)


@pytest.mark.parametrize("network", SPECIAL)
def test_neither_end_of_a_special_range_is_public(network: str) -> None:
    ends = ip_network(network)
    assert not is_public(ends[0])
    assert not is_public(ends[-1])


@pytest.mark.parametrize("inside", ["8.8.8.8", "10.0.0.1"])
@pytest.mark.parametrize("form", ["::ffff:0:{}", "64:ff9b::{}", "::{}"])
def test_an_address_that_carries_another_is_not_public_whatever_it_carries(form: str, inside: str) -> None:
    assert not is_public(parse_address(form.format(inside)))


@pytest.mark.parametrize(
    "address", ["168.63.129.15", "192.0.1.1", "192.88.98.1", "2a00:1450:4001::1", "2620:fe::9"]
)
def test_the_neighbours_are(address: str) -> None:
    assert is_public(parse_address(address))
