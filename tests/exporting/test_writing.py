"""Files in which nothing is computed, whatever the text; and from which the text can be read back."""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
import tempfile
import unicodedata
from typing import Any
from xml.etree import ElementTree
from zipfile import ZipFile

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mace.exporting.writing import (
    CUT,
    HELD,
    LONGEST,
    begins_like_a_formula,
    csv_file,
    literal,
    neutral,
    plain,
    xlsx_file,
)

AT = dt.datetime(2026, 11, 22, 14, 30, tzinfo=dt.UTC)
MARK = "OFFICIAL-SENSITIVE · Y-0000-0001"
SPACES = st.text(alphabet=" \t\r\n\u00a0\u2003\u3000\ufeff\u200b", max_size=3)
SIGNS = st.sampled_from([*"=+-@＝＋－＠\t\r|", ""])
TEXTS = st.builds(lambda *parts: "".join(parts), SPACES, SIGNS, SPACES, SIGNS, st.text(max_size=40))
NASTY = [
    *('=HYPERLINK("http://x","y")', "+1", "-1+1", "@SUM(1)", "\t=1", "\r=1", "  =1", "\ufeff=1"),
    *("＝1", "﹦1", "−1", "\x00=1", "\u200b -1", "\t\u200b=1"),
]


def xlsx(*rows: list[Any], head: tuple[str, ...] = ("A", "B")) -> bytes:
    return xlsx_file(MARK, head, rows, title="Y-0000-0001", made_at=AT)


def sheet_of(content: bytes) -> Any:
    return openpyxl.load_workbook(io.BytesIO(content)).worksheets[0]


def read_csv(content: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))


def first_sign(text: str) -> str:
    """The first character that a spreadsheet would look at, said in its usual width."""
    for character in text:
        if not character.isspace() and unicodedata.category(character) not in ("Cf", "Cc"):
            return unicodedata.normalize("NFKC", character)[:1]
    return ""


@given(TEXTS)
def test_no_cell_of_a_csv_begins_as_what_is_computed(text: str) -> None:
    [_, _, [cell]] = read_csv(csv_file(MARK, ["A"], [[text]]))
    assert first_sign(cell) not in set("=+-@")
    assert cell[:1] not in {"\t", "\r"}
    assert cell.removeprefix("'") == plain(text) or cell == plain(text)


@settings(max_examples=60)
@given(st.lists(TEXTS, min_size=1, max_size=8))
def test_no_cell_of_a_workbook_is_a_formula_and_the_text_is_there(texts: list[str]) -> None:
    content = xlsx(*([text] for text in texts), head=("A",))
    with ZipFile(io.BytesIO(content)) as archive:
        tree = ElementTree.fromstring(archive.read("xl/worksheets/sheet1.xml"))
    space = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
    assert list(tree.iter(f"{space}f")) == []
    assert {cell.get("t") for cell in tree.iter(f"{space}c")} <= {"inlineStr"}
    rows = list(sheet_of(content).iter_rows(min_row=3, max_col=1))
    for text, (cell,) in zip(texts, rows, strict=True):
        assert cell.data_type != "f"
        assert (cell.value or "") == literal(plain(text))


ESCAPED = re.compile("_x([0-9A-Fa-f]{4})_")
LIKE_ESCAPES = st.lists(
    st.one_of(st.sampled_from([*"_x0aF", "_x003D_", "_x005F_", "_x000d_", "x003D_", "_x003"]), st.text(max_size=3))
).map("".join)


def as_a_spreadsheet_reads(stored: str) -> str:
    """What stands in the file with each `_xHHHH_` taken for the character of that number, from left to right."""
    return ESCAPED.sub(lambda found: chr(int(found[1], 16)), stored)


@given(LIKE_ESCAPES)
def test_text_that_looks_like_an_escape_is_read_as_it_was_written(text: str) -> None:
    assert as_a_spreadsheet_reads(literal(text)) == text
    assert ESCAPED.search(text) or literal(text) == text


