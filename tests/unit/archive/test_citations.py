"""References, as the programs read them that people keep their literature in."""

import json
import re
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path
from typing import Any

import pybtex.database
import pytest
import rispy

from shared.archive.authors import Person, person
from shared.archive.citations import markdown
from shared.archive.export import export
from shared.archive.found import FoundItem
from tests.unit.archive.test_export import ABOUT, ODD, PLAIN

BODY = replace(PLAIN, item_id="b" * 32, authors=("Institut für Netze and Co",), language="fr")
UNDATED = replace(PLAIN, item_id="c" * 32, published=None, authors=(), source_name="Amt für Wärme", language="en")
ITEMS = (PLAIN, BODY, UNDATED, ODD)
KEYS = [f"vigie:{item.item_id}" for item in ITEMS]


def written(form: str, *items: FoundItem) -> str:
    return b"".join(export(form, items, ABOUT)).decode()


def program(name: str, package: str) -> str:
    found = shutil.which(name)
    if found is None:
        pytest.skip(f"{name} is not here: apt install {package}")
    return found


@pytest.mark.parametrize(
    ("name", "known"),
    [
        ("Anna Müller", Person("Müller", "Anna")),
        ("Müller, Anna", Person("Müller", "Anna")),
        ("Prof. Dr. Anna Müller", Person("Müller", "Anna")),
        ("J.-P. de La Fontaine", Person("de La Fontaine", "J.-P.")),
        ("Ursula von der Leyen", Person("von der Leyen", "Ursula")),
        ("Institut für KI", None),
        ("Bundesministerium für Forschung", None),
        ("CNRS", None),
        ("DFKI GmbH", None),
        ("Pressestelle", None),
        ("Anna und Bob", None),
        ("presse@example.org", None),
        ("", None),
    ],
)
def test_persons_are_told_from_bodies_and_nobody_is_guessed(name: str, known: Person | None) -> None:
    assert person(name) == known


@pytest.mark.parametrize("form", ["ris", "bibtex"])
def test_no_date_is_made_of_the_day_when_we_saw_it(form: str) -> None:
    text = written(form, UNDATED)
    assert re.findall(r"^(?:PY|DA|  year|  date|  urldate)\b.*", text, re.MULTILINE) == []
    assert "2026" in written(form, replace(UNDATED, published_on=UNDATED.day))


# ---- in Python


def test_rispy_reads_persons_bodies_dates_and_links() -> None:
    first, second, third, _ = rispy.loads(written("ris", *ITEMS))
    assert (first["title"], first["authors"], first["year"]) == (PLAIN.title, ["Müller, A.", "Léger, B."], "2026")
    assert (first["urls"], first["publisher"], first["language"]) == ([PLAIN.url], "Institut für KI", "de")
    assert second["authors"] == ["Institut für Netze and Co"]
    assert "year" not in third


def test_pybtex_reads_every_entry_and_knows_a_person_from_a_body() -> None:
    entries = pybtex.database.parse_string(written("bibtex", *ITEMS), "bibtex").entries
    assert list(entries) == KEYS
    assert {entry.type for entry in entries.values()} == {"online"}
    assert [str(name) for name in entries[KEYS[0]].persons["author"]] == ["Müller, A.", "Léger, B."]
    (body,) = entries[KEYS[1]].persons["author"]
    assert (body.last_names, body.first_names) == (["{Institut für Netze and Co}"], [])
    assert (entries[KEYS[2]].fields["organization"], entries[KEYS[2]].fields["langid"]) == (
        "Amt für Wärme",
        "english",
    )


# ---- elsewhere


def references(form: str) -> list[dict[str, Any]]:
    pandoc = program("pandoc", "pandoc")
    command = [pandoc, "--from", "biblatex" if form == "bibtex" else form, "--to", "csljson"]
    done = subprocess.run(command, input=written(form, *ITEMS), capture_output=True, text=True, check=False)
    if "Unknown input format" in done.stderr:
        pytest.skip(f"this pandoc reads no {form}: version 3 does")
    assert (done.returncode, done.stderr) == (0, "")
    read: list[dict[str, Any]] = json.loads(done.stdout)
    return read


def test_pandoc_reads_bibtex_with_authors_language_date_and_link() -> None:
    first, second, third, _ = references("bibtex")
    assert (first["id"], first["type"], first["URL"]) == (KEYS[0], "webpage", PLAIN.url.replace("{e}", "%7Be%7D"))
    assert first["author"] == [{"family": "Müller", "given": "A."}, {"family": "Léger", "given": "B."}]
    assert (first["issued"], first["language"]) == ({"date-parts": [[2026, 3, 2]]}, "de-DE")
    assert "50 % mehr “grüner” Strom & Wärme" in re.sub("<[^>]*>", "", first["title"])
    assert second["author"] == [{"literal": "Institut für Netze and Co"}]
    assert "issued" not in third
    assert third["publisher"] == "Amt für Wärme"


