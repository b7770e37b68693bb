"""Random items and random queries over the same words, from a seed: for comparing the ways to ask a query."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from random import Random

from shared.items import Announced, Announcement, Verdict
from tests.archived import NOON, a_verdict

WORDS = {
    "de": """Die neue KI-Kompetenzzentren und das Zentrum für Künstliche Intelligenz Wasserstoff
        Gesundheitsdatenraum Energieversorgung Straße Daten DFKI/Inria Gaia-X 4.0 C++
        Rechenzentren Kompetenz Zentren Strom Netze Förderung Forderung Foerderung Häuser Haus schön schon
        100.000 100 000""",
    "fr": """La nouvelle stratégie d'IA pour l'énergie données déclarées start-up startup œuvre cœur réseaux
        hôpitaux Inria/DFKI 3IA Künstliche souveraineté de l’Europe travaux UE eu Gaia-X franco-allemand
        nationaux""",
    "en": """The new data centre for AI and energy digitisation organisations R&D open-source C++ GPT-4.5 Europe's
        Müller Muller research studies Gaia X programme Künstliche sovereign cloud start-ups it IT EU
        100,000 100000""",
    "other": "Il governo investe nella città digitale Gaia-X energia Inria наука AI",
}
ASKED = """KI ki-kompetenzzentrum Kompetenzzentrum zentren daten Datenraum kunstliche Kuenstliche energie énergie
    IA AI Inria DFKI Gaia-X GaiaX 4.0 C++ C centre center digitization donnees déclarer startup start-up R&D oeuvre
    cœur strasse città наука europe netz strom 4p5 GPT-4.5 travail zzz Förderung
    Foerderung Forderung Haus Häuser schön schon Müller Muller Forschungsförderung EU eu die de and it IT
    KI/IA Inria/DFKI 100.000 100'000 100000""".split()
FACETS = (
    *"theme:energy theme:ki theme:health source:dfki source:INRIA org:dfki country:de country:FR lang:de".split(),
    *"lang:fr lang:other is:franco-german sovereignty:>0.5 sovereignty:<=0.25 sovereignty:=0.75".split(),
    *"theme:energy:>0.6 theme:energy:<=60% theme:ai:>=0.9 model:lexicon model:vigie-1.ab".split(),
    *"is:call is:event is:spike".split(),
    *"deadline:2026-04 deadline:>2026-04-20 deadline:<=2026-04 deadline:>=2026-04-20 deadline:<2027".split(),
    *"after:2026-03 before:2026-03-02 after:2026-02-15".split(),
    'org:"École Polytechnique"',
    *"date:2026-03 date:2026-02..2026-03-02 date:..2026-02 date:2026-03-02..".split(),
)


def a_text(random: Random, language: str, most: int) -> str:
    words = WORDS[language].split()
    return " ".join(random.choice(words) for _ in range(random.randint(0, most)))


def some_tags(random: Random, language: str) -> Verdict:
    themes = tuple(random.sample(["energy", "ai", "health"], random.randint(0, 2)))
    return a_verdict(
        language=language,
        themes=themes,
        scores={theme: random.choice([0.5, 0.6, 0.9, 0.95]) for theme in themes},
        model=random.choice(["lexicon-1", "vigie-1.abcd", "vigie-1.a_cd", "vigie_1.abcd"]),
        announced=tuple(some_announcements(random)),
        organisations=tuple(random.sample(["DFKI", "École Polytechnique", "Inria"], random.randint(0, 2))),
        sovereignty=random.choice([0.0, 0.25, 0.5, 0.75, 1.0]),
        franco_german=random.random() < 0.3,
    )


def some_announcements(random: Random) -> Iterator[Announced]:
    for kind in Announcement:
        if random.random() < 0.5:
            day = random.choice([None, date(2026, 4, 20), date(2026, 4, 30), date(2026, 5, 1)])
            yield Announced(kind=kind, day=day, passage="Netz")


def a_moment(random: Random) -> datetime | None:
    return None if random.random() < 0.2 else NOON.astimezone(UTC) + timedelta(hours=random.randint(-900, 900))


def a_query(random: Random, depth: int = 3) -> str:
    """A query of up to `depth` levels of brackets."""
    kind = random.random()
    if depth and kind < 0.25:
        return f"({a_query(random, depth - 1)} OR {a_query(random, depth - 1)})"
    if depth and kind < 0.5:
        return f"({a_query(random, depth - 1)} {a_query(random, depth - 1)})"
    if depth and kind < 0.6:
        return f"-({a_query(random, depth - 1)})"
    return _leaf(random)


def _leaf(random: Random) -> str:
    title = random.choice(["", "", "title:"])
    word = random.choice(ASKED)
    match random.randint(0, 5):
        case 0:
            return random.choice(FACETS)
        case 1:
            return f"{title}{word[: random.randint(1, len(word))]}*"
        case 2:
            row = WORDS[random.choice(list(WORDS))].split()
            start = random.randrange(len(row) - 1)
            return f'{title}"{" ".join(row[start : start + random.randint(1, 2)])}"'
        case 3:
            row = random.sample(WORDS[random.choice(list(WORDS))].split(), random.randint(2, 3))
            words = " ".join(each[:4] + "*" if random.random() < 0.3 else each for each in row)
            return f'{title}"{words}"~{random.choice((0, 1, 3, 8))}'
        case _:
            return f"{title}{word}"
