"""Small spreadsheets with invented people, made for one test each."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any

from openpyxl import Workbook

HEAD = [
    "YP name",
    "DOB",
    "Gender",
    "Risk level",
    "Concern",
    "Date referred",
    "Pre-MACE date",
    "MACE date",
    "Open/Closed",
    "Actions",
    "Comments",
]


def row(name: str, born: str, **said: str) -> list[str]:
    """One row under ``HEAD``. What is not said is as usual."""
    usual = {
        "sex": "F",
        "rating": "Moderate",
        "concern": "CCE",
        "referred": "02/02/2026",
        "pre": "09/02/2026",
        "mace": "",
        "state": "Open",
        "actions": "",
        "comments": "",
    }
    return [name, born, *(usual | said).values()]


def book(**sheets: Sequence[Sequence[Any]]) -> bytes:
    """A workbook with those sheets, by name, and their rows."""
    made = Workbook()
    made.remove(made.worksheets[0])
    for name, rows in sheets.items():
        sheet = made.create_sheet(name)
        for cells in rows:
            sheet.append(list(cells))
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


def tracker(*rows: list[str]) -> bytes:
    """One sheet with a title row and the usual headings."""
    return book(Tracker=[["MACE tracker 2026"], HEAD, *rows])
