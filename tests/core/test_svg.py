"""Charts draw the same picture for the same figures, within the page's rules, and say the figures as a table."""

from __future__ import annotations

import datetime as dt
import itertools
import re
import xml.etree.ElementTree as ET

import pytest

from mace.core import svg
from mace.core.svg import Chart

LONG = "Health and mental health services for children and young people of the whole county"
DAY = dt.date(2026, 1, 5)


def charts() -> list[Chart]:
    return [
        svg.bar_chart([("Police", 4), ("Health & <b>", 0), (LONG, 12)], "Referrals <by> agency"),
        svg.column_chart([(f"Week {week}", week) for week in range(26)], "Weeks"),
        svg.stacked_bars([("High", (3, 0)), ("Low", (0, 0))], ("Boys", "Girls"), "Ratings"),
        svg.grouped_bars([("2025", (30, 2)), ("2026", (1250, 900))], ("Opened", "Closed"), "Cases"),
        svg.step_chart([(DAY, "Moderate")], "Journey", marks=[(DAY, "Missing"), (DAY, "Visit")]),
        svg.line_chart([("Jan", (1, None)), ("Feb", (3, 4))], ("Now", "Then"), "Months"),
        svg.bar_chart([], "Nothing"),
    ]


@pytest.mark.parametrize("chart", charts(), ids=lambda chart: chart.title)
def test_a_chart_keeps_to_the_rules_of_the_page(chart: Chart) -> None:
    root = ET.fromstring(chart.svg)
    assert root.attrib["role"] == "img"
    title = root.find("{http://www.w3.org/2000/svg}title")
    assert title is not None
    assert title.attrib["id"] == root.attrib["aria-labelledby"]
    assert (title.text or "").startswith(chart.title)
    for element in root.iter():
        assert "style" not in element.attrib
        assert not element.tag.endswith(("}style", "}script", "}image", "}use"))
        assert not any(name.startswith("on") for name in element.attrib)


@pytest.mark.parametrize("chart", charts(), ids=lambda chart: chart.title)
def test_nothing_is_drawn_outside_the_picture(chart: Chart) -> None:
    root = ET.fromstring(chart.svg)
    width, height = (float(part) for part in root.attrib["viewBox"].split()[2:])
    for rect in root.iter("{http://www.w3.org/2000/svg}rect"):
        assert float(rect.attrib["x"]) >= 0
        assert float(rect.attrib["x"]) + float(rect.attrib["width"]) <= width + 0.5
    for text in root.iter("{http://www.w3.org/2000/svg}text"):
        assert 0 < float(text.attrib["y"]) <= height
        room = svg.text_width(text.text or "")
        x, anchor = float(text.attrib["x"]), text.attrib.get("text-anchor", "start")
        left = x - {"start": 0.0, "middle": room / 2, "end": room}[anchor]
        assert left >= -1
        assert left + room <= width + 12


def test_the_same_figures_give_the_same_bytes() -> None:
    assert [str(chart) for chart in charts()] == [str(chart) for chart in charts()]


def test_two_charts_on_a_page_have_ids_of_their_own() -> None:
    ids = [re.search(r'<title id="(\w+)"', chart.svg) for chart in charts()]
    assert len({found.group(1) for found in ids if found}) == len(charts())


def test_no_figures_are_said_in_words() -> None:
    chart = svg.bar_chart([], "Actions")
    assert chart.empty
    assert "No figures for this period" in chart.svg
    assert svg.step_chart([], "Journey").empty
    assert svg.line_chart([("Jan", (None,))], ("Now",), "Months").empty


def test_zero_has_a_figure_and_no_bar() -> None:
    chart = svg.bar_chart([("Police", 0)], "Referrals")
    assert chart.rows == (("Police", "0"),)
    assert not re.search(r'<rect[^>]*fill="#1f3a5f"', chart.svg)


@pytest.mark.parametrize("highest", [0, 1, 2, 3, 7, 10, 11, 49, 50, 101, 1234, 99_999])
def test_the_axis_has_whole_numbers_without_repeats(highest: int) -> None:
    steps = svg.ticks(highest)
    assert steps[0] == 0
    assert steps[-1] >= max(1, highest)
    assert len(steps) == len(set(steps)) <= 7
    assert len({second - first for first, second in itertools.pairwise(steps)}) == 1


def test_twelve_bars_with_long_labels_do_not_touch() -> None:
    chart = svg.bar_chart([(f"{LONG} {number}", number) for number in range(12)], "Twelve")
    root = ET.fromstring(chart.svg)
    lines = sorted(
        float(text.attrib["y"])
        for text in root.iter("{http://www.w3.org/2000/svg}text")
        if text.attrib.get("text-anchor") == "end"
    )
    assert len(lines) == 24
    assert min(second - first for first, second in itertools.pairwise(lines)) >= svg.SIZE


def test_a_total_stands_in_the_table_of_stacked_bars() -> None:
    chart = svg.stacked_bars([("High", (3, 1))], ("Boys", "Girls"), "Ratings", label="Rating")
    assert chart.head == ("Rating", "Boys", "Girls", "Total")
    assert chart.rows == (("High", "3", "1", "4"),)


def test_the_journey_tells_ratings_and_events_by_date() -> None:
    chart = svg.step_chart(
        [(dt.date(2026, 3, 2), "Moderate"), (DAY, "Significant")], "Journey", marks=[(dt.date(2026, 2, 1), "Missing")]
    )
    assert chart.rows == (
        ("5 Jan 2026", "Rated significant"),
        ("1 Feb 2026", "1. Missing"),
        ("2 Mar 2026", "Rated moderate"),
    )


def test_what_cannot_be_drawn_is_refused() -> None:
    with pytest.raises(ValueError, match="negative"):
        svg.bar_chart([("Police", -1)], "Referrals")
    with pytest.raises(ValueError, match="Extreme"):
        svg.step_chart([(DAY, "Extreme")], "Journey")
    with pytest.raises(ValueError, match="series"):
        svg.grouped_bars([("2026", (1,) * 7)], ("n",) * 7, "Too many")


@pytest.mark.parametrize("months", [2, 13, 25])
def test_no_label_of_a_month_is_cut_off_at_the_edge(months: int) -> None:
    names = [f"Wide MMM {2026 + month}" for month in range(months)]
    drawn = (
        svg.column_chart([(name, 1) for name in names], "Columns"),
        svg.line_chart([(name, (1,)) for name in names], ("n",), "Lines"),
    )
    for chart in drawn:
        labels = re.findall(r'<text x="([\d.]+)"[^>]*text-anchor="middle"[^>]*>(Wide MMM \d+)</text>', chart.svg)
        assert labels
        for x, name in labels:
            half = svg.text_width(name) / 2
            assert half - 0.1 <= float(x) <= svg.WIDE - half + 0.1
