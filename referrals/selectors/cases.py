"""Reading cases: pages of them, one by its reference, and what it says as far as the seat's scope goes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, TypeVar

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import (
    BooleanField,
    CharField,
    Exists,
    F,
    Func,
    Max,
    Model,
    OuterRef,
    Prefetch,
    Q,
    QuerySet,
    Subquery,
)
from django.db.models.expressions import RawSQL
from django.db.models.functions import JSONObject
from django.http import Http404

from mace.access.models import Grant, Kind
from mace.access.policy import ALLOWED, Capability
from mace.access.selectors import PAGE, visible_page
from mace.accounts.models import Membership, Role
from mace.accounts.selectors import seats_in
from mace.attachments.models import Attachment
from mace.attachments.selectors import kept_files
from mace.core.together import Among, Together, told
from referrals.enums import ReviewStatus
from referrals.models import (
    Case,
    ChildProfile,
    ChildVoice,
    Circumstances,
    Concern,
    DifficultiesScore,
    DomainScore,
    PlanStep,
    Prerequisite,
    ProtectedAddress,
    RatingAgreed,
    Referral,
    Review,
    RiskAssessment,
    SafetyPlan,
    TierPeriod,
    ToldConsent,
)
from referrals.rules import review_due
from referrals.rules_cases import is_repeat
from referrals.selectors.merging import same_child_ids
from referrals.selectors.written import COUNTS, IN_FORCE, decision_of, of_case

M = TypeVar("M", bound=Model)
W = TypeVar("W", RiskAssessment, SafetyPlan, ChildVoice)
H = TypeVar("H", RiskAssessment, SafetyPlan, ChildVoice, DifficultiesScore)

TOLD = (
    *("child_told", "child_not_told_reason", "parents_told", "parents_not_told_reason"),
    *("views", "consent", "capacity", "care_act"),
)
CIRCUMSTANCES = tuple(
    field.name
    for field in Circumstances._meta.concrete_fields
    if field.name not in ("id", "record", "referral") and "written_by" not in field.name
)
PREREQUISITE = ("kind", "met", "met_on", "detail", "reason")
SCORE = (*("domain", "domain_words", "score", "evidence", "rests_on", "source", "source_words", "confidence"),)
STEP = ("text", "who", "by_when", "state", "note")

JOINS = ("child__identity", "summary", "lead_professional__user", "coordinator__user", "team", "lead_agency")


def _still_open() -> QuerySet[TierPeriod]:
    return TierPeriod.objects.filter(to_on__isnull=True).order_by("from_on", "pk")


def cases() -> QuerySet[Case]:
    """Cases with their people and open tiers, as lists and pages show them.

    ``summary`` is absent (``hasattr``) and ``open_tiers`` empty where the seat sees no more than the identity.
    """
    return Case.objects.select_related(*JOINS).prefetch_related(
        Prefetch("tiers", queryset=_still_open(), to_attr="open_tiers")  # type: ignore[no-redef]  # declared there
    )


def _listed_cases() -> dict[str, QuerySet[Any]]:
    return {
        "cases": Case.objects.select_related(*JOINS).filter(Among("pk", "ids")),
        "tiers": _still_open().filter(Among("case_id", "ids")),
    }


# As ``referrals.selectors.course.SAME``, of one case that the statement around it reads.
_REPEAT_OF = """
(with recursive same(child_id) as (
   select "referrals_case"."child_id"
   union
   select case when m.child_id = s.child_id then m.into_id else m.child_id end
     from same s join referrals_childmerge m on m.undone_at is null and s.child_id in (m.child_id, m.into_id))
 select e.reference from referrals_case e join same s on s.child_id = e.child_id
  where e.partnership_id = "referrals_case"."partnership_id" and e.record_id <> "referrals_case"."record_id"
    and e.closed_on <= "referrals_case"."opened_on"
    and "referrals_case"."opened_on" <= e.closed_on + interval '1 year'
  order by e.closed_on desc, e.record_id desc limit 1)
