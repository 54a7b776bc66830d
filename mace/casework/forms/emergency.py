"""Asking whom an emergency is about and why it cannot wait; and how its use is judged afterwards."""

from __future__ import annotations

from django import forms

from mace.access.models import EmergencyOutcome
from mace.casework.rules import EMERGENCY_REASON_LEAST
from mace.core import clock
from mace.core.forms import GovukDateField, GovukForm, Radios, Text, Textarea

TOO_SHORT = "Say what is happening, and why it cannot wait, in a sentence or two"


class EmergencyForm(GovukForm):
    """Sent by POST only: a name stands in no address."""

    forename = forms.CharField(
        label="First name",
        max_length=80,
        widget=Text(width=20, autocomplete="off"),
        error_messages={"required": "Enter the child’s first name"},
    )
    surname = forms.CharField(
        label="Last name",
        max_length=80,
        widget=Text(width=20, autocomplete="off"),
        error_messages={"required": "Enter the child’s last name"},
    )
    born = GovukDateField(
        label="Date of birth",
        help_text="For example, 27 3 2011",
        not_after=clock.today,
        error_messages={"required": "Enter the child’s date of birth"},
    )
    reason = forms.CharField(
        label="What is happening, and why can it not wait?",
        help_text="Whoever reviews this reads it.",
        min_length=EMERGENCY_REASON_LEAST,
        max_length=1000,
        widget=Textarea(rows=4, count=True),
        error_messages={"required": TOO_SHORT, "min_length": TOO_SHORT},
    )


class EmergencyReviewForm(GovukForm):
    outcome = forms.ChoiceField(
        label="Was it justified?",
        choices=EmergencyOutcome.choices,
        widget=Radios(),
        error_messages={"required": "Select whether it was justified"},
    )
    note = forms.CharField(
        label="What did you look at, and how do you judge it?",
        max_length=1000,
        widget=Textarea(rows=4, count=True),
        error_messages={"required": "Say what you looked at and how you judge it"},
    )
