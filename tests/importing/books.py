"""Spreadsheets as partnerships keep them, all invented: like one borough’s, like another’s, as text, and any
number made by chance."""

from __future__ import annotations

import csv
import datetime as dt
import io
from typing import Any

from openpyxl import Workbook
from openpyxl.comments import Comment
from openpyxl.styles import PatternFill

TODAY = dt.date(2026, 11, 22)
AMBER = PatternFill("solid", fgColor="FFC000")
CODES = {
    "sex": [("F", "Female"), ("M", "Male"), ("U", "Not known")],
    "ethnicity": [
        ("WBRI", "White British"),
        ("WIRI", "White Irish"),
        ("MWBC", "White and Black Caribbean"),
        ("MOTH", "Any other Mixed background"),
        ("AIND", "Indian"),
        ("ABAN", "Bangladeshi"),
        ("BCRB", "Caribbean"),
        ("BAFR", "African"),
        ("OOTH", "Any other ethnic group"),
        ("REFU", "Refused"),
        ("NOBT", "Information not yet obtained"),
    ],
    "legal_status": [
        ("CLA", "Looked after"),
        ("CPP", "Child protection plan"),
        ("CIN", "Child in need (section 17)"),
        ("EH", "Early help"),
        ("CL", "Care leaver"),
        ("NONE", "Not open to children’s social care"),
        ("UNK", "Not known"),
    ],
    "education_status": [
        ("mainstream", "Mainstream school"),
        ("PRU", "Pupil referral unit"),
        ("college", "College or sixth form"),
        ("EHE", "Educated at home"),
        ("CME", "Missing education"),
        ("NEET", "Not in education, employment or training"),
    ],
    "primary_category": [
        ("CCE", "Child criminal exploitation"),
        ("CSE", "Child sexual exploitation"),
        ("county_lines", "County lines"),
        ("SYV", "Serious youth violence"),
        ("HSB", "Harmful sexual behaviour"),
        ("ONL", "Online exploitation"),
        ("TRAF", "Trafficking"),
    ],
    "rating": [("emerging", "Emerging"), ("moderate", "Moderate"), ("significant", "Significant")],
}


def saved(book: Workbook) -> bytes:
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def first_sheet(book: Workbook) -> Any:
    """The sheet that a new book has."""
    return book.active


def borough_tracker() -> bytes:
    """Title, key, sections, a total, one person twice (once the other way round), a sheet out of use.

    A sheet of places.
    """
    book = Workbook()
    sheet = first_sheet(book)
    sheet.title = "Tracker"
    sheet["A1"] = "EXPLOITATION PANEL TRACKER – sensitive"
    sheet.merge_cells("A1:N1")
    sheet["E2"] = "Amber = waiting for health"
    headings = [
        "#", "Name of YP", "D.O.B", "Age", "M/F", "Ethnic group", "Mosaic ID", "Placement / address", "Educ",
        "Date referral rec'd", "Type of exploitation", "Risk", "Pre MACE", "MACE", "Tasks", "Review due",
        "Open / closed", "Comments",
    ]  # fmt: skip
    for column, heading in enumerate(headings, 1):
        sheet.cell(4, column, heading)
    rows: list[list[Any]] = [
        [1, "Bronwen Hartley", dt.date(2010, 5, 4), 15, "F", "white brit", "700123", "4 Mill Lane, Faketown", "PRU",
         "03/02/2026", "CCE",
         "mod", "10.02.26", None, "SW to see GP - SW by 20/02\nCheck phone - Police by DONE", "5 May 2026", "Open",
         "lives with nan"],
        [2, "Okafor Chidi", "12/09/2009", None, "M", "Black African", "700124", "9 Mill Lane, Faketown",
         "Oakfield School", "2026-01-15",
         "CSE / online", "RED", None, dt.date(2026, 2, 3), None, "n/a", "closed", None],
        ["Carried over"],
        [3, "Hartley Bronwen", "4 May 2010", None, "f", "WBRI", "700123", "4 Mill Lane, Faketown", "NEET",
         "1-Sep-26", "CCE + missing",
         "Moderate -> Significant", None, None, "Housing to ring by asap", None, "OPEN ", None],
        [4, "Sam Ilesanmi", "approx 15", 15, "M", "?", "700126", "tbc", "Oakfield", "02/03/26", "?", None, None,
         None, None, None, "Open", None],
    ]  # fmt: skip
    for number, row in enumerate(rows, 5):
        for column, value in enumerate(row, 1):
            sheet.cell(number, column, value)
    sheet["L5"].fill = AMBER
    sheet["L9"].fill = AMBER
    sheet["K6"].comment = Comment("said by school, to be checked", "KT")
    sheet["A10"], sheet["B10"] = "Total", "=COUNTA(B5:B9)"
    old = book.create_sheet("Old list - do not use")
    old["A1"] = "see the archive"
    places = book.create_sheet("Hotspots")
    for row in (
        ["Location", "Concern", "First raised", "RAG", "Who is doing what"],
        ["Bus stop by the canal", "dealing", "09/01/2026", "R", "Police to patrol"],
        ["Flat 3, Rye Court", "cuckoo?", dt.date(2026, 2, 3), "G", "?"],
    ):
        places.append(row)
    return saved(book)