"""


def _managers() -> ArraySubquery:
    """Who manages the case's team, each with from when until when."""
    rows = Membership.objects.filter(team_id=OuterRef("team_id"), role=Role.MANAGER).order_by("user__name", "pk")
    return ArraySubquery(rows.values(row=JSONObject(name="user__name", from_on="from_on", until_on="until_on")))


def _one_case() -> dict[str, QuerySet[Any]]:
    widest = Grant.objects.filter(record_id=OuterRef("pk")).order_by("-scope", F("until").desc(nulls_first=True))
    rows = Case.objects.select_related(*JOINS).filter(reference=told("reference"))
    return {
        "cases": rows.annotate(
            seat_scope=Subquery(widest.values("scope")[:1]),
            seat_until=Subquery(widest.values("until")[:1]),
            restricted=F("record__restricted"),
            repeat_of=RawSQL(_REPEAT_OF, (), output_field=CharField()),  # noqa: S611 (a constant)
            team_managers=_managers(),
            address_protected=Func(F("child_id"), function="referrals_address_protected", output_field=BooleanField()),
            address_shown=Exists(ProtectedAddress.objects.filter(child_id=OuterRef("child_id"), until_on=None)),
        ),
        "tiers": _still_open().filter(case__reference=told("reference")),
    }


_LISTED, _ONE = Together(_listed_cases), Together(_one_case)


def _with_open_tiers(found: dict[str, list[Any]]) -> list[Case]:
    cases: list[Case] = found["cases"]
    for case in cases:
        case.open_tiers = [period for period in found["tiers"] if period.case_id == case.pk]
    return cases


def case_by_reference(reference: str) -> Case:
    """The case, with the widest scope the seat has on it as ``seat_scope`` and the end of that, if any, ``seat_until``.

    Also the reference of the case that makes it a repeat (``repeat_of``), who manages its team (``team_managers``),
    whether it is left to named people (``restricted``), whether an address of the child is kept for named people
    (``address_protected``, told in full scope only), and whether the seat is one of them (``address_shown``).
    Raises ``Http404`` when it sees no such case.
    """
    for case in _with_open_tiers(_ONE.read("cases", "tiers", reference=reference)):
        return case
    raise Http404


def cases_by_ids(ids: list[int]) -> list[Case]:
    """Cases as ``cases`` brings them, in the order of ``ids``; those that a policy hides are left out."""
    found = {case.pk: case for case in _with_open_tiers(_LISTED.read("cases", "tiers", ids=ids))} if ids else {}
    return [found[i] for i in ids if i in found]


def cases_page(*, after: str = "", size: int = PAGE) -> tuple[list[Case], str]:
    """One page of the cases that the seat sees, the last referred first, and the key of the next page or nothing."""
    page = visible_page(Kind.CASE, after=after, size=size)
    return cases_by_ids(page.ids), page.next_after


@dataclass(frozen=True, slots=True)
class CaseContent:
    """What a case says. Everything is ``None`` or empty where the seat's scope does not reach."""

    profile: ChildProfile | None = None
    concern: Concern | None = None
    told: ToldConsent | None = None
    circumstances: Circumstances | None = None
    voice: ChildVoice | None = None
    assessment: RiskAssessment | None = None
    plan: SafetyPlan | None = None
    prerequisites: list[Prerequisite] = field(default_factory=list)
    scores: list[DomainScore] = field(default_factory=list)
    steps: list[PlanStep] = field(default_factory=list)
    ratings: list[RatingAgreed] = field(default_factory=list)
    tiers: list[TierPeriod] = field(default_factory=list)
    referrals: list[Referral] = field(default_factory=list)
    files: list[Attachment] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class CaseHistory:
    """Every assessment, plan, word of the child and difficulties score of a case, the newest first."""

    assessments: list[RiskAssessment] = field(default_factory=list)
    plans: list[SafetyPlan] = field(default_factory=list)
    voices: list[ChildVoice] = field(default_factory=list)
    difficulties: list[DifficultiesScore] = field(default_factory=list)


def _parts(model: type[Model], link: str, outer: str, *names: str) -> ArraySubquery:
    """The rows of a table below another one, in its own statement: as many round trips fewer."""
    rows: QuerySet[Any] = QuerySet(model).filter(**{link: OuterRef(outer)}).order_by("pk")
    return ArraySubquery(rows.values(row=JSONObject(pk="pk", **{name: name for name in names})))


