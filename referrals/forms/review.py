"""The answers to a 12-week review."""

from __future__ import annotations

from typing import Any

from django import forms

from mace.core.forms import GovukForm, Radios, Textarea
from referrals.enums import Rating, Recommendation
from referrals.selectors.codes import codes


class ReviewForm(GovukForm):
    progress = forms.CharField(
        label="What has changed since the last review?",
        max_length=6000,
        widget=Textarea(rows=6, count=True),
        help_text="What has worked, what has not, and what is in the way",
    )
    voice = forms.CharField(
        label="What does the child say?",
        max_length=4000,
        widget=Textarea(rows=4),
        help_text="In their words if you can, or what was observed",
    )
    rating = forms.ChoiceField(label="How do you rate the risk now?", choices=Rating.choices, widget=Radios)
    rating_reason = forms.CharField(label="Why this rating?", max_length=4000, widget=Textarea(rows=4))
    recommendation = forms.ChoiceField(
        label="What do you recommend to the panel?", choices=Recommendation.choices, widget=Radios
    )

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.fields["rating"].widget.hints = {entry.code: entry.label for entry in codes("rating_descriptor")}
