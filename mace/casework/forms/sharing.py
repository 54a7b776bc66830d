"""Asking why before anybody sees more, or less."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms

from mace.access.models import LawfulBasis, Scope
from mace.agencies.models import Agency
from mace.core import clock
from mace.core.forms import GovukDateField, GovukForm, Radios, Select, Textarea

YES, NO = "yes", "no"


class ShareForm(GovukForm):
    agency = forms.ChoiceField(label="Which agency?", widget=Select(), error_messages={"required": "Select the agency"})
    scope = forms.TypedChoiceField(
        label="How much do they need to see?",
        coerce=lambda value: Scope(int(value)),
        widget=Radios(),
        error_messages={"required": "Select how much they need to see"},
    )
    purpose = forms.CharField(
        label="What is it for?",
        max_length=400,
        widget=Textarea(rows=2),
        error_messages={"required": "Say what the sharing is for"},
    )
    lawful_basis = forms.ChoiceField(
        label="What is the lawful basis?",
        help_text="Partners are advised to rely on their duties and not on consent.",
        choices=LawfulBasis.choices,
        widget=Radios(),
        error_messages={"required": "Select the lawful basis"},
    )
    necessity = forms.CharField(
        label="Why is it necessary, and why would less not do?",
        max_length=400,
        widget=Textarea(rows=2),
        error_messages={"required": "Say why the sharing is necessary"},
    )
    told = forms.TypedChoiceField(
        label="Do the child and family know about it?",
        choices=[(YES, "Yes"), (NO, "No")],
        coerce=lambda value: value == YES,
        widget=Radios(reveals={NO: "told_reason"}),
        error_messages={"required": "Select yes if the child and family know"},
    )
    told_reason = forms.CharField(
        label="Why are they not told?", max_length=400, required=False, widget=Textarea(rows=2)
    )

    ends_on = GovukDateField(
        label="Until when?",
        help_text="The last day. Without one it lasts until somebody ends it.",
        required=False,
        not_before=clock.today,
    )

    def __init__(
        self,
        *args: Any,
        agencies: Sequence[Agency],
        names: Mapping[int, str],
        words: Mapping[int, str],
        of_child: bool = True,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        field, scope = self.fields["agency"], self.fields["scope"]
        assert isinstance(field, forms.ChoiceField)
        assert isinstance(scope, forms.ChoiceField)
        field.choices = [("", "Select an agency"), *((agency.pk, agency.name) for agency in agencies)]
        scope.choices = [(key, label) for key, label in names.items()]
        scope.widget.hints = {str(key): hint for key, hint in words.items()}
        if not of_child:
            self.fields["told"].label = "Do those whom it is about know that it is shared?"
            self.fields["told"].error_messages["required"] = "Select yes if those whom it is about know"

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("told") is False and not data.get("told_reason", "").strip():
            self.add_error("told_reason", "Say why they are not told")
        return data

    def reasons(self) -> list[dict[str, str]]:
        """Why it is shared, for a summary list."""
        given = self.cleaned_data
        told = "Yes" if given["told"] else f"No: {given['told_reason']}"
        return [
            {"key": "What it is for", "value": given["purpose"]},
            {"key": "Lawful basis", "value": LawfulBasis(given["lawful_basis"]).label},
            {"key": "Why it is necessary", "value": given["necessity"]},
            {"key": "Told", "value": told},
        ]


class LookAgainForm(GovukForm):
    words = forms.CharField(
        label="Why does the sharing go on, or what was changed?",
        help_text="For each agency: why it is still necessary, and on what basis now that they are an adult",
        max_length=2000,
        widget=Textarea(rows=4),
        error_messages={"required": "Say why it goes on, or what was changed"},
    )


class StopSharingForm(GovukForm):
    agency = forms.ChoiceField(
        label="Which agency should no longer see it?",
        widget=Radios(),
        error_messages={"required": "Select the agency that should no longer see it"},
    )
    reason = forms.CharField(
        label="Why does the sharing end?",
        max_length=400,
        widget=Textarea(rows=2),
        error_messages={"required": "Say why the sharing ends"},
    )

    def __init__(self, *args: Any, agencies: Sequence[Agency], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["agency"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [(agency.pk, agency.name) for agency in agencies]
        if len(agencies) == 1:
            self.initial.setdefault("agency", agencies[0].pk)
