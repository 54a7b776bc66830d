"""A case as its page shows it, from what the lower apps say the seat may see."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import Any

from django.db.models import QuerySet

from mace.access.models import Disclosure, Scope
from mace.access.selectors import disclosures_of
from mace.attachments.showing import file_rows, in_its_place
from mace.core.addresses import address
from mace.core.forms import long_date
from mace.core.svg import Chart, step_chart
from mace.core.templatetags.components import short_date, uk_date
from mace.core.together import Together, told
from panels.models import Action, ActionUpdate, Minute
from panels.selectors.actions import ACTION_PARTS, action_parts, overdue_words, with_history
from panels.transitions import FIXED
from referrals.enums import PrerequisiteKind, Rating, Tier, TierOutcome
from referrals.models import Case, CaseSummary, ChildAddress, ChildAuthority, ChildNumber, ConsentSaid, Review
from referrals.rules import age_on, person_word
from referrals.sections.circumstances import around_pairs, situation_pairs, surroundings_pairs, told_pairs
from referrals.selectors import CaseContent, label, labels, next_review_due
from referrals.selectors.addresses import PROTECTED
from referrals.selectors.assessment_words import factor_pairs, lower_said, score_said, total_said
from referrals.selectors.cases import (
    CONTENT_PARTS,
    HISTORY_PARTS,
    CaseHistory,
    case_content_parts,
    case_history_parts,
    content_of,
    history_of,
)
from referrals.selectors.consent import CONSENT_PARTS, consent_parts, consent_waits
from referrals.selectors.course import COURSE_PARTS, Course, course_of, course_parts
from referrals.selectors.identity import identity_of, manager_of
from referrals.selectors.pathways import PATHWAY_PARTS, Pathways, day_and_time, pathway_parts, pathways_from
from referrals.selectors.where import home_not_told, where_parts
from referrals.selectors.written import COUNTS, decision_of
from volt.models import Wording
from volt.selectors import VoltView, in_place_of, links_on, volt_of_links, wordings_on


@dataclass(frozen=True, slots=True)
class CasePage:
    """Everything on one case that the seat's scope covers; the rest is empty, and the page then has no such part."""

    case: Case
    scope: int
    content: CaseContent
    actions: list[Action]
    updates: dict[int, list[ActionUpdate]]
    minutes: list[Minute] = field(default_factory=list)
    reviews: list[Review] = field(default_factory=list)
    review_due: dt.date | None = None
    volt: VoltView | None = None
    sharing: list[Disclosure] = field(default_factory=list)
    course: Course = field(default_factory=Course)
    wordings: list[Wording] = field(default_factory=list)
    """What may be said of links that are for the police and coordinators only."""
    numbers: list[ChildNumber] = field(default_factory=list)
    addresses: list[ChildAddress] = field(default_factory=list)
    authorities: list[ChildAuthority] = field(default_factory=list)
    history: CaseHistory = field(default_factory=CaseHistory)
    pathways: Pathways = field(default_factory=Pathways)
    """Missing episodes and critical moments; below full scope those that the seat or its agency reported."""
    consents: list[ConsentSaid] = field(default_factory=list)

    @property
    def full(self) -> bool:
        return self.scope >= Scope.FULL

    @property
    def summarised(self) -> bool:
        return self.scope >= Scope.SUMMARY


def _parts() -> dict[str, QuerySet[Any]]:
    """All that hangs on a case, whose key is told as ``record``."""
    record = told("record")
    return {
        **action_parts(),
        **case_content_parts(),
        **where_parts(),
        **course_parts(),
        **case_history_parts(),
        **pathway_parts(),
        **consent_parts(),
        "minutes": Minute.objects.filter(item__subject_id=record, item__meeting__status__in=FIXED)
        .select_related("item__meeting__panel")
        .order_by("-item__meeting__starts_at", "-pk"),
        "reviews": Review.objects.filter(case_id=record).select_related("answered_by__user").order_by("-due_on"),
        "links": links_on(record),
        "wordings": wordings_on(record),
        "sharing": disclosures_of(record),
    }


_PARTS = Together(_parts)
IDENTIFIED = (*ACTION_PARTS, *PATHWAY_PARTS, "numbers")
SUMMARISED = (*IDENTIFIED, *CONTENT_PARTS, "minutes")
WITH_HISTORY = (*IDENTIFIED, "concerns", "ratings", "tiers", "files", "minutes", *HISTORY_PARTS)
BESIDE = (*COURSE_PARTS, *CONSENT_PARTS, "reviews", "links", "wordings", "sharing", "addresses", "authorities")
COMPLETE = (*WITH_HISTORY, *BESIDE)


