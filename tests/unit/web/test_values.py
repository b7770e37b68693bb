"""Header values and addresses, without a network."""

from datetime import UTC, datetime

import pytest

from shared.web.addresses import is_public, parse_address
from shared.web.headers import DAY, max_age, retry_after

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("120", 120.0),
        (" 5 ", 5.0),
        ("99999999999999", DAY),
        ("Mon, 02 Mar 2026 09:10:00 GMT", 600.0),
        ("Mon, 02 Mar 2020 09:10:00 GMT", 0.0),
        ("tomorrow", None),
        ("-5", None),
        ("", None),
        (None, None),
    ],
)
def test_retry_after_is_seconds_or_a_date_and_a_day_at_most(value: str | None, seconds: float | None) -> None:
    assert retry_after(value, NOW) == seconds


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"cache-control": "public, max-age=900"}, 900.0),
        ({"cache-control": "no-cache, max-age=900"}, None),
        ({"cache-control": "max-age=900", "expires": "Mon, 02 Mar 2026 10:00:00 GMT"}, 900.0),
        ({"expires": "Mon, 02 Mar 2026 10:00:00 GMT"}, 3600.0),
        ({}, None),
    ],
)
def test_freshness_comes_from_cache_control_before_expires(headers: dict[str, str], seconds: float | None) -> None:
    assert max_age(headers, NOW) == seconds


@pytest.mark.parametrize(
    "address",
    "127.0.0.1 10.1.2.3 172.16.0.1 192.168.1.1 169.254.169.254 100.64.0.1 0.0.0.0 224.0.0.1 255.255.255.255 ::1 "
    ":: fe80::1 fc00::1 ff02::1 ::ffff:10.0.0.1 64:ff9b::7f00:1 2002:7f00:1:: ::7f00:1".split(),
)
def test_an_address_of_our_own_networks_is_not_public(address: str) -> None:
    assert not is_public(parse_address(address))


@pytest.mark.parametrize("address", ["93.184.215.14", "2606:4700::1111", "::ffff:93.184.215.14"])
def test_an_address_of_the_internet_is_public(address: str) -> None:
    assert is_public(parse_address(address))
