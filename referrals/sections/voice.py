"""What the child says: asked in a referral, and at any time of a case."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms

from mace.core.forms import Checkboxes, Select, Text, Textarea
from referrals.enums import Section
from referrals.sections.base import HelpedForm, SectionForm
from referrals.selectors.codes import choices


class VoiceQuestions(HelpedForm):
    """In the child's words or what was observed, how it was heard, and themes by which it is read across children."""

    section = Section.VOICE

    words_said = forms.CharField(
        label="What the child says",
        required=False,
        max_length=4000,
        widget=Textarea(rows=5),
        help_text="In their words",
    )
    observed = forms.CharField(
        label="What was observed",
        required=False,
        max_length=4000,
        widget=Textarea(rows=4),
        help_text="How the child behaves or seems, if they cannot or do not want to say",
    )
    wants = forms.CharField(
        label="What the child wants to happen", required=False, max_length=2000, widget=Textarea(rows=3)
    )
    way = forms.ChoiceField(label="How was it said?", required=False, widget=Select)
    with_whom = forms.CharField(
        label="Who was there?",
        required=False,
        max_length=200,
        widget=Text(width=20),
        help_text="Whom the child spoke with",
    )
    themes = forms.MultipleChoiceField(
        label="What is it about?",
        required=False,
        widget=Checkboxes(small=True),
        help_text="So that what children say can be read together, without names",
    )

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.fields["way"].choices = [("", "Not said"), *choices("voice_way")]  # type: ignore[attr-defined]
        self.fields["themes"].choices = choices("voice_theme")  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        cleaned = dict(super().clean() or {})
        if not self.errors and not cleaned.get("words_said") and not cleaned.get("observed"):
            self.add_error("words_said", "Enter what the child says, or what was observed")
        return cleaned


class VoiceSection(VoiceQuestions, SectionForm):
    """The page of a referral; it was said by the day on which the referral is sent."""

    intro: ClassVar[str] = "In the child’s own words if you can. If not, what you or others have observed."
