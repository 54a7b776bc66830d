"""Where the child stands with care, school and health, who is around them, and what surrounds the concern."""

from __future__ import annotations

import datetime as dt
from typing import Any, ClassVar

from django import forms

from mace.core.forms import Checkboxes, GovukDateField, Radios, Select, Text, Textarea
from referrals.enums import Section
from referrals.rules import Typed, one, rows_wanted
from referrals.sections.base import EARLIEST, YES_NO, SectionForm, drop_down
from referrals.selectors.areas import authority_choices
from referrals.selectors.codes import choices, codes, label

LOW_ATTENDANCE = 90
"""Per cent. Below it attendance is a concern (persistent absence, Department for Education)."""
YES_NO_UNKNOWN = [*YES_NO, ("unknown", "Not known")]
DIAGNOSIS = [("diagnosed", "Diagnosed"), ("suspected", "Suspected"), ("awaited", "Assessment awaited")]
"""Need is recorded with or without a diagnosis."""
HERE = "here"
SAID_BY_CHILD = "Say how it affects the child, and who is worried"


class SituationSection(SectionForm):
    section = Section.SITUATION
    intro: ClassVar[str] = "What you know. Leave the rest empty: it can be added later."

    legal_status = forms.ChoiceField(label="Social care status")
    known_to = forms.MultipleChoiceField(
        label="Which services know the child?",
        required=False,
        widget=Checkboxes(small=True),
        help_text="Select all that work or worked with the child",
    )
    care_leaver = forms.ChoiceField(
        label="Is this a care leaver?", required=False, choices=YES_NO_UNKNOWN, widget=Radios(inline=True, small=True)
    )
    separated = forms.ChoiceField(label="Separated or asylum-seeking?", required=False)
    education_status = forms.ChoiceField(label="Education")
    school = forms.CharField(label="School or college", max_length=120, required=False)
    attendance = forms.IntegerField(
        label="Attendance, per cent",
        required=False,
        min_value=0,
        max_value=100,
        widget=Text(width=3),
        help_text="This school year. Under 90 is a concern.",
    )
    sen_provision = forms.ChoiceField(label="Special educational needs", required=False)
    sen_needs = forms.MultipleChoiceField(label="Kinds of need", required=False, widget=Checkboxes(small=True))
    lives_here = forms.ChoiceField(
        label="Was the child placed here by another authority?",
        required=False,
        choices=YES_NO_UNKNOWN,
        widget=Radios(small=True, reveals={"yes": "placing_authority"}),
    )
    placing_authority = forms.ChoiceField(label="Which authority?", required=False)
    home_told = forms.ChoiceField(
        label="Was the home authority told of the concern?",
        required=False,
        choices=YES_NO,
        widget=Radios(inline=True, small=True),
    )
    home_told_on = GovukDateField(label="When was it told?", required=False, not_before=EARLIEST)

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.fields["legal_status"] = drop_down("Social care status", choices("legal_status"))
        self.fields["education_status"] = drop_down("Education", choices("education_status"))
        self.fields["known_to"].choices = choices("known_to")  # type: ignore[attr-defined]
        self.fields["sen_needs"].choices = choices("sen_need")  # type: ignore[attr-defined]
        for name, words, listed in (
            ("separated", "Separated or asylum-seeking?", "separated"),
            ("sen_provision", "Special educational needs", "sen_provision"),
        ):
            self.fields[name] = drop_down(words, choices(listed), required=False, empty="Not said")
        self.fields["placing_authority"] = drop_down("Which authority?", authority_choices(), required=False)
        self.conditions = [(f"neuro_{entry.code}", entry) for entry in codes("neurodiversity")]
        for name, entry in self.conditions:
            self.fields[name] = forms.ChoiceField(
                label=entry.label, choices=[("", "Not said"), *DIAGNOSIS], required=False, widget=Select
            )

    def clean(self) -> dict[str, Any]:
        cleaned = dict(super().clean() or {})
        placed = cleaned.get("lives_here") == "yes"
        if placed and not cleaned.get("placing_authority") and "placing_authority" not in self.errors:
            self.add_error("placing_authority", "Choose the authority that placed the child here")
        if placed and not cleaned.get("home_told"):
            self.add_error("home_told", "Say whether the home authority was told of the concern")
        told_on: dt.date | None = cleaned.get("home_told_on")
        if told_on and told_on > self.asked.on:
            self.add_error("home_told_on", "The date must be today or in the past")
        return cleaned

    def neurodiversity(self) -> dict[str, str]:
        """Condition to diagnosed, suspected or awaited, of those that were said."""
        return {entry.code: said for name, entry in self.conditions if (said := self.cleaned_data.get(name))}

    def before(self) -> list[Any]:
        """The questions above those about neurodiversity, for the page."""
        above = ("legal_status", "known_to", "care_leaver", "separated", "education_status", "school", "attendance")
        return [self[name] for name in (*above, "sen_provision", "sen_needs")]

    def after(self) -> list[Any]:
        return [self[name] for name in ("lives_here", "home_told", "home_told_on")]

    def neuro(self) -> list[Any]:
        return [self[name] for name, _ in self.conditions]