def case_page(case: Case) -> CasePage:
    """Read what the seat may see of a case; asks for nothing that its scope cannot cover.

    ``case`` comes from ``case_by_reference``. One statement for all of it, one for VOLT records if any is linked.
    """
    scope: int = case.seat_scope or 0  # type: ignore[attr-defined]
    names = IDENTIFIED if scope < Scope.SUMMARY else SUMMARISED if scope < Scope.FULL else COMPLETE
    found = _PARTS.read(*names, record=case.pk)
    actions, updates = with_history(found)
    every: dict[str, Any] = {"numbers": found["numbers"], "pathways": pathways_from(found)}
    if scope < Scope.SUMMARY:
        return CasePage(case, scope, CaseContent(), actions, updates, **every)
    if scope < Scope.FULL:
        return CasePage(case, scope, content_of(found), actions, updates, found["minutes"], **every)
    reviews: list[Review] = found["reviews"]
    return CasePage(
        case,
        scope,
        content_of(found),
        actions,
        updates,
        found["minutes"],
        reviews=reviews,
        review_due=next_review_due(case, reviews) if case.closed_on is None else None,
        volt=volt_of_links(found["links"], case.pk),
        sharing=found["sharing"],
        course=course_of(found),
        wordings=in_place_of(found["links"], found["wordings"]),
        addresses=found["addresses"],
        authorities=found["authorities"],
        history=history_of(found),
        consents=found["consents"],
        **every,
    )


def identity_bar(case: Case, *, on: dt.date) -> dict[str, Any]:
    """What stands above every page of a case. Needs the joins of ``case_by_reference``."""
    return identity_of(case, on=on, url=address("casework:case", case.reference))


def who_rows(page: CasePage, *, on: dt.date) -> list[dict[str, str]]:
    """What every scope covers: who the child is and whom to ring."""
    case, identity = page.case, page.case.child.identity
    born = identity.date_of_birth
    rows = [
        ("Name", identity.full_name),
        ("Other names", identity.aliases),
        ("Date of birth", f"{uk_date(born)}{identity.day_words} (age {age_on(born, on)}, {person_word(born, on)})"),
        ("NHS number", _spaced(identity.nhs_number)),
        ("Unique pupil number", identity.upn),
        ("Number at the referrer’s agency", identity.local_id),
        *((f"Number at {number.agency.name}", number.number) for number in page.numbers),
        ("Address", identity.address or (PROTECTED if getattr(case, "address_protected", False) else "")),
        ("Lead professional", f"{case.lead_professional.user.name}, {case.lead_agency.name}"),
        ("Team", ", ".join(filter(None, [case.team.name if case.team else "", _managed(case, on)]))),
        ("Coordinator", f"{case.coordinator.user.name}, {case.coordinator.user.email}" if case.coordinator else ""),
        ("Opened", uk_date(case.opened_on)),
        ("Closed", uk_date(case.closed_on)),
        ("Repeat", _repeat_words(case)),
    ]
    if profile := page.content.profile:
        ethnicity = label("ethnicity", profile.ethnicity)
        sex = label("sex", profile.sex)
        rows[3:3] = [("Sex", sex), ("Ethnicity", ethnicity), ("First language", profile.first_language)]
    return [{"key": key, "value": value} for key, value in rows if value]


def _managed(case: Case, on: dt.date) -> str:
    name = manager_of(case, on=on)
    return f"manager {name}" if name else ""


def _repeat_words(case: Case) -> str:
    """Of which case, if it opened within 12 months after an earlier one of the child closed."""
    earlier = getattr(case, "repeat_of", None)
    return f"Opened within 12 months after case {earlier} closed" if earlier else ""


def _spaced(number: str) -> str:
    return f"{number[:3]} {number[3:6]} {number[6:]}" if number else ""


def _rated(summary: CaseSummary) -> str:
    """Rating and since when; a case that was brought in from elsewhere may have none."""
    if not summary.rating:
        return "Not rated yet"
    return f"{Rating(summary.rating).label}, since {uk_date(summary.rated_on)}"


def summary_rows(page: CasePage) -> list[dict[str, str]]:
    summary = getattr(page.case, "summary", None)
    if summary is None:
        return []
    return [
        {"key": "Main category", "value": label("primary_category", summary.primary_category)},
        {"key": "Rating", "value": _rated(summary)},
        {"key": "The concern in short", "value": summary.account},
    ]


