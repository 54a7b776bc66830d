"""Trackers made by chance from a seed, of which the truth is known."""

from __future__ import annotations

import csv
import datetime as dt
import io
import random
from dataclasses import dataclass, field
from typing import Any

from openpyxl import Workbook

from tests.importing.books import TODAY, first_sheet, saved

FORENAMES = (
    "Aisha", "Bilal", "Bronwen", "Callum", "Chidi", "Daisy", "Elif", "Ethan", "Farida", "Gethin", "Hannah",
    "Imran", "Jasmine", "Kofi", "Leon", "Maisie", "Nadia", "Oluwaseun", "Priya", "Quincy", "Rosie", "Siobhan",
    "Tariq", "Una", "Viktor", "Wiktoria", "Xanthe", "Yusuf", "Zofia", "Amelia", "Jack", "Olivia", "Harry", "Grace",
    "Muhammad", "Chloe", "Tyler", "Ruby", "Connor", "Leah", "Anaya",
)  # fmt: skip
SURNAMES = (
    "Abbott", "Begum", "Cartwright", "Dhillon", "Edwards", "Farrow", "Greenhalgh", "Hussain", "Iqbal", "Jarvis",
    "Kowalczyk", "Lamptey", "Mensah", "Nowak", "Okafor", "Patel", "Quigley", "Ramsbottom", "Sandhu",
    "Thistlethwaite", "Underhill", "Vasquez", "Whitlock", "Yilmaz", "Zielinski", "Ashworth", "Bickerstaff",
    "Cholmondeley", "Dunphy", "Entwistle",
)  # fmt: skip
HEADINGS: dict[str, tuple[str, ...]] = {
    "name": (
        "Young person's name",
        "NAME OF CHILD",
        "Name (YP)",
        "Child's Full Name",
        "Full name of young person",
        "Subject name",
        "Client",
    ),
    "surname": ("Last Name", "YP Surname", "Child – family name", "SURNAME:", "surname of child"),
    "forename": ("Given name", "Christian name", "YP First Name", "FORENAME(S)", "first-name"),
    "date_of_birth": (
        "D O B",
        "Birth date",
        "Date of brith",
        "YP DoB",
        "date_of_birth",
        "Born",
        "Child's date of birth (dd/mm/yyyy)",
    ),
    "sex": ("Sex (M/F)", "GENDER", "YP gender", "Sex at birth", "Male/Female"),
    "ethnicity": ("Ethnic origin", "Ethincity", "Ethnic group", "ETHNICITY (code)", "YP's ethnicity"),
    "local_id": ("Client ID", "Mosaic no.", "LiquidLogic number", "LCS ID", "Azeus ref", "Social care ID no"),
    "address": ("Home addr.", "Current placement", "Lives at (address)", "ADDRESS", "Where living"),
    "legal_status": (
        "CSC status",
        "Social Care Status",
        "Legal Staus",
        "Status with social care",
        "Current legal status",
    ),
    "education_status": ("Education status", "Ed. status", "School status", "EDUCATIONAL STATUS"),
    "referred_on": (
        "Ref date",
        "When referred",
        "Date of refferal",
        "Referral rec'd on",
        "Date Referral Received",
        "Refd on",
    ),
    "referred_by": ("Source of ref", "Who made referral", "Referring agency", "Referred from", "Referral source"),
    "primary_category": (
        "Exploitation type",
        "Category of harm",
        "Type(s) of exploitation",
        "Main concern",
        "Primary category",
        "Risk type",
    ),
    "rating": (
        "Level of risk",
        "RISK RATING",
        "Risk grading",
        "Overall risk level",
        "RAG rating",
        "Current risk score",
    ),
    "pre_mace_on": ("Pre MACE mtg", "Date of pre-MACE", "PREMACE DATE", "Pre-MACE held on", "pre mace meeting date"),
    "mace_on": ("MACE panel date", "Heard at MACE", "Date of MACE", "MACE meeting (date)", "Date presented to MACE"),
    "actions": ("Agreed actions", "ACTIONS AND OWNERS", "Tasks (by whom / when)", "Action plan", "Actoins"),
    "next_review_on": (
        "Rev. date next",
        "Date of next review",
        "Review due date",
        "NEXT REVIEW ON",
        "Next mace review",
    ),
    "state": ("Case open/closed", "Open or Closed?", "OPEN/CLOSED", "Case status"),
    "outcome": ("Outcome of meeting", "Decision", "Panel outcome", "OUTCOME(S)"),
}
SPELT: dict[str, dict[str, tuple[str, ...]]] = {
    "sex": {"F": ("F", "female", "Girl", "f"), "M": ("M", "Male", "male", "boy")},
    "ethnicity": {
        "WBRI": ("White British", "WBRI", "white brit", "White - British", "White Britsh"),
        "BCRB": ("Black Caribbean", "BCRB", "Caribbean", "Black - Carib"),
        "BAFR": ("Black African", "African", "B. African"),
        "ABAN": ("Bangladeshi", "Asian Bangladeshi", "Asian - Bangladeshi"),
        "MWBC": ("Mixed W/BC", "White and Black Caribbean", "White & Black Caribbean"),
    },
    "legal_status": {
        "CLA": ("LAC", "CLA", "looked after", "LAC s20", "Looked after child"),
        "CPP": ("CP", "CP Plan", "Child Protection Plan", "CPP"),
        "CIN": ("CIN", "child in need", "CiN plan", "S17"),
        "EH": ("Early Help", "EH", "early help"),
    },
    "education_status": {"PRU": ("PRU", "pupil referral unit"), "NEET": ("NEET", "Neet"), "college": ("college",
    "6th form", "Sixth form")},
    "primary_category": {
        "CCE": ("CCE", "Criminal exploitation", "child criminal exploitation", "CCE + missing"),
        "CSE": ("CSE", "Sexual Exploitation", "Child sexual exploitaton"),
        "SYV": ("SYV", "Serious Youth Violence", "serious youth violence"),
        "county_lines": ("County Lines", "county lines", "County line"),
    },
    "rating": {
        "emerging": ("Emerging", "emerging risk", "EMERGING"),
        "moderate": ("Moderate", "mod", "MOD", "Low -> Moderate"),
        "significant": ("Significant", "sig", "Signif.", "Moderate -> Significant"),
    },
}  # fmt: skip


