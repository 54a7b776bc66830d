"""What is shared, named or restricted on a page: a case, or a person of concern, a place or a theme."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.urls import reverse

from mace.access.models import Kind, Record
from mace.casework.rules import SCOPE_NAMES, SCOPE_WORDS, VOLT_NOUNS, VOLT_SCOPE_NAMES, VOLT_SCOPE_WORDS
from mace.casework.selectors.case import identity_bar
from mace.core import clock
from referrals.models import Case
from referrals.selectors import case_by_reference
from volt.selectors import VoltEntry, volt_by_reference


@dataclass(frozen=True, slots=True)
class Subject:
    """One record and how its pages are called. ``case`` or ``entry`` is what it is."""

    record_id: int
    kind: Kind
    reference: str
    noun: str
    title: str
    partnership_id: int
    restricted: bool
    case: Case | None = None
    entry: VoltEntry | None = None

    @property
    def scope_names(self) -> dict[int, str]:
        return SCOPE_NAMES if self.case else VOLT_SCOPE_NAMES

    @property
    def scope_words(self) -> dict[int, str]:
        return SCOPE_WORDS if self.case else VOLT_SCOPE_WORDS

    @property
    def url(self) -> str:
        """Its own page."""
        return reverse("casework:case" if self.case else "volt:record", args=[self.reference])

    def page(self, name: str) -> str:
        """The address of one of its pages: ``sharing``, ``share``, ``withdraw``, ``bars``, ``name``."""
        return reverse(f"casework:{'case' if self.case else 'volt'}_{name}", args=[self.reference])

    @property
    def pages(self) -> dict[str, str]:
        return {name: self.page(name) for name in ("sharing", "share", "withdraw", "bars", "name")}

    def identity(self) -> dict[str, Any] | None:
        """What stands above every page of a case; nothing for the others."""
        return identity_bar(self.case, on=clock.today()) if self.case else None


def case_subject(reference: str) -> Subject:
    """The case of that reference. Raises ``Http404`` when the seat sees none."""
    case = case_by_reference(reference)
    return Subject(
        record_id=case.pk,
        kind=Kind.CASE,
        reference=case.reference,
        noun="case",
        title=f"Case {case.reference}",
        partnership_id=case.partnership_id,
        restricted=case.restricted,  # type: ignore[attr-defined]  # brought by the selector
        case=case,
    )


def volt_subject(reference: str) -> Subject:
    """The person of concern, place or theme of that reference. Raises ``Http404`` when the seat sees none."""
    entry = volt_by_reference(reference)
    return Subject(
        record_id=entry.row.pk,
        kind=entry.kind,
        reference=entry.row.reference,
        noun=VOLT_NOUNS[entry.kind],
        title=f"{entry.kind_words}: {entry.row.name}",
        partnership_id=entry.row.partnership_id,
        restricted=_restricted(entry.row.pk),
        entry=entry,
    )


def _restricted(record_id: int) -> bool:
    return Record.objects.filter(pk=record_id, restricted=True).exists()
