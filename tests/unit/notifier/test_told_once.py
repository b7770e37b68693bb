"""What a mail tells everybody is made ready once; what it says to one reader stands in no other mail."""

from dataclasses import replace
from random import Random
from textwrap import wrap

from services.notifier.letters import Letter, Speaking
from services.notifier.shown import WIDTH, _shown, folded
from services.notifier.smtp import _stuffed
from services.notifier.templates import _part
from shared.items import LANGUAGES
from shared.subscriptions.words import Every
from tests.unit.notifier.letters import LINKS, a_digest, a_letter, an_entry, composed

READERS = 20


def to(reader: int, letter: Letter, query: str = "theme:energy") -> Letter:
    """The letter as that reader gets it."""
    subscription = Speaking(f"{reader:016x}", query, Every.DAILY)
    entries = tuple(replace(entry, speaking=(subscription.id,)) for entry in letter.entries)
    return replace(
        letter,
        delivery=f"{reader:032x}",
        person=f"{reader:015x}f",
        recipient=f"reader{reader}@example.org",
        subscriptions=(subscription,),
        entries=entries,
    )


def test_a_story_is_put_into_words_once_for_all_who_read_it_in_one_language() -> None:
    entries = [an_entry(item_id=f"once{n}", title=f"Erst einmal {n}") for n in range(3)]
    words, parts = _shown.cache_info().misses, _part.cache_info().misses
    for reader in range(READERS):
        composed(to(reader, a_digest(*entries, language=LANGUAGES[reader % len(LANGUAGES)])))
    told = len(entries) * len(LANGUAGES)
    assert _shown.cache_info().misses - words == told
    assert _part.cache_info().misses - parts == 2 * told  # plain and HTML


def test_a_mail_is_the_same_whether_or_not_others_got_its_story_before() -> None:
    letters = [to(reader, a_letter(), query) for reader, query in enumerate(("theme:energy", "Netz", "source:a"))]
    letters += [replace(letter, publishers={"a": name}) for letter, name in zip(letters, "XYZ", strict=True)]
    alone = []
    for letter in letters:
        _shown.cache_clear()
        _part.cache_clear()
        alone.append(composed(letter))
    assert [composed(letter) for letter in letters] == alone


def test_no_mail_names_another_reader() -> None:
    letter = a_digest(an_entry(), an_entry(item_id="two"))
    mails = {reader: composed(to(reader, letter)) for reader in range(READERS)}
    for reader, mail in mails.items():
        for other in mails.keys() - {reader}:
            subscription = f"{other:016x}"
            theirs = (f"reader{other}@", LINKS.leave("de", subscription), LINKS.preferences("de", subscription))
            assert not any(each in mail.text + mail.html for each in theirs)


def test_a_dot_that_begins_a_line_is_doubled_whatever_line_it_is() -> None:
    assert _stuffed(b"a.b\r\n") == b"a.b\r\n"
    assert _stuffed(b".\r\n..\r\na.\r\n.b\r\n") == b"..\r\n...\r\na.\r\n..b\r\n"


def test_a_paragraph_is_folded_as_textwrap_folds_it_whatever_it_holds(dice: Random) -> None:
    words = (
        "Energie",
        "",
        " ",
        "\u00a0",
        "\u202f:",
        "\t",
        "\n",
        "-",
        "https://example.org/" + "a" * 70,
        "\u2028",
        "é",
    )
    for _ in range(500):
        text = " ".join(dice.choice(words) for _ in range(dice.randrange(14)))
        for indent in ("", "  "):
            lines = wrap(text, WIDTH, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False)
            assert folded(text, indent) == "\n".join(lines)
