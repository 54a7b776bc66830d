"""A form whose answers are looked at once more before anything is done: they travel on, hidden, until confirmed."""

from __future__ import annotations

from django import forms
from django.http import QueryDict

from mace.core.forms.widgets import DateBoxes
from mace.core.forms.words import DAY_MONTH_YEAR

CONFIRMED, CHANGE = "confirmed", "change"
"""The buttons of a page that asks for a second look."""


def sent_again(form: forms.BaseForm) -> list[tuple[str, str]]:
    """What was sent for the form's own fields, to be put into hidden fields of the next page."""
    wanted: set[str] = set()
    for name, field in form.fields.items():
        key = form.add_prefix(name)
        wanted |= {f"{key}_{part}" for part in DAY_MONTH_YEAR} if isinstance(field.widget, DateBoxes) else {key}
    assert isinstance(form.data, QueryDict)
    return [(key, value) for key, values in form.data.lists() if key in wanted for value in values]


def whole(text: str) -> int | None:
    """A version or a row's number as it was sent; anything else counts as none."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 16 else None
