"""Leaving a case to named people, and keeping one person from a record."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms

from mace.access.models import Scope
from mace.accounts.models import Membership, User
from mace.casework.rules import SCOPE_NAMES
from mace.core.forms import GovukForm, Select, Textarea

NOT_NAMED = ""


class RestrictForm(GovukForm):
    """One question for each seat: whether it is named, and at what scope."""

    reason = forms.CharField(
        label="Why is the case restricted?",
        help_text="Kept with the change. Everybody who is named can be told of it.",
        max_length=200,
        widget=Textarea(rows=2),
        error_messages={"required": "Say why the case is restricted"},
    )

    def __init__(self, *args: Any, seats: Sequence[Membership], now: Mapping[int, int], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.by_field = {f"seat_{seat.reference}": seat for seat in seats}
        for name, seat in self.by_field.items():
            self.fields[name] = forms.TypedChoiceField(
                label=f"{seat.user.name}, {seat.get_role_display().lower()}",
                choices=[(NOT_NAMED, "Not named"), *((str(s.value), SCOPE_NAMES[s]) for s in Scope)],
                coerce=lambda value: Scope(int(value)),
                empty_value=None,
                required=False,
                initial=str(now.get(seat.pk, NOT_NAMED)),
                widget=Select(),
            )

    def people(self) -> dict[Membership, Scope]:
        """The seats named, each with its scope."""
        return {seat: scope for name, seat in self.by_field.items() if (scope := self.cleaned_data[name]) is not None}

    def by_agency(self) -> list[dict[str, Any]]:
        """The questions grouped by agency, with how many are named there so far."""
        groups: dict[str, list[forms.BoundField]] = {}
        for name, seat in self.by_field.items():
            groups.setdefault(seat.agency.name, []).append(self[name])
        return [
            {"name": agency, "fields": fields, "named": sum(1 for field in fields if field.value())}
            for agency, fields in groups.items()
        ]


class ReasonForm(GovukForm):
    """Why something ends."""

    reason = forms.CharField(label="Why does it end?", max_length=400, widget=Textarea(rows=2))

    def __init__(self, *args: Any, label: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reason"].label = label


class BarForm(GovukForm):
    person = forms.ChoiceField(
        label="Who must not see it?",
        help_text="For instance a relative, or somebody with a conflict of interest. They are not told.",
        widget=Select(),
        error_messages={"required": "Select the person"},
    )
    reason = forms.CharField(
        label="Why must they not see it?",
        max_length=400,
        widget=Textarea(rows=2),
        error_messages={"required": "Say why they must not see it"},
    )

    def __init__(self, *args: Any, people: Sequence[tuple[str, Sequence[User]]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.by_reference = {user.reference: user for _, users in people for user in users}
        field = self.fields["person"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [
            ("", "Choose a person"),
            *((agency, [(user.reference, user.name) for user in users]) for agency, users in people),
        ]

    def chosen(self) -> User:
        return self.by_reference[self.cleaned_data["person"]]
