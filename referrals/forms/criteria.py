"""Questions made from a list of criteria: met, not met or not known, each with a short note."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.html import format_html

from mace.core.errors import RuleBroken
from mace.core.forms import GovukForm, Radios, Textarea, refuse
from referrals.enums import Answered, Occasion
from referrals.rules_cases import Ticked, check_escalation
from referrals.selectors.codes import codes
from referrals.services.criteria import LIST_OF, LONGEST

ANSWER_FIRST = "Say whether this is met, not met or not known"


def criteria_fields(occasion: Occasion) -> dict[str, forms.Field]:
    """Two fields for each criterion that may be answered now: ``criterion_CODE`` and ``criterion_CODE_note``."""
    word = "Evidence" if occasion == Occasion.ESCALATION else "Short note"
    made: dict[str, forms.Field] = {}
    for entry in codes(LIST_OF[occasion]):
        made[f"criterion_{entry.code}"] = forms.ChoiceField(
            label=entry.label, choices=Answered.choices, required=False, widget=Radios(inline=True, small=True)
        )
        made[f"criterion_{entry.code}_note"] = forms.CharField(
            label=format_html('{}<span class="govuk-visually-hidden">: {}</span>', word, entry.label),
            max_length=LONGEST,
            required=False,
            widget=Textarea(rows=1),
        )
    return made


def ticked_in(form: forms.BaseForm, occasion: Occasion) -> list[Ticked]:
    """How the criteria were answered in a form that was checked; those left open are not among them."""
    said = form.cleaned_data
    return [
        Ticked(entry.code, said[f"criterion_{entry.code}"], said.get(f"criterion_{entry.code}_note") or "")
        for entry in codes(LIST_OF[occasion])
        if said.get(f"criterion_{entry.code}")
    ]


def unanswered(form: forms.BaseForm, occasion: Occasion) -> list[str]:
    """The fields of criteria that were left open."""
    names = [f"criterion_{entry.code}" for entry in codes(LIST_OF[occasion])]
    return [name for name in names if not form.cleaned_data.get(name) and name not in form.errors]


def as_initial(answers: Mapping[str, list[str]]) -> dict[str, str]:
    """Answers that were kept, ``{code: [answer, note]}``, as the fields show them."""
    found: dict[str, str] = {}
    for code, (met, note) in answers.items():
        found |= {f"criterion_{code}": met, f"criterion_{code}_note": note}
    return found


class EscalationForm(GovukForm):
    """Why a case goes on to MACE. The criteria stand first; the service insists on one that is met, with evidence."""

    mark_optional = False

    reason = forms.CharField(
        label="Why is the case escalated?",
        max_length=1000,
        widget=Textarea(rows=4, count=True),
        error_messages={"required": "Say why the case is escalated"},
    )
    keep = forms.ChoiceField(
        label="Does the case stay open at pre-MACE as well?",
        choices=[("yes", "Yes, at both"), ("no", "No, pre-MACE ends")],
        initial="yes",
        widget=Radios(),
    )

    def __init__(self, *args: object, at_pre_mace: bool, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.fields = criteria_fields(Occasion.ESCALATION) | self.fields
        if not at_pre_mace:
            del self.fields["keep"]

    def clean(self) -> dict[str, Any]:
        data = dict(super().clean() or {})
        try:
            check_escalation(ticked_in(self, Occasion.ESCALATION))
        except RuleBroken as broken:
            refuse(self, broken)
        return data

    @property
    def keeps_pre_mace(self) -> bool:
        return bool(self.cleaned_data.get("keep", "yes") == "yes")

    def ticked(self) -> list[Ticked]:
        return ticked_in(self, Occasion.ESCALATION)
