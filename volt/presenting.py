"""VOLT records and links made ready for a page: plain text in rows, formatted before the template sees them."""

from __future__ import annotations

from typing import Any

from django.urls import reverse

from mace.core.clock import london_date
from mace.core.forms import long_date
from referrals.enums import Rating
from volt.enums import Horizon
from volt.models import Link, Location, PersonOfConcern, Theme
from volt.rules import basis_words, graded_words, handling_words
from volt.selectors import LinkedCase, Shared, VoltEntry


def link_words(link: Link) -> dict[str, str]:
    """What one link says: kind, source, grade, basis and handling, and who recorded it when."""
    since = f" since {long_date(link.from_on)}" if link.from_on else ""
    until = f" until {long_date(link.until_on)}" if link.until_on else ""
    return {
        "kind": f"{link.get_kind_display()}{since}{until}",
        "source": link.source,
        "grade": graded_words(source_grade=link.source_grade, assessment=link.assessment),
        "basis": basis_words(link.basis),
        "handling": handling_words(link.handling),
        "note": link.note,
        "by": f"{link.created_by.user.name}, {link.created_by.agency.name}, {long_date(london_date(link.created_at))}",
    }


def entry_rows(entries: list[VoltEntry], *, with_links: bool = False) -> list[dict[str, Any]]:
    """VOLT records in a list; ``with_links`` adds what each link to them says."""
    return [
        {
            "kind": entry.kind_words,
            "victim_first": entry.victim_first,
            "name": entry.row.name,
            "reference": entry.row.reference,
            "url": reverse("volt:record", args=[entry.row.reference]),
            "about": about(entry),
            "recorded": long_date(london_date(entry.row.created_at)),
            "handling": handling_words(entry.row.handling),
            "links": [link_words(link) for link in entry.links] if with_links else [],
        }
        for entry in entries
    ]


def about(entry: VoltEntry) -> str:
    """The line beneath a name."""
    row = entry.row
    if isinstance(row, PersonOfConcern):
        parts = [
            f"also known as {row.aliases}" if row.aliases else "",
            f"age {row.approximate_age}" if row.approximate_age else "",
        ]
    elif isinstance(row, Location):
        parts = [row.address]
    else:
        parts = [Horizon(row.horizon).label]
    words = ", ".join(part for part in parts if part)
    return words[:1].upper() + words[1:]


def fact_rows(entry: VoltEntry) -> list[dict[str, str]]:
    """The facts of one record, for a summary list."""
    row = entry.row
    facts: list[tuple[str, str]]
    if isinstance(row, PersonOfConcern):
        facts = [
            ("Other names", row.aliases),
            ("Age, as far as known", row.approximate_age),
            ("What makes this person a concern", row.description),
        ]
    elif isinstance(row, Location):
        facts = [("Address", row.address), ("Harm seen there", row.harms)]
    else:
        assert isinstance(row, Theme)
        facts = [("Response", Horizon(row.horizon).label), ("What it rests on", row.evidence)]
    facts += [
        ("Who may be told", handling_words(row.handling)),
        (
            "Recorded",
            f"{row.created_by.user.name}, {row.created_by.agency.name}, {long_date(london_date(row.created_at))}",
        ),
    ]
    return [{"key": key, "value": value} for key, value in facts]


def linked_rows(cases: list[LinkedCase]) -> list[dict[str, Any]]:
    """Cases at the other end, each with what its links say."""
    rows: list[dict[str, Any]] = []
    for linked in cases:
        case = linked.case
        rows.append(
            {
                "reference": linked.reference,
                "name": case.child.identity.full_name if case else "",
                "rating": Rating(case.summary.rating).value if case and hasattr(case, "summary") else "",
                "url": reverse("casework:case" if case else "referrals:tasks", args=[linked.reference]),
                "links": [link_words(link) for link in linked.links],
            }
        )
    return rows


def shared_groups(found: list[Shared]) -> list[dict[str, Any]]:
    """What several cases share: the person, location or theme, then the cases."""
    return [{**entry_rows([shared.entry])[0], "cases": linked_rows(shared.cases)} for shared in found]
