"""The commands of operators, called as the shell calls them: output, exit codes, nothing hidden."""

import json
import re
import socket
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from services.cli import main
from services.cli.replay import moment
from shared.bus import COLLECTED, DEAD, DeadLetter, Message
from shared.bus.letters import letter_message
from shared.bus.sqlite import SqliteBus
from shared.store import Store
from shared.telemetry import health
from shared.telemetry.facts import Weight
from shared.telemetry.notices import raise_notice
from shared.telemetry.told import as_said

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
FIRST = f"{COLLECTED}@0"
Vigie = Callable[..., tuple[int, str, str]]


@pytest.fixture(autouse=True)
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The installation's folder; its portal listens where nobody else does."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("VIGIE_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("VIGIE_HTTP", "127.0.0.1:0")
    return tmp_path / "data"


@pytest.fixture
def vigie(capsys: pytest.CaptureFixture[str]) -> Vigie:
    def vigie(*arguments: str) -> tuple[int, str, str]:
        code = main(arguments)
        said = capsys.readouterr()
        return code, said.out, said.err

    return vigie


@pytest.fixture
def bus(data: Path) -> Iterator[SqliteBus]:
    bus = SqliteBus(data / "bus.db")
    yield bus
    bus.close()


def bury(bus: SqliteBus, *values: str) -> None:
    for value in values:
        bus.publish(COLLECTED, [Message(f"key-{value}", value.encode())])
        record = bus.read(COLLECTED, -1, 1000)[-1]
        dead = DeadLetter(record, f"{value} has no title", "Unprocessable")
        bus.publish(COLLECTED + DEAD, [letter_message(dead, "classifier")])


def test_migrating_may_be_repeated(vigie: Vigie) -> None:
    assert [vigie("migrate")[0], vigie("migrate")[0]] == [0, 0]


def test_the_status_of_a_stopped_installation_is_red_and_complete(vigie: Vigie) -> None:
    vigie("migrate")
    code, out, _ = vigie("status", "--json")
    status = json.loads(out)
    assert (code, status["ok"], status["items"]) == (1, False, 0)
    assert set(status["stages"]) == {"collector", "classifier", "archivist", "notifier", "portal"}
    assert status["stages"]["notifier"] == {
        "alive": False,
        "backlog": 0,
        "dead": 0,
        "waits": None,
        "error": None,
    }


def test_the_status_before_the_first_start_is_red_and_complete(vigie: Vigie) -> None:
    code, out, _ = vigie("status", "--json")
    assert (code, json.loads(out)["ok"], json.loads(out)["items"]) == (1, False, 0)


def test_a_notice_is_said_with_its_remedy_until_it_is_cleared(vigie: Vigie, data: Path) -> None:
    vigie("migrate")
    store = Store(f"sqlite:///{data / 'vigie.db'}")
    with store.writing() as session:
        raise_notice(session, "bus.renewed", Weight.RED, as_said("bus.db was made anew"), NOW)
    store.close()
    _, said, _ = vigie("status")
    assert "bus.renewed: bus.db was made anew" in said
    assert "the list of dead letters. When you have read this: `vigie status --clear bus.renewed`." in said
    assert re.search(r"bus\.renewed: .* \(since 20\d\d-\d\d-\d\d \d\d:\d\d UTC\)\n", said)
    assert "bus.renewed" not in vigie("status", "--clear", "bus.renewed")[1]
    code, _, error = vigie("status", "--clear", "bus.renewed")
    assert (code, "there is no notice 'bus.renewed'" in error) == (1, True)


