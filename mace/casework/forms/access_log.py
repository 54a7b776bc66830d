"""What to look for in the access log. Sent by GET: references are nobody's name."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django import forms

from mace.accounts.models import Membership, Role
from mace.core.clock import london_time
from mace.core.forms import GovukDateField, GovukForm, Select, Text

EARLIEST = dt.date(2000, 1, 1)
LATEST = dt.date(2200, 1, 1)


class LogForm(GovukForm):
    """From one day to another, both included; all of it where neither is given."""

    mark_optional = False
    start = GovukDateField(label="From", required=False, not_before=EARLIEST, not_after=LATEST)
    end = GovukDateField(label="To", required=False, not_before=EARLIEST, not_after=LATEST)

    def clean(self) -> dict[str, Any]:
        said = super().clean() or {}
        start, end = said.get("start"), said.get("end")
        if start and end and end < start:
            self.add_error("end", "To must be on or after the first day")
        return said

    @property
    def since(self) -> dt.datetime | None:
        first: dt.date | None = self.cleaned_data.get("start")
        return london_time(first) if first else None

    @property
    def until(self) -> dt.datetime | None:
        """The moment that the last day is over."""
        last: dt.date | None = self.cleaned_data.get("end")
        return london_time(last + dt.timedelta(days=1)) if last else None


class SubjectForm(LogForm):
    reference = forms.CharField(
        label="Reference",
        help_text="Of a child, a case or a referral",
        max_length=40,
        widget=Text(width=20),
        error_messages={"required": "Enter a reference"},
    )
    field_order = ("reference", "start", "end")

    def clean_reference(self) -> str:
        return str(self.cleaned_data["reference"]).upper()


class PersonLogForm(LogForm):
    """``needed``: somebody must be chosen; otherwise nobody stands for all."""

    role = forms.ChoiceField(label="Who", widget=Select(), error_messages={"required": "Select a person"})
    field_order = ("role", "start", "end")

    def __init__(self, *args: Any, members: Sequence[Membership], needed: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.members = {member.reference: member for member in members}
        field = self.fields["role"]
        assert isinstance(field, forms.ChoiceField)
        field.required = needed
        field.choices = [
            ("", "Select a person" if needed else "Everybody in your agency"),
            *(
                (member.reference, f"{member.user.name}, {Role(member.role).label}, {member.agency.name}")
                for member in members
            ),
        ]

    @property
    def chosen(self) -> Membership | None:
        return self.members.get(self.cleaned_data.get("role", ""))
