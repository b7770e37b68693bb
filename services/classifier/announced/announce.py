"""Pure. What a text announces: a call that one can answer until a day, an event that begins on one.

Sure rather than complete: a flag needs the words of an invitation, and a day counts where the words before it say
what it is for. A day that lies before publication announces nothing: reports of events name their days too.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from services.classifier.announced.days import Written, days
from shared.items import Announced, Announcement, CollectedItem, Verdict

_READ: Final = 3_000  # letters: invitations come first
_LONGEST: Final = 240  # letters of a passage
_FAR: Final = timedelta(days=730)  # what lies further ahead is a plan, not an appointment

_CALL: Final = re.compile(
    r"\bappels? (?:à|a|aux?) (?:\w+ ){0,2}?(?:projets?|manifestations?|contributions?"
    r"|communications?|interventions?|pr[ée]sentations?|candidatures?|propositions?|communs?|participation|orateurs|oratrices)"
    r"|\bcall for (?:\w+ ){0,2}?(?:papers?|proposals?|projects?|submissions?|applications?"
    r"|participation|abstracts?)"
    r"|\bcall for papers?\b|\bförderaufruf|\bprojektaufruf|(?<!-)\bausschreibung"
    r"|\bbewerbungs(?:frist|schluss)|\beinreich"
    r"|\beinsendeschluss|\bbewerben sie sich|\bkönnen sich .{0,40}bewerben|\bcandidatez|\bpour candidater"
    r"|\bcandidatures? ouvertes?|\bdépôt des candidatures|\bsubmit your|\bapply (?:by|now|for)\b|\bto apply\b"
    r"|\bgrants? open\b|\bapplications? (?:is|are) open|\bconcours (?:intitulé|est ouvert|ouvert)|\binscrire votre"
    r"|\bdeadline zur anmeldung",
    re.IGNORECASE,
)
_OPEN: Final = re.compile(r"\b(?:lanc|ouvert|läuft|open\b|gestartet|£|€)", re.IGNORECASE)
_UNTIL: Final = re.compile(
    r"(?:\bbis(?: spätestens)?(?: zum)?|\bspätestens(?: am| bis)?|\bdeadline\b.{0,40}?"
    r"|frist\b.{0,30}?|schluss\b.{0,30}?"
    r"|\bendet am|\bjusqu['’]?(?:au| au)|\bavant le|\bau plus tard(?: le)?|\bdate limite\b.{0,60}?"
    r"|\bclôture\b.{0,30}?|\bby|\buntil|\bbefore|\bcloses?(?: on)?|\bdue(?: on| by)?)"
    r"[\s:,]*(?:(?:den|le|the|am|on|\w+tag|\w+di|\w+day),?\s+){0,2}$",
    re.IGNORECASE,
)
_LIMIT_AFTER: Final = re.compile(
    r"^\s*(?::|=|–|-)\s*(?:date limite|deadline|fin de l|clôture|einsendeschluss)", re.I
)
_EVENT: Final = re.compile(
    r"\b(?:\w+-|géo|geo)?(?:konferenz|tagung|kongress|workshop|web-?seminar|webinar|w[ée]binaire|seminar|messe|symposium"
    r"|fachtag|infotag|sommerschule|hackathon|barcamp|meetup|roadshow|sprechstunde|code sprint|hacking[- ]event"
    r"|conf[ée]rences?|colloque|salon|forum|journ[ée]es?|rencontres?|atelier|s[ée]minaire|geos[ée]minaire|congrès"
    r"|festival|assises|formation|mooc|conference|summit|symposium|bootcamp|sprint|event|veranstaltung|treffen)",
    re.IGNORECASE,
)
_TAKES_PLACE: Final = re.compile(
    r"\bfinde[tn]\b.{0,160}\bstatt\b|\bs(?:e|['’]y) (?:tiendra|tiendront|d[ée]roulera|d[ée]rouleront|tient)\b"
    r"|\baur(?:a|ont) lieu\b|\bwill (?:be held|take place)\b|\btakes place\b",
    re.IGNORECASE,
)
_HELD: Final = re.compile(
    r"\bfindet\b.{0,120}\bstatt\b|\bfinden\b.{0,120}\bstatt\b|\blädt\b|\bladen\b.{0,60}\bein\b|\banmeld|\btickets?\b"
    r"|\btreffen sich\b|\bprogramm\b|\bankündigung\b|\bsind auf dem\b|\bauf der \w+ \d{4}\b|\bnur noch\b|\bwann:"
    r"|\bse (?:tiendra|tiendront|d[ée]roulera|d[ée]rouleront)\b|\baur(?:a|ont) lieu\b|\binscri(?:ption|vez|re)"
    r"|\borganisent?\b|\bvous (?:invite|proposent?)\b|\brendez-vous\b|\ba lieu\b"
    r"|\bsera(?:ont)? (?:partenaire|officiel)"
    r"|\bproposent?\b|\blance (?:un|une)\b|\bré(?:servez|servé)|\bpartenaire\b|\bse retrouve"
    r"|\bwill (?:be held|take place)\b|\btakes place\b|\bregist(?:er|ration)\b|\bjoin us\b|\bsave the date\b",
    re.IGNORECASE,
)
_SENTENCE: Final = re.compile(r"(?<=[.!?…])\s+(?=[^\W\d_a-zäöüéàè])|\n+")
_ABBREVIATED: Final = re.compile(r"(?:\b\d{1,2}|\b[A-Za-z]|\b(?:Dr|Prof|bzw|ca|Nr|St|etc))\.$")


@dataclass(frozen=True, slots=True)
class _Sentence:
    text: str
    start: int


def with_announcements(verdict: Verdict, item: CollectedItem) -> Verdict:
    """`verdict` and what the item announces, whichever model tagged it."""
    published = item.published_on or (item.published or item.fetched_at).date()
    return verdict.model_copy(update={"announced": announced(item.title, item.body(), published)})


def announced(title: str, body: str, published: date) -> tuple[Announced, ...]:
    """The call and the event that the text announces: at most one of each, the call first."""
    text = f"{title}\n{body}"[:_READ]
    found = [each for each in days(text, published) if published <= each.day <= published + _FAR]
    parts = tuple(_sentences(text))
    return tuple(each for each in (_call(text, parts, found), _event(text, parts, found, published)) if each)


def _call(text: str, parts: Sequence[_Sentence], found: Sequence[Written]) -> Announced | None:
    cue = _CALL.search(text)
    if cue is None:
        return None
    limits = [each for each in found if _is_limit(text, each)]
    if limits:
        day = min(limits, key=lambda each: abs(each.start - cue.start()))
        return Announced(kind=Announcement.CALL, day=day.day, passage=_passage(text, parts, day))
    if cue.start() < len(parts[0].text) or _OPEN.search(text[cue.start() : cue.end() + 60]):
        return Announced(kind=Announcement.CALL, passage=_passage(text, parts, Written(date.min, *cue.span())))
    return None


def _is_limit(text: str, day: Written) -> bool:
    before = text[max(0, day.start - 90) : day.start]
    return bool(_UNTIL.search(before) or _LIMIT_AFTER.search(text[day.end : day.end + 40]))


def _event(text: str, parts: Sequence[_Sentence], found: Sequence[Written], published: date) -> Announced | None:
    held = bool(_HELD.search(text))
    for day in found:
        part = _around(parts, day)
        near = text[max(0, part.start - 250) : part.start + len(part.text)]
        named = _EVENT.search(near) or _EVENT.search(parts[0].text)
        invited = held and named and day.day > published  # its own day is that of the report, too
        if not _is_limit(text, day) and (invited or _TAKES_PLACE.search(part.text)):
            return Announced(kind=Announcement.EVENT, day=day.day, passage=_passage(text, parts, day))
    return None


def _around(parts: Sequence[_Sentence], day: Written) -> _Sentence:
    return next(part for part in reversed(parts) if part.start <= day.start)


def _passage(text: str, parts: Sequence[_Sentence], day: Written) -> str:
    """The sentence that names the day; of a long one what stands around it."""
    part = _around(parts, day)
    start, end = part.start, max(part.start + len(part.text), day.end)
    if end - start > _LONGEST:
        start = max(start, text.find(" ", max(start, day.end - _LONGEST)) + 1)
        cut = text.rfind(" ", day.end, start + _LONGEST)
        end = cut if cut > day.end else day.end
    return text[start:end].strip()


def _sentences(text: str) -> Iterator[_Sentence]:
    start = 0
    for gap in _SENTENCE.finditer(text):
        if _ABBREVIATED.search(text[start : gap.start()]) and "\n" not in gap[0]:
            continue
        if gap.start() > start:
            yield _Sentence(text[start : gap.start()], start)
        start = gap.end()
    if start < len(text) or not text:
        yield _Sentence(text[start:], start)
