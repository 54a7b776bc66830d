"""Who leads a case from now on; which records are one child."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms

from mace.accounts.models import Membership
from mace.core.forms import GovukForm, Radios, Select, Textarea
from referrals.models import Child


class HandOverForm(GovukForm):
    to = forms.ChoiceField(
        label="Who is the lead professional from now on?",
        widget=Select(),
        error_messages={"required": "Select the new lead professional"},
    )
    reason = forms.CharField(
        label="Why is the case handed over?",
        max_length=400,
        widget=Textarea(rows=2),
        error_messages={"required": "Say why the case is handed over"},
    )
    note = forms.CharField(
        label="What must the new lead professional know?",
        max_length=4000,
        widget=Textarea(rows=5),
        error_messages={"required": "Say what the new lead professional must know"},
    )
    outstanding = forms.CharField(
        label="What is outstanding?",
        max_length=8000,
        required=False,
        widget=Textarea(rows=8),
        help_text="Proposed from the open actions, reviews and steps of the plan. Change it as you need.",
    )

    def __init__(self, *args: Any, leads: Iterable[Membership], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.leads = {str(lead.pk): lead for lead in leads}
        field = self.fields["to"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [
            ("", "Select a person"),
            *(
                (key, f"{lead.user.name}, {lead.job_title or lead.get_role_display()}, {lead.team or lead.agency}")
                for key, lead in self.leads.items()
            ),
        ]


class OtherRecordForm(GovukForm):
    """Which other record; asked by GET, because a public reference tells nothing."""

    other = forms.CharField(
        label="Reference of the other record",
        help_text="Of the child, such as P-7K4M-2Q9X, or of one of its cases, such as C-7K4M-2Q9X.",
        max_length=12,
        error_messages={"required": "Enter the reference of the other record"},
    )


class MergeForm(GovukForm):
    keep = forms.ChoiceField(
        label="Which record stays?",
        help_text="Whoever looks for the child is led to it.",
        widget=Radios(),
        error_messages={"required": "Select the record that stays"},
    )
    reason = forms.CharField(
        label="How do you know that they are the same child?",
        max_length=400,
        widget=Textarea(rows=2),
        error_messages={"required": "Say how you know that they are the same child"},
    )

    def __init__(self, *args: Any, pair: tuple[Child, Child], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["keep"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [(child.reference, f"{child.identity.full_name}, {child.reference}") for child in pair]


class ApartForm(GovukForm):
    reason = forms.CharField(
        label="How do you know that they are different children?",
        max_length=400,
        widget=Textarea(rows=2),
        error_messages={"required": "Say how you know that they are different children"},
    )


class TakeBackApartForm(GovukForm):
    reason = forms.CharField(
        label="Why may they be one child after all?",
        max_length=400,
        widget=Textarea(rows=2),
        error_messages={"required": "Say why they may be one child after all"},
    )


class UndoMergeForm(GovukForm):
    reason = forms.CharField(
        label="Why are they two children after all?",
        max_length=400,
        widget=Textarea(rows=2),
        error_messages={"required": "Say why they are two children"},
    )
