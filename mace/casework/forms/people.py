"""Adding people, giving and ending roles, recording agreements."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms

from mace.accounts.models import TIME_LIMITED, Membership, Role
from mace.agencies.models import Agency, Team
from mace.core import clock
from mace.core.forms import GovukDateField, GovukForm, Radios, Select, Text, Textarea

AT_ONCE, TODAY = "now", "today"


class RoleForm(GovukForm):
    """A role for somebody. Only an administrator is asked for the agency; a lead's is their own."""

    agency = forms.ChoiceField(label="Agency", widget=Select(), error_messages={"required": "Select the agency"})
    role = forms.ChoiceField(label="Role", widget=Select(), error_messages={"required": "Select the role"})
    deputy_for = forms.ChoiceField(
        label="Standing in for",
        help_text="Only for a deputy, who has the same role and agency.",
        required=False,
        widget=Select(),
    )
    team = forms.ChoiceField(label="Team", required=False, widget=Select())
    job_title = forms.CharField(label="Job title", max_length=120, required=False, widget=Text(width="two-thirds"))
    from_on = GovukDateField(label="First day", error_messages={"required": "Enter the first day"})
    until_on = GovukDateField(
        label="Last day",
        help_text="Without one the role lasts until somebody ends it. A deputy, a minute-taker, an auditor and an "
        "analyst with identifiable data need one.",
        required=False,
        not_before=clock.today,
    )
    purpose = forms.CharField(
        label="What is it for?",
        help_text="Needed for a role that is for a time: which meeting, sample, job or absence. No names of children.",
        max_length=200,
        required=False,
        widget=Textarea(rows=2),
    )

    def __init__(
        self,
        *args: Any,
        agencies: Sequence[Agency],
        roles: Sequence[str],
        teams: Sequence[Team],
        deputised: Sequence[Membership],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.initial.setdefault("from_on", clock.today())
        self.agencies = {str(agency.pk): agency for agency in agencies}
        self.teams = {str(team.pk): team for team in teams}
        self.deputised = {member.reference: member for member in deputised}
        self._choices("agency", "Select an agency", [(key, agency.name) for key, agency in self.agencies.items()])
        self._choices("role", "Select a role", [(role, Role(role).label + _for_a_time(role)) for role in roles])
        self._choices("team", "No team", [(key, f"{t.agency.name}: {t.name}") for key, t in self.teams.items()])
        self._choices(
            "deputy_for",
            "Nobody",
            [(key, f"{m.user.name}, {m.get_role_display()}, {m.agency.name}") for key, m in self.deputised.items()],
        )
        if len(agencies) == 1:
            self.initial.setdefault("agency", agencies[0].pk)
        for name, known in (("team", self.teams), ("deputy_for", self.deputised)):
            if not known:
                del self.fields[name]

    def _choices(self, name: str, none: str, choices: Sequence[tuple[str, str]]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [("", none), *choices]

    def given(self) -> dict[str, Any]:
        """What was entered, as ``give_role`` takes it."""
        data = self.cleaned_data
        return {
            "agency": self.agencies[data["agency"]],
            "role": data["role"],
            "team": self.teams.get(data.get("team", "")),
            "job_title": data["job_title"],
            "from_on": data["from_on"],
            "until_on": data["until_on"],
            "purpose": data["purpose"],
            "deputy_for": self.deputised.get(data.get("deputy_for", "")),
        }


def _for_a_time(role: str) -> str:
    return " (for a time)" if role in TIME_LIMITED else ""


class NewPersonForm(RoleForm):
    """A person and their first role."""

    name = forms.CharField(
        label="Name", max_length=120, widget=Text(width="two-thirds"), error_messages={"required": "Enter their name"}
    )
    email = forms.EmailField(
        label="Work email address",
        help_text="They sign in with it. If somebody has this address already, they get the role.",
        max_length=254,
        widget=Text(width="two-thirds", type="email", autocomplete="off"),
        error_messages={"required": "Enter their work email address"},
    )
    field_order = ("name", "email")


class EndRoleForm(GovukForm):
    when = forms.ChoiceField(
        label="When does it end?",
        choices=[(TODAY, "With today"), (AT_ONCE, "At once")],
        widget=Radios(hints={AT_ONCE: "The next page they open in this role is refused. Use it for a lost device."}),
        error_messages={"required": "Select when it ends"},
    )


class AgreementForm(GovukForm):
    signed_on = GovukDateField(label="When was it signed?", required=False, not_after=clock.today)
    review_due_on = GovukDateField(label="When is its review due?", required=False)
