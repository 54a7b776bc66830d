"""A long tracker takes seconds and little memory."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from openpyxl import Workbook

from mace.importing.reading import propose, read_book
from tests.importing.books import CODES, saved
from tests.importing.chance import made_tracker

MOST_MB = 250
MEASURE = """
import resource, sys, time
from pathlib import Path
from mace.importing.reading import propose, read, read_book, said
from tests.importing.books import CODES, TODAY
began = time.perf_counter()
book = read_book(Path(sys.argv[1]).read_bytes(), "long.xlsx")
plan = propose(book, codes=CODES)
reading = read(book, plan, codes=CODES, today=TODAY)
lines = said(book, plan, reading)
seconds = time.perf_counter() - began
cells = sum(len(sheet.cells) for sheet in book.sheets)
actions = sum(len(row.actions) for row in reading.people)
kept = Path("/proc/self/status")  # what getrusage says begins with the size of whoever started this process
if kept.exists():
    megabytes = int(kept.read_text().split("VmHWM:")[1].split()[0]) / 1024
else:
    megabytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024 / (1024 if sys.platform == "darwin" else 1)
print(len(reading.people), cells, actions, len(lines), f"{seconds:.1f}", f"{megabytes:.0f}")
"""


def long_tracker() -> bytes:
    """5,000 rows of 20 columns, with actions."""
    made = next(
        each
        for each in (made_tracker(seed, people=40) for seed in range(400))
        if each.name.endswith("xlsx") and len(next(iter(each.truth.values()))) >= 19
    )
    made_book = read_book(made.content, made.name)
    cells = made_book.sheets[0].rows()
    top = propose(made_book, codes=CODES).sheets[0].header_rows[0]
    book = Workbook(write_only=True)
    sheet = book.create_sheet("Cases")
    people = [number for _, number in made.truth]
    width = max(cells[top])
    sheet.append([cells[top][column].text if column in cells[top] else None for column in range(1, width + 1)])
    for count in range(5000):
        row = cells[people[count % len(people)]]
        sheet.append([row[column].value if column in row else None for column in range(1, width + 1)])
    return saved(book)


@pytest.mark.deep
def test_five_thousand_rows(tmp_path, capsys):
    file = tmp_path / "long.xlsx"
    file.write_bytes(long_tracker())
    done = subprocess.run(
        [sys.executable, "-c", MEASURE, str(file)],
        capture_output=True,
        text=True,
        check=True,
        cwd=Path(__file__).parents[3],
    )
    rows, cells, actions, lines, seconds, megabytes = done.stdout.split()
    with capsys.disabled():
        told = f"{rows} rows, {cells} cells, {actions} actions, report of {lines} lines: {seconds} s, {megabytes} MB"
        sys.stdout.write(f"\n  {told}\n")
    assert int(rows) == 5000
    assert int(cells) > 85_000
    assert int(actions) > 3000
    assert float(megabytes) < MOST_MB