RELATIONS = [
    ("parent", "Parent"),
    ("carer", "Carer"),
    ("sibling", "Brother or sister"),
    ("household", "Other person in the household"),
    ("family", "Other family"),
    ("friend", "Friend or peer"),
    ("professional", "Professional"),
]
AROUND_PARTS = ("name", "relation", "contact", "responsible")


class AroundSection(SectionForm):
    """Who is around the child. That a brother, sister or friend is a case too is not asked and not said."""

    section = Section.AROUND
    rows = frozenset({"around"})
    mark_optional = False  # all of it may be left
    intro: ClassVar[str] = (
        "Parents and carers, brothers and sisters, others at home, and the professionals who work with the child. "
        "Whoever works with the child can be invited to the meeting."
    )

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.row_count = rows_wanted(self.typed)
        for row in range(self.row_count):
            head = f"Person {row + 1}"
            self.fields[f"around_{row}_name"] = forms.CharField(label=head, required=False, max_length=120)
            self.fields[f"around_{row}_relation"] = drop_down(f"{head}: who they are", RELATIONS, required=False)
            self.fields[f"around_{row}_contact"] = forms.CharField(
                label=f"{head}: where they work, how to reach them", required=False, max_length=200
            )
            self.fields[f"around_{row}_responsible"] = forms.ChoiceField(
                label=f"{head}: parental responsibility",
                required=False,
                choices=YES_NO_UNKNOWN,
                widget=Radios(inline=True, small=True),
            )

    def clean(self) -> dict[str, Any]:
        cleaned = dict(super().clean() or {})
        for row in range(self.row_count):
            name, relation = f"around_{row}_name", f"around_{row}_relation"
            if cleaned.get(name) and not cleaned.get(relation) and relation not in self.errors:
                self.add_error(relation, f"Choose who person {row + 1} is")
            others = any(cleaned.get(f"around_{row}_{part}") for part in AROUND_PARTS[1:])
            if others and not cleaned.get(name) and name not in self.errors:
                self.add_error(name, f"Enter the name of person {row + 1}")
        return cleaned

    def people(self) -> list[dict[str, str]]:
        """The filled rows: name, relation, contact, responsible (yes, no, unknown or empty)."""
        rows = [
            {part: str(self.cleaned_data.get(f"around_{row}_{part}") or "") for part in AROUND_PARTS}
            for row in range(self.row_count)
        ]
        return [row for row in rows if row["name"]]

    def row_fields(self) -> list[list[Any]]:
        return [[self[f"around_{row}_{part}"] for part in AROUND_PARTS] for row in range(self.row_count)]

    def as_rows(self) -> list[tuple[str, str]]:
        return around_rows(self.people())


def around_rows(people: list[dict[str, str]]) -> list[tuple[str, str]]:
    """Who somebody is, and their name with what else is known, one line each."""
    words = dict(RELATIONS)
    responsible = {"yes": "has parental responsibility", "no": "no parental responsibility"}
    return [
        (
            words.get(row["relation"], row["relation"]),
            ", ".join(part for part in (row["name"], row["contact"], responsible.get(row["responsible"], "")) if part),
        )
        for row in people
    ]


MOMENT_PARTS = ("kind", "on", "about")
MOMENT_ROWS = 4


