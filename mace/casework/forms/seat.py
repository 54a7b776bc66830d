from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms

from mace.core.forms import GovukForm, Radios
from mace.core.seat import Seat


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

    def __init__(self, *args: Any, held: Sequence[Seat], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["role"]
        assert isinstance(field, forms.ChoiceField)
        field.widget = Radios(hints={str(seat.membership_id): _details(seat) for seat in held})
        field.choices = [(seat.membership_id, seat.words) for seat in held]


def _details(seat: Seat) -> str:
    return " · ".join(part for part in (seat.job_title, seat.team_name, seat.partnership_name) if part)