def _made(model: type[M], rows: list[dict[str, Any]]) -> list[M]:
    """Model instances from what ``_parts`` brought: only the fields named there are filled."""
    fields = {name: model._meta.get_field(name) for row in rows[:1] for name in row if name != "pk"}
    return [
        model(pk=row["pk"], **{name: field.to_python(row[name]) for name, field in fields.items()})  # type: ignore[union-attr]
        for row in rows
    ]


def concerns_with_parts(concerns: QuerySet[Concern]) -> QuerySet[Concern]:
    """With their referral and its child, carrying what was told, prerequisites and circumstances, the latest first."""
    said = _parts(ToldConsent, "referral", "referral_id", *TOLD)
    prerequisites = _parts(Prerequisite, "referral", "referral_id", *PREREQUISITE)
    circumstances = _parts(Circumstances, "referral", "referral_id", *CIRCUMSTANCES)
    return (
        concerns.select_related(
            "referral__child__profile", "referral__referrer__user", "referral__agency", "referral__team", "attachment"
        )
        .annotate(told_rows=said, prerequisite_rows=prerequisites, circumstance_rows=circumstances)
        .order_by("-referral__submitted_at", "-pk")
    )


def _content_parts(concerns: QuerySet[Concern], written: Q) -> dict[str, QuerySet[Any]]:
    """The concerns, and the newest of each thing that is ``written`` beneath the same records."""

    def newest(rows: QuerySet[W], *joins: str) -> QuerySet[W]:
        below = rows.filter(written).select_related("written_by__user", *joins)
        return below.order_by("-effective_on", "-pk")[:1]

    scored = RiskAssessment.objects.annotate(rows=_parts(DomainScore, "assessment", "pk", *SCORE))
    return {
        "concerns": concerns_with_parts(concerns),
        "assessments": newest(scored.filter(IN_FORCE), "attachment"),
        "plans": newest(SafetyPlan.objects.annotate(rows=_parts(PlanStep, "plan", "pk", *STEP)), "attachment"),
        "voices": newest(ChildVoice.objects.all()),
    }


def case_content_parts() -> dict[str, QuerySet[Any]]:
    """What ``content_of`` is made from, for ``Together``; the case's key is told as ``record``."""
    case = told("record")
    return {
        **_content_parts(Concern.objects.filter(referral__case_id=case), of_case(case)),
        "ratings": RatingAgreed.objects.filter(case_id=case).order_by("agreed_on", "pk"),
        "tiers": TierPeriod.objects.filter(case_id=case).order_by("from_on", "pk"),
        "files": kept_files().filter(record_id__in=Referral.objects.filter(case_id=case).values("record_id")),
    }


def case_history_parts() -> dict[str, QuerySet[Any]]:
    """What ``history_of`` is made from; the case's key is told as ``record``."""

    def every(rows: QuerySet[H], *joins: str) -> QuerySet[H]:
        own = [field.name for field in rows.model._meta.concrete_fields]
        below = rows.filter(of_case(told("record"))).select_related("written_by__user", *joins)
        return below.only(*own, "written_by__agency", "written_by__user__name", *joins).order_by("-effective_on", "-pk")

    scored = RiskAssessment.objects.annotate(rows=_parts(DomainScore, "assessment", "pk", *SCORE))
    return {
        "every_assessment": every(scored, "decision__decided_by__user"),
        "every_plan": every(SafetyPlan.objects.annotate(rows=_parts(PlanStep, "plan", "pk", *STEP))),
        "every_voice": every(ChildVoice.objects.all()),
        "difficulties": every(DifficultiesScore.objects.all()),
    }


HISTORY_PARTS = ("every_assessment", "every_plan", "every_voice", "difficulties")


def _referral_content_parts() -> dict[str, QuerySet[Any]]:
    record = told("record")
    return {
        **_content_parts(Concern.objects.filter(referral_id=record), Q(record_id=record)),
        "files": kept_files().filter(record_id=record),
    }


