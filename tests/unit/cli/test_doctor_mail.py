"""`vigie doctor mail` before a name server and a relay of our own: each fault is told with what to do."""

import json
from collections.abc import Iterator, Mapping
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest

from services.cli import main
from services.notifier.authentication.checks import checks, domains_of
from services.notifier.authentication.signing import Signer, open_signer
from shared.dns_names import Names
from tests.names import NameServer, text
from tests.unit.notifier.relay import Relay
from tests.unit.notifier.test_signing import a_key, a_mail

OURS = "192.0.2.7"
REVERSE = "7.2.0.192.in-addr.arpa PTR"


@pytest.fixture(scope="module")
def signer(tmp_path_factory: pytest.TempPathFactory) -> Signer:
    return open_signer(a_key(tmp_path_factory.mktemp("keys")), "vigie", "example.org")


@pytest.fixture(autouse=True)
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, signer: Signer) -> Iterator[None]:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "dkim.pem").write_bytes(signer.key)
    with Relay() as relay:
        for name, value in {
            "SMTP_URL": relay.url,
            "MAIL_FROM": "Vigie <vigie@example.org>",
            "BOUNCES_TO": "bounces.example.org",
            "PUBLIC_URL": "https://vigie.example.org",
            "DKIM_KEY_FILE": "dkim.pem",
        }.items():
            monkeypatch.setenv(f"VIGIE_{name}", value)
        yield


def zone(signer: Signer, **changed: list[str] | None) -> dict[str, list[str]]:
    """A domain where all is well, but for what changed."""
    sound = {
        "spf": ("bounces.example.org TXT", [text("v=spf1 ip4:192.0.2.0/28 -all")]),
        "mx": ("bounces.example.org MX", ["10 mx.example.org."]),
        "host": ("mx.example.org A", [OURS]),
        "dkim": ("vigie._domainkey.example.org TXT", [text(signer.record)]),
        "dmarc": ("_dmarc.example.org TXT", [text("v=DMARC1; p=quarantine")]),
        "ptr": (REVERSE, ["mx.example.org."]),
    }
    records = {key: changed.get(name, values) for name, (key, values) in sound.items()}
    return {key: values for key, values in records.items() if values}


def asked(
    records: Mapping[str, list[str]], capsys: pytest.CaptureFixture[str], *more: str
) -> dict[str, dict[str, Any]]:
    with NameServer(records) as names:
        code = main(["doctor", "mail", "--json", "--address", OURS, "--resolver", names.place, *more])
    answer = json.loads(capsys.readouterr().out)
    assert code == (0 if answer["ok"] else 1)
    assert answer["ok"] == all(check["ok"] for check in answer["checks"])
    return {check["name"]: check for check in answer["checks"]}


def test_where_all_is_well_every_check_says_so(signer: Signer, capsys: pytest.CaptureFixture[str]) -> None:
    found = asked(zone(signer), capsys)
    assert {name: check["said"] for name, check in found.items() if not check["ok"]} == {}
    assert list(found) == [
        "return", "spf", "dkim", "dmarc", "ptr", "tls", "bytes", "one-click", "signature",
    ]  # fmt: skip
    assert "p=quarantine, and our mails meet it by SPF and DKIM" in found["dmarc"]["said"]


