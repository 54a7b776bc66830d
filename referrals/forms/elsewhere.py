"""Asking another partnership whether it knows a child, and answering that."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms

from mace.access.models import LawfulBasis
from mace.agencies.models import Partnership
from mace.core.forms import GovukForm, Radios, Select, Textarea
from referrals.models import Answer

YES, NO = "yes", "no"


class AskElsewhereForm(GovukForm):
    """Name and date of birth are always told; the NHS number is told where there is one and the asker says so."""

    asked = forms.ChoiceField(
        label="Which partnership do you ask?", widget=Select(), error_messages={"required": "Select the partnership"}
    )
    nhs_number = forms.TypedChoiceField(
        label="Do you tell them the NHS number too?",
        choices=[(YES, "Yes"), (NO, "No")],
        coerce=lambda value: value == YES,
        widget=Radios(),
        error_messages={"required": "Select yes if they are told the NHS number"},
    )
    lawful_basis = forms.ChoiceField(
        label="What is the lawful basis?",
        choices=LawfulBasis.choices,
        widget=Radios(),
        error_messages={"required": "Select the lawful basis"},
    )
    reason = forms.CharField(
        label="Why must they be asked?",
        help_text="They read this. Say no more of the child than they need to answer.",
        max_length=400,
        widget=Textarea(rows=3),
        error_messages={"required": "Say why the other partnership must be asked"},
    )

    def __init__(self, *args: Any, partnerships: Iterable[Partnership], has_number: bool, **more: Any) -> None:
        super().__init__(*args, **more)
        self.partnerships = {str(each.pk): each for each in partnerships}
        self.fields["asked"].choices = [  # type: ignore[attr-defined]
            ("", "Select a partnership"),
            *((key, each.name) for key, each in self.partnerships.items()),
        ]
        if not has_number:
            del self.fields["nhs_number"]

    @property
    def chosen(self) -> Partnership:
        """The partnership that is asked."""
        return self.partnerships[self.cleaned_data["asked"]]


class AnswerForm(GovukForm):
    answer = forms.ChoiceField(
        label="What do you answer?",
        choices=Answer.choices,
        widget=Radios(reveals={Answer.CANNOT_SHARE.value: "answer_reason"}),
        error_messages={"required": "Select your answer"},
    )
    answer_reason = forms.CharField(
        label="Why can nothing be shared now?",
        help_text="They read this.",
        max_length=400,
        required=False,
        widget=Textarea(rows=2),
    )

    def clean(self) -> dict[str, Any]:
        cleaned = dict(super().clean() or {})
        if cleaned.get("answer") == Answer.CANNOT_SHARE and not cleaned.get("answer_reason"):
            self.add_error("answer_reason", "Say why nothing can be shared now")
        return cleaned
