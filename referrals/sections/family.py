"""What was done before, and who was told."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any, ClassVar

from django import forms

from mace.core.forms import GovukDateField, Radios, Text, Textarea
from referrals.enums import Capacity, Consent, PrerequisiteKind, Section
from referrals.rules import prerequisite_fault
from referrals.sections.base import EARLIEST, YES_NO, SectionForm, drop_down, tidy
from referrals.selectors.codes import choices

QUESTIONS = {
    PrerequisiteKind.STRATEGY_DISCUSSION: "Was a strategy discussion held?",
    PrerequisiteKind.CHILD_PROTECTION: "Were child-protection procedures followed?",
    PrerequisiteKind.POLICE_REPORT: "Was a police exploitation report made?",
}


class PrerequisitesSection(SectionForm):
    """Each yes with its date, or no with its reason (London peer review 2022, appendix 2)."""

    section = Section.PREREQUISITES
    mark_optional = False  # each depends on the answer above it
    intro: ClassVar[str] = (
        "These come before a referral. If one of them has not happened you can still send the referral: say why."
    )

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        for kind in PrerequisiteKind:
            self.fields[f"{kind.value}_met"] = forms.ChoiceField(
                label=QUESTIONS[kind],
                choices=YES_NO,
                widget=Radios(reveals={"yes": f"{kind.value}_on", "no": f"{kind.value}_reason"}),
            )
            self.fields[f"{kind.value}_on"] = GovukDateField(label="When?", required=False, not_before=EARLIEST)
            self.fields[f"{kind.value}_reason"] = forms.CharField(
                label="Why not?", required=False, max_length=500, widget=Textarea(rows=2)
            )
        self.fields["police_report_detail"] = forms.CharField(
            label="Police report number",
            required=False,
            max_length=60,
            widget=Text(width=20),
            help_text="If a report was made",
        )

    def clean(self) -> dict[str, Any]:
        cleaned = dict(super().clean() or {})
        for kind in PrerequisiteKind:
            name = kind.value
            said = cleaned.get(f"{name}_met")
            met_on: dt.date | None = cleaned.get(f"{name}_on")
            if not said or f"{name}_on" in self.errors:
                continue
            fault = prerequisite_fault(
                met=said == "yes", met_on=met_on, reason=cleaned.get(f"{name}_reason") or "", on=self.asked.on
            )
            if fault and f"{name}_reason" not in self.errors:
                self.add_error(f"{name}_on" if said == "yes" else f"{name}_reason", f"{fault}: {kind.label.lower()}")
        if cleaned.get("police_report_met") == "yes" and not cleaned.get("police_report_detail"):
            self.add_error("police_report_detail", "Enter the police report number")
        return cleaned

    def as_rows(self) -> list[tuple[str, str]]:
        rows = []
        for kind in PrerequisiteKind:
            name = kind.value
            if self.cleaned_data.get(f"{name}_met") == "yes":
                number = (
                    f", number {self.cleaned_data['police_report_detail']}"
                    if kind == PrerequisiteKind.POLICE_REPORT
                    else ""
                )
                rows.append((QUESTIONS[kind], f"Yes, on {self.words(f'{name}_on')}{number}"))
            else:
                rows.append((QUESTIONS[kind], f"No: {self.cleaned_data.get(f'{name}_reason', '')}"))
        return rows


class ToldSection(SectionForm):
    """Consent to support is apart from the basis for sharing, which does not rest on it.

    From 18 a person consents for themselves: capacity and basis under the Care Act are asked, parents are not.
    """

    section = Section.TOLD
    mark_optional = False  # the reasons depend on the answers above them
    intro: ClassVar[str] = (
        "The child and their parents or carers should know about this referral, unless telling them would put the "
        "child at risk."
    )

    child_told = forms.ChoiceField(
        label="Was the child told about this referral?",
        choices=YES_NO,
        widget=Radios(reveals={"no": "child_not_told_reason"}),
    )
    child_not_told_reason = forms.CharField(label="Why not?", required=False, max_length=500, widget=Textarea(rows=2))
    parents_told = forms.ChoiceField(
        label="Were the parents or carers told?",
        choices=YES_NO,
        widget=Radios(reveals={"no": "parents_not_told_reason"}),
    )
    parents_not_told_reason = forms.CharField(label="Why not?", required=False, max_length=500, widget=Textarea(rows=2))
    views = forms.CharField(
        label="What they think of it (optional)", required=False, max_length=3000, widget=Textarea(rows=4)
    )
    consent = forms.ChoiceField(
        label="Consent to support",
        choices=Consent.choices,
        widget=Radios,
        help_text="To being helped. Sharing information to protect the child does not depend on it.",
    )
    capacity = forms.ChoiceField(
        label="Capacity to decide about being helped",
        choices=Capacity.choices,
        widget=Radios,
        help_text="Asked because the young person is 18 or over (Mental Capacity Act 2005)",
    )
    care_act = forms.ChoiceField(label="Basis under the Care Act")

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        if self.asked.adult:
            self.fields["care_act"] = drop_down("Basis under the Care Act", choices("care_act"))
            for name, words in (("child_told", "Was the young person told about this referral?"),):
                self.fields[name].label = words
            for name in ("parents_told", "parents_not_told_reason"):
                del self.fields[name]
        else:
            for name in ("capacity", "care_act"):
                del self.fields[name]

    @classmethod
    def read(cls, posted: Mapping[str, Any]) -> dict[str, str | list[str]]:
        """As typed, of either age: a date of birth that is mended later takes nothing away."""
        found = super().read(posted)
        return found | {name: tidy(posted.get(name, "")) for name in ("capacity", "care_act")}

    def clean(self) -> dict[str, Any]:
        cleaned = dict(super().clean() or {})
        for who, words in (("child", "the child was not told"), ("parents", "the parents or carers were not told")):
            name = f"{who}_not_told_reason"
            if (
                name in self.fields
                and cleaned.get(f"{who}_told") == "no"
                and not cleaned.get(name)
                and name not in self.errors
            ):
                self.add_error(name, f"Enter the reason why {words}")
        return cleaned

    def as_rows(self) -> list[tuple[str, str]]:
        rows = []
        for name in ("child_told", "parents_told"):
            if name not in self.fields:
                continue
            reason = self.cleaned_data.get(name.replace("told", "not_told_reason"), "")
            told = self.cleaned_data.get(name) == "yes"
            rows.append((self.question(name), "Yes" if told else f"No: {reason}"))
        last = [name for name in ("views", "consent", "capacity", "care_act") if name in self.fields]
        return [*rows, *((self.question(name), text) for name in last if (text := self.words(name)))]
