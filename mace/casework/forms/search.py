from __future__ import annotations

from django import forms

from mace.core.forms import GovukForm, Text


class CaseSearchForm(GovukForm):
    """Sent by POST, because an address with a name in it stays in histories and logs."""

    text = forms.CharField(
        label="Find a case",
        help_text="By name, NHS number or case reference",
        max_length=120,
        widget=Text(width=20, type="search"),
        error_messages={"required": "Enter a name, an NHS number or a case reference"},
    )
