"""Addresses of services: what is read, and that no piece of a password is ever taken for something to show."""

from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.cli import USAGE, main
from services.notifier.smtp import SmtpRelay
from shared.bus.kafka_url import read_url
from shared.errors import ConfigError
from shared.service_url import ESCAPES, Host, read_service_url, shown
from shared.store import Store

SETTINGS = {
    "VIGIE_SMTP_URL": "smtp://vigie:{}@relay.example.org:587",
    "VIGIE_DATABASE_URL": "postgresql+psycopg://vigie:{}@db.example.org:5432/vigie",
    "VIGIE_BUS_URL": "kafka://vigie:{}@a.example.org:9092,b.example.org:9092?partitions=3",
}
HEAD, TAIL = "gansu", "pelikan"  # no half of a password may be seen, whatever stands between


@pytest.mark.parametrize("name", SETTINGS)
@pytest.mark.parametrize("letter", "/#?[]")
@pytest.mark.parametrize(
    "command", [["config", "check"], ["config", "show"], ["config", "show", "--json"], ["run"]]
)
def test_a_password_with_a_sign_of_the_grammar_is_refused_with_its_escape(
    name: str,
    letter: str,
    command: list[str],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path: object,
) -> None:
    monkeypatch.setenv("VIGIE_DATA_DIR", str(tmp_path))
    monkeypatch.setenv(name, SETTINGS[name].format(HEAD + letter + TAIL))
    assert main(command) == USAGE
    out, err = capsys.readouterr()
    assert name in err
    assert f"pass{ESCAPES[letter]}word" in err
    assert HEAD not in out + err
    assert TAIL not in out + err


