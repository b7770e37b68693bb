"""Pure. The fields of a query (`theme:energy`): their names in three languages, and what their values mean."""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta
from functools import cache
from typing import Final, get_args

from babel import Locale

from shared.errors import QueryError
from shared.items import LANGUAGES, Announcement
from shared.query.nearest import nearest
from shared.query.tree import (
    After,
    Announces,
    Before,
    Deadline,
    Facet,
    FrancoGerman,
    Is,
    Node,
    Sign,
    Sovereignty,
    Spikes,
    Sure,
    Tagged,
    all_of,
)
from shared.query.wrong import wrong
from shared.text.fold import loose_word, loosely, name_key, tokens
from shared.themes import themes

TITLE: Final = "title"
EXPAND: Final = "expand"
_NAMES: Final = {
    "title": "title titel titre",
    "source": "source quelle",
    "theme": "theme thema topic",
    "org": "org organisation organization",
    "country": "country land pays",
    "lang": "lang language sprache langue",
    "is": "is ist est",
    "sovereignty": "sovereignty souveranitat souverainete",
    "after": "after since seit nach apres depuis",
    "before": "before vor avant",
    "date": "date datum zeit dates",
    "deadline": "deadline frist echeance",
    "model": "model modell modele",
    "story": "story ereignis evenement",
    EXPAND: "expand erweitern elargir",
}
FIELDS: Final = {loosely(alias): name for name, aliases in _NAMES.items() for alias in aliases.split()}

_LANGUAGES: Final = {
    "de": "de ger deu deutsch german allemand",
    "fr": "fr fre fra franzosisch francais french",
    "en": "en eng englisch english anglais",
    "other": "other andere autre",
}
_COUNTRIES: Final = {
    "DE": "de deutschland germany allemagne",
    "FR": "fr frankreich france",
    "EU": "eu europa europe",
}
_FLAGS: Final = {
    "franco-german": "francogerman deutschfranzosisch francoallemand frenchgerman germanfrench",
    "call": "call aufruf appel",
    "event": "event veranstaltung evenement",
    "spike": "spike spikes ausschlag pic",
}
_YES_NO: Final = {"yes": "yes ja oui", "no": "no nein non"}
# Names that people use besides those in the taxonomy.
_THEMES: Final = {
    "ai": "ki ia ai",
    "industry40": "industrie industry industrie4p0 industry4p0 manufacturing produktion",
    "climate": "klima climat umwelt environment environnement",
    "skills": "bildung education formation kompetenzen competences ausbildung",
    "startups": "startup startups forderung funding financement",
    "compute": "computing infrastruktur infrastructure calcul rechnen cloud",
    "regulation": "recht law droit regulierung regulation",
    "security": "cybersecurity cybersicherheit cybersecurite",
}

_SCORE: Final = re.compile(r"(>=|=>|<=|=<|[<>=≥≤])?\s*(\d{1,3}(?:[.,]\d{1,6})?|[.,]\d{1,6})\s*(%)?")
_SIGNS: Final[Mapping[str, Sign]] = {sign: sign for sign in get_args(Sign)} | {
    "": ">=",
    "=>": ">=",
    "=<": "<=",
    "≥": ">=",
    "≤": "<=",
}
_CODE: Final = re.compile(r"[A-Za-z]{2,3}")
_DATE: Final = re.compile(r"(\d{4})(?:-(\d{1,2})(?:-(\d{1,2}))?)?")


def field_node(name: str, value: str, position: int) -> Node:
    """What `name:value` asks for; `name` is one of FIELDS' values that finds items. Raises QueryError."""
    return _READERS[name](value, position)


def expands(value: str, position: int) -> bool:
    """What `expand:value` says. Raises QueryError."""
    return _one_of(_aliases(_YES_NO), value, "choice", tuple(_YES_NO), position) == "yes"


def unknown_field(written: str, position: int) -> QueryError:
    if near := nearest(loosely(written), FIELDS):
        return wrong("no_field_near", position, value=written, near=FIELDS[near])
    return wrong("no_field", position, value=written, known=", ".join(f"{name}:" for name in _NAMES))


def _key(value: str) -> str:
    return "".join(loose_word(token.surface) for token in tokens(value))


def _source(value: str, _position: int) -> Node:
    return Is(Facet.SOURCE, value)


def _organisation(value: str, _position: int) -> Node:
    return Is(Facet.ORGANISATION, name_key(value))


def _country(value: str, position: int) -> Node:
    """A country by its name in one of the three languages, or by its code, known or not: sources may have any."""
    key, names = _key(value), _country_names()
    if key in names:
        return Is(Facet.COUNTRY, names[key])
    if _CODE.fullmatch(value):
        return Is(Facet.COUNTRY, value.upper())
    if near := nearest(key, names):
        raise wrong("no_country_near", position, value=value, near=names[near])
    raise wrong("no_country", position, value=value)


def _language(value: str, position: int) -> Node:
    return Is(Facet.LANGUAGE, _one_of(_aliases(_LANGUAGES), value, "language", tuple(_LANGUAGES), position))


