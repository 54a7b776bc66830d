"""Fills of cells: the plain word for a colour, and what a sheet says that its colours mean."""

from __future__ import annotations

import colorsys
import re
from collections import Counter

from mace.importing.reading.cells import Sheet
from mace.importing.reading.plan import Colour

NAMES = ["red", "amber", "orange", "yellow", "green", "blue", "purple", "pink", "grey", "gray", "brown", "black"]
_SAID = re.compile(rf"\b({'|'.join(NAMES)})\b\s*(?:[=:–-]|means|is|for)\s*([^,;\n=]+)", re.IGNORECASE)
BANDING = 0.3
"""A colour that more than this share of the filled cells have is decoration, and means nothing."""


def colour_word(colour: str) -> str:
    """The plain word for ``RRGGBB``: ``FFC000`` is amber. Empty for white and the palest greys."""
    red, green, blue = (int(colour[at : at + 2], 16) / 255 for at in (0, 2, 4))
    hue, light, depth = colorsys.rgb_to_hls(red, green, blue)
    if depth < 0.15 or light > 0.97 or light < 0.08:
        return "black" if light < 0.15 else "grey" if light < 0.93 else ""
    degrees = hue * 360
    for last, word in (
        (15, "red"),
        (52, "amber"),
        (70, "yellow"),
        (170, "green"),
        (260, "blue"),
        (300, "purple"),
        (335, "pink"),
        (361, "red"),
    ):
        if degrees <= last:
            return word
    return ""


def meanings_of(sheet: Sheet, header_rows: tuple[int, ...]) -> tuple[Colour, ...]:
    """The colours among the rows below the headings, each with what the sheet says it means.

    In words beside or in that colour.
    """
    below = [cell for cell in sheet.cells if cell.row > header_rows[-1]]
    used = Counter(cell.colour for cell in below if cell.colour and colour_word(cell.colour))
    filled = sum(bool(cell.text) for cell in below) or 1
    said: dict[str, str] = {}
    shown: dict[str, str] = {}
    for cell in sheet.cells:
        for word, meaning in _SAID.findall(cell.text) if len(cell.text) < 300 else ():
            said.setdefault({"orange": "amber", "gray": "grey"}.get(word.lower(), word.lower()), meaning.strip())
        if cell.colour and cell.text and cell.row < header_rows[0] and not _SAID.search(cell.text):
            shown.setdefault(cell.colour, cell.text)
    out = []
    for colour, times in used.most_common():
        meaning = said.get(colour_word(colour), "") or shown.get(colour, "")
        if meaning or times <= BANDING * filled:
            out.append(Colour(colour, colour_word(colour), meaning))
    return tuple(out)
