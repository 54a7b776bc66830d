"""What is said of consent to support, and what is decided when it is withdrawn."""

from __future__ import annotations

from typing import Any

from django import forms

from mace.core import clock
from mace.core.forms import GovukDateField, GovukForm, Radios, Textarea
from referrals.enums import Capacity, Consent, ConsentBy
from referrals.sections.base import EARLIEST, drop_down
from referrals.selectors.codes import choices


class ConsentForm(GovukForm):
    """From 18 the young person's own, with capacity and the basis under the Care Act; nobody else is asked."""

    consent = forms.ChoiceField(
        label="How does consent to support stand?",
        choices=Consent.choices,
        widget=Radios,
        error_messages={"required": "Choose how consent stands"},
    )
    said_by = forms.ChoiceField(
        label="Who said it?",
        choices=ConsentBy.choices,
        widget=Radios,
        error_messages={"required": "Choose who said it"},
    )
    said_on = GovukDateField(label="When?", not_before=EARLIEST, not_after=clock.today)
    words = forms.CharField(
        label="What was said?",
        help_text="In their words if you can; where it was not sought, why not",
        max_length=2000,
        widget=Textarea(rows=3),
        error_messages={"required": "Write what was said"},
    )
    capacity = forms.ChoiceField(
        label="Capacity to decide about being helped",
        help_text="Asked because the young person is 18 or over (Mental Capacity Act 2005)",
        choices=Capacity.choices,
        widget=Radios,
        error_messages={"required": "Choose whether they have capacity to decide about it"},
    )
    care_act = forms.ChoiceField(label="Basis under the Care Act")

    def __init__(self, *args: Any, adult: bool, **more: Any) -> None:
        super().__init__(*args, **more)
        if adult:
            del self.fields["said_by"]
            self.fields["care_act"] = drop_down("Basis under the Care Act", choices("care_act"))
        else:
            del self.fields["capacity"], self.fields["care_act"]

    def said(self) -> dict[str, Any]:
        """What the service is told: of an adult, that they said it themselves."""
        return {"said_by": ConsentBy.PERSON.value, "capacity": "", "care_act": ""} | self.cleaned_data


class ConsentDecisionForm(GovukForm):
    decision = forms.CharField(
        label="What happens now, and why?",
        max_length=2000,
        widget=Textarea(rows=3),
        error_messages={"required": "Say what happens now, and why"},
    )
