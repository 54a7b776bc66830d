"""Reading uses of emergency access: one's own, or for whoever reviews them those of the partnership."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.db.models import CharField, F, Func, QuerySet
from django.db.models.expressions import RawSQL
from django.http import Http404
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from mace.access.models import EmergencyAccess, Scope
from mace.access.policy import Capability, can
from mace.attachments.showing import in_its_place
from mace.audit.models import ReadEntry
from mace.casework.rules import EMERGENCY_HOURS, EMERGENCY_SEARCH
from mace.core import clock
from mace.core.clock import london_date, london_time
from mace.core.seat import Seat
from mace.core.templatetags.components import due_words, short_date, status_tag, uk_datetime
from referrals.models import Case, PlanStep, SafetyPlan

MOST_LISTED = 100
MOST_READ = 1000
JOINS = ("membership__user", "membership__agency", "reviewed_by__user")


def misses_today(seat: Seat) -> int:
    """How often the seat has searched without a match today; in real time, as the log's own moments are."""
    midnight = london_time(london_date(timezone.now()))
    return ReadEntry.objects.filter(
        membership_id=seat.membership_id, at__gte=midnight, action=EMERGENCY_SEARCH, rows=0, refused=False
    ).count()


def _uses() -> QuerySet[EmergencyAccess]:
    """Each with ``case_reference``, empty where the seat may not know it."""
    case = Func(F("pk"), function="referrals_emergency_case", output_field=CharField(null=True))
    return EmergencyAccess.objects.select_related(*JOINS).annotate(case_reference=case)


def emergencies() -> list[EmergencyAccess]:
    """What the seat may see: first those not reviewed, the longest waiting first, then the last reviewed."""
    return list(_uses().order_by(F("reviewed_at").desc(nulls_first=True), "begun_at", "pk")[:MOST_LISTED])


def emergency_by_reference(reference: str) -> EmergencyAccess:
    """One use. Raises ``Http404`` when the seat does not see it."""
    found = _uses().filter(reference=reference).first()
    if found is None:
        raise Http404
    return found


def state_of(access: EmergencyAccess, *, on: dt.date) -> str:
    """`Justified`, `Not reviewed, due tomorrow`."""
    if access.reviewed_at is not None:
        return access.get_outcome_display()
    return f"Not reviewed, {due_words(access.review_due_on, on)}"


def emergency_rows(access: EmergencyAccess, *, on: dt.date) -> list[dict[str, Any]]:
    """Who, in which seat, when, why and which case."""
    person = access.membership
    opened = "The whole case" if access.scope == Scope.FULL else "The summary and the last safety plan of a closed case"
    rows = [
        ("Who", person.user.name),
        ("Role", f"{person.get_role_display()}, {person.agency.name}"),
        ("From", uk_datetime(access.begun_at)),
        ("Until", uk_datetime(access.ends_at)),
        ("Why", access.reason),
        ("Case", access.case_reference),  # type: ignore[attr-defined]
        ("What was opened", opened),
        ("Review", state_of(access, on=on)),
    ]
    return [{"key": key, "value": value} for key, value in rows if value]


def review_rows(access: EmergencyAccess) -> list[dict[str, Any]]:
    """The sign-off, for whoever reviews; empty before it."""
    if access.reviewed_at is None or access.reviewed_by is None:
        return []
    return [
        {"key": "Outcome", "value": access.get_outcome_display()},
        {"key": "Signed off by", "value": f"{access.reviewed_by.user.name}, {uk_datetime(access.reviewed_at)}"},
        {"key": "Note", "value": access.review_note},
    ]


def _address(access: EmergencyAccess) -> str:
    return reverse("casework:emergency", args=[access.reference])


HEAD = ["Reference", "Who", "When", "Case", "Review"]


def list_rows(found: list[EmergencyAccess], *, on: dt.date) -> list[list[str | SafeString]]:
    """Cells in the order of ``HEAD``."""
    rows: list[list[str | SafeString]] = []
    for access in found:
        state: str | SafeString = state_of(access, on=on)
        if access.reviewed_at is None:
            state = status_tag(state, "red" if access.review_due_on < on else "yellow")
        person = access.membership
        rows.append(
            [
                format_html('<a class="govuk-link" href="{}">{}</a>', _address(access), access.reference),
                f"{person.user.name}, {person.agency.name}",
                short_date(access.begun_at),
                access.case_reference or "",  # type: ignore[attr-defined]
                state,
            ]
        )
    return rows


@dataclass(frozen=True, slots=True)
class Read:
    """One entry of the read log, as a review shows it."""

    when: str
    what: str
    reference: str


def what_was_opened(access: EmergencyAccess) -> list[Read]:
    """What the person opened of the case and all around it while it lasted, first to last.

    Empty for a seat that may not read that log: the officer does, a coordinator or chair where they hold the case.
    """
    began = (
        ReadEntry.objects.filter(
            membership_id=access.membership_id, action=EMERGENCY_SEARCH, reference=access.reference
        )
        .values_list("at", flat=True)
        .first()
    ) or access.begun_at
    ended = began + dt.timedelta(hours=EMERGENCY_HOURS)
    about = RawSQL("select audit_reads_about(%s, %s, %s, null, null, %s)", (access.record_id, began, ended, MOST_READ))
    rows = ReadEntry.objects.filter(pk__in=about, membership_id=access.membership_id).order_by("at", "pk")
    return [
        Read(uk_datetime(row.at), row.action.capitalize(), row.reference)
        for row in rows
        if not row.action.startswith("emergency ")  # the search, and the pages of the use itself
    ]


def running_emergency(case: Case, seat: Seat) -> EmergencyAccess | None:
    """The emergency access by which the seat sees this case now, if that is how; asks only where it can be.

    ``case`` comes from ``case_by_reference``.
    """
    if case.seat_until is None or not can(seat, Capability.EMERGENCY_ACCESS):  # type: ignore[attr-defined]
        return None
    rows = EmergencyAccess.objects.filter(record_id=case.pk, membership_id=seat.membership_id, ends_at__gt=clock.now())
    return rows.order_by("-ends_at", "-pk").first()


@dataclass(frozen=True, slots=True)
class LastPlan:
    """The safety plan that emergency access to a closed case shows, and its steps."""

    plan: SafetyPlan
    steps: list[PlanStep]
    file: str = ""
    """Where the plan is a file: the words that lead to it, or that say why they do not."""


def last_plan(case: Case) -> LastPlan | None:
    """The last safety plan on the case's record, where the seat may see it."""
    rows = SafetyPlan.objects.filter(record_id=case.pk).select_related("attachment")
    plan = rows.order_by("-version", "-pk").first()
    if plan is None:
        return None
    file = in_its_place(plan.attachment, plan.attachment_id, "plan")
    return LastPlan(plan, list(PlanStep.objects.filter(plan=plan).order_by("pk")), file)


def emergency_context(case: Case, seat: Seat) -> dict[str, Any]:
    """What ``casework/emergency_banner.html`` needs above the case; of a closed one also its last safety plan."""
    access = running_emergency(case, seat)
    if access is None:
        return {"emergency": None}
    return {"emergency": access, "last_plan": last_plan(case) if access.scope < Scope.FULL else None}
