"""Reading spreadsheets of cases: what is in the file, what each part of it is taken for, and what is doubtful.

Plain Python, without a database. ``read_book`` makes a book of a file, ``propose`` a plan for it that a person may
change, ``read``
what the plan makes of the book, and ``said`` a report of it all.
"""

from __future__ import annotations

from mace.importing.reading.book import Book, Cell, Sheet, read_book, where
from mace.importing.reading.interpreting import read
from mace.importing.reading.plan import Plan, from_json, to_json
from mace.importing.reading.planning import plan_again, propose
from mace.importing.reading.result import Doubt, Reading
from mace.importing.reading.saying import said
from mace.importing.reading.spellings import spelling_key

__all__ = [
    "Book",
    "Cell",
    "Doubt",
    "Plan",
    "Reading",
    "Sheet",
    "from_json",
    "plan_again",
    "propose",
    "read",
    "read_book",
    "said",
    "spelling_key",
    "to_json",
    "where",
]