@pytest.mark.parametrize(
    ("changed", "check", "said", "remedy"),
    [
        ({"mx": ["0 ."]}, "return", "takes no mail (null MX)", "VIGIE_BOUNCES_TO"),
        ({"host": None}, "return", "no MX that has an address", "Give it an MX"),
        ({"spf": None}, "spf", "has no SPF record", 'bounces.example.org TXT "v=spf1 ip4:192.0.2.7 -all"'),
        ({"spf": ['"v=spf1 a -all"']}, "spf", "says fail to 192.0.2.7", "Add ip4:192.0.2.7"),
        ({"spf": ['"v=spf1 a -all"', '"v=spf1 +all"']}, "spf", "has 2 SPF records", "Mend"),
        ({"dkim": None}, "dkim", "has no TXT record", "v=DKIM1; k=rsa; p="),
        ({"dkim": ['"v=DKIM1; p="']}, "dkim", "withdrawn", "Publish the key"),
        ({"dkim": ['"v=DKIM1; t=y; p=abc"']}, "dkim", "testing", "Publish the key"),
        ({"dkim": ['"v=DKIM1; p=MIGfMA0GCSq"']}, "dkim", "no RSA key that could be read", "Publish the key"),
        ({"dmarc": None}, "dmarc", "has a DMARC record", '_dmarc.example.org TXT "v=DMARC1; p=none'),
        ({"dmarc": ['"v=DMARC1"']}, "dmarc", "has no policy", "p=none"),
        ({"ptr": None}, "ptr", "has no name (PTR)", "provider"),
        ({"ptr": ["other.example.net."]}, "ptr", "does not lead back", "must be the address"),
    ],
)
def test_a_fault_of_the_dns_is_told_with_its_remedy(
    signer: Signer,
    changed: dict[str, list[str] | None],
    check: str,
    said: str,
    remedy: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    found = asked(zone(signer, **changed), capsys)[check]
    assert not found["ok"]
    assert said in found["said"]
    assert remedy in found["remedy"]


def test_another_key_than_ours_in_the_dns_is_told(
    signer: Signer, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    other = open_signer(a_key(tmp_path, name="other.pem"), "vigie", "example.org")
    assert "another key" in asked(zone(signer, dkim=[text(other.record)]), capsys)["dkim"]["said"]


def test_strict_alignment_is_held_to_the_domain_itself(signer: Signer, capsys: pytest.CaptureFixture[str]) -> None:
    strict = zone(signer, dmarc=[text("v=DMARC1; p=reject; aspf=s; adkim=s")])
    assert "by DKIM" in asked(strict, capsys)["dmarc"]["said"]


def test_a_return_address_of_others_and_no_signature_meet_no_policy(
    signer: Signer, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("VIGIE_BOUNCES_TO", "bounces.example.net")
    monkeypatch.delenv("VIGIE_DKIM_KEY_FILE")
    found = asked(zone(signer), capsys)
    assert "neither the return address (bounces.example.net) nor a signature" in found["dmarc"]["said"]
    assert "--selector" in found["dkim"]["remedy"]
    assert asked(zone(signer), capsys, "--selector", "vigie")["dkim"]["ok"]


def test_a_policy_of_the_domain_above_holds(
    signer: Signer, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("VIGIE_MAIL_FROM", "vigie@news.example.org")
    monkeypatch.setenv("VIGIE_DKIM_DOMAIN", "example.org")
    assert "example.org says p=quarantine" in asked(zone(signer), capsys)["dmarc"]["said"]


def test_what_only_the_relay_knows_has_to_be_said(signer: Signer, capsys: pytest.CaptureFixture[str]) -> None:
    with NameServer(zone(signer)) as names:
        assert main(["doctor", "mail", "--json", "--resolver", names.place]) == 1
    found = {check["name"]: check for check in json.loads(capsys.readouterr().out)["checks"]}
    assert [name for name, check in found.items() if not check["ok"]] == ["spf", "ptr"]
    assert "--address IP" in found["spf"]["remedy"]


def test_a_mail_as_it_arrived_is_judged(
    signer: Signer, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "sound.eml").write_bytes(a_mail(signer).replace(b"\r\n", b"\n"))
    (tmp_path / "changed.eml").write_bytes(a_mail(signer).replace(b"Beispiel", b"Beifang"))
    assert asked(zone(signer), capsys, "--received", "sound.eml")["signature"]["ok"]
    assert "does not hold" in asked(zone(signer), capsys, "--received", "changed.eml")["signature"]["said"]


def test_a_public_address_without_tls_takes_no_click(
    signer: Signer, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("VIGIE_PUBLIC_URL", "http://vigie.example.org")
    found = asked(zone(signer), capsys)["one-click"]
    assert "no https address: http://vigie.example.org" in found["said"]
    assert "VIGIE_PUBLIC_URL" in found["remedy"]


def test_a_name_server_that_is_silent_is_told_five_times(signer: Signer) -> None:
    about = domains_of("vigie@example.org", "", [ip_address(OURS)], "")
    with NameServer(zone(signer), silent=True) as names:
        found = list(checks(about, Names(names.place, within=0.2), signer))
    assert [check.name for check in found] == ["return", "spf", "dkim", "dmarc", "ptr"]
    assert {check.ok for check in found} == {False}
    assert all("the DNS does not answer" in check.said and "--resolver" in check.remedy for check in found)


def test_a_relay_that_is_away_is_told(
    signer: Signer, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("VIGIE_SMTP_URL", "smtp://127.0.0.1:1")
    found = asked(zone(signer), capsys)["tls"]
    assert "127.0.0.1:1 cannot be used" in found["said"]


def test_the_default_sender_is_nobodys(
    monkeypatch: pytest.MonkeyPatch, signer: Signer, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("VIGIE_MAIL_FROM")
    found = asked(zone(signer), capsys)
    assert "VIGIE_MAIL_FROM" in found["sender"]["remedy"]
    assert "spf" not in found


def test_wrong_usage_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["doctor", "mail", "--address", "here"]) == 2
    assert "no IP address" in capsys.readouterr().err
    with pytest.raises(SystemExit, match="2"):
        main(["doctor", "post"])