STRANGE: dict[str, tuple[Any, ...]] = {
    "Strengths": ("likes football", "close to nan", None),
    "Peer group": ("Canal lot", "none known", None),
    "Phone": ("07700 900123", None),
    "": (None, None, "see file"),
    "Date NRM submitted": ("01/03/2026", dt.date(2026, 4, 2), None),
    "Parent contacted Y/N": ("Y", "N", "y"),
    "Background info": ("Known to services since 2019.\nMoved twice.", None),
    "RHI": ("offered", "refused", None),
    "Ward": ("Marlow", "Haddon"),
    "Form code": ("M", "F", "X7"),
}
"""Columns that no field is for, and what stands in them."""


@dataclass(slots=True)
class Made:
    """A file made by chance and what is true of it: by sheet and row, the value of each field, and where it stands."""

    content: bytes
    name: str
    truth: dict[tuple[str, int], dict[str, Any]] = field(default_factory=dict)
    places: dict[tuple[str, int, str], str] = field(default_factory=dict)
    """The cell of each value, as ``B5``."""
    top: int = 0
    """The row of the headings."""


def slipped(chance: random.Random, heading: str) -> str:
    """The heading, sometimes with a letter doubled, dropped or swapped with the next in a long word."""
    words = heading.split(" ")
    long = [at for at, word in enumerate(words) if len(word) >= 6 and word.isalpha()]
    if not long or chance.random() > 0.12:
        return heading
    at = chance.choice(long)
    word, place = words[at], chance.randrange(1, len(words[at]) - 2)
    words[at] = chance.choice(
        [
            word[:place] + word[place] + word[place:],
            word[:place] + word[place + 1 :],
            word[:place] + word[place + 1] + word[place] + word[place + 2 :],
        ]
    )
    return " ".join(words)


