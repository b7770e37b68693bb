"""`vigie classify` and `vigie reclassify`, as scripts use them."""

import io
import json
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from services.classifier.meaning import meant
from services.cli import main
from shared.archive.store import write
from shared.bus import BULK, COLLECTED, Message, Record
from shared.bus.sqlite import SqliteBus
from shared.events import decode
from shared.items import CollectedItem, Purpose
from shared.store import Store
from tests.archived import NOON, a_classified, a_verdict, later

KEYS = ["id", "lang", "themes", "scores", "sovereignty", "franco_german", "organisations", "reasons", "model"]


class Answer:
    """What a command printed, and how it ended."""

    def __init__(self, code: int, out: str, err: str) -> None:
        self.code, self.out, self.err = code, out, err

    @property
    def lines(self) -> list[Mapping[str, Any]]:
        return [json.loads(line) for line in self.out.splitlines()]


Classify = Callable[..., Answer]
Outdated = Callable[..., Mapping[str, Any]]


@pytest.fixture
def quick_model(monkeypatch: pytest.MonkeyPatch) -> None:
    """The lexicon, which loads at once and whose near misses do not move when the shipped model is trained."""
    monkeypatch.setenv("VIGIE_MODEL", "lexicon")


@pytest.fixture
def classify(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Classify:
    def run(*arguments: str, stdin: bytes | str = b"") -> Answer:
        content = stdin.encode() if isinstance(stdin, str) else stdin
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(content)))
        code = main(["classify", *arguments])
        captured = capsys.readouterr()
        return Answer(code, captured.out, captured.err)

    return run


def line(**fields: Any) -> str:
    return json.dumps({"id": "a", "title": "Windpark liefert Strom", "text": "", **fields}) + "\n"


def test_every_line_is_answered_in_order_with_all_keys(classify: Classify) -> None:
    answer = classify("--jsonl", stdin=line(id="b") + line(id="a", title="Konzert", lang=None) + line(id=7))
    assert answer.code == 0
    assert [found["id"] for found in answer.lines] == ["b", "a", 7]
    assert [list(found) for found in answer.lines] == [KEYS] * 3
    first = answer.lines[0]
    assert first["themes"] == ["energy"]
    assert first["reasons"][0].keys() == {"label", "passage", "weight"}


@pytest.mark.parametrize(
    "bad",
    [
        b"nope",
        b"",
        b"[1]",
        b"null",
        b'{"id": "a", "title": "x"}',
        b'{"title": "x", "text": ""}',
        b'{"id": "a", "title": 1, "text": ""}',
        b'{"id": "a", "title": "x", "text": null}',
        b'{"id": "a", "title": "x", "text": "", "lang": 7}',
        b'{"id": true, "title": "x", "text": ""}',
        b'{"id": "a", "title": "\xff", "text": ""}',
        b"[" * 100_000,
    ],
)
@pytest.mark.usefixtures("quick_model")
def test_a_line_that_is_no_such_object_is_answered_in_its_place(classify: Classify, bad: bytes) -> None:
    answer = classify("--jsonl", stdin=line().encode() + bad + b"\n" + line(id="z").encode())
    assert answer.code == 1
    before, wrong, after = answer.lines
    assert (before["id"], after["id"]) == ("a", "z")
    assert wrong.keys() == {"line", "error"}
    assert wrong["line"] == 2
    assert isinstance(wrong["error"], str)


ODD: Sequence[Mapping[str, Any]] = (
    {"title": "", "text": ""},
    {"title": "🎉", "text": "😀😀"},
    {"title": "x", "lang": "tlh"},
    {"title": "\ud800 KI", "text": "\x00"},
    {"title": "Strom " * 20_000},
    {"id": "\ud800"},
)


def test_an_odd_text_gets_a_verdict(classify: Classify) -> None:
    answer = classify("--jsonl", stdin="".join(line(**fields) for fields in ODD))
    assert answer.code == 0
    assert len(answer.lines) == len(ODD)
    for fields, verdict in zip(ODD, answer.lines, strict=True):
        assert verdict["lang"] in ("de", "fr", "en", "other"), fields


def test_markup_is_left_out_and_passages_stand_in_the_text_as_given(classify: Classify) -> None:
    title, text = (
        "Sant&eacute; : l&#8217;h&ocirc;pital recrute",
        "<p class='energie'>Des <b>infirmiers</b> arrivent.</p>",
    )
    (found,) = classify("--jsonl", stdin=line(title=title, text=text, lang="fr")).lines
    assert found["themes"] == ["health"]
    assert all(reason["passage"] in title or reason["passage"] in text for reason in found["reasons"])


@pytest.mark.usefixtures("quick_model")
def test_a_plain_text_gets_a_verdict_that_people_can_read(classify: Classify, tmp_path: Path) -> None:
    file = tmp_path / "release.txt"
    file.write_text(
        "KI im Krankenhaus\nDas DFKI und eine Klinik prüfen Röntgenbilder. Der Strom fiel aus.\n", "utf-8"
    )
    answer = classify(str(file), "--why-not")
    assert answer.code == 0
    assert "health" in answer.out
    assert "DFKI" in answer.out
    assert "KI im Krankenhaus" in answer.out
    assert "not energy" in answer.out


def test_a_plain_text_can_be_answered_as_json(classify: Classify) -> None:
    (found,) = classify("--json", stdin="Windpark liefert Strom\n").lines
    assert list(found) == KEYS
    assert found["id"] is None


