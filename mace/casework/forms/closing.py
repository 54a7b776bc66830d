"""Closing a case at a tier, and the details that a closing in a meeting leaves open."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms

from mace.casework.selectors.closing import Proposed
from mace.core.forms import GovukForm, Radios, Textarea
from referrals.enums import Tier, TierOutcome
from referrals.services.closing import ClosingDetails, Informed

TELL, LEAVE_OUT = "tell", "leave_out"
OUTCOMES = [(one.value, one.label) for one in TierOutcome if one != TierOutcome.ESCALATED]


class DetailsForm(GovukForm):
    """What the child thinks of closing, the plan afterwards, and for everybody proposed whether they are told."""

    mark_optional = False

    view = forms.CharField(
        label="What does the child or young person think of closing?",
        max_length=4000,
        required=False,
        widget=Textarea(rows=3),
        help_text="In their words if you can",
    )
    no_view_because = forms.CharField(
        label="If they were not asked: why?", max_length=500, required=False, widget=Textarea(rows=2)
    )
    plan_after = forms.CharField(
        label="What is the plan afterwards?",
        max_length=4000,
        widget=Textarea(rows=3),
        help_text="Who stays with the child, and what should bring the case back",
        error_messages={"required": "Say what the plan is afterwards"},
    )

    def __init__(self, *args: Any, proposed: Sequence[Proposed], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.proposed = proposed
        for one in proposed:
            self.fields[one.key] = forms.ChoiceField(
                label=f"Is {one.name} told?",
                help_text=one.why,
                choices=[(TELL, "Yes: a message by reference, without a name"), (LEAVE_OUT, "No, left out")],
                initial=TELL,
                widget=Radios(small=True, reveals={LEAVE_OUT: f"{one.key}_why"}),
            )
            self.fields[f"{one.key}_why"] = forms.CharField(
                label=f"Why is {one.name} left out?", max_length=300, required=False, widget=Textarea(rows=1)
            )

    def clean(self) -> dict[str, Any]:
        data = dict(super().clean() or {})
        if (
            not data.get("view")
            and not data.get("no_view_because")
            and not {"view", "no_view_because"} & set(self.errors)
        ):
            self.add_error("view", "Say what they think of closing, or why they were not asked")
        for one in self.proposed:
            name = f"{one.key}_why"
            if data.get(one.key) == LEAVE_OUT and not data.get(name) and name not in self.errors:
                self.add_error(name, f"Say why {one.name} is left out")
        return data

    def details(self) -> ClosingDetails:
        data = self.cleaned_data
        return ClosingDetails(
            view=data["view"],
            no_view_because=data["no_view_because"],
            plan_after=data["plan_after"],
            informed=[
                Informed(
                    told=data[one.key] == TELL,
                    reason=data[f"{one.key}_why"],
                    agency_id=one.agency_id,
                    membership_id=one.membership_id,
                )
                for one in self.proposed
            ],
        )


class CloseForm(DetailsForm):
    """All of it at once."""

    tier = forms.ChoiceField(
        label="At which tier is the case closed?", widget=Radios(), error_messages={"required": "Select the tier"}
    )
    outcome = forms.ChoiceField(
        label="What is the outcome?",
        choices=OUTCOMES,
        widget=Radios(),
        error_messages={"required": "Select the outcome"},
    )
    reason = forms.CharField(
        label="Why is the case closed?",
        max_length=1000,
        widget=Textarea(rows=3, count=True),
        error_messages={"required": "Say why the case is closed"},
    )
    field_order = ("tier", "outcome", "reason")

    def __init__(self, *args: Any, tiers: Sequence[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["tier"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [(tier, Tier(tier).label) for tier in tiers]
        if len(tiers) == 1:
            field.initial = tiers[0]