def test_an_escape_is_text_in_the_file_too_and_too_much_of_it_is_cut() -> None:
    sheet = sheet_of(xlsx(["_x003D_1+1", "_x003D_" * 4_500], head=("_x0041_", "B")))
    assert (sheet["A3"].value, sheet["A2"].value) == ("_x005F_x003D_1+1", "_x005F_x0041_")
    stored = sheet["B3"].value
    assert len(stored) <= HELD
    assert as_a_spreadsheet_reads(stored).endswith(f"_x003D_{CUT}") or stored.endswith(CUT)
    assert as_a_spreadsheet_reads(stored).removesuffix(CUT) in "_x003D_" * 4_500


@pytest.mark.parametrize("text", NASTY)
def test_what_is_known_to_be_dangerous_is_kept_as_text(text: str) -> None:
    assert neutral(text) == f"'{plain(text)}"
    cell = sheet_of(xlsx([text, ""])).cell(3, 1)
    assert (cell.data_type, cell.value) == ("s", plain(text))
    assert cell.quotePrefix  # so that it stays text when somebody edits the cell


@pytest.mark.parametrize("text", ["Ann", "O’Neil = 3", "a-b", "1 = 2", "", "’=1"])
def test_the_rest_is_left_as_it_is(text: str) -> None:
    assert not begins_like_a_formula(text)
    assert neutral(text) == text


def test_what_no_file_can_hold_is_dropped_and_what_is_too_long_is_cut() -> None:
    assert plain("a\x00b\x07c\ud800d\r\ne\rf\tg") == "abcd\ne\nf\tg"
    long = plain("x" * 40_000)
    assert (len(long), long[-len(CUT) :]) == (LONGEST, CUT)
    assert plain("x" * LONGEST) == "x" * LONGEST


def test_days_and_numbers_are_what_they_are() -> None:
    day = dt.date(2011, 3, 27)
    sheet = sheet_of(xlsx([day, -15]))
    assert (sheet["A3"].value.date(), sheet["A3"].is_date, sheet["A3"].number_format) == (day, True, "DD/MM/YYYY")
    assert (sheet["B3"].value, sheet["B3"].data_type) == (-15, "n")
    assert read_csv(csv_file(MARK, ["A", "B", "C"], [[day, -15, None]]))[2] == ["2011-03-27", "-15", ""]


def test_marking_and_headings_stand_above_and_stay_in_sight() -> None:
    sheet = sheet_of(xlsx(["Ann", "x" * 100], head=("Name", "Notes")))
    assert sheet["A1"].value == MARK
    assert [cell.value for cell in sheet[2]] == ["Name", "Notes"]
    assert sheet.freeze_panes == "A3"
    assert (sheet.column_dimensions["A"].width, sheet.column_dimensions["B"].width) == (8, 60)
    content = csv_file(MARK, ["Name"], [])
    assert content.startswith(b"\xef\xbb\xbf")
    assert read_csv(content) == [[MARK], ["Name"]]


def test_a_workbook_says_its_reference_and_nobodys_name() -> None:
    content = xlsx(["Ann", "b"])
    with ZipFile(io.BytesIO(content)) as archive:
        core = ElementTree.fromstring(archive.read("docProps/core.xml"))
        app = archive.read("docProps/app.xml").decode()
    said = {element.tag.rpartition("}")[2]: element.text for element in core}
    assert said == {"title": "Y-0000-0001", "created": "2026-11-22T14:30:00Z", "modified": "2026-11-22T14:30:00Z"}
    assert "<Company>" not in app
    assert "<Manager>" not in app


def test_nothing_is_written_to_the_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("a temporary file")

    for name in ("NamedTemporaryFile", "TemporaryFile", "mkstemp"):
        monkeypatch.setattr(tempfile, name, refuse)
    monkeypatch.setattr("openpyxl.worksheet._writer.create_temporary_file", refuse)
    assert sheet_of(xlsx(["Ann", "b"]))["A3"].value == "Ann"
