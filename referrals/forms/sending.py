"""What a manager says of a referral of the team, and which parts a new referral takes from an older one."""

from __future__ import annotations

from typing import Any

from django import forms

from mace.core.forms import Checkboxes, GovukForm, Radios, Textarea

APPROVE, BACK = "approve", "back"


class ApprovalForm(GovukForm):
    mark_optional = False  # the reason depends on the decision above it

    decision = forms.ChoiceField(
        label="What is your decision?",
        choices=[(APPROVE, "Approve and send it to the coordinators"), (BACK, "Send it back to the referrer")],
        widget=Radios(reveals={BACK: "reason"}),
        error_messages={"required": "Choose whether you approve the referral"},
    )
    reason = forms.CharField(label="What is missing?", required=False, max_length=1000, widget=Textarea(rows=4))

    def clean(self) -> dict[str, Any]:
        cleaned = dict(super().clean() or {})
        if cleaned.get("decision") == BACK and not cleaned.get("reason") and "reason" not in self.errors:
            self.add_error("reason", "Say what is missing")
        return cleaned


class CopyForm(GovukForm):
    parts = forms.MultipleChoiceField(
        label="What is alike for this child?",
        widget=Checkboxes(),
        help_text="It is copied into a new draft, where you look at each page again.",
        error_messages={"required": "Choose at least one part, or start an empty referral"},
    )

    def __init__(self, *args: Any, parts: list[tuple[str, str]], **more: Any) -> None:
        super().__init__(*args, **more)
        self.fields["parts"].choices = parts  # type: ignore[attr-defined]
