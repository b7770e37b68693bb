"""Pure. Found items as an XLSX workbook, written as it goes: a sheet of items, and one that says what they are.

Text is text here: no cell is ever a formula. Source: ECMA-376, SpreadsheetML.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, date, datetime
from itertools import islice
from typing import Final
from xml.sax.saxutils import escape
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from shared.archive.about import About, Tally
from shared.archive.found import FoundItem
from shared.archive.sheets import Cell, columns, facts_as_rows, row, without_controls

MOST: Final = 100_000  # items of a workbook: programs that open one read it whole
_LONGEST: Final = 32_767  # characters of a cell
_EPOCH: Final = date(1899, 12, 30)  # day 0 of spreadsheets
_LITERAL: Final = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)")  # would be read as the character of that number
_MADE: Final = (1980, 1, 1, 0, 0, 0)  # the same items are the same file
_DAY, _MOMENT, _SCORE, _HEAD = 1, 2, 3, 4  # styles, by their places in _STYLES

_MAIN: Final = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_RELATIONS: Final = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE: Final = "http://schemas.openxmlformats.org/package/2006"
_TYPE: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_XML: Final = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_PARTS: Final = {
    "[Content_Types].xml": (
        f'<Types xmlns="{_PACKAGE}/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{_TYPE}.sheet.main+xml"/>'
        f'<Override PartName="/xl/styles.xml" ContentType="{_TYPE}.styles+xml"/>'
        f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{_TYPE}.worksheet+xml"/>'
        f'<Override PartName="/xl/worksheets/sheet2.xml" ContentType="{_TYPE}.worksheet+xml"/></Types>'
    ),
    "_rels/.rels": (
        f'<Relationships xmlns="{_PACKAGE}/relationships"><Relationship Id="rId1" '
        f'Type="{_RELATIONS}/officeDocument" Target="xl/workbook.xml"/></Relationships>'
    ),
    "xl/workbook.xml": (
        f'<workbook xmlns="{_MAIN}" xmlns:r="{_RELATIONS}"><sheets>'
        '<sheet name="Items" sheetId="1" r:id="rId1"/><sheet name="About" sheetId="2" r:id="rId2"/>'
        "</sheets></workbook>"
    ),
    "xl/_rels/workbook.xml.rels": (
        f'<Relationships xmlns="{_PACKAGE}/relationships">'
        f'<Relationship Id="rId1" Type="{_RELATIONS}/worksheet" Target="worksheets/sheet1.xml"/>'
        f'<Relationship Id="rId2" Type="{_RELATIONS}/worksheet" Target="worksheets/sheet2.xml"/>'
        f'<Relationship Id="rId3" Type="{_RELATIONS}/styles" Target="styles.xml"/></Relationships>'
    ),
    "xl/styles.xml": (
        f'<styleSheet xmlns="{_MAIN}"><numFmts count="3"><numFmt numFmtId="164" formatCode="yyyy\\-mm\\-dd"/>'
        '<numFmt numFmtId="165" formatCode="yyyy\\-mm\\-dd\\ hh:mm:ss"/>'
        '<numFmt numFmtId="166" formatCode="0.0000"/></numFmts>'
        '<fonts count="2"><font><sz val="11"/><name val="Calibri"/></font>'
        '<font><b/><sz val="11"/><name val="Calibri"/></font></fonts>'
        '<fills count="2"><fill><patternFill patternType="none"/></fill>'
        '<fill><patternFill patternType="gray125"/></fill></fills>'
        '<borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>'
        '<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>'
        '<cellXfs count="5"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>'
        '<xf numFmtId="164" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>'
        '<xf numFmtId="165" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>'
        '<xf numFmtId="166" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>'
        '<xf numFmtId="0" fontId="1" fillId="0" borderId="0" xfId="0" applyFont="1"/></cellXfs>'
        '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>'
    ),
}


def workbook(items: Iterable[FoundItem], about: About) -> Iterator[bytes]:
    """The first `MOST` items. Times are in UTC."""
    tally, sink = Tally(), _Sink()
    with ZipFile(sink, "w", ZIP_DEFLATED) as archive:
        for name, part in _PARTS.items():
            archive.writestr(ZipInfo(name, _MADE), _XML + part, ZIP_DEFLATED)
        with archive.open(_entry("xl/worksheets/sheet1.xml"), "w") as sheet:
            sheet.write(_opening(frozen=True))
            sheet.write(_row(columns(), _HEAD))
            for item in tally.of(islice(items, MOST)):
                sheet.write(_row(row(item)))
                yield from sink.taken()
            sheet.write(_CLOSING)
        with archive.open(_entry("xl/worksheets/sheet2.xml"), "w") as sheet:
            facts = tally.colophon(about).facts() | ({"cut_at": MOST} if tally.count == MOST else {})
            sheet.write(_opening() + b"".join(map(_row, facts_as_rows(facts))) + _CLOSING)
    yield from sink.taken()


class _Sink:
    """Where the archive is written to, and taken from piece by piece."""

    def __init__(self) -> None:
        self._pieces: list[bytes] = []

    def write(self, piece: bytes) -> int:
        self._pieces.append(bytes(piece))
        return len(piece)

    def flush(self) -> None:
        """Nothing is kept back."""

    def close(self) -> None:
        """Nothing is open."""

    def taken(self) -> Iterator[bytes]:
        pieces, self._pieces = self._pieces, []
        yield from pieces


def _entry(name: str) -> ZipInfo:
    entry = ZipInfo(name, _MADE)
    entry.compress_type = ZIP_DEFLATED
    return entry


_CLOSING: Final = b"</sheetData></worksheet>"


def _opening(*, frozen: bool = False) -> bytes:
    pane = '<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/>' if frozen else ""
    views = f'<sheetViews><sheetView workbookViewId="0">{pane}</sheetView></sheetViews>'
    return f'{_XML}<worksheet xmlns="{_MAIN}">{views}<sheetData>'.encode()


def _row(cells: Sequence[Cell], style: int = 0) -> bytes:
    return f"<row>{''.join(_cell(cell, style) for cell in cells)}</row>".encode()


def _cell(cell: Cell, style: int) -> str:
    match cell:
        case None | "":
            return "<c/>"
        case bool():
            return f'<c t="b"><v>{int(cell)}</v></c>'
        case int():
            return f"<c><v>{cell}</v></c>"
        case float():
            return f'<c s="{_SCORE}"><v>{cell:.4f}</v></c>'
        case datetime():
            moment = cell.astimezone(UTC).replace(microsecond=0)
            seconds = moment.hour * 3600 + moment.minute * 60 + moment.second
            return f'<c s="{_MOMENT}"><v>{(moment.date() - _EPOCH).days + seconds / 86400:.12f}</v></c>'
        case date():
            return f'<c s="{_DAY}"><v>{(cell - _EPOCH).days}</v></c>'
        case _:
            return f'<c t="inlineStr" s="{style}"><is><t xml:space="preserve">{_text(cell)}</t></is></c>'


def _text(text: str) -> str:
    return escape(_LITERAL.sub("_x005F_", without_controls(text)[:_LONGEST]))
