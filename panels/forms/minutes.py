"""Forms for running a meeting: attendance, and the minutes of one item."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable
from typing import Any

from django import forms

from mace.accounts.models import Membership
from mace.agencies.models import Agency
from mace.core import clock
from mace.core.forms import GovukDateField, GovukForm, Radios, Select, Text, Textarea
from panels.enums import Decision, Presence, Strand
from panels.models import ItemCriteria, Minute
from panels.rules import decisions_for
from panels.selectors.meetings import Expected
from referrals.enums import Occasion, Rating
from referrals.forms.criteria import as_initial, criteria_fields, ticked_in
from referrals.rules_cases import Ticked


class StartForm(GovukForm):
    """The statement comes before anything is shared."""

    read = forms.BooleanField(label="I have read the confidentiality statement to everybody here")


class AttendanceForm(GovukForm):
    """One row for each agency expected: whether it is there, and by whom. Left empty: not recorded yet."""

    mark_optional = False

    def __init__(self, *args: Any, expected: list[Expected], **more: Any) -> None:
        super().__init__(*args, **more)
        self.expected = expected
        for row in expected:
            key = row.agency.pk
            there = row.attendance
            self.fields[f"presence_{key}"] = forms.ChoiceField(
                label="Present",
                choices=[("", "Not recorded"), *Presence.choices],
                required=False,
                initial=there.presence if there else "",
                widget=Select(attrs={"aria-label": f"{row.agency.name}: present"}),
            )
            self.fields[f"who_{key}"] = forms.CharField(
                label="Who",
                max_length=120,
                required=False,
                initial=there.who if there else "",
                widget=Text(attrs={"aria-label": f"{row.agency.name}: who"}),
            )

    def rows(self) -> list[dict[str, Any]]:
        """What the table needs for each agency."""
        return [
            {
                "agency": row.agency,
                "needed": row.needed,
                "presence": self[f"presence_{row.agency.pk}"],
                "who": self[f"who_{row.agency.pk}"],
            }
            for row in self.expected
        ]

    def changes(self) -> list[tuple[Expected, str, str]]:
        """The rows with a presence that differ from what is recorded."""
        found = []
        for row in self.expected:
            presence = self.cleaned_data[f"presence_{row.agency.pk}"]
            who = self.cleaned_data[f"who_{row.agency.pk}"]
            was = (row.attendance.presence, row.attendance.who) if row.attendance else ("", "")
            if presence and (presence, who) != was:
                found.append((row, presence, who))
        return found


class MinuteForm(GovukForm):
    """What is minuted of one item. The service insists on the rationale; the form keeps whatever was typed."""

    mark_optional = False

    discussion = forms.CharField(label="Discussion", required=False, widget=Textarea(rows=8))
    rationale = forms.CharField(
        label="Rationale for sharing",
        required=False,
        help_text="Why it had to be shared and recorded here. Required with any discussion or decision.",
        widget=Textarea(rows=3),
    )
    rating = forms.ChoiceField(label="Rating agreed", required=False, widget=Radios(inline=True))
    decision = forms.ChoiceField(label="Decision", required=False, widget=Radios())
    decision_reason = forms.CharField(label="Reason for the decision", required=False, widget=Textarea(rows=3))
    version = forms.IntegerField(widget=forms.HiddenInput, required=False, initial=0)
    op = forms.CharField(widget=forms.HiddenInput, required=False, max_length=40)

    def __init__(self, data: Any, *, strand: str, panel_kind: str, minute: Minute | None) -> None:
        initial = {"version": 0, "op": uuid.uuid4().hex}
        if minute is not None:
            names = ("discussion", "rationale", "rating", "decision", "decision_reason", "version")
            initial |= {name: getattr(minute, name) for name in names}
        super().__init__(data, initial=initial)
        if strand == Strand.STANDING:
            for name in ("rationale", "rating", "decision", "decision_reason"):
                del self.fields[name]
            return
        allowed = decisions_for(strand, panel_kind)
        self.fields["decision"].choices = [(value.value, Decision(value).label) for value in allowed]  # type: ignore[attr-defined]
        if strand == Strand.VICTIM:
            self.fields["rating"].choices = Rating.choices  # type: ignore[attr-defined]
        else:
            del self.fields["rating"]

    def content(self) -> dict[str, str]:
        """What `save_minute` takes, with nothing for what this kind of item does not ask."""
        names = ("discussion", "rationale", "decision", "decision_reason", "rating")
        return {name: self.cleaned_data.get(name) or "" for name in names}


class ItemActionForm(GovukForm):
    """An action of an item: what, who, by when. ``prefix`` keeps it apart from the minutes on the same page."""

    text = forms.CharField(
        label="What is to be done",
        help_text="A verb and an object, such as “share the return home interviews”. Never a name.",
        max_length=400,
        widget=Textarea(rows=2),
    )
    who = forms.ChoiceField(
        label="Who is to do it", help_text="The agency’s lead can give it to a colleague.", widget=Select()
    )
    due_on = GovukDateField(
        label="By when",
        help_text="The earlier of this panel’s next meeting and 28 days, unless you agree another day",
        not_before=clock.today,
    )
    measure = forms.CharField(
        label="How you will know it worked", max_length=300, required=False, widget=Text(width="two-thirds")
    )
    operation = forms.CharField(max_length=40, required=False, widget=forms.HiddenInput)

    def __init__(self, data: Any, *, agencies: Iterable[Agency], people: Iterable[Membership], due: dt.date) -> None:
        super().__init__(data, prefix="action", initial={"due_on": due, "operation": uuid.uuid4().hex})
        self.agencies = {f"agency-{agency.pk}": agency for agency in agencies}
        self.people = {f"person-{person.pk}": person for person in people}
        field = self.fields["who"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [
            ("", "Choose an agency or a person"),
            *(
                (
                    agency.name,
                    [
                        (key, f"{agency.name}: its lead decides who"),
                        *(
                            (person_key, f"{person.user.name}, {person.get_role_display().lower()}")
                            for person_key, person in self.people.items()
                            if person.agency_id == agency.pk
                        ),
                    ],
                )
                for key, agency in self.agencies.items()
            ),
        ]

    @property
    def owner(self) -> Membership | None:
        """The person chosen; none when the agency's lead is to decide."""
        return self.people.get(self.cleaned_data["who"])

    @property
    def owner_agency(self) -> Agency:
        owner = self.owner
        return owner.agency if owner else self.agencies[self.cleaned_data["who"]]


class ItemCriteriaForm(GovukForm):
    """The criteria for escalation, as far as the meeting can answer them. Nothing is required before approval."""

    mark_optional = False

    criteria_version = forms.IntegerField(widget=forms.HiddenInput, required=False, initial=0)

    def __init__(self, data: Any = None, *, kept: ItemCriteria | None) -> None:
        initial: dict[str, Any] = as_initial(kept.answers) if kept else {}
        super().__init__(data, initial=initial | {"criteria_version": kept.version if kept else 0})
        self.fields = criteria_fields(Occasion.ESCALATION) | self.fields

    def ticked(self) -> list[Ticked]:
        return ticked_in(self, Occasion.ESCALATION)
