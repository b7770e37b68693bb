"""Pure. How the stories of a mail are laid out: a section for each subscription, each story once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import lru_cache
from typing import Final

from services.notifier.letters import Entry, Letter, Speaking
from services.notifier.shown import Elsewhere, Facts, Shown, clean, closing_soon, excerpt, shown
from shared.dates import long_date
from shared.locales import Texts
from shared.query.told import sources_named, told_text
from shared.subscriptions.links import Links
from shared.subscriptions.words import DEFAULT_ZONE, OF_MATCHES, Every, Kind

MOST: Final = 40  # stories of a mail; all of them stand on its own page
QUERY: Final = 200  # characters of a query that a mail repeats
MISSED: Final = 12  # bodies that were not watched, by name
NAMED: Final = 3  # further subscriptions that a story names
HEADINGS: Final = {
    Kind.DIGEST: "heading_digest",
    Kind.FIRST: "heading_first",
    Kind.UPDATED: "heading_updated",
    Kind.SAMPLE: "heading_sample",
}
LEADS: Final = {Kind.FIRST: "lead_first", Kind.UPDATED: "lead_updated", Kind.SAMPLE: "lead_sample"}
SECTIONS: Final = 20  # with a heading of their own; a hundred headings say nothing


@dataclass(frozen=True, slots=True)
class Section:
    """The stories under one heading: those in full, and those as a line."""

    heading: str
    stories: Sequence[Shown]
    brief: Sequence[Shown] = ()


@dataclass(frozen=True, slots=True)
class Foot:
    """Why the reader gets this, for one subscription, and what may be done about it."""

    why: str
    change: str
    leave: str


@dataclass(frozen=True, slots=True)
class Body:
    """What both parts of a mail with stories are made from. `rest` counts the stories that they leave out.

    `leave_mail` ends all of several subscriptions; of a single one it is empty.
    """

    heading: str
    lead: str
    sections: Sequence[Section]
    rest: int
    issue: str
    feet: Sequence[Foot]
    leave_mail: str
    to: str
    about: str
    silence: Sequence[str] = ()
    closing: Sequence[Elsewhere] = ()

    def shorter(self, full: int, most: int) -> "Body":
        """The same with `full` of the stories in full, and the others, up to `most`, as a line."""
        sections, before = [], 0
        for section in self.sections:
            all_ = section.stories
            whole, end = max(0, full - before), max(0, most - before)
            if all_[:end]:
                sections.append(Section(section.heading, all_[: min(whole, end)], all_[whole:end]))
            before += len(all_)
        return replace(self, sections=sections, rest=max(0, before - most))


def laid_out(letter: Letter, links: Links, texts: Texts) -> Body:
    """The whole mail, nothing left out yet."""
    words = {each.id: in_words(each, letter) for each in letter.subscriptions}
    several = len(words) > 1
    return Body(
        heading=_heading(letter, texts),
        lead=_lead(letter, texts),
        sections=_sections(letter, words, links, texts),
        rest=0,
        issue=links.issue(letter.language, letter.delivery),
        feet=[_foot(each, words[each.id], letter, links, texts) for each in letter.subscriptions],
        leave_mail=leave_all(letter, links) if several else "",
        to=texts("footer_to", address=letter.recipient),
        about=links.about(letter.language),
        silence=_silence(letter, texts),
        closing=[closing_soon(call, letter.language, links) for call in letter.closing],
    )


def leave_all(letter: Letter, links: Links) -> str:
    """The link that ends all that speak in the mail; where no match names it, the link names them."""
    if letter.kind in OF_MATCHES:
        return links.leave_mail(letter.language, letter.delivery, letter.person)
    return links.leave(letter.language, *(each.id for each in letter.subscriptions))


def subject(letter: Letter, texts: Texts) -> str:
    """What stands in the list of mails: of a single story its title."""
    count = len(letter.entries)
    if letter.kind is Kind.FIRST:
        return texts("subject_first")
    if letter.kind is Kind.UPDATED:
        told = letter.entries[0].title if count == 1 else texts("subject_bundle_updated", count=count)
        return texts("subject_updated", told=excerpt(told, 160))
    if letter.kind is Kind.SAMPLE:
        return texts("subject_sample")
    if letter.kind is Kind.DIGEST:
        key = "subject_digest_one" if count == 1 else "subject_digest"
        return texts(key, date=long_date(letter.day, letter.language), count=count)
    if count == 1:
        return excerpt(letter.entries[0].title, 180)
    return texts("subject_bundle", count=count)


def ranked(entries: Sequence[Entry]) -> Sequence[Entry]:
    """What matters most first: how many publishers tell it, halved by each day that the newest is younger."""
    newest = max((entry.published for entry in entries), default=None)
    if newest is None:
        return entries

    def weight(entry: Entry) -> float:
        tellers = {entry.source, *entry.also, *(other.source for other in entry.others)}
        return len(tellers) * float(0.5 ** ((newest - entry.published) / timedelta(days=1)))

    return sorted(entries, key=weight, reverse=True)


def in_words(subscription: Speaking, letter: Letter) -> str:
    """What the subscription asks for."""
    named = sources_named(subscription.query) & letter.publishers.keys()
    names = tuple((source, letter.publishers[source]) for source in sorted(named))
    return _in_words(subscription.query, letter.language, names)


@lru_cache(maxsize=1024)  # many ask for the same
def _in_words(query: str, language: str, names: tuple[tuple[str, str], ...]) -> str:
    return excerpt(told_text(query, language, names=dict(names)), QUERY)


def rhythm(subscription: Speaking, texts: Texts) -> str:
    """How often it writes, and when; the zone where it is not the usual one."""
    options, every = subscription.options, subscription.every
    if every is Every.INSTANT:
        return texts("every_instant")
    day = texts(f"day_{options.weekday}" if every is Every.WEEKLY else "day_each")
    said = texts("every_at", day=day, hour=options.hour)
    return said if options.zone == DEFAULT_ZONE else texts("every_zone", every=said, zone=options.zone)


def _heading(letter: Letter, texts: Texts) -> str:
    key = HEADINGS.get(letter.kind, "heading_instant")
    return texts(key, date=long_date(letter.day, letter.language))


def _lead(letter: Letter, texts: Texts) -> str:
    count = len(letter.entries)
    if letter.kind in LEADS:
        return texts(LEADS[letter.kind])
    if count == 1:
        return ""
    return texts("lead_digest" if letter.kind is Kind.DIGEST else "lead_bundle", count=count)


def _sections(letter: Letter, words: Mapping[str, str], links: Links, texts: Texts) -> Sequence[Section]:
    """Each story under the first subscription that found it; what is too much for headings stands together."""
    if not words:
        return [Section("", [shown(entry, letter, links, texts) for entry in letter.entries])]
    known, alone = list(words), len(words) == 1
    found: dict[str, list[Shown]] = {}
    for entry in ranked(letter.entries) if letter.kind is Kind.DIGEST else letter.entries:
        speaking = [id_ for id_ in known if id_ in entry.speaking] or known[:1]
        story = shown(entry, letter, links, texts)
        further = texts.semicolon.join(words[id_] for id_ in speaking[1 : NAMED + 1])
        if further:
            story = replace(story, facts=(*story.facts, Facts(texts("also_matches"), further)))
        found.setdefault(speaking[0], []).append(story)
    in_order = [(words[id_], found[id_]) for id_ in known if id_ in found]
    if len(in_order) > SECTIONS and not alone:
        several = [story for _, stories in in_order[SECTIONS - 1 :] for story in stories]
        in_order = [*in_order[: SECTIONS - 1], (texts("other_subscriptions"), several)]
    return [Section(heading[:1].upper() + heading[1:], stories) for heading, stories in in_order]


def _silence(letter: Letter, texts: Texts) -> Sequence[str]:
    """What a digest did not say is proven silence only where somebody watched; who was not is named."""
    if letter.watched is None or letter.since is None:
        return ()
    total, missed = letter.watched.total, letter.watched.missed
    weekly = all(each.every is Every.WEEKLY for each in letter.subscriptions)
    span = texts("span_week" if weekly else "span_day")
    if not missed:
        return (texts("silence_all" if total > 1 else "silence_one", span=span, total=total),)
    named = ", ".join(map(clean, missed[:MISSED]))
    more = len(missed) - MISSED
    return (
        texts("silence", span=span, covered=total - len(missed), total=total),
        texts("silence_missed_more", names=named, count=more)
        if more > 0
        else texts("silence_missed", names=named),
    )


def _foot(subscription: Speaking, query: str, letter: Letter, links: Links, texts: Texts) -> Foot:
    every = rhythm(subscription, texts)
    since = subscription.confirmed_at
    if since is None:
        why = texts("footer_why", query=query, every=every)
    else:
        said = {"query": query, "every": every, "date": long_date(since.date(), letter.language)}
        group = subscription.group
        why = texts("footer_group", group=group, **said) if group else texts("footer_since", **said)
    return Foot(
        why=clean(why),
        change=links.preferences(letter.language, subscription.id),
        leave=links.leave(letter.language, subscription.id),
    )
