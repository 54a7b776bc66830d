"""Reading a file into a book, and saying plainly why one cannot be read."""

from __future__ import annotations

from collections.abc import Iterable

from mace.core.errors import RuleBroken
from mace.importing.reading.cells import Book, Cell, Sheet, where
from mace.importing.reading.delimited import delimited_sheets
from mace.importing.reading.workbook import workbook_sheets

__all__ = ["Book", "Cell", "Sheet", "read_book", "where"]


def read_book(content: bytes, name: str) -> Book:
    """The file as a book: XLSX or XLSM (macros are not looked at), or text with commas, semicolons, tabs or bars.

    What it is, is decided by what is in it, not by its name. Raises ``RuleBroken`` with a sentence that says what to
    do.
    """
    _refuse_other_kinds(content)
    sheets = workbook_sheets(content) if content.startswith(b"PK") else delimited_sheets(content)
    if not any(cell.text for sheet in sheets for cell in sheet.cells):
        raise RuleBroken("The file has nothing in it. Choose the file that has the cases.")
    return Book(name=name, sheets=tuple(_named_apart(sheets)))


def _named_apart(sheets: Iterable[Sheet]) -> list[Sheet]:
    """The sheets; one called as an earlier one is (which Excel forbids, and other programs do not) gets a number."""
    out: list[Sheet] = []
    for sheet in sheets:
        name, count = sheet.name, 2
        while any(name == other.name for other in out):
            name, count = f"{sheet.name} ({count})", count + 1
        out.append(Sheet(name, sheet.hidden, sheet.cells, sheet.merged, sheet.hidden_rows))
    return out


def _refuse_other_kinds(content: bytes) -> None:
    start = content[:1024].lstrip().lower()
    if not content.strip():
        raise RuleBroken("The file is empty. Choose the file that has the cases.")
    if content.startswith(b"\xd0\xcf\x11\xe0"):
        if "EncryptedPackage".encode("utf-16-le") in content:
            raise RuleBroken(
                "The file is protected by a password. Open it in Excel, take the password off, and save it again."
            )
        raise RuleBroken("This is an old Excel file (.xls). Open it in Excel and save it as an Excel workbook (.xlsx).")
    if start.startswith(b"%pdf"):
        raise RuleBroken("This is a PDF, not a spreadsheet. Ask for the spreadsheet that it was made from.")
    if start.startswith((b"<!doctype", b"<html", b"<table", b"<?xml", b"<style", b"{\\rtf")):
        raise RuleBroken("This is a page of text or XML, not a spreadsheet. Open it in Excel and save it as .xlsx.")
    if start.startswith((b"\x89png", b"\xff\xd8\xff", b"gif8")):
        raise RuleBroken("This is a picture, not a spreadsheet. Ask for the spreadsheet itself.")
