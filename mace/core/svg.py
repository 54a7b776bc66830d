"""Charts as SVG, drawn on the server, the same for the page and for the PDF.

Presentation attributes only (no `style`, no `<style>`), so that a page may forbid inline styles and WeasyPrint draws
the same picture. Every function gives a `Chart`, which carries its figures as a table too:
`{% include "components/chart.html" with chart=chart %}`. The same input gives the same text, byte for byte.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import math
from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

INK, QUIET, GRID, FILL = "#0b0c0c", "#484949", "#cecece", "#1f3a5f"
# Told apart by lightness as well as by hue; the legend and the table say the rest.
SERIES = ("#1f3a5f", "#5694ca", "#b58840", "#54319f", "#0f7a52", "#912b88")
FONT = "Helvetica Neue, Helvetica, Arial, Liberation Sans, sans-serif"
SIZE = 14  # px, of all text
WIDE = 640
NOTHING = "No figures for this period"


@dataclass(frozen=True, slots=True)
class Chart:
    """A picture and the figures in it. `head` and `rows` are the table; `empty` when there was nothing to draw."""

    title: str
    svg: SafeString
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    empty: bool = False

    def __html__(self) -> str:
        return self.svg

    def __str__(self) -> str:
        return self.svg


def text_width(text: str, size: float = SIZE) -> float:
    """About how wide `text` is in Arial, in px; a little too wide rather than too narrow."""
    narrow = sum(letter in "iljtfrI.,:;'|()[] " for letter in text)
    broad = sum(letter in "mwMW@%&" or letter.isupper() for letter in text)
    return size * (0.57 * (len(text) - narrow - broad) + 0.34 * narrow + 0.8 * broad)


def wrap(text: str, room: float, lines: int = 2) -> list[str]:
    """Break a label into at most `lines` lines that fit in `room` px; what does not fit ends in an ellipsis."""
    found: list[str] = []
    line = ""
    for word in text.split():
        longer = f"{line} {word}".strip()
        if line and text_width(longer) > room:
            found.append(line)
            line = word
        else:
            line = longer
    found.append(line)
    if len(found) > lines:
        found = [*found[: lines - 1], " ".join(found[lines - 1 :])]
    return [cut(line, room) for line in found]


def cut(text: str, room: float) -> str:
    """`text`, shortened with an ellipsis until it fits in `room` px."""
    if text_width(text) <= room:
        return text
    while text and text_width(text + "…") > room:
        text = text[:-1]
    return text.rstrip() + "…"


def ticks(highest: float, most: int = 5) -> list[int]:
    """Whole numbers from 0 to at least `highest`, evenly apart by 1, 2 or 5 times a power of ten, none twice."""
    top = max(1, math.ceil(highest))
    step = 1
    while top / step > most:
        power = 10 ** int(math.log10(step))
        step = power * {1: 2, 2: 5, 5: 10}[step // power]
    return list(range(0, math.ceil(top / step) * step + 1, step))


def number(value: float) -> str:
    """A coordinate, short and always the same."""
    return f"{value:.1f}".removesuffix(".0")


def write(x: float, y: float, text: str, *, anchor: str = "start", fill: str = INK, bold: bool = False) -> str:
    """One line of text with its baseline at `y`."""
    weight = ' font-weight="bold"' if bold else ""
    start = "" if anchor == "start" else f' text-anchor="{anchor}"'
    return f'<text x="{number(x)}" y="{number(y)}"{start} fill="{fill}"{weight}>{escape(text)}</text>'


def box(x: float, y: float, width: float, height: float, fill: str) -> str:
    return f'<rect x="{number(x)}" y="{number(y)}" width="{number(width)}" height="{number(height)}" fill="{fill}"/>'


def rule(x1: float, y1: float, x2: float, y2: float, stroke: str = GRID) -> str:
    return f'<line x1="{number(x1)}" y1="{number(y1)}" x2="{number(x2)}" y2="{number(y2)}" stroke="{stroke}"/>'


def picture(title: str, width: float, height: float, parts: Sequence[str]) -> SafeString:
    """The `<svg>` around its parts. Its id follows from its content, so two charts on a page do not share one."""
    body = "".join(parts)
    uid = "c" + hashlib.sha256(f"{title}\0{body}".encode()).hexdigest()[:10]
    size = f'viewBox="0 0 {number(width)} {number(height)}" width="{number(width)}" height="{number(height)}"'
    opening = f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img" aria-labelledby="{uid}"'
    return mark_safe(  # noqa: S308
        f'{opening} font-family="{FONT}" font-size="{SIZE}"><title id="{uid}">{escape(title)}</title>{body}</svg>'
    )


def nothing(title: str, head: Sequence[str]) -> Chart:
    """A chart with no figures says so."""
    parts = [box(0.5, 0.5, WIDE - 1, 79, "#f3f2f1"), write(WIDE / 2, 45, NOTHING, anchor="middle", fill=QUIET)]
    return Chart(title, picture(f"{title}. {NOTHING}.", WIDE, 80, parts), tuple(head), (), empty=True)


def legend(names: Sequence[str], width: float, y: float = 0) -> tuple[list[str], float]:
    """Colour keys in rows that fit `width`; the parts and the height they take."""
    parts: list[str] = []
    x, line = 0.0, y
    for name, fill in zip(names, SERIES, strict=False):
        room = 20 + text_width(name) + 20
        if x and x + room > width:
            x, line = 0.0, line + 22
        parts += [box(x, line, 13, 13, fill), write(x + 20, line + 12, cut(name, width - 24))]
        x += room
    return parts, line - y + 28


def bar_chart(
    data: Sequence[tuple[str, int]], title: str, *, label: str = "Group", value: str = "Number", width: int = WIDE
) -> Chart:
    """Horizontal bars, one beneath the other, with the figure at the end of each; labels may be long."""
    if not data:
        return nothing(title, (label, value))
    return bars(
        data=[(name, (figure,)) for name, figure in data],
        names=(value,),
        title=title,
        label=label,
        width=width,
        stacked=False,
    )


def grouped_bars(
    data: Sequence[tuple[str, Sequence[int]]],
    names: Sequence[str],
    title: str,
    *,
    label: str = "Group",
    width: int = WIDE,
) -> Chart:
    """For each row a bar per name, one beneath the other, with a legend."""
    if not data:
        return nothing(title, (label, *names))
    return bars(data=data, names=names, title=title, label=label, width=width, stacked=False)


def stacked_bars(
    data: Sequence[tuple[str, Sequence[int]]],
    names: Sequence[str],
    title: str,
    *,
    label: str = "Group",
    width: int = WIDE,
) -> Chart:
    """For each row one bar made of a part per name, the total at its end, with a legend."""
    if not data:
        return nothing(title, (label, *names, "Total"))
    return bars(data=data, names=names, title=title, label=label, width=width, stacked=True)


def bars(
    *,
    data: Sequence[tuple[str, Sequence[int]]],
    names: Sequence[str],
    title: str,
    label: str,
    width: int,
    stacked: bool,
) -> Chart:
    """The horizontal bar charts. Raises ValueError for a negative figure or more series than can be told apart."""
    if len(names) > len(SERIES):
        raise ValueError(f"A chart can show {len(SERIES)} series, not {len(names)}.")
    if any(figure < 0 for _, figures in data for figure in figures):
        raise ValueError("A bar cannot show a negative figure.")
    highest = max(sum(figures) if stacked else max(figures, default=0) for _, figures in data)
    steps = ticks(highest)
    longest = max(text_width(name) for name, _ in data)
    left = min(longest + 12, width * 0.4)
    right = text_width(f"{highest:,}") + 14
    parts, top = legend(names, width) if len(names) > 1 else ([], 0.0)
    scale = (width - left - right) / steps[-1]
    labels = [wrap(name, left - 10) for name, _ in data]
    each = 1 if stacked else len(names)
    thick = 22.0 if each == 1 else 16.0
    pitches = [max(thick * each, 18.0 * len(lines)) + 12 for lines in labels]
    bottom = top + sum(pitches) + 4
    for step in steps:
        x = left + step * scale
        parts += [rule(x, top, x, bottom), write(x, bottom + 18, f"{step:,}", anchor="middle", fill=QUIET)]
    y = top
    for (_, figures), lines, pitch in zip(data, labels, pitches, strict=True):
        middle = y + pitch / 2
        first = middle - 9 * (len(lines) - 1) + 5
        parts += [write(left - 10, first + 18 * place, line, anchor="end") for place, line in enumerate(lines)]
        start = middle - thick * each / 2
        x = left
        for place, figure in enumerate(figures):
            fill = FILL if len(names) == 1 else SERIES[place]
            if stacked:
                if figure:
                    parts.append(box(x, start, max(figure * scale - 1, 0.5), thick, fill))
                x += figure * scale
            else:
                line_top = start + place * thick
                if figure:
                    parts.append(box(left, line_top, figure * scale, thick - (1 if each > 1 else 0), fill))
                parts.append(figure_text(left + figure * scale, line_top + thick / 2, figure))
        if stacked:
            parts.append(figure_text(x, middle, sum(figures)))
        y += pitch
    parts.append(rule(left, top, left, bottom, QUIET))
    total = ("Total",) if stacked and len(names) > 1 else ()
    rows = tuple(
        (name, *(f"{figure:,}" for figure in figures), *((f"{sum(figures):,}",) if total else ()))
        for name, figures in data
    )
    return Chart(title, picture(title, width, bottom + 26, parts), (label, *names, *total), rows)


def figure_text(x: float, middle: float, figure: int) -> str:
    """The figure at the end of a bar, on white where a grid line would cross it."""
    said = f"{figure:,}"
    return box(x + 3, middle - 9, text_width(said) + 4, 18, "#ffffff") + write(x + 5, middle + 5, said, bold=True)


def column_chart(
    data: Sequence[tuple[str, int]],
    title: str,
    *,
    label: str = "Month",
    value: str = "Number",
    width: int = WIDE,
    height: int = 260,
) -> Chart:
    """Upright bars for a run of short labels, such as months; labels that would touch are left out."""
    if not data:
        return nothing(title, (label, value))
    if any(figure < 0 for _, figure in data):
        raise ValueError("A bar cannot show a negative figure.")
    steps = ticks(max(figure for _, figure in data))
    left, top, bottom = text_width(f"{steps[-1]:,}") + 12, 22.0, height - 28.0
    pitch = pitch_of([name for name, _ in data], left, width)
    thick = min(pitch * 0.6, 56)
    scale = (bottom - top) / steps[-1]
    every = max(1, math.ceil(max(text_width(name) + 8 for name, _ in data) / pitch))
    parts: list[str] = []
    for step in steps:
        y = bottom - step * scale
        parts += [rule(left, y, width, y), write(left - 8, y + 5, f"{step:,}", anchor="end", fill=QUIET)]
    for place, (name, figure) in enumerate(data):
        x = left + (place + 0.5) * pitch
        y = bottom - figure * scale
        if figure:
            parts.append(box(x - thick / 2, y, thick, figure * scale, FILL))
        if text_width(f"{figure:,}") < pitch:
            parts.append(write(x, y - 5, f"{figure:,}", anchor="middle", bold=True))
        if place % every == 0:
            parts.append(write(within(x, name, width), height - 9, name, anchor="middle"))
    parts.append(rule(left, bottom, width, bottom, QUIET))
    rows = tuple((name, f"{figure:,}") for name, figure in data)
    return Chart(title, picture(title, width, height, parts), (label, value), rows)


def step_chart(
    points: Sequence[tuple[dt.date, str]],
    title: str,
    *,
    levels: Sequence[str] = ("Emerging", "Moderate", "Significant"),
    marks: Sequence[tuple[dt.date, str]] = (),
    until: dt.date | None = None,
    width: int = WIDE,
) -> Chart:
    """A journey over time between named levels, the lowest first: a rating holds from its date until the next.

    `marks` are dated events set beneath the journey, numbered, each with its words in the table. `until` draws the last
    level on to that day. Raises ValueError for a level that is not in `levels`.
    """
    head = ("Date", "What happened")
    if not points:
        return nothing(title, head)
    unknown = {level for _, level in points} - set(levels)
    if unknown:
        raise ValueError(f"Not a level of this chart: {', '.join(sorted(unknown))}.")
    points, marks = sorted(points, key=lambda point: point[0]), sorted(marks)
    days = [day for day, _ in (*points, *marks)] + ([until] if until else [])
    first, last = min(days), max(days)
    left = max(text_width(level) for level in levels) + 14
    right, pitch, top = width - 14.0, 44.0, 14.0
    floor = top + pitch * (len(levels) - 1)
    span = max(1, (last - first).days)

    def across(day: dt.date) -> float:
        return left + 8 + (right - left - 8) * (day - first).days / span

    def up(level: str) -> float:
        return floor - pitch * list(levels).index(level)

    parts: list[str] = []
    for level in levels:
        parts += [rule(left, up(level), right, up(level)), write(left - 10, up(level) + 5, level, anchor="end")]
    path = f"M{number(across(points[0][0]))} {number(up(points[0][1]))}"
    for day, level in points[1:]:
        path += f"H{number(across(day))}V{number(up(level))}"
    path += f"H{number(across(last))}"
    parts.append(f'<path d="{path}" fill="none" stroke="{FILL}" stroke-width="4" stroke-linejoin="round"/>')
    parts += [
        f'<circle cx="{number(across(day))}" cy="{number(up(level))}" r="6" fill="{FILL}"/>' for day, level in points
    ]
    bottom = floor + 20
    if marks:
        rows_of_marks, bottom = numbered([across(day) for day, _ in marks], floor + 32)
        parts += rows_of_marks
    parts.append(rule(left, bottom, right, bottom, QUIET))
    parts.append(write(left, bottom + 19, short(first)))
    if last != first:
        parts.append(write(right, bottom + 19, short(last), anchor="end"))
    told = [(day, f"Rated {level.lower()}") for day, level in points]
    told += [(day, f"{place}. {words}") for place, (day, words) in enumerate(marks, 1)]
    rows = tuple((short(day), words) for day, words in sorted(told, key=lambda entry: entry[0]))
    return Chart(title, picture(title, width, bottom + 28, parts), head, rows)


def numbered(places: Sequence[float], top: float) -> tuple[list[str], float]:
    """Numbers in circles at these places, in as many rows as keep them apart; the parts and where they end."""
    ends: list[float] = []
    parts: list[str] = []
    for place, x in enumerate(places, 1):
        row = next((index for index, end in enumerate(ends) if x - end >= 26), len(ends))
        ends[row : row + 1] = [x]
        y = top + 26 * row
        parts.append(
            f'<circle cx="{number(x)}" cy="{number(y)}" r="11" fill="#ffffff" stroke="{INK}" stroke-width="1.5"/>'
        )
        parts.append(write(x, y + 5, str(place), anchor="middle", bold=True))
    return parts, top + 26 * len(ends) - 6


def line_chart(
    points: Sequence[tuple[str, Sequence[int | None]]],
    names: Sequence[str],
    title: str,
    *,
    label: str = "Month",
    width: int = WIDE,
    height: int = 280,
) -> Chart:
    """Lines over a run of short labels; None leaves a gap."""
    known = [figure for _, figures in points for figure in figures if figure is not None]
    if not known:
        return nothing(title, (label, *names))
    if len(names) > len(SERIES):
        raise ValueError(f"A chart can show {len(SERIES)} series, not {len(names)}.")
    steps = ticks(max(known))
    parts, top = legend(names, width) if len(names) > 1 else ([], 8.0)
    top += 6
    left, bottom = text_width(f"{steps[-1]:,}") + 14, height - 28.0
    scale = (bottom - top) / steps[-1]
    pitch = pitch_of([name for name, _ in points], left, width)
    every = max(1, math.ceil(max(text_width(name) + 8 for name, _ in points) / pitch))
    for step in steps:
        y = bottom - step * scale
        parts += [rule(left, y, width, y), write(left - 8, y + 5, f"{step:,}", anchor="end", fill=QUIET)]
    spots = [left + (place + 0.5) * pitch for place in range(len(points))]
    parts += [
        write(within(x, points[place][0], width), height - 9, points[place][0], anchor="middle")
        for place, x in enumerate(spots)
        if place % every == 0
    ]
    for series in range(len(names)):
        fill = SERIES[series]
        path, pen = "", "M"
        for x, (_, figures) in zip(spots, points, strict=True):
            figure = figures[series]
            if figure is None:
                pen = "M"
                continue
            y = bottom - figure * scale
            path += f"{pen}{number(x)} {number(y)}"
            pen = "L"
            parts.append(f'<circle cx="{number(x)}" cy="{number(y)}" r="4" fill="{fill}"/>')
        parts.append(f'<path d="{path}" fill="none" stroke="{fill}" stroke-width="3" stroke-linejoin="round"/>')
    parts.append(rule(left, bottom, width, bottom, QUIET))
    rows = tuple((name, *("–" if figure is None else f"{figure:,}" for figure in figures)) for name, figures in points)
    return Chart(title, picture(title, width, height, parts), (label, *names), rows)


def pitch_of(names: Sequence[str], left: float, width: float) -> float:
    """How far apart the labels stand, with room at the right for half of the last one."""
    pitch = (width - left) / len(names)
    return (width - left - max(0.0, (text_width(names[-1]) - pitch) / 2)) / len(names)


def within(x: float, text: str, width: float) -> float:
    """The middle of a text that would stand at `x`, moved so far that no letter is cut off at either edge."""
    half = text_width(text) / 2
    return max(half, min(x, width - half))


def short(day: dt.date) -> str:
    """`3 May 2026`."""
    return f"{day.day} {day:%b} {day.year}"
