"""What receivers conclude from an SPF record, and how many questions it may cost."""

from collections.abc import Mapping, Sequence
from ipaddress import ip_address

import pytest

from services.notifier.authentication.spf import Address, Result, spf

OURS = ip_address("192.0.2.7")


class Zone:
    """Answers from a table."""

    def __init__(self, records: Mapping[str, Sequence[str]]) -> None:
        self.records = records

    def txt(self, name: str) -> tuple[str, ...]:
        return tuple(self.records.get(name, ()))

    def addresses(self, name: str) -> tuple[Address, ...]:
        return tuple(map(ip_address, self.records.get(f"{name} A", ())))

    def mx(self, name: str) -> tuple[str, ...]:
        return tuple(self.records.get(f"{name} MX", ()))


ZONE: Mapping[str, Sequence[str]] = {
    "example.org A": ["192.0.2.7"],
    "example.org MX": ["mx.example.org"],
    "mx.example.org A": ["192.0.2.7", "2001:db8::7"],
    "host.example.org A": ["192.0.2.9"],
    "_spf.example.net": ["v=spf1 ip4:192.0.2.0/24 -all"],
    "other.example.net": ["v=spf1 ip4:198.51.100.1 -all"],
    "endless.example.net": ["v=spf1 include:endless.example.net -all"],
}


@pytest.mark.parametrize(
    ("record", "result"),
    [
        ("v=spf1 ip4:192.0.2.7 -all", Result.PASS),
        ("v=spf1 ip4:192.0.2.0/29 -all", Result.PASS),
        ("v=spf1 ip4:192.0.2.8 -all", Result.FAIL),
        ("v=spf1 -ip4:192.0.2.7 +all", Result.FAIL),
        ("v=spf1 ip6:2001:db8::/32 ~all", Result.SOFTFAIL),
        ("v=spf1 a -all", Result.PASS),
        ("v=spf1 mx -all", Result.PASS),
        ("v=spf1 a:host.example.org/24 -all", Result.PASS),
        ("v=spf1 a:host.example.org -all", Result.FAIL),
        ("v=spf1 a:host.example.org//64 ?all", Result.NEUTRAL),
        ("v=spf1 include:_spf.example.net -all", Result.PASS),
        ("v=spf1 include:other.example.net ~all", Result.SOFTFAIL),
        ("v=spf1 redirect=_spf.example.net", Result.PASS),
        ("v=spf1 exists:host.example.org -all", Result.PASS),
        ("v=spf1 exists:%{i}.example.org ptr -all", Result.FAIL),
        ("v=spf1", Result.NEUTRAL),
        ("V=SPF1 A -ALL", Result.PASS),
        ("v=spf1 exp=why.example.org -all", Result.FAIL),
        ("v=spf10 +all", Result.NONE),
        ("v=spf1 include:nowhere.example.net -all", Result.PERMERROR),
        ("v=spf1 redirect=nowhere.example.net", Result.PERMERROR),
        ("v=spf1 include:endless.example.net -all", Result.PERMERROR),
        ("v=spf1 ip4:192.0.2.999 -all", Result.PERMERROR),
        ("v=spf1 ipv4:192.0.2.7 -all", Result.PERMERROR),
        ("v=spf1 & -all", Result.PERMERROR),
        ("v=spf1 " + "a:nobody.example.org " * 11 + "-all", Result.PERMERROR),
    ],
)
def test_a_record_says_to_our_address(record: str, result: Result) -> None:
    assert spf(OURS, "example.org", Zone({**ZONE, "example.org": [record]})).result is result


def test_an_address_of_the_newer_kind_meets_its_own_networks() -> None:
    zone = Zone({**ZONE, "example.org": ["v=spf1 mx//64 -all"]})
    assert spf(ip_address("2001:db8::9"), "example.org", zone).result is Result.PASS
    assert spf(ip_address("2001:db8:1::9"), "example.org", zone).result is Result.FAIL


def test_two_records_are_none_and_a_domain_without_says_nothing() -> None:
    found = spf(OURS, "example.org", Zone({"example.org": ["v=spf1 +all", "v=spf1 -all"]}))
    assert (found.result, found.why) == (Result.PERMERROR, "example.org has 2 SPF records, and may have one")
    assert spf(OURS, "example.org", Zone({"example.org": ["verification=1"]})).result is Result.NONE
