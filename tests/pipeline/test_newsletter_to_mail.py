"""From a newsletter in a real mailbox to a reader's mail, with the entry of the shipped catalogue as it is."""

import json
import re
from collections.abc import Callable
from datetime import timedelta
from importlib.resources import files
from pathlib import Path
from typing import Final

import pytest

from tests.dovecot import Dovecot
from tests.newsletters import READER, SLUGS, TEASERS, TITLES, a_mail, the_dfki_newsletter
from tests.pipeline.conftest import MOSTLY_ON_ONE_MACHINE
from tests.pipeline.feeds import now
from tests.pipeline.harness import Vigie, wait_until
from tests.pipeline.mailbox import Mailbox

pytestmark = pytest.mark.slow

AUTHSERV: Final = "mx.example.org"
PROVEN: Final = f"Authentication-Results: {AUTHSERV}; dkim=pass header.d=dfki.de\r\n".encode()
HIDDEN: Final = "Ein Verfahren, das Stürme über der Nordsee früher meldet"
TRACKED: Final = "https://click.dispatcher.example/f/a/Zt4VwaB3xK9qLm27"


def dfki(folder: Path) -> Path:
    """A sources file with DFKI's entry, polled every two seconds."""
    shipped = (files("services.collector") / "sources.toml").read_text("utf-8")
    (block,) = (each for each in re.split(r"(?=\[\[source\]\])", shipped) if '\nid = "dfki"\n' in each)
    path = folder / "sources.toml"
    path.write_text(block.replace('kind = "mailbox"', 'kind = "mailbox"\ninterval = 2'), "utf-8")
    return path


def hidden_link() -> bytes:
    """A newsletter whose only links go by way of a dispatcher."""
    items = "".join(
        f'<h2>{title}</h2><p>{TEASERS[0]}</p><a href="{TRACKED}{number}">Weiterlesen</a>'
        for number, title in enumerate((HIDDEN, "Ein zweites Thema aus dem Norden des Landes"))
    )
    return a_mail(f'<html lang="de"><body>{items}</body></html>', id_="2.2026@dfki.de", sent=now())


@MOSTLY_ON_ONE_MACHINE
def test_dfki_s_newsletter_reaches_a_reader_once_the_operator_gives_a_mailbox(
    installed: Callable[..., Vigie], tmp_path: Path
) -> None:
    with Dovecot() as dovecot, Mailbox() as readers, installed(VIGIE_SMTP_URL=readers.url) as vigie:
        vigie.environ |= {"VIGIE_SOURCES": str(dfki(tmp_path)), "VIGIE_CA_FILE": str(dovecot.authority.file)}
        assert "waits for a mailbox" in vigie.command("sources", "list")
        assert "source.sick" not in vigie.command("status", check=False)

        secret = tmp_path / "mailboxes"
        secret.write_text(f"{dovecot.url}?authserv={AUTHSERV}\n", "utf-8")
        vigie.environ["VIGIE_MAILBOXES_FILE"] = str(secret)
        vigie.command("config", "check")
        assert "lets us in, TLSv1.3" in vigie.output("doctor")

        sent = now() - timedelta(hours=1)
        dovecot.deliver(PROVEN + the_dfki_newsletter(sent=sent))
        dovecot.deliver(the_dfki_newsletter("forged@dfki.de", titles=("Eine Meldung, die niemand bezeugt",)))
        before = dovecot.files()
        probed = json.loads(vigie.command("sources", "probe", "dfki", "--json"))
        assert [entry["title"] for entry in probed["entries"]] == list(TITLES)
        assert len(probed["refused"]) == 1

        vigie.command("people", "add", "leser@example.org", "--query", "org:DFKI OR source:dfki", "--every",
                      "instant", "--confirmed")  # fmt: skip
        vigie.start()
        wait_until(lambda: len(readers.mails) == len(TITLES), 60, "a mail for each of the three")
        dovecot.deliver(PROVEN + hidden_link())
        wait_until(lambda: any(HIDDEN in text for text in readers.texts()), 60, "the item without an address")

        texts = readers.texts()
        for title, slug in zip(TITLES, SLUGS, strict=True):
            (text,) = [each for each in texts if title in each]
            assert f"https://www.dfki.de/web/news/{slug}" in text
        said = "".join(texts) + "".join(json.dumps(item) for item in vigie.items())
        for secret_word in (READER, "utm_", "aB3xK9qLm27Zt4Vw", "Zt4VwaB3xK9qLm27", "niemand bezeugt"):
            assert secret_word not in said
        assert dovecot.files().items() >= before.items()
        shown = json.loads(vigie.command("sources", "show", "dfki", "--json"))
        assert (shown["state"], shown["assumed"]) == ("ok", True)
        assert "nobody proves that it is of dfki.de" in shown["refused"][0]["why"]
        assert "source.refused" in vigie.command("status", "--json", check=False)


def test_a_saved_newsletter_is_shown_as_it_would_be_read(tmp_path: Path) -> None:
    (tmp_path / "march.eml").write_bytes(the_dfki_newsletter())
    with Vigie(tmp_path) as vigie:
        reply = json.loads(vigie.command("parse", "march.eml", "--json"))
    assert (reply["ok"], reply["format"], reply["language"]) == (True, "newsletter", "de")
    assert [entry["title"] for entry in reply["entries"]] == list(TITLES)
    assert reply["entries"][0]["url"] == f"https://www.dfki.de/web/news/{SLUGS[0]}"
