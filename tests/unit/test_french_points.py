"""A colon or semicolon that code sets between texts of people has the space of its language, as the texts have."""

import re
from pathlib import Path

import pytest

from shared.locales import NARROW, Texts

SERVICES = Path(__file__).parents[2] / "services"
TEMPLATES = sorted(path for kind in ("html", "j2") for path in SERVICES.rglob(f"templates/**/*.{kind}"))
BETWEEN = re.compile(r"[})]\}\s?[:;!?]\s|%\}[:;]\s\{|\{\{ ?\"[:;] ")


@pytest.mark.parametrize(
    ("language", "colon", "semicolon"),
    [("de", ": ", "; "), ("fr", f"{NARROW}: ", f"{NARROW}; "), ("en", ": ", "; ")],
)
def test_the_points_of_a_language(language: str, colon: str, semicolon: str) -> None:
    texts = Texts(language, {})
    assert (texts.colon, texts.semicolon) == (colon, semicolon)


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.name)
def test_no_template_sets_a_point_between_texts_by_itself(template: Path) -> None:
    lines = template.read_text("utf-8").splitlines()
    assert [line.strip() for line in lines if BETWEEN.search(line) and "<code>" not in line] == []