def concern_rows(content: CaseContent) -> list[dict[str, str]]:
    """The referral's concern and what came before it, in full scope only."""
    concern, told = content.concern, content.told
    if concern is None:
        return []
    rows: list[tuple[str, object]] = [
        ("What happened", concern.account),
        ("Told in a file", in_its_place(concern.attachment, concern.attachment_id, "assessment")),
        ("Other risks", labels("primary_category", concern.other_categories)),
        ("Wider factors", labels("wider_factor", concern.wider_factors)),
        ("Why it must be recorded", concern.threshold),
        ("Social care status", label("legal_status", concern.legal_status)),
        ("Education", ", ".join(filter(None, [label("education_status", concern.education_status), concern.school]))),
    ]
    for entry in content.prerequisites:
        done = f"Yes, on {long_date(entry.met_on)}" if entry.met and entry.met_on else f"No: {entry.reason}"
        rows.append((PrerequisiteKind(entry.kind).label, ", ".join(filter(None, [done, entry.detail]))))
    if told:
        rows += told_pairs(told)
    if found := content.circumstances:
        rows += [*situation_pairs(found), *around_pairs(found), *surroundings_pairs(found)]
    return [{"key": key, "value": str(value)} for key, value in rows if value]


def plan_in_file(content: CaseContent) -> str:
    """Where the plan is attached instead of written step by step: the words that lead there."""
    plan = content.plan
    return in_its_place(plan.attachment, plan.attachment_id, "plan") if plan else ""


def attached_rows(page: CasePage) -> list[dict[str, object]]:
    """The files of all its referrals, in full scope only."""
    return file_rows(page.content.files) if page.full else []


def from_spreadsheet(content: CaseContent) -> bool:
    """Whether something of the case was brought in from a spreadsheet (such referrals keep the import's reference)."""
    return any(referral.source_reference.startswith("F-") for referral in content.referrals)


def assessment_rows(content: CaseContent) -> list[dict[str, str]]:
    found = content.assessment
    if found is None:
        return []
    rows = [
        (
            "Rated by the practitioner",
            f"{Rating(found.rating).label}, {uk_date(found.effective_on)}, {found.written_by.user.name}",
        ),
        ("Why", found.rationale),
        ("In a file", in_its_place(found.attachment, found.attachment_id, "assessment")),
        ("Lower than the scores suggest", lower_said(found)),
        *factor_pairs(found),
        *((score.domain_words or label("risk_domain", score.domain), score_said(score)) for score in content.scores),
        ("Total of the scores", total_said(found)),
        *(
            (f"{name}, apart from the rating", level)
            for name, level in (
                ("Sexual exploitation", found.cse_level_words),
                ("Criminal exploitation", found.cce_level_words),
            )
        ),
    ]
    return [{"key": key, "value": value} for key, value in rows if value]


def journey(page: CasePage, *, on: dt.date) -> Chart | None:
    """The rating over time, assessed and agreed, with what was decided beneath it."""
    points = {(rating.agreed_on): Rating(rating.rating).label for rating in page.content.ratings}
    for found in page.history.assessments:
        if decision_of(found) in COUNTS:
            points.setdefault(found.effective_on, Rating(found.rating).label)
    if not points:
        return None
    marks = [(period.from_on, f"Opened at {Tier(period.tier).label}") for period in page.content.tiers]
    marks += [
        (period.to_on, f"Ended at {Tier(period.tier).label}: {TierOutcome(period.outcome).label}")
        for period in page.content.tiers
        if period.to_on
    ]
    return step_chart(sorted(points.items()), "Rating over time", marks=marks, until=page.case.closed_on or on)


def action_entries(page: CasePage, *, on: dt.date) -> list[dict[str, Any]]:
    """Actions in rows, with the latest that was reported."""
    rows = []
    for action in page.actions:
        latest = page.updates.get(action.pk, [])
        who = f"{action.agency_name}, {action.owner_name or 'nobody named yet'}"  # type: ignore[attr-defined]
        rows.append(
            {
                "title": action.text,
                "url": address("panels:action", action.reference),
                "meta": f"{action.reference} · {who}",
                "state": overdue_words(action, on),
                "urgent": action.closed_on is None and action.due_on < on,
                "note": f"{latest[0].text} ({latest[0].written_by_name}, {short_date(latest[0].written_at)})"
                if latest
                else "",
            }
        )
    return rows


def missing_now(page: CasePage) -> str:
    """That the child is missing, and since when; empty when no episode that the seat sees is open."""
    episode = page.pathways.missing_now
    return f"The child has been missing since {day_and_time(episode.from_on, episode.from_at)}." if episode else ""


def authority_not_told(page: CasePage) -> str:
    """Which home authority still has to be told that the child lives here; empty when none, or when it was."""
    return next((each.home.name for each in page.authorities if home_not_told(each)), "")


def consent_undecided(page: CasePage) -> str:
    """That consent is withdrawn and what happens now is not decided; empty when nothing waits, or on a closed case."""
    waits = consent_waits(page.consents) if page.case.closed_on is None else None
    return "Consent to support is withdrawn, and nobody has decided yet what happens now." if waits else ""
