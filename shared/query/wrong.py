"""What is wrong with a query, in the words of who wrote it. Reads its texts once."""

from functools import cache
from pathlib import Path
from typing import Final

from shared.errors import QueryError
from shared.locales import Texts, load_texts

_ENGLISH: Final = "en"


def wrong(key: str, position: int, **values: object) -> QueryError:
    """The error that `key` names, to be raised; its own message is English."""
    return QueryError(_texts(_ENGLISH)(key, **values), position, key, **values)


def in_words(error: QueryError, language: str) -> str:
    """What the error says in de, fr or en."""
    return _texts(language)(error.key, **error.values) if error.key else str(error)


@cache
def _texts(language: str) -> Texts:
    return load_texts(Path(__file__).parent / "locales")[language]
