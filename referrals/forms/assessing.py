"""What the manager answers, which two assessments are compared, what a child says, a difficulties score."""

from __future__ import annotations

from typing import Any

from django import forms

from mace.core import clock
from mace.core.forms import GovukDateField, GovukForm, Radios, Select, Text, Textarea
from referrals.enums import DifficultiesBand, Informant, Outcome
from referrals.models import DifficultiesScore
from referrals.sections.base import EARLIEST
from referrals.sections.voice import VoiceQuestions
from referrals.selectors.codes import choices

PART_WORDS = {
    "emotional": "Emotional",
    "conduct": "Conduct",
    "hyperactivity": "Hyperactivity",
    "peers": "Peers",
    "prosocial": "Prosocial",
}


class DecisionForm(GovukForm):
    """The manager's answer to an assessment that lowers the rating."""

    mark_optional = False  # one depends on the other

    outcome = forms.ChoiceField(
        label="Is the lower rating right?",
        choices=[(Outcome.CONFIRMED, "Confirm it"), (Outcome.SENT_BACK, "Send it back")],
        widget=Radios(
            hints={
                Outcome.CONFIRMED: "It becomes the rating of the case",
                Outcome.SENT_BACK: "The rating of the case stays as it is",
            },
            reveals={Outcome.SENT_BACK: "reason"},
        ),
    )
    reason = forms.CharField(label="Why do you send it back?", required=False, max_length=2000, widget=Textarea(rows=4))

    def clean(self) -> dict[str, Any]:
        cleaned = dict(super().clean() or {})
        if cleaned.get("outcome") == Outcome.SENT_BACK and not cleaned.get("reason") and "reason" not in self.errors:
            self.add_error("reason", "Say why you send it back")
        return cleaned


class CompareForm(GovukForm):
    """Two assessments of one case, by the keys of their pages."""

    mark_optional = False

    one = forms.ChoiceField(label="Compare", widget=Select)
    other = forms.ChoiceField(label="With", widget=Select)

    def __init__(self, *args: Any, listed: list[tuple[str, str]], **more: Any) -> None:
        super().__init__(*args, **more)
        for name in ("one", "other"):
            self.fields[name].choices = listed  # type: ignore[attr-defined]


class VoiceForm(VoiceQuestions):
    """Of a case: when it was said, too."""

    field_order = ("words_said", "observed", "wants", "said_on")

    said_on = GovukDateField(label="When was it said or seen?", not_before=EARLIEST, not_after=clock.today)


class DifficultiesForm(GovukForm):
    """Totals only: the questionnaire's text is licensed and stands nowhere here."""

    informant = forms.ChoiceField(label="Who completed it?", choices=Informant.choices, widget=Radios)
    done_on = GovukDateField(label="When was it completed?", not_before=EARLIEST, not_after=clock.today)
    total = forms.IntegerField(
        label="Total difficulties", min_value=0, max_value=40, widget=Text(width=3), help_text="From 0 to 40"
    )
    band = forms.ChoiceField(
        label="Band, if your list of cut-offs has none for this total",
        choices=[("", "From the total"), *DifficultiesBand.choices],
        required=False,
        widget=Select,
    )

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        for name in (*DifficultiesScore.PARTS, "prosocial"):
            self.fields[name] = forms.IntegerField(
                label=PART_WORDS[name], required=False, min_value=0, max_value=10, widget=Text(width=2)
            )

    def parts(self) -> dict[str, int | None]:
        return {name: self.cleaned_data[name] for name in PART_WORDS}


class VoiceFilterForm(GovukForm):
    """By what the words of children are narrowed. Sent by GET: nothing here names anybody."""

    mark_optional = False

    theme = forms.ChoiceField(label="Theme", required=False, widget=Select)
    since = GovukDateField(label="From", required=False, not_before=EARLIEST)
    until = GovukDateField(label="To", required=False, not_before=EARLIEST)

    def __init__(self, *args: Any, none: str, **more: Any) -> None:
        super().__init__(*args, **more)
        listed = [("", "Any theme"), *choices("voice_theme"), (none, "No theme yet")]
        self.fields["theme"].choices = listed  # type: ignore[attr-defined]
