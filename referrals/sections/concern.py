"""The concern: what kind of harm, and apart from it what makes the child vulnerable."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms

from mace.attachments.enums import AttachmentKind
from mace.core.forms import Checkboxes, Radios, Textarea
from referrals.enums import Section
from referrals.sections.attached import AttachedSection
from referrals.selectors.codes import choices, grouped_choices


class ConcernSection(AttachedSection):
    section = Section.CONCERN
    stands_in = AttachmentKind.ASSESSMENT
    no_words = "No, it is told below"
    field_order = ["primary_category", "other_categories", "wider_factors", "attached", "account"]
    intro: ClassVar[str] = "What you are worried about, and why it needs several agencies."

    primary_category = forms.ChoiceField(label="What is the main risk?", widget=Radios)
    other_categories = forms.MultipleChoiceField(
        label="Other risks", required=False, widget=Checkboxes(small=True), help_text="Select all that apply"
    )
    wider_factors = forms.MultipleChoiceField(
        label="Wider factors",
        required=False,
        widget=Checkboxes(small=True),
        help_text="What makes the child vulnerable, apart from risk: the one does not always mean the other.",
    )
    account = forms.CharField(
        label="What has happened?",
        max_length=6000,
        widget=Textarea(rows=8, count=True),
        help_text="What was seen or said, when, and by whom. Say what is fact and what is opinion.",
    )
    short_account = forms.CharField(
        label="The concern in short",
        max_length=600,
        widget=Textarea(rows=3, count=True),
        help_text="One or two sentences. An agency that is asked to help reads this first, and sometimes only this.",
    )
    threshold = forms.CharField(
        label="Why must this be recorded?",
        max_length=2000,
        widget=Textarea(rows=3),
        help_text="Why the child’s details have to be held and shared to keep them safe.",
    )

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.fields["attached"].label = "Does the attached assessment say what has happened?"
        self.fields["account"].required = self.chosen is None
        self.fields["primary_category"].choices = choices("primary_category")  # type: ignore[attr-defined]
        self.fields["other_categories"].choices = choices("primary_category")  # type: ignore[attr-defined]
        self.fields["wider_factors"].choices = grouped_choices("wider_factor")  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        cleaned = dict(super().clean() or {})
        main = cleaned.get("primary_category")
        cleaned["other_categories"] = [code for code in cleaned.get("other_categories", []) if code != main]
        return cleaned
