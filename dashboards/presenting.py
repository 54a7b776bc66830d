"""Figures made ready for a page: charts whose tables carry number, share and, where loaded, the population's share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from dashboards.models import PopulationShare
from dashboards.rules import HIDDEN_SHOWN, NONE_SHOWN, Table, percent_words
from dashboards.selectors import Figures
from mace.core.svg import Chart, bar_chart, column_chart

ONLY_OCCURRING = frozenset({"category", "legal", "education", "team"})
"""Long lists, of which a page shows what occurs."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A chart and the line beneath it. ``chart`` is ``None`` when all counts are hidden; the note then says so."""

    name: str
    title: str
    chart: Chart | None
    note: str


def charts(figures: Figures, shares: Mapping[str, Sequence[PopulationShare]]) -> list[Shown]:
    """A chart for each table of true figures."""
    return [drawn(table, shares.get(name, ())) for name, table in figures.tables.items()]


def drawn(table: Table, shares: Sequence[PopulationShare] = ()) -> Shown:
    """One table as a chart; its own table says the number and share of each group, and that of the population."""
    groups = [
        group
        for group in table.groups
        if group.count != 0 or not (table.name in ONLY_OCCURRING or group.label == "Not known")
    ]
    shown = [(group.label, group.count) for group in groups if group.count is not None]
    hidden = len(shown) < len(groups)
    if not shown:
        return Shown(table.name, table.title, None, f"All counts are hidden: {few_words()}")
    label = "Month" if table.name == "month" else "Group"
    draw = column_chart if table.name == "month" and not hidden else bar_chart
    chart = draw(shown if table.total else [], table.title, label=label)
    population = {share.group: share for share in shares}
    head = [label, "Number", f"Share of {table.total:,}"]
    if population:
        head.append(shares[0].population)
    rows = []
    for group in groups:
        row = [group.label, HIDDEN_SHOWN if group.count is None else f"{group.count:,}", percent_words(group.percent)]
        if population:
            share = population.get(group.label)
            row.append(f"{share.percent:.0f} %" if share else NONE_SHOWN)
        rows.append(tuple(row))
    chart = replace(chart, head=tuple(head), rows=() if chart.empty else tuple(rows))
    return Shown(table.name, table.title, chart, note(table, shares, hidden=hidden))


def few_words() -> str:
    return "they are so small, or so few, that a child could be worked out."


def note(table: Table, shares: Sequence[PopulationShare], *, hidden: bool) -> str:
    """What is counted, what is hidden, and what the population's shares are."""
    parts = []
    if table.name in ("pre_mace", "mace"):
        parts.append("Cases, each counted once; a case may be open at two tiers, so the tiers are not added up.")
    if hidden:
        parts.append(f"Some counts are hidden: {few_words()}")
    if shares:
        kind = "Illustrative comparison" if any(share.illustrative for share in shares) else "Comparison"
        said = ", ".join(f"{share.group} {share.percent:.0f} %" for share in shares)
        parts.append(f"{kind} with {shares[0].population}: {said}. {shares[0].source}.")
    return " ".join(parts)