def test_a_missing_file_is_said_in_a_sentence(classify: Classify, tmp_path: Path) -> None:
    answer = classify(str(tmp_path / "none.txt"))
    assert answer.code == 1
    assert "cannot be read" in answer.err


@pytest.fixture
def archive(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data folder whose archive holds five items."""
    from shared.archive import store as written
    from tests.fakes import a_store

    store = a_store(tmp_path)
    with store.writing() as session:
        for number in range(5):
            written.write(session, a_classified(f"item-{number}"), Purpose.LIVE, NOON)
    store.close()
    monkeypatch.setenv("VIGIE_DATA_DIR", str(tmp_path))
    return tmp_path


def waiting(folder: Path) -> list[Record]:
    bus = SqliteBus(folder / "bus.db", None)
    try:
        return list(bus.read(COLLECTED + BULK, -1, 100))
    finally:
        bus.close()


def test_reclassify_hands_the_archive_to_the_lane_that_cannot_mail(
    archive: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["reclassify", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"items": 5, "published": 5}
    events = [decode(record, CollectedItem) for record in waiting(archive)]
    assert [item.item_id for item, _ in events] == [f"item-{n}" for n in range(5)]
    assert {purpose for _, purpose in events} == {Purpose.RECLASSIFY}


def test_a_dry_run_publishes_nothing(archive: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["reclassify", "--dry-run"]) == 0
    assert "5 items" in capsys.readouterr().out
    assert not (archive / "bus.db").exists()


def test_since_leaves_out_what_was_first_seen_earlier(archive: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["reclassify", "--since", "2026-03-03", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["items"] == 0
    assert main(["reclassify", "--since", "soon"]) == 2


@pytest.fixture
def outdated(archive: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Outdated:
    """`vigie reclassify --outdated` over five items that another model judged, two to a page."""
    monkeypatch.setenv("VIGIE_MODEL", "lexicon")
    monkeypatch.setattr("services.cli.handing_over.PAGE", 2)

    def outdated(*more: str) -> Mapping[str, Any]:
        assert main(["reclassify", "--outdated", "--json", *more]) == 0
        found: Mapping[str, Any] = json.loads(capsys.readouterr().out)
        return found

    return outdated


def handed_over(folder: Path) -> list[str]:
    return [record.message.key for record in waiting(folder)]


def judge(folder: Path, model: str, *items: str) -> None:
    """What classifier and archivist make of the bulk lane: read to its end, `items` have a verdict of `model`."""
    bus = SqliteBus(folder / "bus.db", None)
    reader = bus.reader(COLLECTED + BULK, "classifier" + BULK)
    reader.commit(reader.poll(100, 0.0))
    reader.close()
    bus.close()
    store = Store(f"sqlite:///{folder / 'vigie.db'}")
    with store.writing() as session:
        for item in items:
            judged = a_classified(item, verdict=a_verdict(model=model), at=later(hours=1))
            judged = judged.model_copy(update={"meaning": meant(judged.item)})
            write(session, judged, Purpose.RECLASSIFY, NOON)
    store.close()


def test_only_items_of_another_model_are_handed_over(archive: Path, outdated: Outdated) -> None:
    model = outdated("--dry-run")["model"]
    outdated()
    judge(archive, model, "item-0", "item-1", "item-3")
    assert outdated("--dry-run") == {"items": 2, "published": 0, "model": model}
    assert outdated() == {"items": 2, "published": 2, "left": 2, "waiting": 2, "model": model}
    assert handed_over(archive)[5:] == ["item-2", "item-4"]  # what was lost on the way goes again
    judge(archive, model, "item-2", "item-4")
    assert outdated() == {"items": 0, "published": 0, "left": 0, "waiting": 0, "model": model}


def test_what_may_still_be_on_its_way_is_not_handed_over_again(archive: Path, outdated: Outdated) -> None:
    assert outdated()["published"] == 5
    again = outdated()
    assert (again["published"], again["left"], again["waiting"]) == (0, 5, 5)


def test_a_run_that_was_interrupted_goes_on_where_it_was(
    archive: Path, outdated: Outdated, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    whole = SqliteBus.publish

    def breaks(bus: SqliteBus, topic: str, messages: Sequence[Message]) -> None:
        if handed_over(archive):
            raise KeyboardInterrupt
        whole(bus, topic, messages)

    with monkeypatch.context() as patched:
        patched.setattr(SqliteBus, "publish", breaks)
        assert main(["reclassify", "--outdated"]) == 130
    assert handed_over(archive) == ["item-0", "item-1"]
    assert outdated()["published"] == 3
    assert handed_over(archive) == [f"item-{n}" for n in range(5)]


def test_a_wider_choice_of_items_begins_at_its_own_beginning(archive: Path, outdated: Outdated) -> None:
    assert outdated("--since", "2026-03-02")["published"] == 5
    assert outdated("--since", "2026-03-02T01:00:00Z")["published"] == 0
    assert outdated()["published"] == 5


@pytest.mark.parametrize("content", ["", "{}", '{"model": 1, "since": 5, "after": "x"}', "[]"])
def test_a_damaged_memory_of_an_earlier_run_is_none(archive: Path, outdated: Outdated, content: str) -> None:
    (archive / "reclassify.json").write_text(content)
    assert outdated()["published"] == 5