def test_pandoc_reads_ris() -> None:
    first, *_ = references("ris")
    assert first["author"] == [{"family": "Müller", "given": "A."}, {"family": "Léger", "given": "B."}]
    assert (first["URL"], first["issued"]["date-parts"][0][0]) == (PLAIN.url, 2026)


def test_bibtex_itself_sets_them_without_a_warning_about_name_or_key(tmp_path: Path) -> None:
    bibtex = program("bibtex", "texlive-binaries")
    (tmp_path / "items.bib").write_text(written("bibtex", *ITEMS), "utf-8")
    aux = "\\citation{*}\n\\bibstyle{plain}\n\\bibdata{items}\n"
    (tmp_path / "paper.aux").write_text(aux, "ascii")
    done = subprocess.run([bibtex, "paper"], cwd=tmp_path, capture_output=True, text=True, check=False)
    warnings = re.findall(r"Warning--(.*)", done.stdout)
    assert [
        each for each in warnings if "entry type" not in each
    ] == []  # plain.bst takes @online as @misc, and says so
    assert done.returncode <= 1, done.stdout
    assert (tmp_path / "paper.bbl").read_text("utf-8").count("\\bibitem") == len(ITEMS)


@pytest.mark.slow
def test_biblatex_prints_authors_publisher_and_link(tmp_path: Path) -> None:
    latex, biber = program("pdflatex", "texlive-latex-base"), program("biber", "biber")
    needed = [
        program("kpsewhich", "texlive-binaries"),
        "biblatex.sty",
        "ngerman.ldf",
        "lmodern.sty",
        "etoolbox.sty",
    ]  # in four packages
    if len(subprocess.run(needed, capture_output=True, text=True, check=False).stdout.split()) < 4:
        pytest.skip(
            "biblatex is not here: apt install texlive-latex-extra texlive-bibtex-extra texlive-lang-german"
        )
    (tmp_path / "items.bib").write_text(written("bibtex", PLAIN, BODY, UNDATED), "utf-8")
    paper = (
        "\\documentclass{article}\\usepackage[T1]{fontenc}\\usepackage{lmodern}"
        "\\usepackage[ngerman]{babel}\\usepackage[style=authoryear]{biblatex}"
        "\\addbibresource{items.bib}\\begin{document}\\nocite{*}\\printbibliography\\end{document}"
    )
    (tmp_path / "paper.tex").write_text(paper, "utf-8")
    for command in (
        [latex, "-interaction=batchmode", "paper"],
        [biber, "paper"],
        [latex, "-interaction=batchmode", "paper"],
    ):
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False, timeout=200)
        assert done.returncode == 0, done.stdout[-2000:]
    assert "WARN" not in (tmp_path / "paper.blg").read_text("utf-8")
    made = (tmp_path / "paper.bbl").read_text("utf-8")
    assert (made.count("labeldatesource}{nodate}"), made.count("labeldatesource}{}")) == (1, 2)


def test_a_line_of_markdown_is_a_link_and_cannot_be_more_than_that() -> None:
    evil = replace(PLAIN, title="A [b](https://evil.example.org) *c*", url="https://example.org/a_(b)")
    text = markdown(evil, "https://vigie.example.org/de/items/x")
    assert text == (
        r"A. Müller, B. Léger: [A \[b\](https://evil.example.org) \*c\*](https://example.org/a_%28b%29). "
        "Institut für KI. 2026-03-02. [Vigie](https://vigie.example.org/de/items/x)"
    )
    assert markdown(ODD, "https://x.example.org/").startswith(
        r'=HYPERLINK("https://evil.example.org") {\\end} ~^#. odd. ['
    )


def test_tex_sets_what_a_title_says_and_stops_at_no_unseen_sign() -> None:
    title = "KI \u202eRTL\u202c: x < y > z <b>Wort\u00adtrennung</b>\ufeff"
    told = written("bibtex", replace(PLAIN, title=title))
    opening, closing = r"\textless{}", r"\textgreater{}"
    assert f"{{{{KI RTL: x {opening} y {closing} z {opening}b{closing}Worttrennung{opening}/b{closing}}}}}" in told
    assert "TI  - KI RTL: x < y > z <b>Worttrennung</b>\r\n" in written("ris", replace(PLAIN, title=title))
