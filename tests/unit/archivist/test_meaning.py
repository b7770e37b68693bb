"""One event in other words is one story: by nearness of meaning, unless something speaks against it."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from services.archivist.write import handler
from services.cli.demo_site.texts import load_news
from shared.archive.evidence import How
from shared.archive.stories import root_story
from shared.archive.story_events import history
from shared.archive.tables import StoryArrivalRow
from shared.items import ClassifiedItem, Purpose
from shared.meaning.encoder import the_encoder
from shared.store import Store
from shared.text.language import identify
from tests.archived import a_classified, a_verdict, later, live, records
from tests.fakes import FakeClock, a_store
from tests.meant import says

LABORATORY = ("deutsch-franzoesisches-labor", "laboratoire-franco-allemand", "joint-laboratory")
GERMAN = "Labor für vertrauenswürdige KI gegründet"
FRENCH = "Un laboratoire pour une IA de confiance"


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = a_store(tmp_path, FakeClock(later(days=1)))
    yield opened
    opened.close()


def german(item_id: str = "a", *, names: tuple[str, ...] = (), **fields: Any) -> ClassifiedItem:
    said = {"title": GERMAN, "text": "Es prüft Verfahren der Medizin.", "source": "leuchtturm", **fields}
    return says(a_classified(item_id, verdict=a_verdict(language="de", organisations=names), **said), 1)


def french(
    item_id: str = "b", near: float = 0.85, *, names: tuple[str, ...] = (), **fields: Any
) -> ClassifiedItem:
    said = {"title": FRENCH, "text": "Il met au point des méthodes d'évaluation.", "source": "cote", **fields}
    return says(a_classified(item_id, verdict=a_verdict(language="fr", organisations=names), **said), near)


def stories(store: Store, *batches: tuple[ClassifiedItem, ...]) -> list[str]:
    """The story of each item, after live batches."""
    handle = handler(store)
    for batch in batches:
        handle(live(*batch))
    with store.reading() as session:
        return [root_story(session, _assigned(store, each.item.item_id)) for batch in batches for each in batch]


def _assigned(store: Store, item_id: str) -> str:
    from shared.archive.search import item

    with store.reading() as session:
        found = item(session, item_id)
    assert found is not None
    return found.story


@pytest.mark.parametrize("together", [True, False])
def test_one_event_in_two_languages_is_one_story(store: Store, together: bool) -> None:
    one, other = german(), french()
    assert stories(store, *([(one, other)] if together else [(one,), (other,)])) == ["a", "a"]
    with store.reading() as session:
        (event,) = history(session, ["b"])
    assert (event.item_id, event.other_id, event.story, event.evidence.how) == ("b", "a", "a", How.MEANING)
    assert event.evidence.title == pytest.approx(0.85, abs=0.01)


@pytest.mark.parametrize("together", [True, False])
@pytest.mark.parametrize(
    "against",
    [
        {"near": 0.5},
        {"near": 0.95, "source": "leuchtturm"},  # twins of one body lie nearer than two bodies' words on one event
        {"near": 0.95, "published": later(hours=73)},
        {"near": 0.95, "text": "Il coûte 12 millions d'euros."},
        {"near": 0.95, "title": "Un laboratoire pour une IA de confiance ferme"},
        {"near": 0.95, "names": ("CNRS",)},
    ],
)
def test_what_speaks_against_one_event_keeps_stories_apart(
    store: Store, together: bool, against: dict[str, Any]
) -> None:
    one = german(
        title="Labor für vertrauenswürdige KI eröffnet", text="Es kostet 4 Millionen Euro.", names=("DFKI",)
    )
    other = french(**against)
    assert stories(store, *([(one, other)] if together else [(one,), (other,)])) == ["a", "b"]


def test_figures_and_names_that_both_state_are_said_as_reasons(store: Store) -> None:
    one = german(text="Es kostet 4 Millionen Euro.", names=("DFKI", "Inria"))
    other = french(text="Il coûte quatre fois 4 millions d'euros.", names=("Inria",))
    assert stories(store, (one,), (other,)) == ["a", "a"]
    with store.reading() as session:
        (event,) = history(session, ["b"])
    assert (event.evidence.names, event.evidence.figures) == (("inria",), (4_000_000.0,))


def test_a_story_takes_one_item_of_a_source_by_meaning(store: Store) -> None:
    assert stories(store, (german(),), (french("b"),), (french("c", near=0.9, text="Autre chose."),)) == [
        "a",
        "a",
        "c",
    ]


def test_the_nearest_of_several_is_joined(store: Store) -> None:
    farther = german("a", source="morgenblatt")
    nearer = says(german("b", title="Anderes Labor", text="Ein anderes Wort."), 0.7, way=2)
    joins = says(french("c"), 0.75, way=2)
    assert stories(store, (farther,), (nearer,), (joins,)) == ["a", "b", "b"]


def test_within_one_language_more_is_asked_for(store: Store) -> None:
    english = a_verdict(language="de", organisations=())
    other = says(a_classified("b", verdict=english, source="cote", title=FRENCH, text="Anders."), 0.7)
    assert stories(store, (german(),), (other,)) == ["a", "b"]


def test_vectors_of_another_version_do_not_meet(store: Store) -> None:
    assert stories(store, (german(),), (says(french(), 1, version="test-2"),)) == ["a", "b"]  # type: ignore[arg-type]


def test_bulk_traffic_gets_stories_by_exact_repetition_only(store: Store) -> None:
    handle = handler(store)
    handle(records((german(), Purpose.BACKFILL), (french(), Purpose.BACKFILL)))
    assert (_assigned(store, "a"), _assigned(store, "b")) == ("a", "b")
    handle(live(french("c", source="inria")))  # what is live meets what came in bulk
    assert _assigned(store, "c") in ("a", "b")


def test_a_batch_that_comes_again_changes_no_story_and_tells_no_history_twice(store: Store) -> None:
    handle = handler(store)
    for _ in range(2):
        handle(live(german(), french()))
        handle(records((french(), Purpose.RECLASSIFY)))
    with store.reading() as session:
        assert len(history(session, ["a"])) == 1
        assert session.execute(select(func.count()).select_from(StoryArrivalRow)).scalar_one() == 2


def test_two_archivists_see_what_the_other_took_in(store: Store) -> None:
    one, other = handler(store), handler(store)
    one(live(says(german("x", source="aaa", title="Vorher", text="Etwas anderes."), 0.1, way=5)))
    other(live(says(german("y", source="bbb", title="Zuvor", text="Noch etwas."), 0.1, way=6)))
    one(live(german()))
    other(live(french()))
    assert _assigned(store, "b") == "a"


@pytest.mark.parametrize("begins_anew", [True, False])
def test_what_came_lately_with_an_old_date_is_met_whoever_has_just_begun(store: Store, begins_anew: bool) -> None:
    published = later(days=-30)
    handle = handler(store)
    handle(live(german(published=published)))
    if begins_anew:
        handle = handler(store)
    handle(live(french(published=published)))
    with store.reading() as session:
        assert root_story(session, _assigned(store, "b")) == "a"


@pytest.mark.parametrize("begins_anew", [True, False])
@pytest.mark.parametrize("in_bulk", [True, False])
def test_what_came_long_ago_or_in_bulk_with_an_old_date_is_not_met_by_its_meaning(
    tmp_path: Path, begins_anew: bool, in_bulk: bool
) -> None:
    clock = FakeClock(later(days=1))
    with closing(a_store(tmp_path, clock)) as store:
        published = later(days=-30)
        handle = handler(store)
        handle(records((german(published=published), Purpose.BACKFILL if in_bulk else Purpose.LIVE)))
        if not in_bulk:
            clock.advance(days=7)
        if begins_anew:
            handle = handler(store)
        handle(live(french(published=published)))
        assert _assigned(store, "b") == "b"


def test_a_new_wording_is_what_counts_for_those_that_come_later(store: Store) -> None:
    handle = handler(store)
    handle(live(german()))
    handle(live(says(german(title="Ganz anders", text="Neu.", fetched_at=later(hours=1)), 0.2, way=9)))
    handle(live(french()))
    assert _assigned(store, "b") == "b"


def test_the_joint_laboratory_of_the_demonstration_is_one_story(store: Store) -> None:
    told = [news for news in load_news() if news.slug in LABORATORY]
    items = [
        a_classified(
            news.slug,
            source=news.feed,
            title=news.title,
            text=news.text,
            verdict=a_verdict(language=identify(news.text), organisations=()),
        ).model_copy(update={"meaning": the_encoder().of_item(news.title, news.text).meaning()})
        for news in told
    ]
    assert len(items) == 3
    assert set(stories(store, *((item,) for item in items))) == {told[0].slug}
