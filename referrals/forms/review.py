"""The answers to a 12-week review."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.html import format_html

from mace.core.forms import GovukForm, Radios, Textarea
from referrals.enums import Rating, Recommendation, StepReviewed
from referrals.models import PlanStep
from referrals.rules_cases import StepSaid, step_fault
from referrals.selectors.codes import codes
from referrals.selectors.reviews import step_field

Part = tuple[str, list[forms.BoundField]]


class ReviewForm(GovukForm):
    """What has changed, the risk, each step of the plan, the child's voice, engagement, what is recommended."""

    mark_optional = False

    progress = forms.CharField(
        label="What has changed since the last review?",
        max_length=6000,
        widget=Textarea(rows=6, count=True),
        help_text="What has worked, what has not, and what is in the way",
    )
    rating = forms.ChoiceField(label="How do you rate the risk now?", choices=Rating.choices, widget=Radios)
    rating_reason = forms.CharField(label="Why this rating?", max_length=4000, widget=Textarea(rows=4))
    voice = forms.CharField(
        label="What does the child say, in their words?", max_length=4000, required=False, widget=Textarea(rows=4)
    )
    observed = forms.CharField(label="What was observed?", max_length=4000, required=False, widget=Textarea(rows=3))
    wants = forms.CharField(
        label="What do they want to happen?", max_length=4000, required=False, widget=Textarea(rows=2)
    )
    voice_missing = forms.CharField(
        label="If neither is known: why?", max_length=500, required=False, widget=Textarea(rows=2)
    )
    reached_by = forms.CharField(
        label="Who could reach the child or young person?",
        max_length=300,
        help_text="The person they talk to, in whatever agency. If nobody could, say so.",
        widget=Textarea(rows=1),
        error_messages={"required": "Say who could reach them, or that nobody could"},
    )
    reached_how = forms.CharField(label="How?", max_length=4000, required=False, widget=Textarea(rows=2))
    helped = forms.CharField(label="What helped?", max_length=4000, required=False, widget=Textarea(rows=2))
    not_helped = forms.CharField(label="What did not help?", max_length=4000, required=False, widget=Textarea(rows=2))
    recommendation = forms.ChoiceField(
        label="What do you recommend to the panel?", choices=Recommendation.choices, widget=Radios
    )
    asks = forms.CharField(
        label="What do you want from the panel?", max_length=4000, required=False, widget=Textarea(rows=2)
    )

    def __init__(self, *args: Any, plan: Sequence[PlanStep], **more: Any) -> None:
        """``plan``: the steps of the safety plan in force, each of which is asked about."""
        super().__init__(*args, **more)
        self.plan = list(plan)
        self.fields["rating"].widget.hints = {entry.code: entry.label for entry in codes("rating_descriptor")}
        for step in self.plan:
            self.fields[step_field(step.pk, "state")] = forms.ChoiceField(
                label=step.text,
                choices=StepReviewed.choices,
                required=False,
                widget=Radios(inline=True, small=True),
                help_text=step.who,
            )
            self.fields[step_field(step.pk, "note")] = forms.CharField(
                label=format_html('Note<span class="govuk-visually-hidden">: {}</span>', step.text),
                max_length=1000,
                required=False,
                widget=Textarea(rows=1),
                help_text="Needed when a step does not work or is no longer needed",
            )

    def clean(self) -> dict[str, Any]:
        data = dict(super().clean() or {})
        if not any(data.get(name) for name in ("voice", "observed", "voice_missing")) and not {
            "voice",
            "observed",
            "voice_missing",
        } & set(self.errors):
            self.add_error("voice", "Say what the child says, what was observed, or why neither is known")
        for step in self.plan:
            words, part = step_fault(self._said(step, data))
            if words and step_field(step.pk, part) not in self.errors:
                self.add_error(step_field(step.pk, part), words)
        return data

    def _said(self, step: PlanStep, data: dict[str, Any]) -> StepSaid:
        return StepSaid(data.get(step_field(step.pk, "state")) or "", data.get(step_field(step.pk, "note")) or "")

    def answers(self) -> dict[str, Any]:
        """What the service takes."""
        data = self.cleaned_data
        found = {name: value for name, value in data.items() if not name.startswith("step_")}
        return found | {"steps": {step.pk: self._said(step, data) for step in self.plan}}

    def parts(self) -> list[Part]:
        """The questions under their headings, in the order of the page."""
        steps = [name for name in self.fields if name.startswith("step_")]
        grouped: list[tuple[str, Sequence[str]]] = [
            ("What has changed", ["progress"]),
            ("The risk", ["rating", "rating_reason"]),
            ("The safety plan, step by step", steps),
            ("The child’s voice", ["voice", "observed", "wants", "voice_missing"]),
            ("Engagement", ["reached_by", "reached_how", "helped", "not_helped"]),
            ("To the panel", ["recommendation", "asks"]),
        ]
        return [(title, [self[name] for name in names]) for title, names in grouped if names]
