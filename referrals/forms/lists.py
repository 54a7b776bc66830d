"""A list as a partnership words it: one row for each entry, and a few empty ones."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, cast

from django import forms
from django.forms import BoundField
from django.http import QueryDict

from mace.core.forms import Checkboxes, GovukForm, Text, Textarea
from referrals.models.reference import LONGEST_WORDS
from referrals.selectors.codes import CodeList, Entry
from referrals.selectors.lists import Kept

NEW_ROWS = 3
YES = "yes"
IN_USE = [(YES, "In use")]
LAST = 1000


def _words(text: str) -> list[str]:
    """What is compared: line breaks and blanks are no change."""
    return text.split()


class ListForm(GovukForm):
    """Fields ``label_…``, ``group_…``, ``place_…``, ``use_…`` by code, which fit whatever was saved meanwhile.

    ``label_+1`` and so on are for entries to be added. Ways of working are one question, ``use``.
    ``opened``: the list as it stood when the page was opened, if it has changed since. What was not touched on the page
    is taken from the list as it stands now, so that saving it takes nothing back that somebody else wrote.
    """

    mark_optional = False

    why = forms.CharField(
        label="Why is it changed?",
        max_length=300,
        required=False,
        help_text="Who decided it, and when",
        widget=Textarea(rows=2),
    )
    adopted = forms.MultipleChoiceField(
        label="Is this your partnership’s own wording?",
        required=False,
        choices=[(YES, "Yes, the partnership has adopted all of it")],
        widget=Checkboxes(small=True),
    )

    def __init__(self, *args: Any, kept: Kept, standing: CodeList, opened: CodeList | None = None, **more: Any) -> None:
        super().__init__(*args, **more)
        self.kept, self.standing = kept, list(standing.entries.values())
        if self.is_bound:
            self.data = cast("QueryDict", self.data).copy()
            if not kept.switches:
                self._take_over(opened.entries if opened else {})
            elif opened:
                self._take_over_switches(opened.entries)
        if kept.switches:
            self._switches()
        else:
            for place, entry in enumerate(self.standing, 1):
                self._row(entry.code, entry, place=place)
            for name in self._added:
                self._row(name, Entry("", ""), place=0)
        if kept.switches or not any(entry.proposed for entry in self.standing):
            del self.fields["adopted"]
        self.order_fields([name for name in self.fields if name not in ("why", "adopted")])

    def _take_over(self, opened: dict[str, Entry]) -> None:
        """What was left as it stood when the page was opened, or was added since, stands as it stands in the list."""
        sent = cast("QueryDict", self.data)
        places = {code: place for place, code in enumerate(opened, 1)}
        for place, entry in enumerate(self.standing, 1):
            now = self._parts(entry, place)
            was = self._parts(opened[entry.code], places[entry.code]) if entry.code in opened else {}
            new = f"label_{entry.code}" not in sent
            for name, value in now.items():
                if not new and (not was or _words(sent.get(name, "")) != _words(was[name])):
                    continue
                if name.startswith("use_") and not value:  # a tick that is taken away is not sent
                    sent.pop(name, None)
                else:
                    sent[name] = value

    def _parts(self, entry: Entry, place: int) -> dict[str, str]:
        """An entry as a browser would send it, had nobody touched it."""
        found = {"label": entry.label, "group": entry.group, "place": str(place), "use": YES if entry.active else ""}
        return {f"{part}_{entry.code}": value for part, value in found.items()}

    def _take_over_switches(self, opened: dict[str, Entry]) -> None:
        sent = cast("QueryDict", self.data)
        chosen = set(sent.getlist("use"))
        for entry in self.standing:
            was = opened.get(entry.code)
            if was is None or (entry.code in chosen) == was.active:
                (chosen.add if entry.active else chosen.discard)(entry.code)
        sent.setlist("use", sorted(chosen))

    def _switches(self) -> None:
        self.fields["use"] = forms.MultipleChoiceField(
            label="What does your partnership do?",
            required=False,
            choices=[(entry.code, entry.label) for entry in self.standing],
            initial=[entry.code for entry in self.standing if entry.active],
            widget=Checkboxes(hints=self.kept.hints),
        )

    @property
    def _added(self) -> list[str]:
        return [] if self.kept.fixed or self.kept.switches else [f"+{number}" for number in range(1, NEW_ROWS + 1)]

    def _row(self, name: str, entry: Entry, *, place: int) -> None:
        words = f"Wording of ‘{entry.label or 'a new entry'}’" if place else "Wording of a new entry"
        self.fields[f"label_{name}"] = forms.CharField(
            label="Totals" if self.kept.bands else words,
            required=False,
            max_length=LONGEST_WORDS,
            initial=entry.label,
            widget=Text(width=10) if self.kept.bands else Textarea(rows=2),
        )
        if self.kept.grouped:
            self.fields[f"group_{name}"] = forms.CharField(
                label="Under which heading?", required=False, max_length=60, initial=entry.group, widget=Text(width=20)
            )
        if self.kept.fixed:
            return
        self.fields[f"place_{name}"] = forms.IntegerField(
            label="Place in the list",
            required=False,
            min_value=1,
            max_value=999,
            initial=place or None,
            widget=Text(width=3),
        )
        if place:
            self.fields[f"use_{name}"] = forms.MultipleChoiceField(
                label="Offered to choose?",
                required=False,
                choices=IN_USE,
                initial=[YES] if entry.active else [],
                widget=Checkboxes(small=True),
            )

    def rows(self) -> list[tuple[str, bool, list[BoundField]]]:
        """For the page: what heads a row, whether its wording is a proposal, its questions."""
        if self.kept.switches:
            return []
        found = [
            (self.kept.heads(entry) if self.kept.fixed else f"Entry {place}", entry.proposed, self._fields(entry.code))
            for place, entry in enumerate(self.standing, 1)
        ]
        return found + [("New entry", False, self._fields(name)) for name in self._added]

    def _fields(self, name: str) -> list[BoundField]:
        wanted = (f"{part}_{name}" for part in ("label", "group", "place", "use"))
        return [self[field] for field in wanted if field in self.fields]

    def clean(self) -> dict[str, Any]:
        cleaned = dict(super().clean() or {})
        for entry in [] if self.kept.switches else self.standing:
            name = f"label_{entry.code}"
            if entry.label and not cleaned.get(name) and name not in self.errors and not self._may_be_empty:
                instead = "" if self.kept.fixed else f". To offer ‘{entry.label}’ no more, take it out of use"
                self.add_error(name, f"Enter the {'totals' if self.kept.bands else 'wording'}{instead}")
        return cleaned

    @property
    def _may_be_empty(self) -> bool:
        return any("." in entry.code for entry in self.standing)

    def entries(self) -> list[Entry]:
        """The entries in their new order; a new one has no code."""
        said = self.cleaned_data
        if self.kept.switches:
            return [replace(entry, active=entry.code in said["use"]) for entry in self.standing]
        found: list[tuple[int, bool, Entry]] = []  # place, whether it stood there before, entry
        for number, entry in enumerate(self.standing, 1):
            group = said.get(f"group_{entry.code}", entry.group)
            active = entry.active if self.kept.fixed else bool(said[f"use_{entry.code}"])
            place = said.get(f"place_{entry.code}") or number
            found.append(
                (place, place == number, Entry(entry.code, said[f"label_{entry.code}"], group, entry.proposed, active))
            )
        for name in self._added:
            if text := said[f"label_{name}"]:
                place = said[f"place_{name}"] or LAST
                found.append((place, False, Entry("", text, said.get(f"group_{name}", ""))))
        return [entry for *_, entry in sorted(found, key=lambda row: row[:2])]

    @property
    def adopts(self) -> bool:
        return YES in self.cleaned_data.get("adopted", [])
