"""By what the list of cases is narrowed. Sent by GET: nothing here names anybody."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import QueryDict

from mace.casework.rules import CASE_COLUMNS, CASE_COLUMNS_SHOWN, CLOSED, MINE, NOT_HEARD, OPEN
from mace.casework.selectors.case_list import Wanted
from mace.core import clock
from mace.core.forms import Checkboxes, GovukForm, Select, Text
from mace.core.seat import Seat
from referrals.enums import Rating, Tier
from referrals.rules import voice_wanted_since


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
    voice = forms.ChoiceField(
        label="What the child says",
        choices=[("", "On record or not"), (NOT_HEARD, "Nothing for 12 weeks")],
        required=False,
        widget=Select,
    )
    columns = forms.MultipleChoiceField(
        label="Columns",
        choices=list(CASE_COLUMNS.items()),
        required=False,
        initial=CASE_COLUMNS_SHOWN,
        widget=Checkboxes(small=True),
    )

    @classmethod
    def of(cls, chosen: QueryDict) -> CaseFilterForm | None:
        """The form with what an address chooses; none when it chooses nothing. Without columns, the usual ones."""
        if not chosen.keys() & cls.base_fields:
            return None
        data = chosen.copy()
        if not data.getlist("columns"):
            data.setlist("columns", CASE_COLUMNS_SHOWN)
        return cls(data)

    def clean_columns(self) -> list[str]:
        """In the order in which the list shows them."""
        chosen = self.cleaned_data["columns"]
        return [name for name in CASE_COLUMNS if name in chosen]

    def kept(self) -> dict[str, str | list[str]]:
        """What an address must say to choose the same again: nothing of what is as usual."""
        given: dict[str, Any] = self.cleaned_data
        return {name: value for name, value in given.items() if value and value != list(CASE_COLUMNS_SHOWN)}

    def wanted(self, seat: Seat) -> Wanted:
        """By what it narrows the list of a seat."""
        given: dict[str, Any] = self.cleaned_data
        return Wanted(
            state=given.get("state", ""),
            tier=given.get("tier", ""),
            rating=given.get("rating", ""),
            whose=seat.membership_id if given.get("whose") == MINE else None,
            not_heard_since=voice_wanted_since(clock.today()) if given.get("voice") else None,
        )

    def said(self) -> list[str]:
        """By what it narrows, in words: `Open`, `Significant`."""
        found = []
        for name, value in self.cleaned_data.items():
            field = self.fields[name]
            if value and name != "columns" and isinstance(field, forms.ChoiceField):
                found.append(f"{field.label}: {dict(field.choices)[value]}")  # type: ignore[arg-type]  # flat choices
        return found

    def said_all(self) -> list[str]:
        """The same, and which columns it shows where they are not the usual ones."""
        columns = [CASE_COLUMNS[name] for name in self.kept().get("columns", [])]
        return [*self.said(), *([f"Columns: {', '.join(columns)}"] if columns else [])]


class SaveViewForm(GovukForm):
    """A name for what the list shows. It stands on one's own page only, and is not to name anybody."""

    name = forms.CharField(
        label="Save this view as",
        help_text="A name of your own, such as ‘Significant, mine’. Do not use a child’s name.",
        max_length=60,
        widget=Text(width=20),
        error_messages={"required": "Give the view a name"},
    )
