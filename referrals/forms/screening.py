"""The coordinator's decision, and the referrer's withdrawal."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms

from mace.accounts.models import Membership
from mace.core.forms import GovukForm, Radios, Select, Textarea
from referrals.enums import Occasion
from referrals.forms.criteria import ANSWER_FIRST, criteria_fields, ticked_in, unanswered
from referrals.rules_cases import Ticked

ACCEPT, RETURN, REDIRECT, DECLINE = "accept", "return", "redirect", "decline"
DECISIONS = [
    (ACCEPT, "Accept"),
    (RETURN, "Return for information"),
    (REDIRECT, "Redirect to another service"),
    (DECLINE, "Decline"),
]
HINTS = {
    ACCEPT: "Opens the case at pre-MACE, or adds the referral to the child’s open case",
    RETURN: "The referrer adds what is missing and sends it again",
    REDIRECT: "Another service is the right one",
    DECLINE: "The criteria are not met",
}


class ScreeningForm(GovukForm):
    """Each decision has its reason; accepting may name a lead professional, redirecting names the service.

    The criteria, those of ``occasion``, stand first: who accepts or declines answers each, who returns or redirects
    answers what they can.
    """

    mark_optional = False  # two depend on the decision above them
    occasion = Occasion.SCREENING

    decision = forms.ChoiceField(
        label="What is your decision?",
        choices=DECISIONS,
        widget=Radios(hints=HINTS, reveals={ACCEPT: "lead_professional", REDIRECT: "redirected_to"}),
    )
    lead_professional = forms.ChoiceField(label="Lead professional", required=False, widget=Select)
    redirected_to = forms.CharField(label="Which service?", required=False, max_length=120)
    reason = forms.CharField(
        label="Reason",
        error_messages={"required": "Enter a reason"},
        max_length=1000,
        widget=Textarea(rows=4, count=True),
        help_text="The referrer reads it. To return a referral, say what is missing.",
    )

    def __init__(self, *args: Any, leads: Iterable[Membership], joins: bool = False, **more: Any) -> None:
        """``leads``: who may be lead professional; ``joins``: the child's case is open, so none is chosen."""
        super().__init__(*args, **more)
        self.leads = {str(lead.pk): lead for lead in leads}
        self.fields["lead_professional"].choices = [  # type: ignore[attr-defined]
            ("", "Choose"),
            *(
                (key, f"{lead.user.name}, {lead.job_title or lead.get_role_display()}, {lead.team or lead.agency}")
                for key, lead in self.leads.items()
            ),
        ]
        self.fields = criteria_fields(self.occasion) | self.fields
        self.joins = joins
        if joins:
            del self.fields["lead_professional"]
            self.fields["decision"].widget.reveals = {REDIRECT: "redirected_to"}

    def clean(self) -> dict[str, Any]:
        cleaned = dict(super().clean() or {})
        decision = cleaned.get("decision")
        if decision == REDIRECT and not cleaned.get("redirected_to") and "redirected_to" not in self.errors:
            self.add_error("redirected_to", "Enter the service that is the right one")
        unnamed = decision == ACCEPT and not self.joins and not cleaned.get("lead_professional")
        if unnamed and "lead_professional" not in self.errors:
            self.add_error("lead_professional", "Choose the lead professional")
        if decision in (ACCEPT, DECLINE):
            for name in unanswered(self, self.occasion):
                self.add_error(name, ANSWER_FIRST)
        return cleaned

    def ticked(self) -> list[Ticked]:
        """How the criteria were answered."""
        return ticked_in(self, self.occasion)

    @property
    def lead(self) -> Membership | None:
        """The seat chosen as lead professional."""
        return self.leads.get(self.cleaned_data.get("lead_professional") or "")


class WithdrawForm(GovukForm):
    reason = forms.CharField(label="Why is the referral withdrawn?", max_length=1000, widget=Textarea(rows=4))

    def __init__(self, *args: Any, needs_reason: bool, **more: Any) -> None:
        super().__init__(*args, **more)
        self.fields["reason"].required = needs_reason
