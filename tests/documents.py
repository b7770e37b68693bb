"""Builders of documents that queries are asked of."""

from collections.abc import Collection, Mapping
from datetime import date

from shared.items import Announcement
from shared.query.match import Document, Passage
from shared.text.analyse import analyse


def a_document(
    title: str = "",
    body: str = "",
    *,
    language: str = "de",
    sources: Collection[str] = ("dfki",),
    themes: Collection[str] = (),
    organisations: Collection[str] = (),
    country: str = "DE",
    sovereignty: float = 0.0,
    franco_german: bool = False,
    scores: Mapping[str, float] | None = None,
    model: str = "lexicon-1",
    announced: Mapping[Announcement, date | None] | None = None,
    day: date = date(2026, 3, 2),
    spikes: bool = False,
) -> Document:
    """A document with these words and marks."""
    return Document(
        title=Passage(analyse(title, language)),
        body=Passage(analyse(body, language)),
        sources=frozenset(sources),
        themes=frozenset(themes),
        organisations=frozenset(organisations),
        country=country,
        language=language,
        sovereignty=sovereignty,
        franco_german=franco_german,
        scores=scores or {},
        model=model,
        announced=announced or {},
        day=day,
        spikes=spikes,
    )
