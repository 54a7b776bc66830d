"""What is proposed for sheets, columns and spellings, and what a person may make of it."""

from __future__ import annotations

import json

import pytest
from openpyxl import Workbook

from mace.core.errors import RuleBroken
from mace.importing.reading import Plan, plan_again, propose, read, read_book, said, spelling_key
from tests.importing.books import (
    CODES,
    TODAY,
    borough_tracker,
    first_sheet,
    other_borough,
    saved,
    windows_csv,
)
from tests.importing.chance import made_tracker

BOOKS = {"tracker": borough_tracker, "other": other_borough, "text": windows_csv}


def proposed(content: bytes, remembered=None):
    book = read_book(content, "cases")
    return book, propose(book, codes=CODES, remembered=remembered or {})


def one_sheet(*rows: list) -> bytes:
    book = Workbook()
    for row in rows:
        first_sheet(book).append(row)
    return saved(book)


def fields(plan: Plan, sheet: str) -> dict[str, str]:
    found = plan.sheet(sheet)
    assert found is not None
    return {column.heading: column.field for column in found.columns}


def test_sheets_are_told_apart():
    _, plan = proposed(borough_tracker())
    assert [(sheet.sheet, sheet.use) for sheet in plan.sheets] == [
        ("Tracker", "people"),
        ("Old list - do not use", "nothing"),
        ("Hotspots", "places"),
    ]
    assert "do not use" in plan.sheets[1].why or "Old" in plan.sheets[1].why
    assert fields(plan, "Hotspots") == {
        "Location": "place",
        "Concern": "concern",
        "First raised": "first_raised_on",
        "RAG": "rag",
        "Who is doing what": "who_does_what",
    }


def test_stacked_headings_are_read_together():
    _, plan = proposed(other_borough())
    sheet = plan.sheet("Jan 2026")
    assert sheet.header_rows == (2, 3)
    found = fields(plan, "Jan 2026")
    assert found["Dates – Referral"] == "referred_on"
    assert found["Dates – Pre-MACE"] == "pre_mace_on"
    assert found["Dates – MACE"] == "mace_on"
    assert found["Social care – Status"] == "legal_status"
    assert found["Case status"] == "state"


def test_a_list_of_missing_episodes_is_no_tracker():
    rows: list[list] = [["URN", "Surname", "Forename", "DOB", "Reported missing", "Found", "RHI offered", "RHI date"]]
    rows += [
        [f"26M{n}", "Nowak", "Zofia", "14/03/2011", "01/02/2026 03:00", "02/02/2026 04:00", "Y", None] for n in range(4)
    ]
    _, plan = proposed(one_sheet(*rows))
    assert plan.sheets[0].use == "nothing"
    assert "missing episodes" in plan.sheets[0].why


def test_a_sheet_left_out_though_it_has_cases_is_a_doubt():
    book = Workbook()
    first_sheet(book).title = "Archive"
    first_sheet(book).append(["Name", "DOB", "Date referred", "Concern"])
    first_sheet(book).append(["Zofia Nowak", "14/03/2011", "01/02/2026", "CSE"])
    parsed, plan = proposed(saved(book))
    assert (plan.sheets[0].use, plan.sheets[0].sure) == ("nothing", False)
    reading = read(parsed, plan, codes=CODES, today=TODAY)
    assert [(doubt.sheet, doubt.kind) for doubt in reading.doubts] == [("Archive", "sheet_left_out")]


def test_a_heading_that_its_values_contradict_is_not_followed():
    rows = [["Name", "DOB", "Date referred", "NHS number", "Age"]]
    rows += [["Zofia Nowak", "14/03/2011", "see file", "999 000 0018", "fourteen or so"] for _ in range(20)]
    _, plan = proposed(one_sheet(*rows))
    assert fields(plan, "Sheet")["Date referred"] == "note"
    assert fields(plan, "Sheet")["Age"] == "note"
    assert not plan.sheets[0].columns[2].sure


