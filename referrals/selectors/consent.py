"""Consent to support on a case: all that was said, for who has the case in full, and the withdrawals that wait."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any

from django.db.models import QuerySet

from mace.core.templatetags.components import uk_date
from mace.core.together import told
from referrals.enums import Capacity, Consent, ConsentBy
from referrals.models import Case, ConsentSaid, ToldConsent
from referrals.models.consent import WAITS
from referrals.rules import adult_from
from referrals.selectors.codes import label

CONSENT_PARTS = ("consents",)


def consent_parts() -> dict[str, QuerySet[Any]]:
    """For ``Together``; the case's key is told as ``record``."""
    return {"consents": said_of(ConsentSaid.objects.filter(case_id=told("record")))}


def said_of(rows: QuerySet[ConsentSaid]) -> QuerySet[ConsentSaid]:
    """The newest first, with who wrote and who decided."""
    return rows.select_related("written_by__user", "decided_by__user").order_by("-said_on", "-pk")


def consents_of(case: Case) -> list[ConsentSaid]:
    return list(said_of(ConsentSaid.objects.filter(case=case)))


def waiting_consents() -> QuerySet[ConsentSaid]:
    """Withdrawals on open cases that wait for a decision, as far as the seat sees them, the oldest first."""
    rows = ConsentSaid.objects.filter(WAITS, case__closed_on__isnull=True)
    return rows.select_related("case__lead_professional__user").order_by("said_on", "pk")


def consent_waits(said: Iterable[ConsentSaid]) -> ConsentSaid | None:
    """The latest withdrawal on which nobody has decided yet."""
    return next((row for row in said if row.waits), None)


def by_words(said_by: str) -> str:
    """Who said it, in a sentence."""
    return "a parent or carer" if said_by == ConsentBy.PARENT else "the child or young person"


def consent_title(row: ConsentSaid) -> str:
    """`Consent to support withdrawn by a parent or carer`."""
    if row.consent == Consent.NOT_SOUGHT:
        return "Consent to support not sought"
    return f"Consent to support {Consent(row.consent).label.lower()} by {by_words(row.said_by)}"


def consent_pairs(row: ConsentSaid) -> list[tuple[str, object]]:
    """Everything that was said and decided, for a summary card; pairs without an answer are left out there."""
    decided = row.decided_by
    return [
        ("Said on", uk_date(row.said_on)),
        ("What was said", row.words),
        ("Capacity", Capacity(row.capacity).label if row.capacity else ""),
        ("Basis under the Care Act", label("care_act", row.care_act) if row.care_act else ""),
        ("Recorded by", f"{row.written_by.user.name}, {uk_date(row.written_at)}"),
        ("What was decided", row.decision or ("Nothing yet" if row.waits else "")),
        ("Decided by", f"{decided.user.name}, {uk_date(row.decided_at)}" if decided else ""),
    ]


def consent_rows(said: Iterable[ConsentSaid]) -> list[list[str]]:
    """When, what, in which words, and what was decided, for a table."""
    return [[uk_date(row.said_on), consent_title(row), row.words, row.decision] for row in said]


def referral_statements(case: Case) -> list[ToldConsent]:
    """What the referrals of the case say of consent, the first first."""
    rows = ToldConsent.objects.filter(referral__case=case).select_related("referral")
    return list(rows.order_by("referral__submitted_at", "pk"))


def asked_anew_since(case: Case, said: Iterable[ConsentSaid], *, on: dt.date) -> dt.date | None:
    """The 18th birthday, once it has been and the young person has said nothing for themselves since; else ``None``."""
    birthday = adult_from(case.child.identity.date_of_birth)
    own = any(row.said_by == ConsentBy.PERSON and row.said_on >= birthday for row in said)
    return None if on < birthday or own else birthday