def date_as_written(chance: random.Random, day: dt.date, *, text_only: bool, american: bool = False) -> Any:
    """A date in one of the ways in which people write it."""
    if american:
        return f"{day:%m/%d/%Y}"
    ways: list[Any] = [
        f"{day:%d/%m/%Y}", f"{day.day}/{day.month}/{day:%y}", f"{day:%d.%m.%y}", f"{day.day} {day:%B %Y}",
        f"{day.day}-{day:%b-%y}",
        day.isoformat(), f"{day:%A} {day.day} {day:%b %Y}", (day - dt.date(1899, 12, 30)).days,
    ]  # fmt: skip
    if not text_only:
        ways += [day, dt.datetime.combine(day, dt.time()), day, day]
    return chance.choice(ways)


def made_tracker(seed: int, *, people: int = 40, american: str = "") -> Made:
    """A tracker whose columns, order, headings, formats and untidiness are drawn from the seed.

    The field ``american``, if given, has its dates month first.
    """
    chance = random.Random(seed)
    as_text = chance.random() < 0.3
    split = chance.random() < 0.4
    style = chance.choice(["forename surname", "surname, forename", "surname forename", "SURNAME forename"])
    must = [
        *(["surname", "forename"] if split else ["name"]),
        "date_of_birth",
        "referred_on",
        "primary_category",
        "rating",
    ]
    rest = [name for name in HEADINGS if name not in {*must, "name", "surname", "forename"}]
    columns = must + chance.sample(rest, chance.randint(6, len(rest)))
    chance.shuffle(columns)
    headings = {name: slipped(chance, chance.choice(HEADINGS[name])) for name in columns}
    for name in chance.sample(sorted(STRANGE), chance.randint(0, 3)):
        columns.insert(chance.randrange(len(columns) + 1), name)
        headings[name] = name
    grid: list[list[Any]] = []
    if chance.random() < 0.6:
        grid += [["Panel list – confidential"], ["updated by KT on " + f"{TODAY:%d/%m/%Y}"], []][: chance.randint(1, 3)]
    numbered = chance.random() < 0.5
    lead = ["No."] if numbered else []
    grid.append([*lead, *(headings[name] for name in columns)])
    made = Made(b"", "made.csv" if as_text else "made.xlsx", top=len(grid))
    sheet = "Sheet 1" if as_text else "Cases"
    for count in range(people):
        if chance.random() < 0.04:
            grid.append([chance.choice(["Cases carried over", "New cases", "2026", "March 2026"])])
        if chance.random() < 0.03:
            grid.append([])
        truth, shown = _person(chance, count, style=style, as_text=as_text, american=american)
        grid.append([*([count + 1] if numbered else []), *(shown.get(name) for name in columns)])
        row = len(grid)
        wanted = [name for name in [*columns, "forename", "surname"] if name != "name" and name not in STRANGE]
        made.truth[sheet, row] = {name: truth.get(name) for name in wanted}
        for at, name in enumerate(columns, 1 + len(lead)):
            made.places[sheet, row, name] = f"{chr(64 + at)}{row}"
        if "name" in columns:
            made.places[sheet, row, "forename"] = made.places[sheet, row, "surname"] = made.places[sheet, row, "name"]
    if chance.random() < 0.5:
        grid += [[], ["Total", str(people)]]
    made.content = _as_text(grid, chance) if as_text else _as_workbook(grid, sheet)
    return made


def _as_text(grid: list[list[Any]], chance: random.Random) -> bytes:
    out = io.StringIO()
    csv.writer(out, delimiter=chance.choice([",", ";", "\t"])).writerows(grid)
    return out.getvalue().encode(chance.choice(["utf-8-sig", "utf-16", "cp1252"]))


