"""What a manager says of a referral of the team, and which parts a new referral takes from an older one."""

from __future__ import annotations

from typing import Any

from django import forms

from mace.core.forms import Checkboxes, GovukForm, Radios, Textarea
from referrals.enums import About

APPROVE, BACK = "approve", "back"


ABOUT_HINTS = {
    About.CHILD.value: "Also where you worry about a child and a person or a place: name those on the child’s pages",
    About.PERSON.value: "Who may be harming or exploiting children",
    About.PLACE.value: "Where children are harmed, also online",
    About.GROUP.value: "Young people or others who are together, and the harm around them",
    About.THEME.value: "What is seen again and again, with no one child",
}


class StartForm(GovukForm):
    """Before anything is typed: what the referral is about."""

    about = forms.ChoiceField(
        label="What is the referral about?",
        choices=About.choices,
        initial=About.CHILD,
        required=False,
        widget=Radios(hints=ABOUT_HINTS),
    )

    mark_optional = False

    def clean_about(self) -> str:
        """A child where nothing is said."""
        return str(self.cleaned_data["about"] or About.CHILD)


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