def other_borough() -> bytes:
    """A sheet for each month, two stacked heading rows, surname and forename apart.

    Dates as texts and serial numbers.
    """
    book = Workbook()
    book.remove(first_sheet(book))
    months: dict[str, list[list[Any]]] = {
        "Jan 2026": [
            ["NOWAK", "Zofia", "14/03/2011", "Female", "White: British", 46027, 46034, "", "Looked after (s20)",
             "Child sexual exploitation",
             "Significant risk", "KT", "Open"],
            ["O'Dowd", "Kieran", 40544, "Male", "White Irish", "12 Jan 2026", "19 Jan 2026", "2 Feb 2026", "CP plan",
             "County line", "High", "JS", ""],
        ],
        "Feb 2026": [
            ["Nowak", "Zofia", "14.03.11", "F", "White British", "05/02/2026", "", "03/03/2026", "LAC", "CSE",
             "Moderate", "", "Closed"],
        ],
    }  # fmt: skip
    for month, rows in months.items():
        sheet = book.create_sheet(month)
        upper = [
            "Young person",
            None,
            None,
            None,
            None,
            "Dates",
            None,
            None,
            "Social care",
            "Concern",
            None,
            "Worker",
            "Case status",
        ]
        lower = [
            "Surname",
            "Forename",
            "DOB",
            "Gender",
            "Ethnicity",
            "Referral",
            "Pre-MACE",
            "MACE",
            "Status",
            "Category",
            "Level of risk",
            None,
            None,
        ]
        for column, (over, under) in enumerate(zip(upper, lower, strict=True), 1):
            sheet.cell(2, column, over)
            sheet.cell(3, column, under)
        for area in ("A2:E2", "F2:H2", "J2:K2", "L2:L3", "M2:M3"):
            sheet.merge_cells(area)
        for number, row in enumerate(rows, 4):
            for column, value in enumerate(row, 1):
                sheet.cell(number, column, value or None)
    return saved(book)


def windows_csv() -> bytes:
    """Semicolons and the encoding of Windows, names with a comma."""
    lines = [
        [
            "Child",
            "Date of birth",
            "NHS no.",
            "Sex",
            "Main concern",
            "Risk level",
            "Date referred",
            "Referred by",
            "Next steps",
        ],
        [
            "Müller, Zoë",
            "01/02/2012",
            "999 000 0018",
            "F",
            "CCE",
            "Emerging",
            "03/04/2026",
            "St Anne’s School",
            "School to ring – by 10/04/26",
        ],
        ["D’Souza, Raj", "15/08/2010", "9990000026", "M", "Online", "Sig", "04/04/2026", "Police", ""],
    ]
    out = io.StringIO()
    csv.writer(out, delimiter=";").writerows(lines)
    return out.getvalue().encode("cp1252")
