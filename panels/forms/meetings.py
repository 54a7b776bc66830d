"""Forms for planning a meeting and building its agenda."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms

from mace.access.models import LawfulBasis, Scope
from mace.accounts.models import Membership
from mace.agencies.models import Agency
from mace.core import clock
from mace.core.forms import Checkboxes, GovukDateField, GovukForm, Radios, Select, Text, Textarea
from panels.enums import ItemKind
from panels.models import Panel
from panels.selectors.proposals import USUAL_MINUTES


class MeetingForm(GovukForm):
    """When and where a panel meets."""

    panel = forms.ChoiceField(label="Panel", error_messages={"required": "Select a panel"}, widget=Radios())
    day = GovukDateField(
        label="Date", error_messages={"required": "Enter the date of the meeting"}, help_text="For example, 27 3 2026"
    )
    time = forms.TimeField(
        label="Time it starts",
        error_messages={"required": "Enter the time at which the meeting starts"},
        help_text="For example, 9:30 or 14:00",
        input_formats=["%H:%M", "%H.%M", "%H"],
        widget=Text(width=5),
    )
    place = forms.CharField(
        label="Where", help_text="A room, or “online”", max_length=200, required=False, widget=Text(width="two-thirds")
    )

    def __init__(self, *args: Any, panels: list[Panel], **more: Any) -> None:
        super().__init__(*args, **more)
        self.panels = {str(panel.pk): panel for panel in panels}
        self.fields["panel"].choices = [(key, panel.name) for key, panel in self.panels.items()]  # type: ignore[attr-defined]

    def clean_day(self) -> dt.date:
        day: dt.date = self.cleaned_data["day"]
        if day < clock.today():
            raise forms.ValidationError("Date must be today or in the future")
        return day

    @property
    def chosen_panel(self) -> Panel:
        return self.panels[self.cleaned_data["panel"]]

    @property
    def starts_at(self) -> dt.datetime:
        """The moment meant by day and time on a London wall, in UTC."""
        time: dt.time = self.cleaned_data["time"]
        return clock.london_time(self.cleaned_data["day"], time.hour, time.minute)


class ItemForm(GovukForm):
    """What every kind of item asks."""

    minutes = forms.IntegerField(
        label="Minutes allowed",
        min_value=1,
        max_value=240,
        error_messages={"required": "Enter how many minutes are allowed"},
        widget=Text(width=3),
    )


class CaseItemForm(ItemForm):
    """A case for the agenda."""

    case = forms.ChoiceField(label="Case", error_messages={"required": "Select a case"}, widget=Select())
    kind = forms.ChoiceField(
        label="Why the case is on the agenda",
        choices=[(ItemKind.NEW, "New to this panel"), (ItemKind.UPDATE, "Update")],
        widget=Radios(),
    )
    field_order = ("case", "kind", "minutes")

    def __init__(self, *args: Any, choices: list[tuple[str, str]], **more: Any) -> None:
        super().__init__(*args, **more)
        self.fields["case"].choices = [("", "Choose a case"), *choices]  # type: ignore[attr-defined]
        self.fields["minutes"].initial = USUAL_MINUTES[ItemKind.NEW]


class VoltItemForm(ItemForm):
    """A person of concern, a location or a theme for the agenda."""

    subject = forms.ChoiceField(
        label="Person of concern, location or theme",
        error_messages={"required": "Select a person of concern, a location or a theme"},
        widget=Select(),
    )
    field_order = ("subject", "minutes")

    def __init__(self, *args: Any, choices: list[tuple[str, list[tuple[str, str]]]], **more: Any) -> None:
        super().__init__(*args, **more)
        self.fields["subject"].choices = [("", "Choose one"), *choices]  # type: ignore[attr-defined]
        self.fields["minutes"].initial = 10


class StandingItemForm(ItemForm):
    """Something every agenda has, such as matters arising."""

    title = forms.CharField(
        label="Title",
        error_messages={"required": "Enter a title"},
        max_length=120,
        help_text="Never a name: everybody who is invited to the meeting reads it.",
        widget=Text(width="two-thirds"),
    )
    field_order = ("title", "minutes")

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.fields["minutes"].initial = 5


class MinuteTakerForm(GovukForm):
    """Who takes the minutes of one meeting."""

    person = forms.ChoiceField(
        label="Who takes the minutes?", widget=Select(), error_messages={"required": "Select the minute-taker"}
    )

    def __init__(self, *args: Any, seats: list[Membership], **more: Any) -> None:
        super().__init__(*args, **more)
        self.by_reference = {seat.reference: seat for seat in seats}
        names = [(key, f"{seat.user.name}, {seat.agency.name}") for key, seat in self.by_reference.items()]
        self.fields["person"].choices = [("", "Choose a minute-taker"), *names]  # type: ignore[attr-defined]

    @property
    def chosen(self) -> Membership:
        return self.by_reference[self.cleaned_data["person"]]


VOLT_HINTS: dict[str, str] = {
    str(Scope.IDENTITY.value): "Its reference and name. No minutes.",
    str(Scope.SUMMARY.value): "Also what makes it a concern, and the minutes of this item.",
    str(Scope.FULL.value): "Also what it rests on, and its links to what the agency sees in full.",
}
SCOPE_HINTS: dict[str, str] = {
    str(
        Scope.IDENTITY.value
    ): "Name, aliases, date of birth, address and identifiers, so that they can look up what they hold. No minutes.",
    str(
        Scope.SUMMARY.value
    ): "Also the main risk, the rating, a short account of the concern, and the minutes of this item.",
    str(Scope.FULL.value): "Also the referral, the assessment, the plan and the timeline.",
}


class InviteForm(GovukForm):
    """A sharing decision for one item, for one agency or several at once."""

    mark_optional = False

    agencies = forms.MultipleChoiceField(label="Which agencies are you inviting?", widget=Checkboxes(small=True))
    scope = forms.TypedChoiceField(label="What will they see?", coerce=lambda value: Scope(int(value)), widget=Radios())
    purpose = forms.CharField(
        label="What is the sharing for?",
        help_text="What the agency is to do with it.",
        max_length=400,
        widget=Textarea(rows=3, count=True),
    )
    lawful_basis = forms.ChoiceField(
        label="Lawful basis",
        choices=LawfulBasis.choices,
        error_messages={"required": "Select the lawful basis"},
        widget=Radios(small=True),
    )
    necessity = forms.CharField(
        label="Why is it necessary?",
        help_text="Why it cannot be done with less, or without this agency.",
        max_length=400,
        widget=Textarea(rows=3, count=True),
    )
    told = forms.TypedChoiceField(
        label="Have the child and family been told about this sharing?",
        choices=[("yes", "Yes"), ("no", "No")],
        coerce=lambda value: value == "yes",
        empty_value=None,
        widget=Radios(reveals={"no": "told_reason"}),
    )
    told_reason = forms.CharField(
        label="Why have they not been told?", max_length=400, required=False, widget=Textarea(rows=2)
    )
    ends_on = GovukDateField(
        label="Until when?",
        help_text="The last day. Without one it lasts until somebody ends it.",
        required=False,
        not_before=clock.today,
    )

    def __init__(self, *args: Any, agencies: list[Agency], core: set[int], hints: dict[str, str], **more: Any) -> None:
        super().__init__(*args, **more)
        self.by_key = {str(agency.pk): agency for agency in agencies}
        field = self.fields["agencies"]
        field.choices = [(key, agency.name) for key, agency in self.by_key.items()]  # type: ignore[attr-defined]
        field.widget.hints = {str(pk): "Core agency of this panel" for pk in core}
        scope = self.fields["scope"]
        scope.choices = [(str(scope.value), scope.label) for scope in Scope]  # type: ignore[attr-defined]
        scope.widget.hints = hints

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        if data.get("told") is False and not (data.get("told_reason") or "").strip():
            self.add_error("told_reason", "Say why the child and family have not been told")
        return data

    @property
    def chosen(self) -> list[Agency]:
        return [self.by_key[key] for key in self.cleaned_data["agencies"]]
