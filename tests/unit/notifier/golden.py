"""Mails of every kind in every language, as they are kept in `tests/data/mails`.

After a wanted change: `python -m tests.unit.notifier.golden` writes them anew; look at them before you commit.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Final

from services.notifier.letters import Closing, Entry, Letter, Offer, Other, Speaking, Watched
from services.notifier.mime import Mail
from shared.items import LANGUAGES
from shared.subscriptions.words import Every, Kind, Why
from tests.unit.notifier.letters import NOW, a_letter, an_entry, composed, read

FOLDER: Final = Path(__file__).parents[2] / "data" / "mails"
CONFIRMED: Final = datetime(2026, 2, 1, 9, 0, tzinfo=UTC)
WIDE: Final = "(theme:energy OR theme:health) sovereignty:>0.6"


def letters() -> Mapping[str, Letter]:
    """Name -> letter, in German."""
    energy, french, english = stories()
    one = (a_subscription("0a", WIDE, Every.INSTANT),)
    two = (a_subscription("0a", WIDE, Every.DAILY), a_subscription("0b", "source:a Netz -wind", Every.DAILY))
    spoken_by = {
        "0a": (energy, replace(french, speaking=("0a", "0b"))),
        "0b": (replace(english, speaking=("0b",)),),
    }
    digest = tuple(entry for entries in spoken_by.values() for entry in entries)
    gaps = {"since": CONFIRMED, "watched": Watched(59, ("Amt B", "Institut C"))}
    none = {"since": CONFIRMED, "watched": Watched(59, ())}
    wishes = tuple(Speaking(f"0{n}", query, Every.WEEKLY, "fr", NOW) for n, query in enumerate((WIDE, "")))
    return {
        "instant": a_letter(energy, subscriptions=one),
        "bundle": a_letter(energy, french, english, subscriptions=one),
        "daily": a_letter(
            *digest,
            kind=Kind.DIGEST,
            day=date(2026, 3, 1),
            subscriptions=two,
            publishers=NAMES,
            closing=CLOSING,
            **gaps,
        ),
        "weekly": a_letter(*many(), kind=Kind.DIGEST, day=date(2026, 3, 2), subscriptions=(weekly(),), **none),
        "first": a_letter(energy, french, kind=Kind.FIRST, subscriptions=one),
        "wider": a_letter(kind=Kind.WIDER, subscriptions=narrow(), until=NOW + timedelta(weeks=4), offers=OFFERS),
        **dict(own_letters()),
        "confirmation": a_letter(kind=Kind.CONFIRM, subscriptions=wishes[:1]),
        "confirmations": a_letter(kind=Kind.CONFIRM, subscriptions=wishes, unnamed=2),
        "updated": a_letter(
            replace(
                energy,
                summary="",
                added=("Die Leitstelle bekommt 12 Mio. Euro.", "Sie wird 2028 fertig."),
                removed=("Wann sie fertig wird, ist offen.",),
            ),
            kind=Kind.UPDATED,
            subscriptions=one,
        ),
        "sample": a_letter(energy, french, kind=Kind.SAMPLE, subscriptions=one),
        "webhook": a_letter(kind=Kind.WEBHOOK, subscriptions=one, about="01-02", until=NOW + timedelta(days=7)),
        "operators": a_letter(
            kind=Kind.OPERATOR, subject="2 sick sources", note="a: HTTP 404\nb: stale since Monday"
        ),
    }


NAMES: Final = {"a": "Institut A"}
CLOSING: Final = (
    Closing(date(2026, 3, 6), "call", "Ausschreibung: Netze von morgen", "https://example.org/a", "Amt B", "de"),
    Closing(date(2026, 3, 14), "appel", "Appel à projets « Réseaux »", None, "Institut D", "fr"),
)
OFFERS: Final = {
    "0d" * 8: (Offer("theme:energy Elektrolyse", 3, "0d-1"), Offer("theme:energy lang:fr", 140, "0d-2")),
    "0e" * 8: (),
}


def narrow() -> tuple[Speaking, ...]:
    """Subscriptions that found nothing for weeks."""
    queries = {"0d": "theme:energy Elektrolyse lang:fr", "0e": '"Institut für nichts"'}
    return tuple(a_subscription(id_, query, Every.WEEKLY) for id_, query in queries.items())


def own_letters() -> Iterator[tuple[str, Letter]]:
    """The notices of self-service."""
    of_one = {Kind.LEFT: timedelta(days=7), Kind.KEEP: None}
    until = {Kind.LINKS: timedelta(days=1), Kind.MOVE: timedelta(days=7), Kind.MOVED: None, **of_one}
    for kind, holds in until.items():
        subscriptions = (a_subscription("0a", WIDE, Every.DAILY),) if kind in of_one else ()
        ends = NOW + holds if holds else None
        yield kind.value, a_letter(kind=kind, subscriptions=subscriptions, about="0f" * 8, until=ends)


def stories() -> tuple[Entry, Entry, Entry]:
    """One in each language."""
    why = (
        Why(clause="theme:energy", passage="Stromnetz"),
        Why(clause="sovereignty:>0.6", passage="in eigener Hand"),
    )
    energy = an_entry(
        summary="Der Netzbetreiber baut die Leitungen aus. Die Leitstelle läuft auf Rechnern in eigener Hand, "
        "ohne Anbieter aus Übersee; ihre Software ist offen. " * 2,
        sovereignty=0.8,
        franco_german=True,
        organisations=("DFKI", "Inria"),
        also=("Amt B", "Institut C"),
        why=why,
        speaking=("0a",),
        others=(Other("Le réseau s’agrandit", "https://example.org/fr", "Institut D", "fr"),),
    )
    french = an_entry(
        item_id="two",
        title="Données de santé : « un bien commun », dit l’Institut A",
        url="https://example.org/sante",
        language="fr",
        summary="Les données des hôpitaux restent en Europe ; qui les lit, on le sait.",
        themes=("health",),
        organisations=(),
        why=(Why(clause="theme:health", passage="données des hôpitaux"),),
        published_on=date(2026, 3, 2),
        speaking=("0a",),
    )
    english = an_entry(
        item_id="three",
        title="A grid that learns",
        url="https://example.org/grid",
        language="en",
        summary="",
        published=NOW - timedelta(hours=30),
        themes=(),
        organisations=(),
        why=(Why(clause="Netz"),),
        deadline=date(2026, 3, 9),
        takes_place=date(2026, 4, 1),
        speaking=("0a",),
    )
    return energy, french, english


def many() -> Iterator[Entry]:
    """More than a mail tells."""
    for number in range(60):
        yield replace(
            stories()[number % 3],
            item_id=f"{number:032x}",
            title=f"Meldung {number + 1} über das Netz von morgen und was es kostet",
            url=f"https://example.org/{number}",
            speaking=("0c",),
        )


def weekly() -> Speaking:
    return a_subscription("0c", "theme:energy lang:de", Every.WEEKLY)


def a_subscription(id_: str, query: str, every: Every) -> Speaking:
    return Speaking(id_ * 8, query, every, "de", NOW, CONFIRMED)


def names() -> Sequence[str]:
    """The files of all mails: of each letter in each language both parts."""
    return [
        f"{name}.{language}.{part}" for name in letters() for language in LANGUAGES for part in ("txt", "html")
    ]


@cache
def files() -> Mapping[str, str]:
    """File -> content; the subject stands above the text. Composed when first asked for, not to name the tests."""
    return dict(_files())


def _files() -> Iterator[tuple[str, str]]:
    for name, mail in _mails():
        subject = read(mail)["Subject"]
        yield f"{name}.txt", f"Subject: {subject}\n\n{mail.text}".replace("\r\n", "\n").rstrip("\n") + "\n"
        yield f"{name}.html", mail.html.rstrip("\n") + "\n"


def _mails() -> Iterator[tuple[str, Mail]]:
    """(name and language, mail) of every letter in every language."""
    for name, letter in letters().items():
        ids = {each.id[:2]: each.id for each in letter.subscriptions}
        entries = tuple(
            replace(entry, speaking=tuple(ids[id_] for id_ in entry.speaking if id_ in ids))
            for entry in letter.entries
        )
        for language in LANGUAGES:
            yield f"{name}.{language}", composed(replace(letter, language=language, entries=entries))


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    for file, content in files().items():
        (FOLDER / file).write_text(content, "utf-8")
