"""What pages say: texts with values in them, some of which are markup."""

from datetime import UTC, datetime

import pytest
from markupsafe import Markup, escape

from services.portal.speech import Speech
from shared.errors import QueryError
from shared.locales import Texts
from shared.query.strict import parse_strictly

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


def speech(text: str) -> Speech:
    return Speech(Texts("en", {"text": text}), NOON)


def test_a_moment_within_a_sentence_is_one_and_the_rest_is_escaped() -> None:
    say = speech("Since {date} R&D of <{who}>")
    said = escape(say("text", date=say.day(NOON), who="<b>"))
    assert said.startswith('Since <time datetime="2026-03-02T12:00:00Z"')
    assert said.endswith("</time> R&amp;D of &lt;&lt;b&gt;&gt;")


def test_what_is_wrong_with_a_query_is_a_sentence() -> None:
    with pytest.raises(QueryError) as wrong:
        parse_strictly("title:(")
    assert speech("").wrong(wrong.value)[0].isupper()


def test_without_markup_a_text_is_none() -> None:
    said = speech("R&D of {who}")("text", who="<b>")
    assert not isinstance(said, Markup)
    assert said == "R&D of <b>"
