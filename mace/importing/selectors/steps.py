"""What is left to decide before an import, and what it did, in words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.urls import reverse

from mace.importing.models import Import
from mace.importing.reading.fields import words_of
from mace.importing.reading.plan import Column, SheetPlan

COUNTS = (
    ("children", "child", "children", "new here"),
    ("known_children", "child", "children", "known here already"),
    ("cases", "case", "cases", "opened"),
    ("closed_cases", "of them", "of them", "closed already"),
    ("added", "referral", "referrals", "added to cases that are open"),
    ("actions", "action", "actions", "still to be done, given to you"),
    ("places", "place", "places", "recorded"),
    ("kept", "cell", "cells", "kept as text on the case"),
    ("left_out", "row", "rows", "left out"),
)


@dataclass(frozen=True, slots=True)
class Step:
    """Something to look at: ``state`` is empty, or says how many are not sure."""

    words: str
    url: str
    unsure: int


def sheet_plan(file: Import, number: int) -> SheetPlan:
    """How one sheet is read, by its number from 1."""
    name = file.outline[number - 1]["sheet"]
    data = next(one for one in file.plan["sheets"] if one["sheet"] == name)
    return SheetPlan(
        sheet=data["sheet"],
        use=data["use"],
        why=data["why"],
        sure=data["sure"],
        header_rows=tuple(data["header_rows"]),
        columns=tuple(Column(**column) for column in data["columns"]) if data["use"] != "nothing" else (),
        names=data["names"],
        names_why=data["names_why"],
        names_sure=data["names_sure"],
    )


def sheets_of(file: Import) -> list[dict[str, Any]]:
    """Each sheet: what it is taken for, why, and how many of its columns are not sure."""
    found = []
    for number in range(1, len(file.outline) + 1):
        plan = sheet_plan(file, number)
        unsure = sum(not column.sure for column in plan.columns) + (not plan.sure) + (not plan.names_sure)
        found.append(
            {
                "name": plan.sheet,
                "use": plan.use,
                "why": plan.why,
                "rows": plan.header_rows,
                "unsure": unsure,
                "url": reverse("importing:sheet", args=[file.reference, number]),
            }
        )
    return found


def steps_of(file: Import) -> list[Step]:
    """The fields whose values are codes, and the people who stand on several rows."""
    found = [
        Step(
            words_of("people", name),
            reverse("importing:values", args=[file.reference, name]),
            sum(not one["sure"] for one in entries),
        )
        for name, entries in file.plan.get("spellings", {}).items()
        if entries
    ]
    groups = file.found.get("groups", [])
    if groups:
        decided = file.decisions.get("same", {})
        unsure = sum(not group["sure"] and group["key"] not in decided for group in groups)
        words = f"People on several rows ({len(groups)})"
        found.append(Step(words, reverse("importing:people", args=[file.reference]), unsure))
    return found


def counts_in_words(counts: Mapping[str, int]) -> list[str]:
    """`12 children new here`."""
    return [
        f"{counts[name]:,} {one if counts[name] == 1 else many} {rest}"
        for name, one, many, rest in COUNTS
        if counts.get(name)
    ]