def test_the_health_check_answers_for_its_own_instance_alone(
    vigie: Vigie, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    vigie("migrate")
    store = Store(f"sqlite:///{data / 'vigie.db'}")
    with store.writing() as session:
        health.beat(session, "box-1", {"classifier": None}, store.now(session))
        health.beat(session, "box-2", {"archivist": "the disk is full"}, store.now(session))
        health.beat(session, "box-3", {"notifier": None}, store.now(session) - 2 * health.EXPIRY)
    store.close()

    def answer(instance: str) -> tuple[int, str]:
        monkeypatch.setenv("VIGIE_INSTANCE", instance)
        return vigie("status", "--here")[:2]

    assert answer("box-1") == (0, "classifier: runs\n")
    assert answer("box-2") == (1, "archivist: the disk is full\n")
    assert answer("box-3") == (1, "notifier: does NOT run\n")
    assert answer("box-4") == (1, "nothing runs as box-4\n")


def test_dead_letters_are_listed_with_their_reason(vigie: Vigie, bus: SqliteBus) -> None:
    bury(bus, "a", "b")
    code, out, _ = vigie("dead", "list", "--json")
    assert code == 0
    assert [(entry["id"], entry["reason"]) for entry in json.loads(out)] == [
        (FIRST, "a has no title"),
        (f"{COLLECTED}@1", "b has no title"),
    ]


def test_a_dead_letter_is_shown_with_its_value(vigie: Vigie, bus: SqliteBus) -> None:
    bury(bus, "a")
    shown = json.loads(vigie("dead", "show", FIRST, "--json")[1])
    assert (shown["value"], shown["key"], shown["state"]) == ("a", "key-a", "open")


def test_retrying_all_closes_them_and_says_so(vigie: Vigie, bus: SqliteBus) -> None:
    bury(bus, "a", "b")
    code, out, _ = vigie("dead", "retry", "--all", "--json")
    assert (code, [entry["done"] for entry in json.loads(out)]) == (0, [True, True])
    assert vigie("dead", "list")[1] == "There are no dead letters.\n"
    assert json.loads(vigie("dead", "retry", FIRST, "--json")[1]) == [{"id": FIRST, "done": False}]


def test_a_letter_is_not_given_up_without_a_reason(vigie: Vigie, bus: SqliteBus) -> None:
    bury(bus, "a")
    assert vigie("dead", "discard", FIRST)[0] == 2
    assert vigie("dead", "discard", FIRST, "--reason", "a test page")[0] == 0
    assert json.loads(vigie("dead", "list", "--all", "--json")[1])[0]["why"] == "a test page"


def test_an_unknown_letter_ends_with_a_sentence(vigie: Vigie, bus: SqliteBus) -> None:
    code, out, err = vigie("dead", "show", "items.collected@99")
    assert (code, out) == (1, "")
    assert "vigie dead list" in err


def test_a_replay_says_how_many_records_wait(vigie: Vigie, bus: SqliteBus) -> None:
    bus.publish(COLLECTED, [Message("a", b"1"), Message("a", b"2")])
    reader = bus.reader(COLLECTED, "classifier")
    reader.commit(reader.poll(10, 0.0))
    code, out, _ = vigie("replay", "classifier", "--since", "1h", "--json")
    assert (code, json.loads(out)) == (0, {"group": "classifier", "waiting": 2})
    assert [record.message.value for record in reader.poll(10, 0.0)] == [b"1", b"2"]


def test_a_replay_of_a_stage_that_never_read_is_told(vigie: Vigie, bus: SqliteBus) -> None:
    code, _, err = vigie("replay", "classifier", "--since", "1h")
    assert (code, "nothing to replay" in err) == (1, True)


def test_a_replay_since_nonsense_is_wrong_usage(vigie: Vigie) -> None:
    assert vigie("replay", "classifier", "--since", "yesterday")[0] == 2


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("90m", NOW - timedelta(minutes=90)),
        ("3d", NOW - timedelta(days=3)),
        ("2026-03-01", datetime(2026, 3, 1, tzinfo=UTC)),
        ("2026-03-01T10:00:00+01:00", datetime(2026, 3, 1, 9, tzinfo=UTC)),
    ],
)
def test_a_moment_is_a_time_or_an_age(text: str, at: datetime) -> None:
    assert moment(text, NOW) == at


def checks(vigie: Vigie) -> dict[str, tuple[bool, str]]:
    return {
        check["name"]: (check["ok"], check["said"]) for check in json.loads(vigie("doctor", "--json")[1])["checks"]
    }


def test_the_doctor_finds_a_sound_installation_sound(vigie: Vigie) -> None:
    vigie("migrate")
    found = checks(vigie)
    parts = ("folder", "disk", "database", "bus", "sources", "portal", "mail")
    assert [name for name in parts if not found[name][0]] == []


def test_the_doctor_says_what_to_do(vigie: Vigie, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "sources.toml").write_text('[[source]]\nid = "a"\nkindd = "feed"\n')
    monkeypatch.setenv("VIGIE_SOURCES", str(tmp_path / "sources.toml"))
    with socket.socket() as nobody, socket.socket() as other:
        nobody.bind(("127.0.0.1", 0))  # bound, not listening: connecting is refused
        other.bind(("127.0.0.1", 0))
        other.listen()
        monkeypatch.setenv("VIGIE_SMTP_URL", f"smtp://127.0.0.1:{nobody.getsockname()[1]}")
        monkeypatch.setenv("VIGIE_HTTP", f"127.0.0.1:{other.getsockname()[1]}")
        other.settimeout(0)
        found = checks(vigie)
    assert {name for name, (ok, _) in found.items() if not ok} >= {"database", "sources", "portal", "mail"}
    assert "vigie migrate" in found["database"][1]
    assert "kind" in found["sources"][1]
    assert "VIGIE_HTTP" in found["portal"][1]
    assert "VIGIE_SMTP_URL" in found["mail"][1]


def test_an_unknown_service_is_wrong_usage(vigie: Vigie) -> None:
    code, _, err = vigie("run", "colector")
    assert (code, "collector" in err) == (2, True)
