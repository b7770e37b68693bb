"""Tables for spreadsheets, as programs that open them read them."""

import csv
import io
import re
import shutil
import subprocess
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from zipfile import ZipFile

import pytest
from openpyxl import load_workbook
from openpyxl.worksheet.worksheet import Worksheet

from shared.archive import xlsx
from shared.archive.export import export
from shared.archive.sheets import columns
from shared.themes import themes
from tests.unit.archive.test_export import ABOUT, ODD, PLAIN

FORMS = {"csv": (",", "."), "csv2": (";", ",")}


def rows(form: str, *items: object) -> list[dict[str, str]]:
    text = b"".join(export(form, items, ABOUT)).decode("utf-8-sig")  # type: ignore[arg-type]
    return list(csv.DictReader(io.StringIO(text, newline=""), delimiter=FORMS[form][0]))


@pytest.mark.parametrize("form", FORMS)
def test_a_csv_comes_back_as_it_went(form: str) -> None:
    first, second = rows(form, PLAIN, ODD)
    assert (first["title"], first["summary"], first["themes"]) == (PLAIN.title, PLAIN.summary, "energy|ai")
    assert (second["published"], second["franco_german"], second["score_ai"]) == ("", "false", "")


@pytest.mark.parametrize(("form", "score"), [("csv", "0.4090"), ("csv2", "0,4090")])
def test_a_score_has_a_column_and_four_decimals(form: str, score: str) -> None:
    """0.409 is four hundred and nine to Calc in German."""
    (row,) = rows(form, replace(PLAIN, scores={"energy": 0.409}, sovereignty=1.0))
    assert (row["score_energy"], row["score_ai"], row["sovereignty"][1:]) == (score, "", score[1] + "0000")
    assert [name.removeprefix("score_") for name in row if name.startswith("score_")] == list(themes())


@pytest.mark.parametrize("form", FORMS)
def test_it_begins_with_a_mark_and_every_cell_is_quoted(form: str) -> None:
    text = b"".join(export(form, [ODD], ABOUT))
    assert text.startswith("\ufeff".encode())
    between = f'"{FORMS[form][0]}"'.encode()
    for line in text.removeprefix("\ufeff".encode()).split(b"\r\n")[:-1]:
        assert (line[:1], line[-1:]) == (b'"', b'"')
        assert line.count(between) == len(columns()) - 1


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "＝", "\t", "\r", "\n", "\x01=", "\ufeff@"])
@pytest.mark.parametrize("form", FORMS)
def test_no_cell_begins_like_a_formula_and_control_characters_are_cut(form: str, start: str) -> None:
    (row,) = rows(
        form, replace(PLAIN, title=f"{start}1\x00\x1b\x85", summary=f"{start}2", organisations=(f"{start}3",))
    )
    sign = start[-1]
    assert [row[name] for name in ("title", "summary", "organisations")] == [f"'{sign}{n}" for n in "123"]


# ---- XLSX


def sheets(*items: object) -> tuple[Worksheet, Worksheet]:
    book = load_workbook(io.BytesIO(b"".join(export("xlsx", items, ABOUT))))  # type: ignore[arg-type]
    return book["Items"], book["About"]


def test_a_workbook_has_numbers_times_and_texts_and_never_a_formula() -> None:
    table, _ = sheets(PLAIN, replace(ODD, published_on=date(2026, 3, 1)))
    head, first, second = ([cell.value for cell in row] for row in table.iter_rows())
    assert head == list(columns())
    plain, odd = dict(zip(head, first, strict=True)), dict(zip(head, second, strict=True))
    assert (plain["title"], plain["score_energy"], plain["score_health"]) == (PLAIN.title, 0.93, None)
    assert (plain["first_seen"], odd["published"]) == (datetime(2026, 3, 2, 12, 3), None)  # noqa: DTZ001
    assert odd["published_on"] == datetime(2026, 3, 1)  # noqa: DTZ001 - as openpyxl has it
    assert (plain["franco_german"], odd["franco_german"], plain["revision"]) == (True, False, 2)
    assert odd["title"] == '=HYPERLINK("https://evil.example.org")\u2028 {\\end} ~^#'
    assert {cell.data_type for row in table.iter_rows() for cell in row} == {"s", "n", "b", "d"}


