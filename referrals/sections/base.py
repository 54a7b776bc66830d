"""What the pages of a referral have in common: they are filled from a draft, which is kept as it was typed."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, cast

from django import forms
from django.utils.datastructures import MultiValueDict
from django.utils.functional import cached_property

from mace.core.forms import DAY_MONTH_YEAR, DateBoxes, GovukForm, Select, long_date
from referrals.enums import About, Section
from referrals.rules import Typed, one
from referrals.selectors.lists import help_texts

ONE_OF_MANY = re.compile(r" \d+(?=:|$)")
"""In the label of a question that is asked for each row: `Step 1: who`."""
YES_NO = [("yes", "Yes"), ("no", "No")]
EARLIEST = dt.date(2000, 1, 1)
MOST_TYPED = 20_000
"""Characters of one field that a draft keeps; the longest answer that any page accepts is shorter."""


@dataclass(frozen=True, slots=True)
class AttachedFile:
    """A file that may stand in place of something typed; ``words`` are its title and what it is."""

    pk: int
    reference: str
    kind: str
    words: str


@dataclass(frozen=True, slots=True)
class Asked:
    """What a page must know besides what was typed.

    The day; the child's record, if this referral made it; whether a protected address is kept, which no draft says;
    whether the page of the child says that they are 18 or over; the files that may stand in place of what is typed;
    what the referral is about; whether its writer may keep it to the police and coordinators.
    """

    on: dt.date
    child_id: int | None = None
    address_kept: bool = False
    adult: bool = False
    files: tuple[AttachedFile, ...] = ()
    about: str = About.CHILD
    tight: bool = False


class HelpedForm(GovukForm):
    """Questions with the help that the partnership wrote beneath them, in a form of a referral's page or elsewhere."""

    section: ClassVar[Section]
    rows: ClassVar[frozenset[str]] = frozenset()
    """What the names of questions begin with that are asked once for each row: `step` of `step_0_who`."""

    def __getitem__(self, name: str) -> forms.BoundField:
        bound = super().__getitem__(name)
        bound.help_text = self._own_help.get(f"{self.section.value}.{self.help_code(name)}", bound.help_text)
        return bound

    @cached_property
    def _own_help(self) -> dict[str, str]:
        return help_texts()

    def help_code(self, name: str) -> str:
        """Under what a question's help is kept: its name, one for all rows; empty while it is nobody's to word."""
        head, _, rest = name.partition("_")
        number, _, part = rest.partition("_")
        return f"{head}_row_{part}" if head in self.rows and number.isdigit() else name

    def help_head(self, name: str) -> str:
        """Which question it is, as the page of all help says it."""
        label = str(self.fields[name].label).removesuffix(" (optional)")
        return label if self.help_code(name) == name else ONE_OF_MANY.sub("", label)


class SectionForm(HelpedForm):
    """A page of the referral. ``data`` is the draft; without it the page is empty."""

    intro: ClassVar[str] = ""

    def __init__(self, data: Typed | None = None, *, asked: Asked, check: bool = True) -> None:
        """``check=False`` shows a draft without judging it: what is not filled in yet is no mistake."""
        self.asked = asked
        self.typed: Typed = data or {}
        if check and data is not None:
            super().__init__(as_posted(data))
        else:
            super().__init__()

    def get_initial_for_field(self, field: forms.Field, field_name: str) -> object:
        """The draft's value of a field, as its widget shows it."""
        if isinstance(field.widget, DateBoxes):
            return tuple(one(self.typed, f"{field_name}_{part}") for part in DAY_MONTH_YEAR)
        return self.typed.get(field_name, "")

    @classmethod
    def read(cls, posted: Mapping[str, Any]) -> dict[str, str | list[str]]:
        """What was typed into this page's fields, as it will be kept; everything else that was sent is left out."""
        rows = {"rows": str(posted.get("rows", ""))} if "rows" in posted else {}
        form = cls(rows, asked=Asked(on=dt.date.max, tight=True))
        found: dict[str, str | list[str]] = dict(rows)
        for name, field in form.fields.items():
            if isinstance(field, forms.MultipleChoiceField):
                getlist = getattr(posted, "getlist", None)
                found[name] = [tidy(value) for value in (getlist(name) if getlist else posted.get(name, []))]
            elif isinstance(field.widget, DateBoxes):
                found |= {key: tidy(posted.get(key, "")) for key in (f"{name}_{part}" for part in DAY_MONTH_YEAR)}
            else:
                found[name] = tidy(posted.get(name, ""))
        return found

    def as_rows(self) -> list[tuple[str, str]]:
        """Question and answer for *check your answers*; needs a form that was checked."""
        return [
            (self.question(name), words)
            for name in self.fields
            if not self[name].is_hidden and (words := self.words(name))
        ]

    def question(self, name: str) -> str:
        """A field's label as a statement beside its answer."""
        return str(self[name].label).removesuffix(" (optional)")

    def words(self, name: str) -> str:
        """The answer to one question in words, empty when there is none."""
        value = self.cleaned_data.get(name)
        field = self.fields[name]
        if isinstance(field, forms.ChoiceField):
            known = flat_choices(field)
            chosen = value if isinstance(value, list) else [value]
            return "; ".join(known[str(code)] for code in chosen if code)
        if isinstance(value, dt.date):
            return long_date(value)
        return str(value or "")


def tidy(value: object) -> str:
    """Text as it can be kept: no NUL, which no database takes, and not endless."""
    return str(value).replace("\x00", "")[:MOST_TYPED]


def as_posted(data: Typed) -> MultiValueDict[str, str]:
    """A draft as if the browser had just sent it."""
    return MultiValueDict({name: value if isinstance(value, list) else [value] for name, value in data.items()})


def flat_choices(field: forms.ChoiceField) -> dict[str, str]:
    """Value to label, with groups opened."""
    found: dict[str, str] = {}
    for value, words in cast("list[tuple[Any, Any]]", field.choices):
        inner = words if isinstance(words, list | tuple) else [(value, words)]
        found |= {str(code): str(text) for code, text in inner}
    return found


def drop_down(
    label: str, choices: list[Any], *, required: bool = True, help_text: str = "", empty: str = "Choose"
) -> forms.ChoiceField:
    """A select that starts with nothing chosen."""
    return forms.ChoiceField(
        label=label, choices=[("", empty), *choices], required=required, help_text=help_text, widget=Select
    )