def test_colours_and_other_scales_never_become_a_rating():
    rows = [["Name", "DOB", "Date referred", "Risk level"]]
    rows += [
        ["Zofia Nowak", "14/03/2011", "01/02/2026", word]
        for word in ("RED", "amber", "G", "High", "2", "Blue risk", "Moderate", "sig")
    ]
    book, plan = proposed(one_sheet(*rows))
    assert {entry.text: (entry.code, entry.sure) for entry in plan.spellings["rating"]} == {
        "RED": ("", False),
        "amber": ("", False),
        "G": ("", False),
        "High": ("", False),
        "2": ("", False),
        "Blue risk": ("", False),
        "Moderate": ("moderate", True),
        "sig": ("significant", True),
    }
    reading = read(book, plan, codes=CODES, today=TODAY)
    assert [row.value("rating") for row in reading.people] == [None] * 6 + ["moderate", "significant"]
    assert [doubt.cell for doubt in reading.doubts if doubt.kind == "spelling_unknown"] == [
        "D2",
        "D3",
        "D4",
        "D5",
        "D6",
        "D7",
    ]


def test_what_was_decided_before_wins_and_is_sure():
    remembered = {
        "rating": {spelling_key("Red"): "significant"},
        "primary_category": {spelling_key("CSE / online"): "ONL"},
    }
    book, plan = proposed(borough_tracker(), remembered)
    spelt = {entry.text: (entry.code, entry.sure) for entries in plan.spellings.values() for entry in entries}
    assert spelt["RED"] == ("significant", True)
    assert spelt["CSE / online"] == ("ONL", True)
    reading = read(book, plan, codes=CODES, today=TODAY)
    assert reading.people[1].value("rating") == "significant"
    assert not [doubt for doubt in reading.doubts if doubt.cell in {"K6", "L6"}]


def test_what_was_decided_for_a_code_that_is_no_more_is_forgotten():
    _, plan = proposed(borough_tracker(), {"rating": {"mod": "gone"}})
    assert {entry.text: entry.code for entry in plan.spellings["rating"]}["mod"] == "moderate"


@pytest.mark.parametrize("kind", BOOKS)
def test_a_plan_survives_json(kind):
    book, plan = proposed(BOOKS[kind]())
    again = Plan.from_json(json.loads(json.dumps(plan.to_json())), book=book, codes=CODES)
    assert again == plan


@pytest.mark.parametrize("seed", range(8))
def test_a_plan_made_by_chance_survives_json_and_reads_the_same(seed):
    made = made_tracker(seed, people=10)
    book, plan = proposed(made.content)
    again = Plan.from_json(json.loads(json.dumps(plan.to_json())), book=book, codes=CODES)
    assert read(book, again, codes=CODES, today=TODAY) == read(book, plan, codes=CODES, today=TODAY)


def change(data, *path, to):
    for step in path[:-1]:
        data = data[step]
    data[path[-1]] = to


WRONG = {
    "sheet": (("sheets", 0, "sheet"), "Elsewhere", "has no sheet “Elsewhere”. Its sheets are Tracker"),
    "use": (("sheets", 0, "use"), "fun", "Choose people, places or nothing"),
    "no heading row": (("sheets", 0, "header_rows"), [], "which row of “Tracker” has the headings"),
    "heading row outside": (("sheets", 0, "header_rows"), [99], "from 1 to 10"),
    "field": (("sheets", 0, "columns", 2, "field"), "shoe_size", "Column C of “Tracker” cannot hold “shoe_size”"),
    "field of places": (("sheets", 0, "columns", 2, "field"), "rag", "Column C"),
    "field twice": (
        ("sheets", 0, "columns", 3, "field"),
        "date_of_birth",
        "Columns C and D of “Tracker” are both “Date of birth”",
    ),
    "column twice": (("sheets", 0, "columns", 3, "column"), 3, "column C of “Tracker” twice"),
    "column": (("sheets", 0, "columns", 3, "column"), 0, "has no column 0"),
    "order": (("sheets", 0, "columns", 2, "order"), "year_first", "day first or month first"),
    "names": (("sheets", 0, "names"), "backwards", "Forename Surname or Surname, Forename"),
    "code": (("spellings", "rating", 0, "code"), "awful", "“awful” is not in the list of risk rating"),
    "list": (("spellings", "hats"), [], "“hats” has no list of codes"),
    "no list": (("sheets",), "all", "the sheets cannot be read"),
    "damaged column": (("sheets", 0, "columns", 2), 7, "a column cannot be read"),
    "damaged spelling": (("spellings", "rating", 0), {"text": 1, "code": ""}, "a spelling cannot be read"),
}