def test_a_workbook_says_what_it_is() -> None:
    _, about = sheets(PLAIN, ODD)
    facts = {row[0].value: row[1].value for row in about.iter_rows()}
    assert (facts["query"], facts["count"], facts["models"]) == (ABOUT.query, 2, "lexicon-1")
    assert "machine" in str(facts["rights"])


def test_a_text_that_looks_like_an_escape_is_none_and_one_that_is_too_long_is_cut() -> None:
    book = b"".join(export("xlsx", [replace(PLAIN, title="_x0041_ <&> ]]>", summary="ä" * 40_000)], ABOUT))
    with ZipFile(io.BytesIO(book)) as archive:
        sheet = archive.read("xl/worksheets/sheet1.xml").decode()
    assert ">_x005F_x0041_ &lt;&amp;&gt; ]]&gt;<" in sheet  # of which Excel makes _x0041_ again
    assert sheet.count("ä") == 32_767


def test_a_workbook_of_nothing_is_one_and_the_same_items_are_the_same_file() -> None:
    table, _ = sheets()
    assert table.max_row == 1
    assert b"".join(export("xlsx", [PLAIN], ABOUT)) == b"".join(export("xlsx", [PLAIN], ABOUT))


def test_a_workbook_is_written_as_it_goes_and_ends_where_programs_would_give_up() -> None:
    taken = 0

    def source() -> object:
        nonlocal taken
        for number in range(xlsx.MOST + 50):
            taken += 1
            yield replace(PLAIN, item_id=f"{number:032x}")

    pieces = xlsx.workbook(source(), ABOUT)  # type: ignore[arg-type]
    read = [next(pieces) for _ in range(40)]
    assert 0 < taken < 1_000
    pieces.close()
    assert read


@pytest.mark.slow
def test_libreoffice_opens_workbook_and_tables_as_they_are(tmp_path: Path) -> None:
    program = shutil.which("soffice") or shutil.which("libreoffice")
    if program is None:
        pytest.skip("LibreOffice is not here: apt install libreoffice-calc")
    odd = replace(ODD, title="=1+1")
    for form in ("xlsx", "csv2"):
        (tmp_path / f"items-{form}.{'xlsx' if form == 'xlsx' else 'csv'}").write_bytes(
            b"".join(export(form, [replace(PLAIN, sovereignty=0.409), odd], ABOUT))
        )
    command = [program, f"-env:UserInstallation=file://{tmp_path}/profile", "--headless", "--convert-to"]
    for name in ("items-xlsx.xlsx", "items-csv2.csv"):
        target = ["fods", "--outdir", str(tmp_path), str(tmp_path / name)]
        done = subprocess.run([*command, *target], capture_output=True, text=True, timeout=120, check=False)
        assert done.returncode == 0, done.stderr
        opened = (tmp_path / name).with_suffix(".fods").read_text("utf-8")
        formulas = set(re.findall('table:formula="([^"]*)"', opened))
        assert formulas <= {"of:=TRUE()", "of:=FALSE()"}  # how Calc keeps yes and no
    assert 'office:value="0.409"' in (tmp_path / "items-xlsx.fods").read_text("utf-8")


def test_a_workbook_is_a_whole_archive() -> None:
    with ZipFile(io.BytesIO(b"".join(export("xlsx", [PLAIN], ABOUT)))) as archive:
        assert archive.testzip() is None


def test_a_program_that_cuts_a_moment_to_its_second_shows_the_right_one() -> None:
    at = datetime(2026, 11, 23, 12, 51, 14, tzinfo=UTC)
    with ZipFile(io.BytesIO(b"".join(export("xlsx", [replace(PLAIN, published=at)], ABOUT)))) as book:
        sheet = book.read("xl/worksheets/sheet1.xml").decode()
    days = [float(value) for value in re.findall(r"<v>(\d+\.\d+)</v>", sheet)]
    told = 46_349 + (12 * 3600 + 51 * 60 + 14) / 86_400
    assert min(abs(each - told) for each in days) < 1e-9