@pytest.mark.parametrize("name", SETTINGS)
@pytest.mark.parametrize("letter", ESCAPES)
def test_its_escape_is_taken_and_shown_nowhere(
    name: str, letter: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv(name, SETTINGS[name].format(HEAD + ESCAPES[letter] + TAIL))
    assert [main(["config", "check"]), main(["config", "show"])] == [0, 0]
    out, err = capsys.readouterr()
    assert HEAD not in out + err
    assert TAIL not in out + err
    assert "example.org" in out
    assert read_service_url(name, SETTINGS[name].format(HEAD + ESCAPES[letter] + TAIL)).password == (
        HEAD + letter + TAIL
    )


@given(st.text(st.characters(exclude_characters="\0", exclude_categories=("Cs",)), min_size=1))
def test_every_escaped_password_comes_back_whole_and_is_not_shown(password: str) -> None:
    url = f"smtp://vigie:{quote(password, safe='')}@relay.example.org:587"
    assert read_service_url("VIGIE_SMTP_URL", url).password == password
    assert shown(url) == "smtp://***@relay.example.org:587"


@given(st.text())
def test_a_password_written_as_it_is_is_refused_or_hidden_and_never_repeated(password: str) -> None:
    secret = f"{HEAD}{password}{TAIL}"
    for form in SETTINGS.values():
        url = form.format(secret)
        assert HEAD not in shown(url)
        assert TAIL not in shown(url)
        try:
            read_service_url("VIGIE_SMTP_URL", url)
        except ConfigError as error:
            assert HEAD not in str(error)  # noqa: PT017
            assert TAIL not in str(error)  # noqa: PT017


@pytest.mark.parametrize(
    "url",
    [
        f"smtp://vigie:{HEAD}",  # the host was forgotten
        f"smtp://vigie:{HEAD}\n@host",
        f"smtp://host:{HEAD}/{TAIL}",
        f"smtp://host/{HEAD}",
        f"smtp://host?{HEAD}",
        f"smtp://{HEAD}%ff:x@host",
        f"kafka://host:9092/{HEAD}",
        f"sqlite://vigie:{HEAD}@host/name",
        f"{HEAD}@{TAIL}",
    ],
)
def test_what_cannot_be_told_apart_is_not_shown(url: str) -> None:
    assert shown(url) == "***"
    with pytest.raises(ConfigError) as error:
        read_service_url("VIGIE_SMTP_URL", url, ("smtp", "kafka", "sqlite"))
    assert HEAD not in str(error.value)
    assert TAIL not in str(error.value)


def test_hosts_and_ports_are_read_as_they_are_written() -> None:
    url = read_service_url(
        "VIGIE_DATABASE_URL", "postgresql+psycopg://u:p@a:5433,[2001:db8::1]:5432,c/vigie?x=1&x=2"
    )
    assert url.hosts == (Host("a", 5433), Host("2001:db8::1", 5432), Host("c"))
    assert (url.host, url.port, url.path, url.query) == ("a", 5433, "/vigie", (("x", "1"), ("x", "2")))
    assert url.shown == "postgresql+psycopg://***@a:5433,[2001:db8::1]:5432,c/vigie"
    assert "p" not in repr(url.password) or url.password == "p"
    assert "password" not in repr(url)
    assert read_service_url("VIGIE_SMTP_URL", "smtps://relay.example.org").port == 465


@pytest.mark.parametrize("url", ["smtp://", "smtp://a,b", "smtp://a:0", "smtp://a:65536", "smtp:a", "smtp://a b"])
def test_a_relay_is_one_host(url: str) -> None:
    with pytest.raises(ConfigError, match="VIGIE_SMTP_URL"):
        read_service_url("VIGIE_SMTP_URL", url, ("smtp", "smtps"))


def test_every_door_reads_by_the_same_rules() -> None:
    """The doors are also opened without the settings having been read: by benchmarks, and one day others."""
    for open_door in (
        lambda: Store(SETTINGS["VIGIE_DATABASE_URL"].format(f"{HEAD}/{TAIL}")),
        lambda: read_url(SETTINGS["VIGIE_BUS_URL"].format(f"{HEAD}/{TAIL}")),
        lambda: SmtpRelay(SETTINGS["VIGIE_SMTP_URL"].format(f"{HEAD}/{TAIL}")),
    ):
        with pytest.raises(ConfigError, match="%2F"):
            open_door()


def test_the_database_gets_the_password_and_every_host_as_they_were_meant() -> None:
    store = Store("postgresql+psycopg://vigie:p%2Fw%40@a,b:5433/name?target_session_attrs=read-write")
    arguments = store.engine.dialect.create_connect_args(store.engine.url)[1]
    assert {name: value for name, value in arguments.items() if name != "context"} == {
        "user": "vigie",
        "password": "p/w@",
        "host": "a,b",
        "port": "5432,5433",
        "dbname": "name",
        "target_session_attrs": "read-write",
    }
    store.close()


@pytest.mark.parametrize(
    ("name", "url", "said"),
    [
        ("VIGIE_DATABASE_URL", "postgresql+psycopg://u:p@host/db?sslmod=require", "sslmod"),
        ("VIGIE_DATABASE_URL", "postgresql+psycopg://u:p@host/db?connect_timeout=soon", "soon"),
        ("VIGIE_DATABASE_URL", "postgresql+psycopg://u:p@/db?host=a:x&host=b:1", "x"),
        ("VIGIE_DATABASE_URL", "postgresql+psycopg://u:p%00w@host/db", "zero byte"),
        ("VIGIE_DATABASE_URL", "sqlite:///", "sqlite:///folder/file"),
        ("VIGIE_BUS_URL", "kafka://u:p@host:1?security_protocol=SASL-SSL", "SASL_PLAINTEXT"),
        ("VIGIE_BUS_URL", "kafka://u:p@host:1?security_protocol=SSL", "SASL_SSL"),
        ("VIGIE_BUS_URL", "kafka://u:p@host:1?sasl_mechanism=SCRAM", "SCRAM-SHA-512"),
        ("VIGIE_BUS_URL", "kafka://host:1?partition=1", "partitions"),
    ],
)
def test_config_check_finds_what_the_client_libraries_would_find_later(
    name: str, url: str, said: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv(name, url)
    assert main(["config", "check"]) == USAGE
    err = capsys.readouterr().err
    assert name in err
    assert said in err
    assert len(err.splitlines()) == 1
