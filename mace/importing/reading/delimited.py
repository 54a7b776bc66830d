"""Text with a delimiter between its cells, as spreadsheets and police systems save it."""

from __future__ import annotations

import csv
import io
from collections import Counter

from mace.core.errors import RuleBroken
from mace.importing.reading.cells import Cell, Sheet, cleaned

DELIMITERS = (",", ";", "\t", "|")
MOST_CELLS = 200_000
NAME = "Sheet 1"
"""What the only sheet of such a file is called."""


def delimited_sheets(content: bytes) -> list[Sheet]:
    """The one sheet of the text. Raises ``RuleBroken`` where it is no such text."""
    text = decoded(content)
    delimiter = delimiter_of(text)
    if text[:4].lower() == "sep=":
        text = text.partition("\n")[2]
    cells: list[Cell] = []
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        for row, parts in enumerate(reader, 1):
            for column, part in enumerate(parts, 1):
                if shown := cleaned(part):
                    cells.append(Cell(row, column, shown, shown))
            if len(cells) > MOST_CELLS:
                raise RuleBroken(
                    f"The file has more than {MOST_CELLS:,} filled cells. Save the cases of fewer years as a "
                    "file of their own."
                )
    except csv.Error as error:
        raise RuleBroken(
            f"The file cannot be read as a table near line {reader.line_num}. Open it in Excel and save it as .xlsx."
        ) from error
    return [Sheet(NAME, hidden=False, cells=tuple(cells))]


def decoded(content: bytes) -> str:
    """UTF-8, UTF-16 with its mark, or the encoding of Windows in western Europe.

    Raises ``RuleBroken`` for what is no text.
    """
    try:
        if content.startswith((b"\xff\xfe", b"\xfe\xff")):
            text = content.decode("utf-16")
        else:
            try:
                text = content.decode("utf-8-sig")
            except UnicodeDecodeError:
                text = content.decode("cp1252")
    except UnicodeDecodeError as error:
        raise RuleBroken(
            "The file is not a spreadsheet that can be read. Open it in Excel and save it as .xlsx."
        ) from error
    strange = sum(1 for c in text[:20_000] if (c < " " and c not in "\t\r\n\x0b\x0c\x1a") or c == "\ufffd")
    if strange > len(text[:20_000]) / 200:
        raise RuleBroken("The file is not a spreadsheet that can be read. Open it in Excel and save it as .xlsx.")
    return text


def delimiter_of(text: str) -> str:
    """The delimiter that cuts the first lines into equally many cells, and more than one; a comma if none does."""
    if text[:4].lower() == "sep=" and text[4:5] in DELIMITERS:
        return text[4]
    sample = text[:60_000]
    best, best_score = ",", 0.0
    for delimiter in DELIMITERS:
        counts: Counter[int] = Counter()
        try:
            for parts in csv.reader(io.StringIO(sample, newline=""), delimiter=delimiter):
                counts[len(parts)] += bool("".join(parts).strip())
        except csv.Error:
            continue
        width, times = max(counts.items(), key=lambda entry: (entry[1] * (entry[0] > 1), entry[0]), default=(1, 0))
        if width < 2 or not times:
            continue
        score = times / sum(counts.values()) * (1 + width / 100)
        if score > best_score:
            best, best_score = delimiter, score
    return best
