"""What rows become: values, kept texts and doubts by cell, rows passed over, people found twice. Nothing is lost."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from openpyxl import Workbook

from mace.core.numbers import nhs_number, upn
from mace.importing.reading import propose, read, read_book, where
from mace.importing.reading.dates import read_date
from mace.importing.reading.matching import sound
from mace.importing.reading.persons import take_apart
from mace.importing.reading.tasks import read_actions
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


def reading_of(content: bytes):
    book = read_book(content, "cases")
    plan = propose(book, codes=CODES, remembered={})
    return book, plan, read(book, plan, codes=CODES, today=TODAY)


def table(headings: list[str], *rows: Any):
    book = Workbook()
    for row in [headings, *rows]:
        first_sheet(book).append(row)
    return reading_of(saved(book))


def kinds(reading, cell: str) -> set[str]:
    return {doubt.kind for doubt in reading.doubts if doubt.cell == cell}


def lost(book, plan, reading) -> list[str]:
    """Cells of used rows that are neither value, nor action, nor kept, nor a doubt.

    Though their column is not left out.
    """
    out = []
    rows = {(row.sheet, row.row): row for row in [*reading.people, *reading.places]}
    doubted = {(doubt.sheet, doubt.cell) for doubt in reading.doubts}
    for sheet in book.sheets:
        sheet_plan = plan.sheet(sheet.name)
        ignored = {column.column for column in sheet_plan.columns if column.field == "ignore"}
        for cell in sheet.cells:
            row = rows.get((sheet.name, cell.row))
            if row is None or not cell.text or cell.column in ignored:
                continue
            at = where(cell)
            found = at in {value.cell for value in row.values.values()} or at in {entry.cell for entry in row.kept}
            given = at in {action.cell for action in getattr(row, "actions", ())}
            if not (found or given or (sheet.name, at) in doubted):
                out.append(at)
    return out


def unread(book, plan, reading) -> list[int]:
    """Rows below the headings of used sheets that are neither read nor passed over."""
    told = {(row.sheet, row.row) for row in [*reading.people, *reading.places, *reading.passed_over]}
    return [
        cell.row
        for sheet in book.sheets
        if (sheet_plan := plan.sheet(sheet.name)).use != "nothing"
        for cell in sheet.cells
        if cell.text and cell.row not in sheet_plan.header_rows and (sheet.name, cell.row) not in told
    ]


@pytest.mark.parametrize("make", [borough_tracker, other_borough, windows_csv])
def test_no_cell_is_lost(make):
    everything = reading_of(make())
    assert lost(*everything) == []
    assert unread(*everything) == []


@pytest.mark.parametrize("seed", range(200, 225))
def test_no_cell_of_a_tracker_made_by_chance_is_lost(seed):
    everything = reading_of(made_tracker(seed, people=15).content)
    assert lost(*everything) == []
    assert unread(*everything) == []
    assert len(everything[2].people) == 15


def test_the_measure_of_loss_sees_a_loss():
    book, plan, reading = reading_of(borough_tracker())
    assert lost(book, plan.with_column("Tracker", 18, field="ignore"), reading) == []
    without = type(reading)((*(type(row)(row.sheet, row.row, {}, (), ()) for row in reading.people),), (), (), (), ())
    assert len(lost(book, plan, without)) > 20


def test_the_tracker_is_read():
    _, _, reading = reading_of(borough_tracker())
    first, second, third, fourth = reading.people
    assert (first.value("forename"), first.value("surname"), first.value("date_of_birth")) == (
        "Bronwen",
        "Hartley",
        dt.date(2010, 5, 4),
    )
    assert (first.value("rating"), first.value("ethnicity"), first.value("pre_mace_on")) == (
        "moderate",
        "WBRI",
        dt.date(2026, 2, 10),
    )
    assert [(action.text, action.who, action.due_on, action.done) for action in first.actions] == [
        ("SW to see GP", "SW", dt.date(2026, 2, 20), False),
        ("Check phone", "Police", None, True),
    ]
    assert [(entry.text, entry.cell) for entry in first.kept if "colour" in entry.heading] == [
        ("amber: waiting for health", "L5")
    ]
    assert first.value("education_status") == "PRU"
    assert (second.value("forename"), second.value("surname")) == ("Chidi", "Okafor")
    assert second.value("school") == "Oakfield School"
    assert [entry.text for entry in second.kept if entry.heading.endswith("(note)")] == [
        "said by school, to be checked"
    ]
    assert (third.value("forename"), third.value("rating")) == ("Bronwen", "significant")
    assert [entry.text for entry in third.kept if entry.cell == "K8"] == ["missing"]
    assert fourth.value("date_of_birth") is None
    assert reading.blocked() == {("Tracker", 9)}
    assert [(row.row, row.kind) for row in reading.passed_over if row.sheet == "Tracker"] == [
        (1, "title"), (2, "title"), (3, "empty"), (7, "section"), (10, "total"),
    ]  # fmt: skip
    assert [(group.rows, group.sure) for group in reading.same_people] == [((("Tracker", 5), ("Tracker", 8)), True)]
    assert {"name_order"} == kinds(reading, "B8") == kinds(reading, "B6")


def test_two_sheets_hold_the_same_person():
    _, _, reading = reading_of(other_borough())
    assert [(group.rows, group.sure) for group in reading.same_people] == [((("Jan 2026", 4), ("Feb 2026", 4)), True)]
    assert [row.value("date_of_birth") for row in reading.people] == [
        dt.date(2011, 3, 14),
        dt.date(2011, 1, 1),
        dt.date(2011, 3, 14),
    ]


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2012-09-20", (2012, 9, 20)), ("20/09/2012", (2012, 9, 20)), ("20.09.12", (2012, 9, 20)),
        ("4 October 2011", (2011, 10, 4)),
        ("3-Oct-11", (2011, 10, 3)), ("41172", (2012, 9, 20)), ("Mon 3rd Oct 2011", (2011, 10, 3)),
        ("18/02/2026 03:32", (2026, 2, 18)),
        ("October 4, 2011", (2011, 10, 4)), ("04 / 05 / 11", (2011, 5, 4)), ("20120920", (2012, 9, 20)),
        ("5.6.10", (2010, 6, 5)),
    ],
)  # fmt: skip
def test_dates_are_read_day_first(text, day):
    assert read_date(text, text, birth=True, order="day_first", today=TODAY).on == dt.date(*day)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("approx 15", "unreadable"), ("2012?", "year_only"), ("2012", "year_only"), ("30/10", "no_year"),
        ("Oct 2011", "no_day"),
        ("03/25/2025", "month_first"), ("31/02/2025", "no_such_day"), ("1/2/25, 3/4/25", "several"),
        ("09/01/26 cancelled", "with_words"),
        ("n/a", "empty"), ("tbc", "empty"), ("?", "empty"), ("next week", "unreadable"), ("200912", "unreadable"),
    ],
)  # fmt: skip
def test_what_is_no_date_is_not_made_one(text, kind):
    found = read_date(text, text, birth=False, order="day_first", today=TODAY)
    assert (found.on, found.kind) == (None, kind)


def test_a_year_of_two_figures_is_past_for_births_only():
    def year(text: str, *, birth: bool) -> int:
        on = read_date(text, text, birth=birth, order="day_first", today=TODAY).on
        assert on is not None
        return on.year

    assert year("01/01/27", birth=True) == 1927
    assert year("01/01/27", birth=False) == 2027
    assert year("22/11/26", birth=True) == 2026
    assert year("23/11/26", birth=True) == 1926


HEAD = [
    "Name",
    "DOB",
    "Age",
    "Date referred",
    "Pre-MACE date",
    "MACE date",
    "Next review",
    "Concern",
    "Outcome",
    "Open/Closed",
    "NHS number",
]
FINE = [
    "Zofia Nowak",
    "14/03/2011",
    14,
    "01/02/2026",
    "08/02/2026",
    "01/03/2026",
    "24/05/2026",
    "CSE",
    "rv 12 wks",
    "open",
    "999 000 0018",
]


@pytest.mark.parametrize(
    ("column", "value", "kind", "blocks"),
    [
        (1, None, "no_name", True), (1, "Zofia", "one_name", True), (1, "Unknown female", "no_name", True),
        (1, "Zofia and Ola Nowak", "no_name", True), (1, "Zofia Maria Nowak", "name_split", False),
        (2, None, "no_birth_date", True), (2, "tbc", "no_birth_date", True), (2, "approx 15", "unreadable", True),
        (2, "14/03/2031", "birth_impossible", True), (2, "14/03/1980", "age_unlikely", False),
        (3, 9, "age_differs", False),
        (3, "about 12", "not_an_age", False), (4, "01/02/2031", "in_future", False),
        (4, "01/02/2010", "before_birth", False),
        (5, "01/01/2026", "out_of_order", False), (6, "03/02/2026", "out_of_order", False),
        (7, "01/01/2026", "out_of_order", False),
        (7, "in 12 weeks", "unreadable", False), (9, "Closed - NFA", "state_differs", False),
        (10, "pending", "open_or_closed", False),
        (11, "999 000 0019", "wrong_number", False), (8, "CSE / online", "spelling_unsure", False),
        (8, "hats", "spelling_unknown", False),
        (8, "#REF!", "excel_error", False),
    ],
)  # fmt: skip
def test_what_cannot_be_right_is_a_doubt_where_it_stands(column, value, kind, blocks):
    row = list(FINE)
    row[column - 1] = value
    more = [[f"Ada {name}", *FINE[1:10], None] for name in ("Ash", "Birch", "Cedar", "Elm", "Fir", "Hazel", "Larch")]
    _, _, fine = table(HEAD, FINE, *more)
    _, _, reading = table(HEAD, row, *more)
    cell = f"{chr(64 + (10 if kind == 'state_differs' else column))}2"
    assert not [doubt for doubt in fine.doubts if doubt.cell == cell]
    assert (kind, blocks) in {(doubt.kind, doubt.blocks) for doubt in reading.doubts if doubt.cell == cell}


def test_dates_of_a_column_with_the_month_first_are_all_doubts():
    rows = [
        ["Zofia Nowak", "14/03/2011", day, "CSE"]
        for day in ("03/25/2026", "03/04/2026", "05/05/2026", dt.date(2026, 3, 4))
    ]
    book, plan, reading = table(["Name", "DOB", "Date referred", "Concern"], *rows)
    assert not plan.sheets[0].columns[2].sure
    assert (kinds(reading, "C2"), kinds(reading, "C3")) == ({"month_first"}, {"month_or_day"})
    assert (kinds(reading, "C4"), kinds(reading, "C5")) == (set(), set())
    assert [doubt.suggestion for doubt in reading.doubts if doubt.cell == "C3"] == ["2026-03-04"]
    data = plan.to_json()
    data["sheets"][0]["columns"][2]["order"] = "month_first"
    told = read(book, type(plan).from_json(data, book=book, codes=CODES), codes=CODES, today=TODAY)
    assert [row.value("referred_on") for row in told.people][:2] == [dt.date(2026, 3, 25), dt.date(2026, 3, 4)]
    assert not [doubt for doubt in told.doubts if doubt.field == "referred_on"]


@pytest.mark.parametrize(
    ("text", "style", "forename", "surname"),
    [
        ("Zofia Nowak", "forename_surname", "Zofia", "Nowak"), ("Nowak, Zofia", "forename_surname", "Zofia", "Nowak"),
        ("Nowak Zofia", "surname_forename", "Zofia", "Nowak"), ("Maria de Souza", "forename_surname", "Maria",
        "de Souza"),
        ("de Souza Maria", "surname_forename", "Maria", "de Souza"),
        ("O'BRIEN, SEAN", "surname_comma_forename", "Sean", "O'Brien"),
        ("Zofia (Zosia) Nowak", "forename_surname", "Zofia", "Nowak"),
        ("Zofia Nowak aka Zee", "forename_surname", "Zofia", "Nowak"),
    ],
)  # fmt: skip
def test_names_are_taken_apart(text, style, forename, surname):
    parts = take_apart(text, style)
    assert (parts.forename, parts.surname) == (forename, surname)


@pytest.mark.parametrize(
    ("line", "text", "who", "due", "words", "done"),
    [
        ("SW to complete NRM - Police by 01/03", "SW to complete NRM", "Police", dt.date(2025, 3, 1), "01/03", False),
        ("Check phone - DC Hill by 12/04/25", "Check phone", "DC Hill", dt.date(2025, 4, 12), "12/04/25", False),
        ("Health - sexual health appt - SW by ongoing", "Health - sexual health appt", "SW", None, "ongoing", False),
        ("Plan - SW by DONE", "Plan", "SW", None, "DONE", True),
        ("Housing to look at move by next MACE", "Housing to look at move", "Housing", None, "next MACE", False),
        ("1. Police: check phone due 12/04/25", "check phone", "Police", dt.date(2025, 4, 12), "12/04/25", False),
        ("just a thing to do", "just a thing to do", "", None, "", False),
        ("[x] ring school", "ring school", "", None, "", True),
    ],
)
def test_an_action_has_its_parts(line, text, who, due, words, done):
    given, _ = read_actions(line, cell="R5", after=dt.date(2025, 1, 15), around=dt.date(2025, 3, 8), today=TODAY)
    (action,) = given
    assert (action.text, action.who, action.due_on, action.due_words, action.done) == (text, who, due, words, done)


@pytest.mark.parametrize(
    ("line", "kind"),
    [("A - SW by 30/10", "year_assumed"), ("A - SW by 31/02", "due_unclear"), ("A - SW by week 3", "due_unclear")],
)
def test_a_due_date_that_is_not_plain_is_a_doubt(line, kind):
    _, unsure = read_actions(line, cell="R5", after=dt.date(2025, 1, 15), around=dt.date(2025, 3, 8), today=TODAY)
    assert [doubt.kind for doubt in unsure] == [kind]


def test_a_due_date_without_year_in_a_row_without_dates_has_none():
    (action,), (doubt,) = read_actions("A - SW by 30/10", cell="R5", after=None, around=None, today=TODAY)
    assert (action.due_on, action.due_words, doubt.kind) == (None, "30/10", "due_without_year")


@pytest.mark.parametrize(
    ("one", "other", "sure"),
    [
        (["Zofia Nowak", "14/03/2011", "A1"], ["Zofia Nowak", "14.03.11", "A2"], True),
        (["Zofia Nowak", "14/03/2011", "A1"], ["Nowak Zofia", "14/03/2011", "A2"], True),
        (["Zofia Nowak", "14/03/2011", "A1"], ["Zofia Nowak", "tbc", "A1"], True),
        (["Zofia Nowak", "14/03/2011", "A1"], ["Sofia Novak", "14/03/2011", "A2"], False),
        (["Katherine Smith", "03/04/2011", "A1"], ["Catherine Smyth", "04/03/2011", "A2"], False),
        (["Zofia Nowak", "14/03/2011", "A1"], ["Imran Begum", "01/01/2009", "A1"], False),
        (["Zofia Nowak", "14/03/2011", "A1"], ["Imran Begum", "14/03/2011", "A2"], None),
        (["Zofia Nowak", "14/03/2011", "A1"], ["Zofia Nowak", "01/09/2008", "A2"], None),
    ],
)
def test_the_same_person_is_found(one, other, sure):
    others = [["Ada Ash", "01/01/2010", "A7"], ["Hannah Birch", "02/02/2012", "A8"], ["Jack Cedar", "03/03/2009", "A9"]]
    _, _, reading = table(["Name", "DOB", "Client ID", "Concern"], *([*row, "CSE"] for row in [one, other, *others]))
    found = [group.sure for group in reading.same_people if group.rows == (("Sheet", 2), ("Sheet", 3))]
    assert found == ([] if sure is None else [sure])


def test_yes_is_neither_open_nor_closed():
    rows = [["Zofia Nowak", "14/03/2011", "CSE", word] for word in ("open", "Closed", "Y", "OPEN ", "nfa")]
    _, _, reading = table(["Name", "DOB", "Concern", "Open/Closed"], *rows)
    assert [row.value("state") for row in reading.people] == ["open", "closed", None, "open", "closed"]
    assert kinds(reading, "D4") == {"open_or_closed"}


def test_a_row_that_names_no_place_is_not_imported():
    rows = [["Canal bridge", "dealing", "01/02/2026"], [None, "weapons", "02/02/2026"]]
    _, _, reading = table(["Location", "Concern", "First raised"], *rows)
    assert [row.row for row in reading.places] == [2, 3]
    assert [(doubt.cell, doubt.kind, doubt.blocks) for doubt in reading.doubts] == [("A3", "no_place", True)]


def test_a_sparse_row_is_not_taken_for_headings():
    rows = [["Zofia Nowak", "14/03/2011", "M", "CSE", "Open"], [None, None, "M", None, "Open"]]
    rows.append(["Name", "DOB", "M/F", "Concern", "Open/Closed"])
    _, _, reading = table(["Name", "DOB", "M/F", "Concern", "Open/Closed"], *rows)
    assert [row.row for row in reading.people] == [2, 3]
    assert [(row.row, row.kind) for row in reading.passed_over] == [(4, "header")]
    assert reading.blocked() == {("Sheet", 3)}


def test_a_second_table_below_the_first_is_not_read_by_its_headings():
    rows: list[list[Any]] = [
        ["Nowak, Zofia", "14/03/2011", "CSE", "Zed by Fri\nCheck - SW by Fri", "KT"],
        ["CLOSED CASES"],
        ["Name", "DOB", "Date closed", "Reason", "School"],
        ["Ash, Ada", "03/04/2010", "05/06/2025", "moved", "Oakfield"],
    ]
    _, _, reading = table(["Name", "DOB", "Concern", "Actions", "Worker"], *rows)
    assert [(row.row, row.kind) for row in reading.passed_over] == [(3, "section")]
    assert reading.blocked() == {("Sheet", 4), ("Sheet", 5)}
    assert "second_table" in kinds(reading, "A5")
    assert (reading.people[0].actions[1].who, reading.people[0].actions[1].due_words) == ("SW", "Fri")


def test_numbers_are_checked():
    assert [
        nhs_number(text) is not None for text in ("999 000 0018", "9990000018", "9990000019", "99900000180", "12345")
    ] == [
        True,
        True,
        False,
        False,
        False,
    ]
    assert [upn(text) is not None for text in ("A123456789012", "B123456789012", "A123456789013", "X")] == [
        True,
        False,
        False,
        False,
    ]
    assert sum(upn(f"{letter}123456789012") is not None for letter in "ABCDEFGHJKLMNPQRTUVWXYZ") == 1


def test_names_that_sound_alike_have_one_sound():
    assert sound("Catherine")[1:] == sound("Katherine")[1:]
    assert sound("Smith") == sound("Smyth") == "s530"
    assert sound("Robert") == "r163"