def _theme(value: str, position: int) -> Node:
    name, colon, score = value.partition(":")
    theme = _one_of(_theme_names(), name, "theme", tuple(themes()), position)
    if not colon:
        return Is(Facet.THEME, theme)
    return Sure(theme, *_comparison(score, "no_sure", value, position))


def _flag(value: str, position: int) -> Node:
    name = _one_of(_aliases(_FLAGS), value, "mark", tuple(_FLAGS), position)
    marks: Mapping[str, Node] = {"franco-german": FrancoGerman(), "spike": Spikes()}
    return marks.get(name) or Announces(Announcement(name))


def _model(value: str, _position: int) -> Node:
    return Tagged(value)


def _story(value: str, _position: int) -> Node:
    return Is(Facet.STORY, value)


def _sovereignty(value: str, position: int) -> Node:
    return Sovereignty(*_comparison(value, "no_score", value, position))


def _comparison(score: str, else_: str, value: str, position: int) -> tuple[Sign, float]:
    found = _SCORE.fullmatch(score.strip())
    number = float(found[2].replace(",", ".")) / (100 if found[3] else 1) if found else -1.0
    if not found or not 0 <= number <= 1:
        raise wrong(else_, position, value=value)
    return _SIGNS[found[1] or ""], number


def _deadline(value: str, position: int) -> Node:
    """A day, month or year in which it lies, or a bound: `>2026-03` is after March, `<=2026-03` up to its end."""
    sign = next((each for each in (">=", "<=", ">", "<") if value.startswith(each)), "")
    written, first = _day(value[len(sign) :].strip(), position)
    behind = _behind(written, position)
    after = behind.day if behind else date.max
    bounds = {"": (first, after), ">=": (first, date.max), ">": (after, date.max)}
    bounds |= {"<=": (date.min, after), "<": (date.min, first)}
    return Deadline(sign + written, *bounds[sign])


def _after(value: str, position: int) -> Node:
    return After(*_day(value, position))


def _before(value: str, position: int) -> Node:
    return Before(*_day(value, position))


def _day(value: str, position: int) -> tuple[str, date]:
    found = _DATE.fullmatch(value)
    try:
        if not found:
            raise ValueError
        year, month, day = found[1], found[2], found[3]
        begins = date(int(year), int(month or 1), int(day or 1))
    except ValueError:
        raise wrong("no_date", position, value=value) from None
    written = year + (f"-{begins.month:02}" if month else "") + (f"-{begins.day:02}" if day else "")
    return written, begins


def _range(value: str, position: int) -> Node:
    """From the first day of what stands before the dots to the last one of what stands behind them."""
    first, dots, last = value.partition("..")
    last = last if dots else first
    after = [After(*_day(first, position))] if first else []
    before = [end] if last and (end := _behind(last, position + len(value) - len(last))) else []
    if after and before and before[0].day <= after[0].day:
        raise wrong("backwards", position, value=value)
    return all_of([*after, *before])


def _behind(value: str, position: int) -> Before | None:
    """Before the day, month or year that follows `value`; nothing follows the end of the calendar."""
    written, begins = _day(value, position)
    try:
        match written.count("-"):
            case 0:
                return _before_day(begins.replace(year=begins.year + 1), 4)
            case 1:
                return _before_day((begins.replace(day=28) + timedelta(days=4)).replace(day=1), 7)
            case _:
                return _before_day(begins + timedelta(days=1), 10)
    except (ValueError, OverflowError):
        return None


def _before_day(day: date, length: int) -> Before:
    return Before(day.isoformat()[:length], day)


def _one_of(names: Mapping[str, str], value: str, what: str, ids: Sequence[str], position: int) -> str:
    key = _key(value)
    if key in names:
        return names[key]
    if near := nearest(key, names):
        raise wrong(f"no_{what}_near", position, value=value, near=names[near])
    raise wrong(f"no_{what}", position, value=value, known=", ".join(ids))


def _aliases(table: Mapping[str, str]) -> dict[str, str]:
    return {loosely(alias): id_ for id_, aliases in table.items() for alias in aliases.split()}


@cache
def _country_names() -> Mapping[str, str]:
    """Every way to write a country -> its code."""
    named = {
        _key(str(name)): code
        for language in LANGUAGES
        for code, name in Locale(language).territories.items()
        if _CODE.fullmatch(code)
    }
    return {key: code for key, code in named.items() if key} | _aliases(_COUNTRIES)


@cache
def _theme_names() -> Mapping[str, str]:
    """Every way to write a theme -> its id."""
    named = {_key(name): theme.id for theme in themes().values() for name in (theme.id, *theme.names.values())}
    return _aliases(_THEMES) | named


_READERS: Final[Mapping[str, Callable[[str, int], Node]]] = {
    "source": _source,
    "theme": _theme,
    "org": _organisation,
    "country": _country,
    "lang": _language,
    "is": _flag,
    "sovereignty": _sovereignty,
    "after": _after,
    "before": _before,
    "date": _range,
    "deadline": _deadline,
    "model": _model,
    "story": _story,
}
