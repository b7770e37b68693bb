"""Mailboxes of newsletters at the command line: what they bring, whether they let us in, what is missing."""

import argparse
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from datetime import tzinfo
from difflib import get_close_matches
from typing import Any

from services.cli.shown import day, moment, plain, print_json
from shared.clock import SystemClock
from shared.config import Settings
from shared.errors import BadInput, ConfigError
from shared.mailboxes import DEFAULT
from shared.sources.catalogue import Kind, SourceConfig
from shared.sources.refusals import Refusals


def probe(args: argparse.Namespace, settings: Settings, source: SourceConfig) -> int:
    """Look into the mailbox of a source as a first poll does, and say what it would bring. Nothing is stored."""
    from services.collector.newsletter.intake import Newsletters

    try:
        read = Newsletters(settings).read(source, None, SystemClock().now())
    except BadInput as error:
        if args.json:
            print_json({"id": source.id, "ok": False, "problem": str(error), "entries": []})
        else:
            print(f"{source.id} cannot be read: {error}")
        return 1
    entries = [
        {"published": entry.published, "title": entry.title, "url": entry.url} for entry in read.feed.entries
    ]
    if args.json:
        print_json(
            plain(
                {"id": source.id, "ok": True, "problem": None, "entries": entries} | shown_refusals(read.refusals)
            )
        )
    else:
        print("\n".join(_lines(source, entries, read.refusals, settings.calendar)))
    return 0


def shown_refusals(refusals: Refusals) -> dict[str, Any]:
    """The mails that were not taken, for machines."""
    return plain({"refused": [asdict(m) for m in refusals.mails], "others": [asdict(o) for o in refusals.others]})  # type: ignore[no-any-return]


def refusal_lines(refusals: Refusals, zone: tzinfo) -> Iterator[str]:
    """The same for people."""
    for mail in refusals.mails:
        yield f"{'refused':18}{moment(mail.at, zone)}  {mail.sender}  {mail.subject[:60]}\n{'':20}{mail.why}"
    for others in refusals.others:
        yield f"{'not read':18}{others.mails} of {others.domain}, who is not among the senders of this source"


def ask(settings: Settings) -> str:
    """Whether every mailbox lets us in, for `vigie doctor`. Raises FetchFailed for the first that does not."""
    if not settings.mail_accounts:
        return "no mailbox is set (VIGIE_MAILBOXES): newsletters are not read"
    from shared.imap import greeted

    spoken = [(account, greeted(account, settings)) for account in settings.mail_accounts]
    return "; ".join(f"{account.place} lets us in, {tls or 'without TLS'}" for account, tls in spoken)


def check(sources: Iterable[SourceConfig], settings: Settings) -> None:
    """Raises ConfigError for a newsletter that names a mailbox which is not set, where others are.

    One that waits for the mailbox without a name is no mistake: the shipped catalogue has such.
    """
    names = [account.name for account in settings.mail_accounts]
    for source in sources:
        rules = source.mailbox
        if source.kind is not Kind.MAILBOX or rules is None or not names or rules.account in (*names, DEFAULT):
            continue
        near = get_close_matches(rules.account, names, n=1)
        hint = f" Did you mean {near[0]!r}?" if near else f" It has {', '.join(names)}."
        raise ConfigError(f"{source.id}: VIGIE_MAILBOXES has no mailbox {rules.account!r}.{hint}")


def _lines(source: SourceConfig, entries: list[dict[str, Any]], refusals: Refusals, zone: tzinfo) -> Iterator[str]:
    yield f"{source.id}: {len(entries)} entries in the mails of the last year that count"
    for entry in entries:
        at = entry["published"]
        yield f"  {day(at and at.astimezone(zone)):19}{entry['title'][:80]}"
        yield f"  {'':19}{entry['url'] or '(no link that shows where it leads)'}"
    yield from refusal_lines(refusals, zone)