_CASE, _REFERRAL = Together(case_content_parts), Together(_referral_content_parts)
REFERRAL_PARTS = ("concerns", "assessments", "plans", "voices", "files")
CONTENT_PARTS = (*REFERRAL_PARTS, "ratings", "tiers")


def case_content(case: Case) -> CaseContent:
    """The newest of each part, from the case's latest referral; ratings and tiers from the first on."""
    return content_of(_CASE.read(*CONTENT_PARTS, record=case.pk))


def referral_content(referral: Referral) -> CaseContent:
    """What one referral says."""
    return content_of(_REFERRAL.read(*REFERRAL_PARTS, record=referral.pk))


def content_of(found: dict[str, list[Any]]) -> CaseContent:
    """Put together from the concerns of one referral or of all referrals of a case, the latest first.

    The newest of each thing comes from its own part, or where the history was read instead, from that.
    """
    ratings, tiers, files = (found.get(name, []) for name in ("ratings", "tiers", "files"))
    concerns: list[Concern] = found["concerns"]
    latest = concerns[0] if concerns else None
    if "every_assessment" in found:
        counting = [row for row in found["every_assessment"] if decision_of(row) in COUNTS]
        newest = (counting, found["every_plan"], found["every_voice"])
    else:
        newest = (found["assessments"], found["plans"], found["voices"])
    assessment, plan, voice = (next(iter(rows), None) for rows in newest)
    child = latest.referral.child if latest else None
    return CaseContent(
        profile=child.profile if child is not None and hasattr(child, "profile") else None,
        concern=latest,
        told=next(iter(_made(ToldConsent, latest.told_rows)), None) if latest else None,  # type: ignore[attr-defined]
        circumstances=next(iter(_made(Circumstances, latest.circumstance_rows)), None) if latest else None,  # type: ignore[attr-defined]
        voice=voice,
        assessment=assessment,
        plan=plan,
        prerequisites=_made(Prerequisite, latest.prerequisite_rows) if latest else [],  # type: ignore[attr-defined]
        scores=_made(DomainScore, assessment.rows) if assessment else [],
        steps=_made(PlanStep, plan.rows) if plan else [],
        ratings=ratings,
        tiers=tiers,
        referrals=[concern.referral for concern in concerns],
        files=files,
    )


def history_of(found: dict[str, list[Any]]) -> CaseHistory:
    """Put together from ``HISTORY_PARTS``."""
    return CaseHistory(*(found[name] for name in HISTORY_PARTS))


def earlier_cases(referral: Referral) -> list[Case]:
    """The other cases of a referral's child in its partnership, the newest first; a repeat counts within 12 months."""
    if referral.child_id is None:
        return []
    return list(
        cases()
        .filter(child_id__in=same_child_ids(referral.child_id), partnership_id=referral.partnership_id)
        .exclude(pk=referral.record_id)
        .order_by("-opened_on", "-pk")
    )


def repeat_of(opened_on: dt.date, others: Iterable[Case]) -> Case | None:
    """The latest closed of these cases that makes one opened on that day a repeat (``referrals.rules_cases``)."""
    found = [case for case in others if is_repeat(opened_on, [case.closed_on])]
    return max(found, key=lambda case: (case.closed_on or dt.date.min, case.pk), default=None)


def next_review_due(case: Case, reviews: Iterable[Review] | None = None) -> dt.date:
    """Eighty-four days after the case opened or its last review was held; ``reviews`` are all the case's, if known."""
    if reviews is None:
        held = Review.objects.filter(case=case, status=ReviewStatus.HELD).aggregate(last=Max("held_on"))["last"]
    else:
        days = [review.held_on for review in reviews if review.status == ReviewStatus.HELD and review.held_on]
        held = max(days, default=None)
    return review_due(case.opened_on, held)


def possible_leads(partnership_id: int, *, on: dt.date) -> QuerySet[Membership]:
    """Seats that may be a case's lead professional: those who can answer its reviews."""
    return seats_in(partnership_id, on=on, roles=[str(role) for role in ALLOWED[Capability.ANSWER_REVIEW]])
