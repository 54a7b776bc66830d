"""VOLT records and links made ready for a page: plain text in rows, formatted before the template sees them."""

from __future__ import annotations

from typing import Any

from django.template.defaultfilters import linebreaksbr
from django.urls import reverse

from mace.core.clock import london_date
from mace.core.forms import long_date
from volt.enums import Horizon, LinkKind
from volt.models import Link, Location, PeerGroup, PersonOfConcern, Theme, Wording
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
    """The line beneath a name, as far as the seat's scope reaches."""
    row = entry.row
    parts: list[str] = []
    if isinstance(row, PersonOfConcern):
        if hasattr(row, "account"):
            parts = [
                f"also known as {row.account.aliases}" if row.account.aliases else "",
                f"age {row.account.approximate_age}" if row.account.approximate_age else "",
            ]
    elif isinstance(row, Location):
        parts = [row.account.address] if hasattr(row, "account") else []
    elif isinstance(row, PeerGroup):
        parts = [row.account.meets] if hasattr(row, "account") else []
    else:
        parts = [Horizon(row.horizon).label]
    words = ", ".join(part for part in parts if part)
    return words[:1].upper() + words[1:]


def fact_rows(entry: VoltEntry) -> list[dict[str, str]]:
    """The facts of one record, for a summary list; what the seat's scope does not reach is left out."""
    row = entry.row
    facts: list[tuple[str, str]] = []
    if isinstance(row, PersonOfConcern):
        if hasattr(row, "account"):
            facts = [
                ("Other names", row.account.aliases),
                ("Age, as far as known", row.account.approximate_age),
                ("What makes this person a concern", row.account.description),
            ]
    elif isinstance(row, Location):
        if hasattr(row, "account"):
            facts = [("Address", row.account.address), ("Harm seen there", row.account.harms)]
    elif isinstance(row, PeerGroup):
        if hasattr(row, "account"):
            facts = [
                ("Who belongs to it", row.account.members),
                ("Where they meet", row.account.meets),
                ("What worries", row.account.worries),
            ]
    else:
        assert isinstance(row, Theme)
        facts = [("Response", Horizon(row.horizon).label)]
        if hasattr(row, "rests_on"):
            facts.append(("What it rests on", row.rests_on.evidence))
    facts.append(("Who may be told", handling_words(row.handling)))
    if row.wording is not None:
        facts.append(("What others are told", wording_words(row.wording)))
    facts.append(
        (
            "Recorded",
            f"{row.created_by.user.name}, {row.created_by.agency.name}, {long_date(london_date(row.created_at))}",
        )
    )
    return [{"key": key, "value": linebreaksbr(value)} for key, value in facts]


def wording_words(wording: Wording) -> str:
    """What may be said of an entry that the reader may not see, or why nothing may."""
    return wording.words or f"Nothing may be said: {wording.none_because}"


def rests_on(linked: LinkedCase) -> bool:
    """Whether the other end is a referral that the record itself was referred with."""
    return any(link.kind == LinkKind.REFERRED for link in linked.links)


def linked_rows(cases: list[LinkedCase]) -> list[dict[str, Any]]:
    """Cases at the other end, each with what its links say."""
    rows: list[dict[str, Any]] = []
    for linked in cases:
        case = linked.case
        rows.append(
            {
                "reference": linked.reference,
                "name": case.child.identity.full_name if case else "",
                "rating": case.summary.rating if case and hasattr(case, "summary") else "",
                "url": reverse("casework:case" if case else "referrals:tasks", args=[linked.reference]),
                "links": [link_words(link) for link in linked.links],
            }
        )
    return rows


def shared_groups(found: list[Shared]) -> list[dict[str, Any]]:
    """What several cases share: the person, location, group or theme, then the cases."""
    return [{**entry_rows([shared.entry])[0], "cases": linked_rows(shared.cases)} for shared in found]
