"""The child: who they are. A possible duplicate is shown before a record is made."""

from __future__ import annotations

import datetime as dt
from typing import Any, ClassVar

from django import forms

from mace.core.forms import Checkboxes, GovukDateField, Radios, Text, Textarea, long_date
from mace.core.numbers import local_number, nhs_number, upn
from referrals.enums import Section
from referrals.models.child import UNKNOWN_DAY
from referrals.rules import age_on
from referrals.sections.base import SectionForm, drop_down
from referrals.selectors.codes import choices, grouped_choices
from referrals.selectors.matching import Match, Wanted, possible_matches

DIFFERENT = "different"
PROTECT = "yes"
UNKNOWN = "unknown"
KEPT = "A protected address is kept already. Leave this empty to leave it as it is."
OLDEST = 26
"""MACE is for children and for young people up to 25."""


class ChildSection(SectionForm):
    section = Section.CHILD
    intro: ClassVar[str] = "Enough to know exactly who is meant."

    same_as = forms.ChoiceField(label="Is this the same child?", required=False, widget=Radios)
    forename = forms.CharField(label="First name", max_length=80, widget=Text(width=20))
    surname = forms.CharField(label="Last name", max_length=80, widget=Text(width=20))
    aliases = forms.CharField(
        label="Other names", max_length=200, required=False, help_text="Nicknames and former names, with commas between"
    )
    date_of_birth = GovukDateField(
        label="Date of birth", help_text="For example, 27 3 2011. If the day is not known, enter 15 and tick the box."
    )
    birth_day = forms.MultipleChoiceField(
        label="Is the day of birth known?",
        required=False,
        choices=[(UNKNOWN, "The day is not known, the month and year are")],
        widget=Checkboxes,
    )
    sex = forms.ChoiceField(label="Sex", widget=Radios(inline=True))
    ethnicity = forms.ChoiceField(label="Ethnicity")
    first_language = forms.CharField(label="First language", max_length=60, required=False, widget=Text(width=20))
    nhs_number = forms.CharField(
        label="NHS number",
        required=False,
        max_length=20,
        help_text="10 digits, for example 999 000 0018",
        widget=Text(width=20),
    )
    upn = forms.CharField(
        label="Unique pupil number (UPN)",
        required=False,
        max_length=20,
        help_text="From the school: a letter and 12 digits, or 11 digits and a letter",
        widget=Text(width=20),
    )
    local_id = forms.CharField(
        label="Your agency’s own number",
        required=False,
        max_length=40,
        help_text="The child’s number in your case system",
        widget=Text(width=20),
    )
    address = forms.CharField(label="Where the child lives", max_length=300, required=False, widget=Textarea(rows=3))
    address_protected = forms.MultipleChoiceField(
        label="Would it be dangerous if others knew?",
        required=False,
        choices=[(PROTECT, "This address must be protected")],
        widget=Checkboxes(
            hints={
                PROTECT: "Only people named for it see it, at first you alone: neither your agency nor a coordinator."
            },
            reveals={PROTECT: "address_reason"},
        ),
    )
    address_reason = forms.CharField(
        label="Why must it be protected?", max_length=300, required=False, widget=Textarea(rows=2)
    )

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.matches: list[Match] = []
        self.fields["sex"].choices = choices("sex")  # type: ignore[attr-defined]
        self.fields["ethnicity"] = drop_down("Ethnicity", grouped_choices("ethnicity"))
        if self.asked.address_kept:
            self.fields["address"].help_text = KEPT
        said = self.typed.get("same_as")
        if isinstance(said, str) and said:  # what was chosen is kept as typed, and judged when the matches are known
            self.fields["same_as"].choices = [(said, said)]  # type: ignore[attr-defined]
        if self.typed and not self.is_bound:
            judged = ChildSection(self.typed, asked=self.asked)
            judged.is_valid()
            self.show_matches(judged.matches)

    def help_code(self, name: str) -> str:
        return "" if name == "address" and self.asked.address_kept else super().help_code(name)

    def clean_date_of_birth(self) -> dt.date:
        born: dt.date = self.cleaned_data["date_of_birth"]
        if born > self.asked.on:
            raise forms.ValidationError("Date of birth must be in the past")
        if age_on(born, self.asked.on) >= OLDEST:
            raise forms.ValidationError("Check the date of birth: MACE is for children and for young people up to 25")
        return born

    def clean_nhs_number(self) -> str:
        text: str = self.cleaned_data["nhs_number"]
        if not text:
            return ""
        if (number := nhs_number(text)) is None:
            raise forms.ValidationError("Check the NHS number: it has 10 digits and the last one must fit the others")
        return number

    def clean_upn(self) -> str:
        text: str = self.cleaned_data["upn"]
        if text and upn(text) is None:
            raise forms.ValidationError("Check the UPN: it has 13 characters and the first letter must fit the others")
        return upn(text) or ""

    def clean_local_id(self) -> str:
        text: str = self.cleaned_data["local_id"]
        if text and local_number(text) is None:
            raise forms.ValidationError("Enter a number with at least one digit, or leave this empty")
        return local_number(text) or ""

    def clean(self) -> dict[str, Any]:
        cleaned = dict(super().clean() or {})
        self._check_address(cleaned)
        born: dt.date | None = cleaned.get("date_of_birth")
        if born and not self.birth_day_known and born.day != UNKNOWN_DAY:
            self.add_error("date_of_birth", "Enter 15 as the day when it is not known, or take the tick away")
        if not all(cleaned.get(name) for name in ("forename", "surname", "date_of_birth")):
            return cleaned
        self.matches = possible_matches(self._wanted(cleaned), besides=self.asked.child_id)
        said = cleaned.get("same_as", "")
        if not self.matches:
            cleaned["same_as"] = ""
            return cleaned
        offered = [*(match.reference for match in self.matches), DIFFERENT]
        self.show_matches(self.matches)
        if said not in offered:
            self.add_error("same_as", "Say whether this is the same child as one already known")
        return cleaned

    def _wanted(self, cleaned: dict[str, Any]) -> Wanted:
        return Wanted(
            cleaned["forename"],
            cleaned["surname"],
            cleaned["date_of_birth"],
            aliases=cleaned.get("aliases", ""),
            birth_day_known=self.birth_day_known,
            **{name: cleaned.get(name, "") for name in ("nhs_number", "upn", "local_id")},
        )

    def _check_address(self, cleaned: dict[str, Any]) -> None:
        address, reason = cleaned.get("address", ""), cleaned.get("address_reason", "")
        if not self.protects_address:
            if self.asked.address_kept and not address:
                self.add_error("address", "Enter where the child lives, or leave the address protected")
        elif not self.asked.address_kept:
            if not address:
                self.add_error("address", "Enter the address that must be protected")
            if not reason:
                self.add_error("address_reason", "Say why the address must be protected")

    @property
    def birth_day_known(self) -> bool:
        """Whether the day of the date of birth is more than a stand-in."""
        return UNKNOWN not in self.cleaned_data.get("birth_day", [])

    @property
    def protects_address(self) -> bool:
        """Whether the page says that the address is for named people only."""
        return PROTECT in self.cleaned_data.get("address_protected", [])

    def show_matches(self, matches: list[Match]) -> None:
        """Offer the children already known, each with why it may be the one meant."""
        self.matches = matches
        self.fields["same_as"].required = bool(matches)  # so that it is not marked as one that may be left
        self.fields["same_as"].choices = [  # type: ignore[attr-defined]
            *((match.reference, f"Yes: {match.name}, born {long_date(match.date_of_birth)}") for match in matches),
            (DIFFERENT, "No, this is a different child"),
        ]
        self.fields["same_as"].widget.hints = {match.reference: match.why.capitalize() for match in matches}

    @property
    def chosen_match(self) -> Match | None:
        """The child already known whom this page says is meant."""
        said = self.cleaned_data.get("same_as")
        return next((match for match in self.matches if match.reference == said), None)

    def words(self, name: str) -> str:
        if name == "same_as":
            match = self.chosen_match
            if match:
                return f"The same child as {match.name}, born {long_date(match.date_of_birth)}"
            return "A different child from those already known" if self.cleaned_data.get("same_as") else ""
        return super().words(name)
