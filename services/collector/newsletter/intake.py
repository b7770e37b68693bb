"""Reads a source of kind mailbox: which of its mails are new, whose they are, and what they hold.

Where we stopped is remembered as `<validity of the numbers>.<number of the next mail>`. Only what came since is
looked at; with other rules, or when the server numbers its mails anew, all of the last year's mails are, and the
seen-set knows them by their Message-IDs.
"""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from threading import Lock
from typing import Final
from urllib.parse import urlsplit

from services.collector.entries import ParsedEntry, ParsedFeed
from services.collector.newsletter.dkim_keys import ask_dns, holds
from services.collector.newsletter.mail import Mail, read_mail
from services.collector.newsletter.read import FORMAT, asks_to_confirm, read_newsletter
from services.collector.newsletter.trust import attested, is_sender, speaks_for
from shared.config import Settings
from shared.errors import BadInput, FetchFailed, Trouble
from shared.imap import Envelope, Folder, opened
from shared.mail_signatures import Resolver
from shared.mailboxes import Account
from shared.sources.catalogue import MailboxRules, SourceConfig
from shared.sources.refusals import Others, Refusal, Refusals
from shared.web.client import MAX_BYTES, Fetched

TURN: Final = 120.0  # seconds that a source waits for others of the same mailbox
LOOK_BACK: Final = timedelta(days=366)
MOST_MAILS: Final = (
    50  # read in one visit; the rest of what came waits for the next, older ones are not read at all
)


@dataclass(frozen=True, slots=True)
class Read:
    """What a visit brought. `mark` is where the next one goes on; `news` says that something was read."""

    mark: str
    feed: ParsedFeed
    refusals: Refusals

    @property
    def news(self) -> bool:
        return bool(self.feed.entries)


@dataclass(slots=True)
class _Visit:
    """What is found on the way."""

    entries: list[ParsedEntry] = field(default_factory=list)
    refused: list[Refusal] = field(default_factory=list)
    others: Counter[str] = field(default_factory=Counter)
    last: dict[str, datetime] = field(default_factory=dict)
    language: str | None = None

    def read(self, mark: str, title: str) -> Read:
        others = tuple(Others(domain, number, self.last[domain]) for domain, number in self.others.items())
        feed = ParsedFeed(FORMAT, tuple(self.entries), language=self.language, title=title)
        return Read(mark, feed, Refusals(tuple(self.refused), others))


