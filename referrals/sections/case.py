"""A new assessment or safety plan of a case: the pages of a referral, filled from the last one, and what is new."""

from __future__ import annotations

import datetime as dt
from typing import Any, ClassVar

from django import forms

from mace.core.forms import DAY_MONTH_YEAR, Select, Textarea
from referrals.enums import StepState
from referrals.models import DomainScore, PlanStep, RiskAssessment, SafetyPlan
from referrals.rules import ROWS_ADDED, ROWS_MOST, ROWS_SHOWN, Typed
from referrals.sections.base import Asked, SectionForm, drop_down
from referrals.sections.plan import PlanSection
from referrals.sections.risk import FACTORS, RiskSection
from referrals.selectors.codes import choices, label

Filled = dict[str, str | list[str]]
LEVELS = {"cse_level": "Level for sexual exploitation", "cce_level": "Level for criminal exploitation"}


def boxes(name: str, day: dt.date | None) -> Filled:
    """A date as its three boxes say it."""
    parts = (day.day, day.month, day.year) if day else ("", "", "")
    return {f"{name}_{part}": str(value) for part, value in zip(DAY_MONTH_YEAR, parts, strict=True)}


class CaseRisk(RiskSection):
    """The rating and its reasons are asked anew; the rest comes from the last assessment."""

    has_last = False

    changes = forms.CharField(
        label="What has changed since the last assessment?",
        required=False,
        max_length=4000,
        widget=Textarea(rows=4),
    )

    def __init__(self, data: Typed | None = None, *, asked: Asked, check: bool = True) -> None:
        super().__init__(data, asked=asked, check=check)
        self.fields[
            "lowering_reason"
        ].label = "If you rate it lower than the scores suggest, or than it is rated now: why? (optional)"
        self.fields[
            "lowering_reason"
        ].help_text = (
            "The team’s manager reads it and confirms the rating, or sends it back. Until then the rating stays."
        )
        for name, question in LEVELS.items():
            self.fields[name] = drop_down(
                f"{question} (optional)", choices("exploitation_level"), required=False, empty="None"
            )

    def help_code(self, name: str) -> str:
        """Beneath the reason for a lower rating stands something else than in a referral."""
        return "case_lowering_reason" if name == "lowering_reason" else super().help_code(name)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if self.has_last and not cleaned.get("changes") and "changes" not in self.errors:
            self.add_error("changes", "Say what has changed, or that nothing has")
        return cleaned

    def levels(self) -> dict[str, str]:
        """Another scheme's levels with their words, as ``RiskAssessment`` names them."""
        said = self.cleaned_data
        return {name: said[name] for name in LEVELS} | {
            f"{name}_words": label("exploitation_level", said[name]) if said[name] else "" for name in LEVELS
        }

    @staticmethod
    def filled(last: RiskAssessment, scores: list[DomainScore]) -> Filled:
        """What the page says before anybody types."""
        typed: Filled = {"cse_level": last.cse_level, "cce_level": last.cce_level}
        for kind in FACTORS:
            typed[f"{kind}_ticks"] = [code for code, _ in getattr(last, f"{kind}_ticks")]
            typed[f"{kind}_factors"] = getattr(last, f"{kind}_factors")
        if last.push_pull_factors and not last.push_factors:
            typed["push_factors"] = last.push_pull_factors
        for row in scores:
            said = {"score": str(row.score), "evidence": row.evidence}
            said |= {"source": row.source, "confidence": row.confidence}
            typed |= {f"{row.domain}_{part}": value for part, value in said.items()}
            typed |= boxes(f"{row.domain}_on", row.rests_on)
        return typed


class CasePlan(PlanSection):
    """The steps say how they stand."""

    parts: ClassVar[tuple[str, ...]] = (*PlanSection.parts, "state", "note")

    def __init__(self, data: Typed | None = None, *, asked: Asked, check: bool = True) -> None:
        super().__init__(data, asked=asked, check=check)
        for row in range(self.row_count):
            about = f"Step {row + 1}"
            self.fields[f"step_{row}_state"] = forms.ChoiceField(
                label=f"{about}: how it stands", choices=StepState.choices, required=False, widget=Select
            )
            self.fields[f"step_{row}_note"] = forms.CharField(
                label=f"{about}: note", required=False, max_length=500, widget=Textarea(rows=2)
            )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        for row in range(self.row_count):
            stuck = cleaned.get(f"step_{row}_state") == StepState.NOT_WORKING
            note = f"step_{row}_note"
            if stuck and not cleaned.get(note) and note not in self.errors:
                self.add_error(note, f"Say why step {row + 1} is not working")
            if cleaned.get(note) and not cleaned.get(f"step_{row}_text") and f"step_{row}_text" not in self.errors:
                self.add_error(f"step_{row}_text", f"Enter what will be done in step {row + 1}")
        return cleaned

    def steps(self) -> list[dict[str, Any]]:
        """The filled rows: text, who, by_when, state, note."""
        said = self.cleaned_data
        return [
            {
                "text": text,
                "who": said[f"step_{row}_who"],
                "by_when": said[f"step_{row}_by"],
                "state": said[f"step_{row}_state"] or StepState.TO_DO,
                "note": said[f"step_{row}_note"],
            }
            for row in range(self.row_count)
            if (text := said.get(f"step_{row}_text"))
        ]

    @staticmethod
    def filled(last: SafetyPlan, steps: list[PlanStep]) -> Filled:
        """What the page says before anybody types: the last version, with room for a few more steps."""
        rows = min(ROWS_MOST, max(ROWS_SHOWN, len(steps) + ROWS_ADDED))
        typed: Filled = {"rows": str(rows), "made_with_ticks": [code for code, _ in last.made_with_ticks]}
        typed |= {"made_with": last.made_with, "summary": last.summary, "blocked": last.blocked}
        for at, step in enumerate(steps):
            said = {"text": step.text, "who": step.who, "state": step.state, "note": step.note}
            typed |= {f"step_{at}_{part}": value for part, value in said.items()}
            typed |= boxes(f"step_{at}_by", step.by_when)
        return typed


ASSESSMENT, PLAN = "assessment", "plan"
CASE_FORMS: dict[str, type[SectionForm]] = {ASSESSMENT: CaseRisk, PLAN: CasePlan}
"""By ``CaseDraft.kind``."""
