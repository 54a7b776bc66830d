"""The risk assessment. The rating is the practitioner's; scores are optional and their total only advises."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms

from mace.attachments.enums import AttachmentKind
from mace.core.forms import Radios, Textarea
from referrals.enums import Rating, Section
from referrals.sections.attached import AttachedSection
from referrals.sections.base import drop_down
from referrals.selectors.codes import choices, codes, label

TOOL_VERSION = "12 domains, 1"
"""Totals are never compared across versions."""
SCORES = [("0", "0 None"), ("1", "1 Emerging"), ("2", "2 Moderate"), ("3", "3 Significant")]


class RiskSection(AttachedSection):
    section = Section.RISK
    stands_in = AttachmentKind.ASSESSMENT
    no_words = "No"
    mark_optional = False  # the scores say so once, above them
    intro: ClassVar[str] = (
        "Your professional judgement decides the rating. Scores help to explain it; their total never decides."
    )

    rating = forms.ChoiceField(label="How do you rate the risk?", choices=Rating.choices, widget=Radios)
    rationale = forms.CharField(
        label="Why this rating?",
        max_length=4000,
        widget=Textarea(rows=5),
        help_text="What it rests on, and what would change it",
    )
    protective_factors = forms.CharField(
        label="What protects the child? (optional)", required=False, max_length=2000, widget=Textarea(rows=3)
    )
    push_pull_factors = forms.CharField(
        label="What pushes or pulls the child towards harm? (optional)",
        required=False,
        max_length=2000,
        widget=Textarea(rows=3),
    )

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.fields["attached"].label = "Does an attached assessment of your own say more?"
        self.domains = codes("risk_domain")
        self.fields["rating"].widget.hints = {
            code: label("rating_descriptor", code) for code, _ in choices("rating_descriptor")
        }
        for domain in self.domains:
            self.fields[f"{domain.code}_score"] = drop_down(
                f"{domain.label}: score", SCORES, required=False, empty="Not scored"
            )
            self.fields[f"{domain.code}_evidence"] = forms.CharField(
                label=f"{domain.label}: evidence", required=False, max_length=500, widget=Textarea(rows=2)
            )

    def clean(self) -> dict[str, Any]:
        cleaned = dict(super().clean() or {})
        for domain in self.domains:
            score, evidence = cleaned.get(f"{domain.code}_score"), cleaned.get(f"{domain.code}_evidence")
            if score and score != "0" and not evidence and f"{domain.code}_evidence" not in self.errors:
                self.add_error(f"{domain.code}_evidence", f"Enter what the score rests on: {domain.label.lower()}")
            if evidence and not score and f"{domain.code}_score" not in self.errors:
                self.add_error(
                    f"{domain.code}_score", f"Choose a score to go with the evidence: {domain.label.lower()}"
                )
        return cleaned

    def scores(self) -> list[tuple[str, int, str]]:
        """Domain, score and evidence of each domain that was scored."""
        return [
            (domain.code, int(score), self.cleaned_data[f"{domain.code}_evidence"])
            for domain in self.domains
            if (score := self.cleaned_data.get(f"{domain.code}_score"))
        ]

    def total(self) -> int | None:
        """The sum of all scores; none unless every domain was scored, so that totals can be set beside one another."""
        scored = self.scores()
        return sum(score for _, score, _ in scored) if len(scored) == len(self.domains) else None

    def pairs(self) -> list[tuple[str, Any, Any]]:
        """Domain by domain for the page: name, the question for the score, the question for the evidence."""
        return [
            (domain.label, self[f"{domain.code}_score"], self[f"{domain.code}_evidence"]) for domain in self.domains
        ]

    @property
    def scores_open(self) -> bool:
        """Whether the scores are to be shown open: something stands in them."""
        return any(self.typed.get(f"{domain.code}_{part}") for domain in self.domains for part in ("score", "evidence"))

    def as_rows(self) -> list[tuple[str, str]]:
        rows = [
            (self.question(name), text)
            for name in ("rating", "rationale", "attached", "protective_factors", "push_pull_factors")
            if (text := self.words(name))
        ]
        words = dict(SCORES)
        for code, score, evidence in self.scores():
            rows.append((label("risk_domain", code), f"{words[str(score)]}{': ' + evidence if evidence else ''}"))
        return rows
