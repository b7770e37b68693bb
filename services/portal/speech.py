"""Pure. What a template says in the reader's language: texts, counts, times, names."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from markupsafe import Markup, escape

from services.portal import show
from shared.clock import rfc3339
from shared.errors import QueryError
from shared.locales import Texts
from shared.query.told import told_text
from shared.query.wrong import in_words
from shared.subscriptions.options import WEEKDAYS
from shared.subscriptions.subscription import Subscription
from shared.subscriptions.words import DEFAULT_ZONE, Every
from shared.telemetry.finding import Finding
from shared.telemetry.told import AS_SAID, remedy_of
from shared.telemetry.told import in_words as in_words_of


@dataclass(frozen=True, slots=True)
class Speech:
    """Bound to one language and one moment; templates call it `say`."""

    texts: Texts
    now: datetime

    @property
    def language(self) -> str:
        return self.texts.language

    def __call__(self, key: str, **values: object) -> str:
        """The text of `key` with its names filled in; where one of them is markup, so is the whole."""
        if any(isinstance(value, Markup) for value in values.values()):
            return escape(self.texts(key)).format(**values)
        return self.texts(key, **values)

    @property
    def colon(self) -> str:
        return self.texts.colon

    @property
    def semicolon(self) -> str:
        return self.texts.semicolon

    def has(self, key: str) -> bool:
        """Whether there is such a text: for names that other services choose."""
        return key in self.texts.texts

    def count(self, key: str, value: int) -> str:
        """The text `<key>_one` or `<key>_many`, with the number as people write it."""
        return self.texts(f"{key}_{show.plural(value, self.language)}", n=show.number(value, self.language))

    def tells(self, finding: Finding) -> bool:
        """Whether there is a sentence in the reader's language, and not foreign words alone."""
        return finding.told is not None and finding.told.key != AS_SAID

    def reason(self, finding: Finding) -> str:
        """Why a finding is one; in English what an earlier version noted."""
        return in_words_of(finding.told, self.language) if finding.told else finding.reason

    def remedy(self, finding: Finding) -> str:
        """What to do about a finding."""
        key = f"remedy_{finding.id}"
        if self.has(key):
            return self(key, subject=finding.subject)
        return remedy_of(finding.id, self.language) or finding.remedy

    def query(self, query: str, names: Mapping[str, str] | None = None) -> str:
        """A query as it is stored, in words; `names` are publishers by their source's id."""
        return told_text(query, self.language, names=names or {})

    def rhythm(self, subscription: Subscription) -> str:
        """How often a subscription writes, when, and of what besides: as a phrase."""
        said = self._when(subscription)
        return self.semicolon.join((said, self("updates_told"))) if subscription.options.updates else said

    def _when(self, subscription: Subscription) -> str:
        every, options = subscription.every, subscription.options
        zone = "" if options.zone == DEFAULT_ZONE else f" ({options.zone})"
        if every is Every.INSTANT:
            said = [self("every_instant"), self(f"strength_{options.strength}")]
            quiet = options.quiet
            said += [self("quiet_told", begins=quiet[0], ends=quiet[1]) + zone] if quiet else []
            return self.semicolon.join(said)
        if every is Every.DAILY:
            return self("rhythm_daily", hour=options.hour) + zone
        return self("rhythm_weekly", day=self(f"on_{WEEKDAYS[options.weekday]}"), hour=options.hour) + zone

    def day(self, moment: datetime) -> Markup:
        return self._time(moment, show.day(moment, self.language))

    def date(self, day: date) -> Markup:
        """A day of the calendar, whatever the zone."""
        return Markup('<time datetime="{}">{}</time>').format(day.isoformat(), show.date(day, self.language))

    def moment(self, moment: datetime) -> Markup:
        return self._time(moment, show.time_of_day(moment, self.language))

    def ago(self, moment: datetime | None) -> Markup:
        """`vor 3 Stunden`; a moment that never came is said so."""
        if moment is None:
            return Markup("{}").format(self("never"))
        return self._time(moment, show.ago(moment, self.now, self.language))

    def number(self, value: float) -> str:
        return show.number(value, self.language)

    def percent(self, value: float) -> str:
        return show.percent(value, self.language)

    def percent_fine(self, value: float) -> str:
        """`2,4 %`"""
        return show.percent_fine(value, self.language)

    def country(self, code: str) -> str:
        return show.country(code, self.language)

    def month(self, month: str) -> str:
        """`März 2026`, of 2026-03."""
        return show.month(date.fromisoformat(f"{month}-01"), self.language)

    def tongue(self, code: str) -> str:
        return self("language_other") if code == "other" else show.tongue(code, self.language)

    def theme(self, id_: str) -> str:
        return show.theme(id_, self.language)

    def wrong(self, error: QueryError) -> str:
        """What is wrong with a query, as a sentence."""
        said = in_words(error, self.language)
        return said[:1].upper() + said[1:]

    def label(self, id_: str) -> str:
        """A verdict's label: a theme, or one of the two other things a verdict speaks of."""
        return self(f"label_{id_}") if id_ in ("sovereignty", "franco_german") else self.theme(id_)

    def _time(self, moment: datetime, words: str) -> Markup:
        form = Markup('<time datetime="{}" title="{}">{}</time>')
        return form.format(rfc3339(moment), show.full(moment, self.language), words)
