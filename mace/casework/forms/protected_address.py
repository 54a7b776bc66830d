"""Where a child lives, kept for named people."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms

from mace.accounts.models import Membership
from mace.core import clock
from mace.core.forms import GovukDateField, GovukForm, Select, Textarea


class AddressForm(GovukForm):
    address = forms.CharField(
        label="Where does the child live?",
        max_length=300,
        widget=Textarea(rows=3),
        error_messages={"required": "Enter the address"},
    )
    reason = forms.CharField(
        label="Why must it be protected?",
        max_length=300,
        widget=Textarea(rows=2),
        error_messages={"required": "Say why the address must be protected"},
    )
    since_on = GovukDateField(
        label="Since when do they live there?",
        not_after=clock.today,
        error_messages={"required": "Enter the day since when they live there"},
    )


class NameForAddressForm(GovukForm):
    person = forms.ChoiceField(
        label="Who else must know it?",
        help_text="They open it from the case, so they must be able to see the case too.",
        widget=Select(),
        error_messages={"required": "Select the person", "invalid_choice": "Select a person from the list"},
    )

    def __init__(self, *args: Any, people: Sequence[Membership], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.by_reference = {seat.reference: seat for seat in people}
        person = self.fields["person"]
        assert isinstance(person, forms.ChoiceField)
        groups: dict[str, list[tuple[str, str]]] = {}
        for seat in people:
            label = f"{seat.user.name}, {seat.get_role_display().lower()}"
            groups.setdefault(seat.agency.name, []).append((seat.reference, label))
        person.choices = [("", "Choose a person"), *groups.items()]

    def chosen(self) -> Membership:
        return self.by_reference[self.cleaned_data["person"]]


class EndProtectionForm(GovukForm):
    lives = forms.CharField(
        label="Where does the child live now?",
        help_text="Everybody who sees who the child is will see this. Leave it empty if it is not known.",
        max_length=300,
        required=False,
        widget=Textarea(rows=3),
    )
