"""By what the history of a case is narrowed. Sent by GET: nothing here names anybody."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django import forms
from django.http import QueryDict

from mace.casework.rules import MINE, OF_AGENCY
from mace.casework.selectors.timeline import KINDS
from mace.core.forms import DAY_MONTH_YEAR, Checkboxes, GovukDateField, GovukForm, Select, long_date

WHOSE = [("", "Everybody’s"), (MINE, "Only mine"), (OF_AGENCY, "Only my agency’s")]
DATES = ("since", "until")


class TimelineFilterForm(GovukForm):
    """Every field may be left as it is; a value that is none of the choices is an error."""

    mark_optional = False
    kind = forms.MultipleChoiceField(
        label="Kind", choices=list(KINDS.items()), required=False, widget=Checkboxes(small=True)
    )
    since = GovukDateField(label="From", required=False)
    until = GovukDateField(label="Until", required=False)
    whose = forms.ChoiceField(label="Whose", choices=WHOSE, required=False, widget=Select)

    @classmethod
    def of(cls, chosen: QueryDict) -> TimelineFilterForm | None:
        """The form with what an address chooses; none when it chooses nothing."""
        return cls(chosen) if any(chosen.get(name) for name in chosen if _field(name)) else None

    def clean(self) -> dict[str, Any]:
        data = dict(super().clean() or {})
        if data.get("since") and data.get("until") and data["until"] < data["since"]:
            self.add_error("until", "The last day must be the first day or after it")
        return data

    def kept(self, *, without: str = "", value: str = "") -> list[tuple[str, str]]:
        """What an address must say to choose the same again, but for one field, or one value of it."""
        assert isinstance(self.data, QueryDict)
        given = [(name, one) for name, chosen in self.data.lists() for one in chosen if one]
        return [
            (name, one) for name, one in given if (of := _field(name)) and not (of == without and value in ("", one))
        ]

    def chips(self, address: str) -> list[dict[str, str]]:
        """What it narrows by, in words, each with the address that does without it."""
        data = self.cleaned_data
        found = [(KINDS[kind], self.kept(without="kind", value=kind)) for kind in data.get("kind", [])]
        for name, word in (("since", "From"), ("until", "Until")):
            if data.get(name):
                found.append((f"{word} {long_date(data[name])}", self.kept(without=name)))
        if data.get("whose"):
            found.append((dict(WHOSE)[data["whose"]], self.kept(without="whose")))
        return [{"label": label, "remove_url": f"{address}?{urlencode(kept)}"} for label, kept in found]


def _field(name: str) -> str:
    """The field that a part of the address fills; nothing for any other part."""
    if name in ("kind", "whose"):
        return name
    return next((date for date in DATES for part in DAY_MONTH_YEAR if name == f"{date}_{part}"), "")
