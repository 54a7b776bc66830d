"""Files of every kind become books, or a plain sentence says why not. Never anything else."""

from __future__ import annotations

import datetime as dt
import io
import random
import zipfile

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import Workbook
from openpyxl.comments import Comment
from openpyxl.styles import PatternFill

from mace.core.errors import RuleBroken
from mace.importing.reading import Book, propose, read, read_book, where
from tests.importing.books import CODES, TODAY, borough_tracker, first_sheet, saved, windows_csv


def packed(**parts) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return out.getvalue()


def bomb() -> bytes:
    return packed(**{"[Content_Types].xml": "<Types/>", "xl/worksheets/sheet1.xml": b" " * (101 * 1024 * 1024)})


def crowded() -> bytes:
    cells = '<c r="A1"/>' * 200_001
    return packed(**{"[Content_Types].xml": "<Types/>", "xl/worksheets/sheet1.xml": f"<worksheet>{cells}</worksheet>"})


def entities() -> bytes:
    good = zipfile.ZipFile(io.BytesIO(borough_tracker()))
    parts = {name: good.read(name) for name in good.namelist()}
    parts["xl/workbook.xml"] = b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">]>' + parts["xl/workbook.xml"]
    return packed(**parts)


OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
REFUSED = {
    "an empty file": (b"", "empty"),
    "spaces": (b"  \r\n ", "empty"),
    "commas only": (b",,,\n,,,\n", "nothing in it"),
    "old Excel": (OLE + b"\0" * 600 + "Workbook".encode("utf-16-le"), "old Excel"),
    "a password": (OLE + b"\0" * 600 + "EncryptedPackage".encode("utf-16-le"), "password"),
    "OpenDocument": (packed(mimetype="application/vnd.oasis.opendocument.spreadsheet"), "OpenDocument"),
    "PDF": (b"%PDF-1.7 ...", "PDF"),
    "a web page": (b"<html><table><tr><td>1</td></tr></table></html>", "text or XML"),
    "a picture": (b"\x89PNG\r\n\x1a\n" + b"\0" * 50, "picture"),
    "Word": (packed(**{"[Content_Types].xml": "<Types/>", "word/document.xml": "<w/>"}), "Word"),
    "binary Excel": (packed(**{"[Content_Types].xml": "<Types/>", "xl/workbook.bin": b"\0"}), "binary Excel"),
    "another archive": (packed(**{"notes.txt": "hello"}), "without a spreadsheet"),
    "a broken archive": (borough_tracker()[:3000], "damaged"),
    "an archive of one byte": (b"PK", "damaged"),
    "an archive without sheets": (packed(**{"[Content_Types].xml": "<Types/>"}), "damaged"),
    "entities": (entities(), "damaged"),
    "a bomb": (bomb(), "larger than 100 MB"),
    "too many cells": (crowded(), "more than 200,000 cells"),
    "too much text": (b"a,b\n" * 100_001, "more than 200,000"),
    "noise": (bytes(range(256)) * 40, "cannot be read|not a spreadsheet"),
    "a field without end": (b'name,dob\n"' + b"x" * 200_000, "cannot be read"),
}


@pytest.mark.parametrize("kind", REFUSED)
def test_what_is_no_spreadsheet_is_refused_in_plain_words(kind):
    content, words = REFUSED[kind]
    with pytest.raises(RuleBroken, match=words) as refused:
        read_book(content, "cases.xlsx")
    assert refused.value.message.endswith(".")
    assert refused.value.message[0].isupper()


@pytest.mark.parametrize("seed", range(150))
def test_a_damaged_file_is_read_or_refused(seed):
    chance = random.Random(seed)
    content = bytearray(borough_tracker() if seed % 3 else windows_csv())
    for _ in range(chance.randint(1, 30)):
        content[chance.randrange(len(content))] = chance.randrange(256)
    try:
        book = read_book(bytes(content), "x")
    except RuleBroken:
        return
    assert isinstance(book, Book)
    read(book, propose(book, codes=CODES), codes=CODES, today=TODAY)


@pytest.mark.parametrize("seed", range(60))
def test_a_part_damaged_inside_is_read_or_refused(seed):
    """The archive is whole, and what it holds is not."""
    chance = random.Random(seed)
    good = zipfile.ZipFile(io.BytesIO(borough_tracker()))
    parts = {name: bytearray(good.read(name)) for name in good.namelist()}
    name = chance.choice([name for name in parts if "theme" not in name and "docProps" not in name])
    for _ in range(chance.randint(1, 4)):
        at = chance.randrange(len(parts[name]))
        parts[name][at : at + chance.randint(0, 3)] = bytes(chance.choices(b'<>"=/0129AZz&', k=chance.randint(0, 3)))
    try:
        book = read_book(packed(**{name: bytes(part) for name, part in parts.items()}), "x")
    except RuleBroken:
        return
    read(book, propose(book, codes=CODES), codes=CODES, today=TODAY)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.binary(max_size=3000))
def test_any_bytes_are_read_or_refused(content):
    try:
        book = read_book(content, "x.csv")
    except RuleBroken:
        return
    read(book, propose(book, codes=CODES), codes=CODES, today=TODAY)


def test_workbook_keeps_fills_notes_merging_and_what_is_hidden():
    book = Workbook()
    sheet = first_sheet(book)
    sheet.title = "One"
    sheet["A1"], sheet["C2"], sheet["B3"] = "Title", 12.0, dt.datetime.combine(dt.date(2026, 5, 4), dt.time(9, 30))
    sheet["A1"].fill = PatternFill("solid", fgColor="FF0000")
    sheet["D4"].comment = Comment("a note", "KT")
    sheet["C5"] = "=A1&B1"
    sheet["E5"], sheet["E5"].number_format = 42, "000000"
    sheet["F5"] = " a\u00a0b \r\n c\u200b"
    sheet.merge_cells("A1:C1")
    sheet.row_dimensions[3].hidden = True
    book.create_sheet("Two").sheet_state = "hidden"
    read_one, two = read_book(saved(book), "x").sheets
    cells = {where(cell): cell for cell in read_one.cells}
    assert read_one.merged == ((1, 1, 1, 3),)
    assert read_one.hidden_rows == {3}
    assert two.hidden
    assert not read_one.hidden
    assert (cells["A1"].colour, cells["A1"].text) == ("FF0000", "Title")
    assert (cells["C2"].value, cells["C2"].text) == (12, "12")
    assert (cells["B3"].value, cells["B3"].text) == (
        dt.datetime.combine(dt.date(2026, 5, 4), dt.time(9, 30)),
        "04/05/2026 09:30",
    )
    assert (cells["D4"].note, cells["D4"].text) == ("a note", "")
    assert cells["C5"].note == "formula without a value: =A1&B1"
    assert cells["E5"].text == "000042"
    assert cells["F5"].text == "a b\nc"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_text_is_read_in_any_of_its_ways(encoding, delimiter):
    lines = [["Name", "DOB", "Notes"], ["Zoë Müller", "01/02/2012", "“quoted” – text, with; both"]]
    content = "\r\n".join(delimiter.join(f'"{part}"' for part in line) for line in lines).encode(encoding)
    (sheet,) = read_book(content, "odd.xlsx").sheets
    assert [[sheet.rows()[row][column].text for column in (1, 2, 3)] for row in (1, 2)] == lines


def test_what_a_file_is_is_decided_by_what_is_in_it():
    assert read_book(borough_tracker(), "list.csv").sheets[0].name == "Tracker"
    assert read_book(windows_csv(), "list.xlsx").sheets[0].name == "Sheet 1"
