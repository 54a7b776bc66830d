"""Naming a person on a record."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms

from mace.access.models import Scope
from mace.accounts.models import Membership
from mace.core import clock
from mace.core.forms import GovukDateField, GovukForm, Radios, Select, Textarea


class NameForm(GovukForm):
    person = forms.ChoiceField(label="Who?", widget=Select(), error_messages={"required": "Select the person"})
    scope = forms.TypedChoiceField(
        label="How much do they need to see?",
        coerce=lambda value: Scope(int(value)),
        widget=Radios(),
        error_messages={"required": "Select how much they need to see"},
    )
    reason = forms.CharField(
        label="Why do they need to see it?",
        max_length=200,
        widget=Textarea(rows=2),
        error_messages={"required": "Say why they need to see it"},
    )
    ends_on = GovukDateField(
        label="Until when?",
        help_text="The last day. It ends earlier when their role, or the sharing with their agency, does.",
        required=False,
        not_before=clock.today,
    )

    def __init__(
        self,
        *args: Any,
        seats: Sequence[Membership],
        names: Mapping[int, str],
        words: Mapping[int, str],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.by_reference = {seat.reference: seat for seat in seats}
        person, scope = self.fields["person"], self.fields["scope"]
        assert isinstance(person, forms.ChoiceField)
        assert isinstance(scope, forms.ChoiceField)
        groups: dict[str, list[tuple[str, str]]] = {}
        for seat in seats:
            label = f"{seat.user.name}, {seat.get_role_display().lower()}"
            groups.setdefault(seat.agency.name, []).append((seat.reference, label))
        person.choices = [("", "Choose a person"), *groups.items()]
        scope.choices = list(names.items())
        scope.widget.hints = {str(key): hint for key, hint in words.items()}

    def chosen(self) -> Membership:
        return self.by_reference[self.cleaned_data["person"]]
