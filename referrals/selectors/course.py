"""The course of a case: criteria answered, who led it when, how it was closed and who was told. Full scope only."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.db import connection
from django.db.models import Q, QuerySet

from mace.accounts.models import Membership
from mace.core.together import told
from referrals.enums import Answered, Occasion
from referrals.models import Case, CaseClosure, ClosureTold, CriterionMet, LeadPeriod

MOST = 200


@dataclass(frozen=True, slots=True)
class Decision:
    """The criteria as they were answered for one decision."""

    occasion: str
    at: dt.datetime
    by: Membership
    rows: list[CriterionMet]

    @property
    def title(self) -> str:
        return "Criteria for screening" if self.occasion == Occasion.SCREENING else "Criteria for escalation to MACE"

    @property
    def lines(self) -> list[str]:
        """Each answer in words, such as ``Met: a group is involved. (Three are named.)``."""
        return [
            f"{Answered(row.met).label}: {row.words}{' (' + row.evidence + ')' if row.evidence else ''}"
            for row in self.rows
        ]


@dataclass(frozen=True, slots=True)
class Course:
    """Everything newest first; each closing carries ``lines``, who was told and who was left out."""

    decisions: list[Decision] = field(default_factory=list)
    leads: list[LeadPeriod] = field(default_factory=list)
    closures: list[CaseClosure] = field(default_factory=list)
    informed: dict[int, list[ClosureTold]] = field(default_factory=dict)

    @property
    def lead_now(self) -> LeadPeriod | None:
        return next((period for period in self.leads if period.to_on is None), None)

    @property
    def to_complete(self) -> list[CaseClosure]:
        """Closings that wait for their details."""
        return [closure for closure in self.closures if closure.completed_at is None]


COURSE_PARTS = ("criteria", "leads", "closures", "informed")


def course_parts() -> dict[str, QuerySet[Any]]:
    """What ``course_of`` is made from, for ``Together``; the case's key is told as ``record``."""
    case = told("record")
    return {
        "criteria": CriterionMet.objects.filter(Q(case_id=case) | Q(referral__case_id=case))
        .select_related("answered_by__user")
        .order_by("-answered_at", "pk"),
        "leads": LeadPeriod.objects.filter(case_id=case)
        .select_related("lead__user", "manager__user")
        .order_by("-from_on", "-pk"),
        "closures": CaseClosure.objects.filter(case_id=case)
        .select_related("period", "completed_by__user")
        .order_by("-pk"),
        "informed": ClosureTold.objects.filter(closure__case_id=case)
        .select_related("agency", "person__user")
        .order_by("pk"),
    }


def course_of(found: dict[str, list[Any]]) -> Course:
    """Put together from what was read."""
    decisions: dict[tuple[int, dt.datetime], Decision] = {}
    for row in found["criteria"]:
        key = (row.record_id, row.answered_at)
        decisions.setdefault(key, Decision(row.occasion, row.answered_at, row.answered_by, [])).rows.append(row)
    informed: dict[int, list[ClosureTold]] = {}
    for row in found["informed"]:
        informed.setdefault(row.closure_id, []).append(row)
    return Course(list(decisions.values()), found["leads"], found["closures"], informed)


def closure_to_complete(case: Case) -> CaseClosure | None:
    """The oldest closing of a case whose details are still to be given."""
    rows = CaseClosure.objects.filter(case=case, completed_at__isnull=True).select_related("period", "case")
    return rows.order_by("pk").first()


def closures_to_complete() -> list[CaseClosure]:
    """Closings that the seat sees and that wait for their details, the oldest first."""
    rows = CaseClosure.objects.filter(completed_at__isnull=True).select_related("period", "case")
    return list(rows.order_by("period__to_on", "pk")[:MOST])


def notes_unread() -> list[LeadPeriod]:
    """Handovers that the seat sees whose new lead professional has not said that they read the notes, oldest first."""
    rows = LeadPeriod.objects.filter(to_on__isnull=True, handed_by__isnull=False, read_at__isnull=True)
    return list(rows.select_related("case", "lead__user").order_by("from_on", "pk")[:MOST])


SAME = """
with recursive same(case_id, child_id) as (
  select c.record_id, c.child_id from referrals_case c where c.record_id = any (%s)
  union
  select s.case_id, case when m.child_id = s.child_id then m.into_id else m.child_id end
    from same s join referrals_childmerge m on m.undone_at is null and s.child_id in (m.child_id, m.into_id))
select distinct on (c.record_id) c.record_id, e.reference, e.closed_on
  from referrals_case c join same s on s.case_id = c.record_id
  join referrals_case e on e.child_id = s.child_id and e.partnership_id = c.partnership_id
       and e.record_id <> c.record_id
 where e.closed_on <= c.opened_on and c.opened_on <= e.closed_on + interval '1 year'
 order by c.record_id, e.closed_on desc, e.record_id desc
"""


@dataclass(frozen=True, slots=True)
class Earlier:
    """The case that makes a later one a repeat."""

    reference: str
    closed_on: dt.date


def repeats_among(case_ids: Iterable[int]) -> dict[int, Earlier]:
    """Which of these cases are repeats, and of which case: as far as the seat sees both.

    The rule is ``referrals.rules_cases.is_repeat``; an interval of a year ends on the same days. Records of children
    that are merged are one child.
    """
    keys = list(case_ids)
    if not keys:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(SAME, [keys])
        return {case: Earlier(reference, closed_on) for case, reference, closed_on in cursor.fetchall()}
