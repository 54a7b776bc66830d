"""What the bench found, as plain text."""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Iterable
from statistics import median

from tests.benchmarks.budgets import Costs
from tests.benchmarks.timing import Measured, Place, ReadLog, Times

HEAD = f"{'seat':<12}{'question':<13}"
COLUMNS = f"{'ms':>8}{'plain':>8}{'ratio':>8}{'buffers':>9}{'plain':>8}"
EXPLAINED = """\
Each question is asked by the product's own selector as the role mace_web with the seat's signed token, and plainly by
the owner of the tables, whom no policy binds: the same columns of the newest 25 cases by an index made for it, of one
case by its reference, of the likest 50 by name; a count of at most 1,001 cases. Times are medians of questions that
were asked in turns, warm, each in a transaction of its own, its beginning included. Buffers are pages of 8 kB that one
answer touches. Growth is the time at the larger size against that at the smaller. What is wanted is wanted at the
larger size."""


def filled(places: Iterable[Place]) -> list[str]:
    """What is in the databases, counted there."""
    return [
        "In the database: " + ", ".join(f"{count:,} {name}" for name, count in place.counts.items()) for place in places
    ]


def times(found: list[Measured], places: tuple[Place, ...]) -> list[str]:
    """The table of all questions."""
    sizes = "".join(f"{f'{place.size.cases:,} cases':>41}" for place in places)
    lines = [f"{'':<25}{sizes}", f"{HEAD}{COLUMNS * len(places)}{'growth':>8}  wanted"]
    return lines + [_line(one) for one in found]


def _line(one: Measured) -> str:
    question = one.question
    wanted = [f"ratio <= {question.most}"] if question.most is not None else []
    wanted += [f"growth <= {question.most_growth}"] if question.most_growth is not None else []
    wanted += [f"<= {question.most_ms:.0f} ms"] if question.most_ms is not None else []
    cells = "".join(_cells(of) for of in one.times)
    return f"{one.seat:<12}{question.name:<13}{cells}{one.growth:>8.2f}  {', '.join(wanted) or '-'}"


def _cells(of: Times) -> str:
    there, plain = of.buffers
    return f"{median(of.restricted):>8.2f}{median(of.plain):>8.2f}{of.ratio:>7.2f}x{there:>9,}{plain:>8,}"


def read_log(found: ReadLog, *, wanted: float) -> list[str]:
    """What an entry costs, and how far that is the computer's being busy."""
    worked = "the kernel does not say" if found.worked is None else f"{found.worked:.2f} ms"
    return [
        f"An entry in the read log adds {found.added:.2f} ms to a list of 25, with its commit; wanted <= {wanted} ms.",
        f"Processors work for it: {worked}. A statement that asks nothing takes {found.nothing:.2f} ms meanwhile.",
    ]


def pages(found: dict[str, Costs]) -> list[str]:
    """What pages cost, each beside its budget."""
    head = f"{'page':<28}{'statements':>14}{'calls':>18}{'buffers':>16}{'bytes':>18}"
    lines = ["Pages, with few rows and with many, beside their budgets:", head]
    for name, costs in found.items():
        for cost in costs.found:
            budget = costs.budget
            cells = (
                f"{f'{cost.statements} of {budget.statements}':>14}{f'{cost.calls:,} of {budget.calls:,}':>18}"
                f"{f'{cost.buffers:,} of {budget.buffers:,}':>16}{f'{cost.content:,} of {budget.content:,}':>18}"
            )
            lines.append(f"{name:<28}{cells}")
    return lines


def written(parts: Iterable[list[str]], missed: list[str], *, at: dt.datetime, busy: float) -> str:
    """The whole report; its last paragraph says whether everything that is wanted was reached.

    ``busy`` is the load of the computer before the bench began: times on a busy one are long, ratios less so.
    """
    computer = f"{os.cpu_count()} cores, load {busy:.1f} when it began and {os.getloadavg()[0]:.1f} when it ended"
    lines = [f"make bench, {at:%d %B %Y %H:%M} UTC; {computer}", "", EXPLAINED, ""]
    for part in parts:
        lines += [*part, ""]
    lines += [f"MISSED: {miss}" for miss in missed] or ["Everything that is wanted was reached."]
    return "\n".join(lines) + "\n"
