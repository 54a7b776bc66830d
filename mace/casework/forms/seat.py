from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms

from mace.accounts.models import Membership
from mace.core.forms import GovukForm, Radios


class SeatForm(GovukForm):
    """Which of one's own roles to act in."""

    heading_field = "role"
    role = forms.ChoiceField(
        label="Which role are you acting in?",
        help_text="You see and do what this role allows. You can change it at any time at the top of the page.",
        error_messages={
            "required": "Select the role you are acting in",
            "invalid_choice": "Select one of your current roles",
        },
    )

    def __init__(self, *args: Any, held: Sequence[Membership], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["role"]
        assert isinstance(field, forms.ChoiceField)
        field.widget = Radios(hints={str(m.pk): _details(m) for m in held})
        field.choices = [(m.pk, f"{m.get_role_display()}, {m.agency.name}") for m in held]


def _details(membership: Membership) -> str:
    team = membership.team.name if membership.team else ""
    return " · ".join(part for part in (membership.job_title, team, membership.partnership.name) if part)