@pytest.mark.parametrize("kind", WRONG)
def test_a_plan_that_does_not_fit_is_refused_in_plain_words(kind):
    book, plan = proposed(borough_tracker())
    data = json.loads(json.dumps(plan.to_json()))
    path, to, words = WRONG[kind]
    change(data, *path, to=to)
    with pytest.raises(RuleBroken) as refused:
        Plan.from_json(data, book=book, codes=CODES)
    assert words in refused.value.message


@pytest.mark.parametrize(
    "data", [None, [], 3, "plan", {}, {"sheets": [None]}, {"sheets": [{}]}, {"sheets": [], "spellings": 3}]
)
def test_what_is_no_plan_is_refused(data):
    book, _ = proposed(borough_tracker())
    with pytest.raises(RuleBroken, match="damaged"):
        Plan.from_json(data, book=book, codes=CODES)


def test_a_person_may_take_a_column_and_a_spelling_otherwise():
    book, plan = proposed(borough_tracker())
    changed = plan.with_column("Tracker", 18, field="outcome").with_spelling("rating", "red", code="emerging")
    reading = read(book, changed, codes=CODES, today=TODAY)
    assert reading.people[0].value("outcome") == "lives with nan"
    assert reading.people[1].value("rating") == "emerging"
    assert not [doubt for doubt in reading.doubts if doubt.cell == "L6"]


def test_a_sheet_that_was_left_out_is_planned_again():
    rows = [["Kids", "When born", "Notes"], ["zofia nowak", "14/03/2011", "CSE"], ["imran begum", "01/02/2012", "CCE"]]
    book, plan = proposed(one_sheet(["List of ours"], *rows))
    again = plan_again(book, plan, sheet="Sheet", use="people", header_rows=(2,), codes=CODES, remembered={})
    assert list(fields(again, "Sheet").values()) == ["name", "date_of_birth", "note"]
    reading = read(book, again, codes=CODES, today=TODAY)
    assert [row.value("date_of_birth").year for row in reading.people] == [2011, 2012]
    left = plan_again(book, again, sheet="Sheet", use="nothing", header_rows=(), codes=CODES, remembered={})
    assert read(book, left, codes=CODES, today=TODAY).people == ()
    assert Plan.from_json(left.to_json(), book=book, codes=CODES) == left


def test_planning_again_keeps_what_was_decided():
    book, plan = proposed(borough_tracker())
    decided = plan.with_spelling("rating", "RED", code="significant")
    again = plan_again(book, decided, sheet="Tracker", use="people", header_rows=(4,), codes=CODES, remembered={})
    assert {entry.text: entry.code for entry in again.spellings["rating"]}["RED"] == "significant"
    with pytest.raises(RuleBroken, match="which row"):
        plan_again(book, plan, sheet="Tracker", use="people", header_rows=(99,), codes=CODES, remembered={})
    with pytest.raises(RuleBroken, match="no sheet"):
        plan_again(book, plan, sheet="Elsewhere", use="people", header_rows=(1,), codes=CODES, remembered={})


@pytest.mark.parametrize("kind", BOOKS)
def test_the_report_names_nobody(kind):
    book, plan = proposed(BOOKS[kind]())
    reading = read(book, plan, codes=CODES, today=TODAY)
    report = "\n".join(said(book, plan, reading)).casefold()
    for row in reading.people:
        for field in ("name", "forename", "surname", "address", "local_id", "nhs_number"):
            if (value := row.values.get(field)) and value.text and value.value:
                assert value.text.casefold() not in report
    assert "headings in row" in report
    assert all(doubt.cell.casefold() in report for doubt in reading.doubts)
