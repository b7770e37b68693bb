"""Texts of mails: each that a template or the code names exists in every language, and none is left over."""

import re
from pathlib import Path
from typing import Final

from services.notifier import templates
from services.notifier.own_notices import OWN, own_texts
from shared.locales import load_texts
from shared.query import told

HERE: Final = Path(templates.__file__).parent
WORDS: Final = Path(told.__file__).parent
COMPUTED: Final = ("day_", "language_", "other_in_")  # the rest of the name is computed


def test_every_text_of_a_mail_exists_and_none_is_left_over() -> None:
    texts = set(load_texts(HERE / "locales")["en"].texts)
    mail = "\n".join(path.read_text("utf-8") for path in (HERE / "templates").glob("*.j2"))
    code = "\n".join(path.read_text("utf-8") for path in HERE.glob("*.py"))
    named = set(re.findall(r'\bt\("([a-z_]+)"', mail)) | set(re.findall(r'\btexts\("([a-z_]+)"', code))
    named |= {name for kind in OWN for name in own_texts(kind)}
    assert named - texts == set()
    assert {key for key in texts - named if not key.startswith(COMPUTED) and f'"{key}"' not in code} == set()


def test_every_word_of_a_told_query_exists_and_none_is_left_over() -> None:
    texts = set(load_texts(WORDS / "words")["en"].texts)
    code = (WORDS / "told.py").read_text("utf-8")
    assert set(re.findall(r'\bsay\("([a-z_]+)"', code)) - texts == set()
    assert {key for key in texts if f'"{key}"' not in code and f"'{key}'" not in code} <= {
        *(key for key in texts if key.startswith(("in_", "from_", "announces_"))),
    }


def test_the_three_languages_fill_in_the_same_names() -> None:
    for folder in (HERE / "locales", WORDS / "words"):
        catalogues = load_texts(folder)
        for key, text in catalogues["en"].texts.items():
            named = [set(re.findall(r"{(\w+)}", catalogues[lang].texts[key])) for lang in ("de", "fr")]
            assert named == [set(re.findall(r"{(\w+)}", text))] * 2, key


def test_french_signs_stand_after_a_narrow_space_however_it_was_typed() -> None:
    for folder in (HERE / "locales", WORDS / "words"):
        french = "\n".join(load_texts(folder)["fr"].texts.values())
        assert not re.search("[ \u00a0][:;!?»]|«[ \u00a0]|\\w[;!?»]", french)
    assert "\u202f:" in load_texts(HERE / "locales")["fr"].texts["page"]
