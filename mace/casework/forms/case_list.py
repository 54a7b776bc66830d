"""By what the list of cases is narrowed. Sent by GET: nothing here names anybody."""

from __future__ import annotations

from django import forms

from mace.casework.rules import CLOSED, MINE, OPEN
from mace.core.forms import GovukForm, Select
from referrals.enums import Rating, Tier


class CaseFilterForm(GovukForm):
    """Every field may be left as it is; a value that is none of the choices is an error."""

    mark_optional = False
    state = forms.ChoiceField(
        label="State",
        choices=[("", "Open and closed"), (OPEN, "Open"), (CLOSED, "Closed")],
        required=False,
        widget=Select,
    )
    tier = forms.ChoiceField(label="Open at", choices=[("", "Any tier"), *Tier.choices], required=False, widget=Select)
    rating = forms.ChoiceField(
        label="Rating", choices=[("", "Any rating"), *Rating.choices], required=False, widget=Select
    )
    whose = forms.ChoiceField(
        label="Whose",
        choices=[("", "Everybody’s"), (MINE, "That I lead or coordinate")],
        required=False,
        widget=Select,
    )