def _as_workbook(grid: list[list[Any]], name: str) -> bytes:
    book = Workbook()
    first_sheet(book).title = name
    for number, row in enumerate(grid, 1):
        for column, value in enumerate(row, 1):
            first_sheet(book).cell(number, column, value)
    return saved(book)


def _person(
    chance: random.Random, count: int, *, style: str, as_text: bool, american: str
) -> tuple[dict[str, Any], dict[str, Any]]:
    """What is true of somebody, and how a row shows it."""
    forename, surname = chance.choice(FORENAMES), chance.choice(SURNAMES)
    born = dt.date(2009, 1, 1) + dt.timedelta(days=chance.randrange(2000))
    referred = dt.date(2025, 1, 6) + dt.timedelta(days=chance.randrange(400))
    pre, mace = (
        referred + dt.timedelta(days=chance.randint(7, 30)),
        referred + dt.timedelta(days=chance.randint(31, 60)),
    )
    review = mace + dt.timedelta(days=84)
    truth: dict[str, Any] = {
        "forename": forename, "surname": surname, "date_of_birth": born, "referred_on": referred, "pre_mace_on": pre,
        "mace_on": mace,
        "next_review_on": review, "local_id": str(400_000 + count * 37 + chance.randrange(30)),
        "address": f"{chance.randint(1, 99)} Mill Lane",
        "referred_by": chance.choice(["MASH", "Police", "Oakfield School", "YJS / Lee"]),
        "outcome": chance.choice(["MACE to hear", "rv 12 wks"]),
        "state": chance.choice(["open", "closed"]),
    }  # fmt: skip
    written = {
        "forename surname": f"{forename} {surname}",
        "surname, forename": f"{surname}, {forename}",
        "surname forename": f"{surname} {forename}",
        "SURNAME forename": f"{surname.upper()} {forename}",
    }
    shown: dict[str, Any] = {**truth, "name": written[style]}
    for name in ("date_of_birth", "referred_on", "pre_mace_on", "mace_on", "next_review_on"):
        shown[name] = date_as_written(chance, truth[name], text_only=as_text, american=name == american)
    for name, spelt in SPELT.items():
        truth[name] = chance.choice(list(spelt))
        shown[name] = chance.choice(spelt[truth[name]])
    shown["state"] = chance.choice(
        {"open": ["Open", "OPEN ", "active"], "closed": ["Closed", "closed"]}[truth["state"]]
    )
    truth["actions"], shown["actions"] = _actions(chance, pre)
    shown.update({name: chance.choice(values) for name, values in STRANGE.items()})
    for name in ("pre_mace_on", "mace_on", "next_review_on", "address", "referred_by", "outcome"):
        if chance.random() < 0.15:
            truth[name], shown[name] = None, chance.choice([None, "n/a", "tbc", "-"])
    if chance.random() < 0.03:
        truth["date_of_birth"], shown["date_of_birth"] = (
            None,
            chance.choice(["approx 15", "2012?", "tbc", "31/02/2012"]),
        )
    if chance.random() < 0.05:
        truth["rating"], shown["rating"] = None, chance.choice(["RED", "Amber", "Green", "High"])
    return truth, shown


def _actions(chance: random.Random, pre: dt.date) -> tuple[list[tuple[str, str, dt.date | None, bool]], str]:
    """Actions as text, who, due day and whether done, and the cell that lists them."""
    truth, lines = [], []
    for _ in range(chance.randint(0, 3)):
        text = chance.choice(
            ["Complete NRM", "Update safety plan", "Sexual health appointment", "Check intel on phone no."]
        )
        who = chance.choice(["SW", "Police", "DC Hill", "YJS", "Housing"])
        due = pre + dt.timedelta(days=chance.randint(3, 40))
        shown, day, done = chance.choice(
            [
                (f"{due:%d/%m/%y}", due, False),
                (f"{due:%d/%m}", due, False),
                ("asap", None, False),
                ("DONE", None, True),
                ("next MACE", None, False),
            ]
        )
        truth.append((text, who, day, done))
        lines.append(f"{text} - {who} by {shown}")
    return truth, "\n".join(lines)
