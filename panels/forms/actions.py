"""Forms about one action. What they check is repeated by the services, which have the last word."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from typing import Any

from django import forms

from mace.accounts.models import Membership
from mace.core import clock
from mace.core.forms import GovukDateField, GovukForm, Radios, Select, Textarea
from panels.enums import ActionStatus

ENDINGS_OF_OWNER = (ActionStatus.DONE, ActionStatus.NOT_POSSIBLE)
ENDINGS_OF_PANEL = (*ENDINGS_OF_OWNER, ActionStatus.NOT_ACTED, ActionStatus.SUPERSEDED)


def new_operation() -> str:
    return str(uuid.uuid4())


class ReportForm(GovukForm):
    text = forms.CharField(
        label="What has been done so far",
        max_length=4000,
        widget=Textarea(rows=4),
        help_text="Your agency can always read this again. It is added to what was reported before.",
    )
    operation = forms.CharField(max_length=40, required=False, widget=forms.HiddenInput, initial=new_operation)


class CloseForm(GovukForm):
    mark_optional = False

    status = forms.ChoiceField(label="How did it end?", widget=Radios())
    note = forms.CharField(
        label="What was achieved, or why it was not done",
        max_length=1000,
        required=False,
        widget=Textarea(rows=3),
        help_text="Needed unless the action is done.",
    )

    def __init__(self, *args: Any, panel: bool, **more: Any) -> None:
        super().__init__(*args, **more)
        endings = ENDINGS_OF_PANEL if panel else ENDINGS_OF_OWNER
        field = self.fields["status"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [(ending.value, ending.label) for ending in endings]

    def clean(self) -> dict[str, Any]:
        found: dict[str, Any] = super().clean() or {}
        if found.get("status") not in (None, ActionStatus.DONE) and not found.get("note"):
            self.add_error("note", "Say why it was not done")
        return found


class AssignForm(GovukForm):
    colleague = forms.ChoiceField(
        label="Give it to", error_messages={"required": "Select a colleague"}, widget=Select()
    )

    def __init__(self, *args: Any, colleagues: Iterable[Membership], now_with: int | None, **more: Any) -> None:
        super().__init__(*args, **more)
        self.colleagues = {str(row.pk): row for row in colleagues if row.pk != now_with}
        field = self.fields["colleague"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [
            ("", "Choose a colleague"),
            *((key, f"{row.user.name}, {row.get_role_display()}") for key, row in self.colleagues.items()),
        ]

    @property
    def chosen(self) -> Membership:
        return self.colleagues[self.cleaned_data["colleague"]]


class ExtendForm(GovukForm):
    due_on = GovukDateField(label="New due date", not_before=clock.today)
    reason = forms.CharField(label="Why more time is agreed", max_length=1000, widget=Textarea(rows=3))
