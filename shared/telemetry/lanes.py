"""Pure. Which stage reads which topics, and as which group."""

from collections.abc import Mapping, Sequence
from typing import Final

from shared.bus import ARCHIVED, BULK, CLASSIFIED, COLLECTED

# stage -> the topics that it reads, each as the group of its name (and suffix)
READS: Final[Mapping[str, tuple[str, ...]]] = {
    "collector": (),
    "classifier": (COLLECTED, COLLECTED + BULK),
    "archivist": (CLASSIFIED, CLASSIFIED + BULK),
    "notifier": (ARCHIVED,),
    "portal": (),
}


def lanes(stage: str) -> Sequence[tuple[str, str]]:
    """(topic, group) of each lane of a stage."""
    return [(topic, stage + BULK if topic.endswith(BULK) else stage) for topic in READS[stage]]