class Newsletters:
    """Reads the mailboxes of the settings. Thread-safe.

    Every visit has a connection of its own, and an account takes one visitor at a time: servers count connections,
    and what they say of one too many sounds like a wrong password.
    """

    def __init__(self, settings: Settings, resolve: Resolver = ask_dns) -> None:
        self._settings, self._resolve = settings, resolve
        self._accounts: Mapping[str, Account] = {account.name: account for account in settings.mail_accounts}
        self._turns: Mapping[str, Lock] = {name: Lock() for name in self._accounts}

    @property
    def names(self) -> frozenset[str]:
        """The mailboxes that are set."""
        return frozenset(self._accounts)

    def read(self, source: SourceConfig, mark: str | None, now: datetime) -> Read:
        """What came since `mark`, or of the last year without one. Raises FetchFailed.

        What a mail of an allowed sender is not taken for is said, and never stops the others.
        """
        rules = source.mailbox
        account = self._accounts.get(rules.account) if rules else None
        if rules is None or account is None:
            raise FetchFailed(
                f"no mailbox {rules.account if rules else ''!r} is set: VIGIE_MAILBOXES names it", Trouble.WAITS
            )
        turn = self._turns[account.name]
        if not turn.acquire(timeout=TURN):
            raise FetchFailed(f"{account.place} is being read for other sources", Trouble.BUSY)
        try:
            with opened(account, rules.folder, self._settings) as folder:
                return self._visit(folder, source, rules, account, mark, now)
        finally:
            turn.release()

    def _visit(
        self,
        folder: Folder,
        source: SourceConfig,
        rules: MailboxRules,
        account: Account,
        mark: str | None,
        now: datetime,
    ) -> Read:
        first = _goes_on(mark, folder.opened.validity)
        uids = folder.uids(first or 1, (now - LOOK_BACK).date())
        wanted, visit = self._wanted(folder, uids, rules)
        # what just came is read in its order; of a whole folder the newest mails count
        taken = wanted[:MOST_MAILS] if first else wanted[-MOST_MAILS:]
        for envelope in reversed(taken):  # documents are newest first
            self._take(folder, envelope, source, rules, account, visit)
        rest = wanted[len(taken)].uid if first and len(wanted) > len(taken) else 0
        following = rest or max(folder.opened.following, (uids[-1] + 1) if uids else 1)
        return visit.read(f"{folder.opened.validity}.{following}", source.name)

    def _wanted(self, folder: Folder, uids: Sequence[int], rules: MailboxRules) -> tuple[list[Envelope], _Visit]:
        """The mails of allowed senders, by the header alone: nobody else's is fetched."""
        wanted, visit = [], _Visit()
        for envelope in folder.envelopes(uids):
            mail = read_mail(envelope.header)
            if not is_sender(mail.sender, rules.senders):
                domain = mail.domain or "no sender"
                visit.others[domain] += 1
                visit.last[domain] = max(envelope.received, visit.last.get(domain, envelope.received))
            elif not rules.subject or re.search(rules.subject, mail.subject, re.IGNORECASE):
                wanted.append(envelope)
        return wanted, visit

    def _take(
        self,
        folder: Folder,
        envelope: Envelope,
        source: SourceConfig,
        rules: MailboxRules,
        account: Account,
        visit: _Visit,
    ) -> None:
        head = read_mail(envelope.header)
        try:
            if envelope.size > MAX_BYTES:
                raise BadInput(f"larger than {MAX_BYTES / 1e6:g} MB")
            raw = folder.mail(envelope.uid)
            if raw is None:
                return
            mail = read_mail(raw)
            self._check(raw, mail, rules, account)
            feed = read_newsletter(mail, _own(source), envelope.received)
            if asks_to_confirm(mail, feed):
                raise BadInput("it is about the subscription itself: a person must look at it in the mailbox")
        except FetchFailed:
            raise  # about the world, and not about this mail
        except BadInput as error:
            visit.refused.append(Refusal(envelope.received, head.sender, head.subject[:120], str(error)))
            return
        visit.entries += feed.entries
        visit.language = visit.language or feed.language

    def _check(self, raw: bytes, mail: Mail, rules: MailboxRules, account: Account) -> None:
        """Raises BadInput for a mail that is none of the publisher's newsletters."""
        if mail.senders != 1 or not is_sender(mail.sender, rules.senders):
            raise BadInput("it names several senders, or another one inside than in its header")
        if mail.automatic:
            raise BadInput("it is an automatic answer")
        if not rules.unproven and not self._is_proven(raw, mail, rules, account):
            raise BadInput(_unproven(mail, rules, account))

    def _is_proven(self, raw: bytes, mail: Mail, rules: MailboxRules, account: Account) -> bool:
        if account.authserv and attested(mail.results, account.authserv, mail.domain, rules.signers):
            return True
        return holds(raw, lambda domain: speaks_for(domain, mail.domain, rules.signers), self._resolve)


def fetched_mails(url: str, read: Read, *, goes_on: bool) -> Fetched:
    """A visit in the words of other sources: a folder in which nothing of theirs came is not modified."""
    unchanged = goes_on and not read.news
    return Fetched(url, status=304 if unchanged else 200, body=read.mark.encode(), etag=read.mark)


def _goes_on(mark: str | None, validity: int) -> int:
    """The number to go on from; 0 where the mark is of other numbers, or there is none."""
    before, _, following = (mark or "").partition(".")
    if not validity or before != str(validity) or not following.isdecimal():
        return 0
    return int(following)


def _own(source: SourceConfig) -> tuple[str, ...]:
    hosts = (urlsplit(url).hostname or "" for url in (source.homepage, source.url))
    return tuple(host.removeprefix("www.") for host in hosts if host)


def _unproven(mail: Mail, rules: MailboxRules, account: Account) -> str:
    signers = f" or of {', '.join(rules.signers)}" if rules.signers else ""
    server = f", and {account.authserv} does not vouch for it" if account.authserv else ""
    return (
        f"nobody proves that it is of {mail.domain}: no signature (DKIM) of that domain{signers} holds{server}; "
        "where a dispatcher signs for them, name its domain in `signers`"
    )
