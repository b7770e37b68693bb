"""Pure. Invented items as the classifier sends them. Words follow Zipf's law over the words of a small vocabulary,
so common words are in most items.
"""

import random
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

from shared.items import ClassifiedItem, CollectedItem, Verdict
from shared.themes import themes

END: Final = datetime(2026, 11, 1, tzinfo=UTC)
VOCABULARY: Final = (
    "energie netz forschung kompetenzzentrum datenraum projekt förderung ministerium institut robotik gesundheit "
    "industrie quantencomputer souveränität cloud rechenzentrum klima verkehr schiene sicherheit ausbildung"
).split() + [f"{stem}{end}" for stem in ("grund", "leit", "mess", "trag", "bind", "form") for end in range(600)]


def invented(count: int) -> Sequence[ClassifiedItem]:
    """`count` different ones of about one kilobyte, the last published at `END`."""
    chance = random.Random(20_261_121)
    weights = [1 / (rank + 2) for rank in range(len(VOCABULARY))]
    return [_item(number, count, chance, weights) for number in range(count)]


def _item(number: int, count: int, chance: random.Random, weights: Sequence[float]) -> ClassifiedItem:
    words = chance.choices(VOCABULARY, weights, k=133)
    if number % 500 == 0:
        words.append("seltenwort")
    moment = END - timedelta(minutes=15 * (count - number))
    item = CollectedItem(
        item_id=f"{number:032x}",
        source=f"source-{number % 120}",
        languages=("de",),
        url=f"https://example.org/{number}",
        title=" ".join(words[:8]),
        text=" ".join(words[8:]),
        published=moment,
        fetched_at=moment,
        content_hash=f"{number}",
    )
    tagged = tuple(chance.sample(tuple(themes()), chance.choice((0, 1, 1, 2, 3))))
    verdict = Verdict(
        language="de",
        scores=dict.fromkeys(tagged, 0.8),
        themes=tagged,
        sovereignty=round(chance.random(), 2),
        franco_german=chance.random() < 0.05,
        organisations=(),
        reasons=(),
        model="invented",
    )
    return ClassifiedItem(item=item, verdict=verdict, classified_at=moment)
