"""Pure. The examples by which a reader learns to ask: the commonest on the search page, all in the help."""

from typing import Final

COMMON: Final = (
    "KI Energie",
    "KI OR IA",
    "-Start-up",
    '"cloud de confiance"',
    "rechen*",
    "title:Quanten",
    "theme:health",
    "source:inria",
    "org:DFKI",
    "country:FR",
    "lang:de",
    "is:franco-german",
    "sovereignty:>0.6",
    "after:2026-01-01",
)
MORE: Final = (
    "date:2025-03..2025-06",
    "'data space' ‚Netz und Speicher‘ ‹espace de données›",
    '"grid storage"~5',
    "DFKI/Inria",
    "die Zukunft der KI",
    "(wind OR solar) storage",
    "theme:energy:>0.6",
    "is:call",
    "is:event",
    "is:spike",
    "deadline:>2026-04-20",
    "before:2026-04-15",
    "model:lexicon",
    "story:0a1b2c3d4e5f60718293a4b5c6d7e8f9",
    "data sovereignty expand:no",
)
EVERY: Final = COMMON + MORE  # the text of the n-th is help_n
