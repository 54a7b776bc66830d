"""What a referral says, ready to be drawn: titles with questions and answers."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from mace.attachments.models import Attachment
from mace.attachments.showing import file_rows, in_its_place
from mace.core.forms import long_date
from mace.core.templatetags.components import rating_tag
from referrals.enums import PrerequisiteKind, Section
from referrals.models import Case, ChildIdentity, DomainScore, Matter, PlanStep, RiskAssessment, SafetyPlan
from referrals.rules import Mention, Mentions, age_on
from referrals.sections.circumstances import around_pairs, situation_pairs, surroundings_pairs, told_pairs
from referrals.selectors import CaseContent, label, labels
from referrals.selectors.addresses import PROTECTED, address_is_protected
from referrals.selectors.assessment_words import factor_pairs, lower_said, score_said, step_said, total_said
from referrals.selectors.identity import identity_of


@dataclass(frozen=True, slots=True)
class Card:
    """One part of a referral. ``rows`` are what ``components/summary_list.html`` draws."""

    title: str
    rows: list[dict[str, Any]]
    actions: list[dict[str, str]] = field(default_factory=list)


def rows(*pairs: tuple[str, object]) -> list[dict[str, Any]]:
    """The pairs that have an answer."""
    return [{"key": key, "value": value} for key, value in pairs if value not in ("", None)]


def identity_card(identity: ChildIdentity, content: CaseContent, on: dt.date) -> Card:
    profile, concern = content.profile, content.concern
    pairs: list[tuple[str, object]] = [
        ("Name", identity.full_name),
        ("Other names", identity.aliases),
        (
            "Date of birth",
            f"{long_date(identity.date_of_birth)}{identity.day_words}, aged {age_on(identity.date_of_birth, on)}",
        ),
    ]
    if profile:
        pairs += [
            ("Sex", label("sex", profile.sex)),
            ("Ethnicity", label("ethnicity", profile.ethnicity)),
            ("First language", profile.first_language),
        ]
    lives = identity.address or (PROTECTED if profile and address_is_protected(identity.child_id) else "")
    pairs += [
        ("NHS number", identity.nhs_number),
        ("Unique pupil number", identity.upn),
        ("Number at the referrer’s agency", identity.local_id),
        ("Where the child lives", lives),
    ]
    if concern:
        pairs += [
            ("Social care status", label("legal_status", concern.legal_status)),
            ("Education", label("education_status", concern.education_status)),
            ("School or college", concern.school),
        ]
    return Card("The child", rows(*pairs))


def content_cards(content: CaseContent) -> list[Card]:
    """The parts after the child's details, those that the seat sees."""
    made: list[Card] = []
    if found := content.circumstances:
        made += [
            Card(title, said)
            for title, said in (
                ("Care, school and health", rows(*situation_pairs(found))),
                ("Family and professionals", rows(*around_pairs(found))),
                ("What surrounds the concern", rows(*surroundings_pairs(found))),
            )
            if said
        ]
    if concern := content.concern:
        made.append(
            Card(
                "The concern",
                rows(
                    ("Main risk", label("primary_category", concern.primary_category)),
                    ("Other risks", labels("primary_category", concern.other_categories)),
                    ("Wider factors", labels("wider_factor", concern.wider_factors)),
                    ("In short", concern.short_account),
                    ("What has happened", concern.account),
                    ("Told in a file", in_its_place(concern.attachment, concern.attachment_id, "assessment")),
                    ("Why it must be recorded", concern.threshold),
                ),
            )
        )
    if content.prerequisites:
        made.append(
            Card(
                "Before the referral",
                rows(
                    *(
                        (
                            PrerequisiteKind(part.kind).label,
                            f"Yes, on {long_date(part.met_on)}{', number ' + part.detail if part.detail else ''}"
                            if part.met and part.met_on
                            else f"No: {part.reason}",
                        )
                        for part in content.prerequisites
                    )
                ),
            )
        )
    if told := content.told:
        made.append(
            Card(
                "Told and consent",
                rows(*told_pairs(told)),
            )
        )
    if voice := content.voice:
        made.append(
            Card(
                "The child’s voice",
                rows(
                    ("In their words", voice.words),
                    ("Observed", voice.observed),
                    ("What the child wants", voice.wants),
                    ("How it was said", voice.way_words),
                    ("Who was there", voice.with_whom),
                    ("What it is about", labels("voice_theme", voice.themes)),
                    ("Written by", f"{voice.written_by.user.name}, {long_date(voice.effective_on)}"),
                ),
            )
        )
    return [*made, *_risk_and_plan(content)]


def matter_cards(matter: Matter) -> list[Card]:
    """The pages of a referral about no child, as they were sent."""
    cards = [
        Card(words, rows(*((question, answer) for question, answer in matter.said[section])))
        for section, words in Section.choices
        if section in matter.said
    ]
    if matter.attachment_id is not None:
        told = in_its_place(matter.attachment, matter.attachment_id, "assessment or report")
        cards.append(Card("In place of what is typed", rows(("What has happened", told))))
    return cards


def assessment_pairs(risk: RiskAssessment, scores: Iterable[DomainScore]) -> list[tuple[str, object]]:
    """Question and answer of an assessment, the rating first."""
    return [
        ("Rating", rating_tag(risk.rating)),
        ("Why", risk.rationale),
        ("Lower than the scores suggest", lower_said(risk)),
        ("Why it is rated lower than before", "" if lower_said(risk) else risk.lowering_reason),
        ("What has changed", risk.changes),
        ("In a file", in_its_place(risk.attachment, risk.attachment_id, "assessment")),
        *factor_pairs(risk),
        *((score.domain_words or label("risk_domain", score.domain), score_said(score)) for score in scores),
        ("Total of the scores", total_said(risk)),
        ("Assessed by", f"{risk.written_by.user.name}, {long_date(risk.effective_on)}"),
        ("Version of the tool", risk.tool_version),
    ]


def plan_pairs(plan: SafetyPlan, steps: Iterable[PlanStep]) -> list[tuple[str, object]]:
    return [
        ("Made with", plan.with_whom),
        ("In short", plan.summary),
        ("In a file", in_its_place(plan.attachment, plan.attachment_id, "plan")),
        *((f"Step {number}", step_said(step)) for number, step in enumerate(steps, 1)),
        ("In the way", plan.blocked),
    ]


def _risk_and_plan(content: CaseContent) -> Iterable[Card]:
    if risk := content.assessment:
        yield Card("Risk assessment", rows(*assessment_pairs(risk, content.scores)))
    if plan := content.plan:
        yield Card("Safety plan", rows(*plan_pairs(plan, content.steps)))


def file_card(files: list[Attachment]) -> Card:
    """What is attached; read as ``CaseContent.files``."""
    return Card("Files", file_rows(files))


def mention_card(mentions: Mentions) -> Card:
    def lines(found: tuple[Mention, ...]) -> str:
        return "; ".join(f"{one.name} ({one.about})" if one.about else one.name for one in found)

    return Card(
        "People, places and themes",
        rows(
            ("People of concern", lines(mentions.people)),
            ("Places", lines(mentions.places)),
            ("Themes", lines(mentions.themes)),
        ),
    )


def identity_bar(case: Case, on: dt.date, *, url: str = "") -> dict[str, object]:
    """What ``components/identity_bar.html`` draws, as far as the seat sees it."""
    return identity_of(case, on=on, url=url)