class SurroundingsSection(SectionForm):
    """The contexts of the harm, critical moments, missing, the National Referral Mechanism, the family."""

    section = Section.SURROUNDINGS
    rows = frozenset({"moment"})
    mark_optional = False  # all of it may be left
    intro: ClassVar[str] = "Where the harm happens and what went before. Fill in what applies and leave the rest."

    missing = forms.ChoiceField(
        label="Has the child been missing in the last 12 months?",
        required=False,
        choices=YES_NO_UNKNOWN,
        widget=Radios(small=True, reveals={"yes": "missing_times"}),
    )
    missing_times = forms.IntegerField(
        label="How many times?", required=False, min_value=1, max_value=999, widget=Text(width=3)
    )
    missing_last_on = GovukDateField(label="Last missing from", required=False, not_before=EARLIEST)
    missing_about = forms.CharField(
        label="What is known about it", required=False, max_length=1000, widget=Textarea(rows=2)
    )
    nrm = forms.ChoiceField(label="National Referral Mechanism", required=False)
    nrm_reason = forms.CharField(
        label="Reason, or reference number",
        required=False,
        max_length=500,
        widget=Textarea(rows=2),
        help_text="If the child was not referred, say why not",
    )
    family_breakdown = forms.ChoiceField(
        label="Does the child live with neither birth parent?",
        required=False,
        choices=YES_NO_UNKNOWN,
        widget=Radios(inline=True, small=True),
        help_text="This is what the figures call family breakdown",
    )

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.fields["nrm"] = drop_down(
            "National Referral Mechanism", choices("nrm_stage"), required=False, empty="Not said"
        )
        self.contexts = codes("context")
        for entry in self.contexts:
            self.fields[f"context_{entry.code}"] = forms.CharField(
                label=entry.label, required=False, max_length=1000, widget=Textarea(rows=2)
            )
        for row in range(MOMENT_ROWS):
            head = f"Moment {row + 1}"
            self.fields[f"moment_{row}_kind"] = drop_down(head, choices("critical_moment"), required=False)
            self.fields[f"moment_{row}_on"] = GovukDateField(label=f"{head}: when", required=False, not_before=EARLIEST)
            self.fields[f"moment_{row}_about"] = forms.CharField(
                label=f"{head}: what happened", required=False, max_length=300
            )

    def clean(self) -> dict[str, Any]:
        cleaned = dict(super().clean() or {})
        for row in range(MOMENT_ROWS):
            kind, on, about = (f"moment_{row}_{part}" for part in MOMENT_PARTS)
            if (cleaned.get(on) or cleaned.get(about)) and not cleaned.get(kind) and kind not in self.errors:
                self.add_error(kind, f"Choose what moment {row + 1} was")
            if cleaned.get(kind) and not cleaned.get(on) and on not in self.errors:
                self.add_error(on, f"Enter the date of moment {row + 1}")
        for name in ("missing_last_on", *(f"moment_{row}_on" for row in range(MOMENT_ROWS))):
            if cleaned.get(name) and cleaned[name] > self.asked.on:
                self.add_error(name, "The date must be today or in the past")
        if cleaned.get("missing") == "yes" and not cleaned.get("missing_times") and "missing_times" not in self.errors:
            self.add_error("missing_times", "Enter how many times the child was missing, as far as you know")
        if cleaned.get("nrm") == "not_referred" and not cleaned.get("nrm_reason"):
            self.add_error("nrm_reason", "Say why the child was not referred")
        return cleaned

    def moments(self) -> list[dict[str, str]]:
        """The filled rows: kind, on (ISO), about."""
        said = self.cleaned_data
        return [
            {
                "kind": said[f"moment_{row}_kind"],
                "on": said[f"moment_{row}_on"].isoformat(),
                "about": said[f"moment_{row}_about"],
            }
            for row in range(MOMENT_ROWS)
            if said.get(f"moment_{row}_kind")
        ]

    def worries(self) -> dict[str, str]:
        """What is said of each context that is a worry."""
        found = ((entry.code, self.cleaned_data.get(f"context_{entry.code}", "")) for entry in self.contexts)
        return {code: text for code, text in found if text}

    def context_fields(self) -> list[Any]:
        return [self[f"context_{entry.code}"] for entry in self.contexts]

    def moment_fields(self) -> list[list[Any]]:
        return [[self[f"moment_{row}_{part}"] for part in MOMENT_PARTS] for row in range(MOMENT_ROWS)]

    def other_fields(self) -> list[Any]:
        names = ("missing", "missing_last_on", "missing_about", "nrm", "nrm_reason", "family_breakdown")
        return [self[name] for name in names]

    def as_rows(self) -> list[tuple[str, str]]:
        rows = [(self.question(f"context_{code}"), text) for code, text in self.worries().items()]
        for row in range(MOMENT_ROWS):
            if self.cleaned_data.get(f"moment_{row}_kind"):
                when, what = self.words(f"moment_{row}_on"), self.words(f"moment_{row}_about")
                rows.append((self.words(f"moment_{row}_kind"), ", ".join(part for part in (when, what) if part)))
        names = ("missing", "missing_times", "missing_last_on", "missing_about", "nrm", "nrm_reason")
        rows += [(self.question(name), text) for name in (*names, "family_breakdown") if (text := self.words(name))]
        return rows


def neuro_words(said: dict[str, str]) -> str:
    """`ADHD: suspected; Autism: diagnosed`."""
    how = dict(DIAGNOSIS)
    return "; ".join(f"{label('neurodiversity', code)}: {how[state].lower()}" for code, state in said.items())


def born_in(typed: Typed) -> dt.date | None:
    """The date of birth that a draft's page of the child says, if it says one."""
    try:
        year, month, day = (int(one(typed, f"date_of_birth_{part}")) for part in ("year", "month", "day"))
        return dt.date(year, month, day)
    except ValueError:
        return None
