"""Forms of VOLT: what is recorded, and how a link says its source, grade and handling."""

from __future__ import annotations

import uuid
from typing import Any

from django import forms

from mace.access.models import Kind
from mace.core import clock
from mace.core.forms import GovukDateField, GovukForm, Radios, Select, Text, Textarea
from referrals.enums import Occasion
from referrals.forms.screening import ACCEPT, HINTS, REDIRECT, ScreeningForm
from volt.enums import Assessment, Basis, Handling, Horizon, LinkKind, SourceGrade
from volt.rules import NEW, possible_kinds
from volt.selectors import MentionToSettle, VoltEntry
from volt.services import Said

KIND_CHOICES = [
    (Kind.PERSON.value, "Persons of concern"),
    (Kind.LOCATION.value, "Locations"),
    (Kind.GROUP.value, "Peer groups"),
    (Kind.THEME.value, "Themes"),
]


def new_operation() -> str:
    return uuid.uuid4().hex


class SearchForm(GovukForm):
    """Search terms are sent by POST, so that no name stands in an address."""

    mark_optional = False
    q = forms.CharField(label="Name or alias", max_length=80, required=False, widget=Text(width=20))


class HandledForm(GovukForm):
    """Who may be told; and what others are told, where only the police and coordinators are.

    ``tight`` says whether the seat may keep something to these: nobody records what they could not see afterwards.
    """

    words = forms.CharField(
        label="What may be said to those who may not see it?",
        help_text="Only for the police and coordinators only. The child’s lead professional reads this in its place.",
        max_length=1000,
        required=False,
        widget=Textarea(rows=3, count=True),
    )
    none_because = forms.CharField(
        label="If nothing may be said, why?", max_length=400, required=False, widget=Textarea(rows=2)
    )

    def __init__(self, *args: Any, tight: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not tight:
            del self.fields["words"], self.fields["none_because"]
            handling = self.fields["handling"]
            assert isinstance(handling, forms.ChoiceField)
            handling.choices = [choice for choice in Handling.choices if choice[0] != Handling.POLICE]

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        if data.get("handling") == Handling.POLICE and bool(data["words"]) == bool(data["none_because"]):
            self.add_error("words", "Enter what may be said to those who may not see it, or why nothing may be said")
        return data

    def said_instead(self) -> Said:
        """What others are told; nothing where everybody concerned may see the entry itself."""
        return Said(self.cleaned_data.get("words", ""), self.cleaned_data.get("none_because", ""))


class RecordForm(HandledForm):
    """What the four kinds have in common."""

    operation = forms.CharField(widget=forms.HiddenInput, initial=new_operation, max_length=40, required=False)
    handling = forms.ChoiceField(
        label="Who may be told about this record?",
        choices=Handling.choices,
        initial=Handling.MAY_SHARE,
        widget=Radios(),
    )

    def facts(self) -> dict[str, Any]:
        """What the service records, without the link's part."""
        return {name: self.cleaned_data[name] for name in self.fact_fields} | {"said": self.said_instead()}

    fact_fields: tuple[str, ...] = ("name", "handling", "operation")


class PersonForm(RecordForm):
    field_order = (
        "name",
        "aliases",
        "approximate_age",
        "description",
        "also_child",
        "handling",
        "words",
        "none_because",
        "operation",
    )
    fact_fields = ("name", "aliases", "approximate_age", "description", "handling", "operation")
    name = forms.CharField(
        label="Name, or words that tell the person apart", max_length=120, help_text="For instance ‘man in a red van’."
    )
    aliases = forms.CharField(label="Other names", max_length=200, required=False)
    approximate_age = forms.CharField(
        label="Age, as far as known", max_length=40, required=False, widget=Text(width=10)
    )
    description = forms.CharField(
        label="What makes this person a concern?",
        required=False,
        widget=Textarea(),
        help_text="What is known, and who saw it.",
    )
    also_child = forms.CharField(
        label="Case of this person, if they are a child known here",
        max_length=12,
        required=False,
        widget=Text(width=20),
        help_text="A case reference such as C-7K4M-2Q9X. The person is then always shown as a victim first.",
    )


class LocationForm(RecordForm):
    field_order = ("name", "address", "harms", "handling", "words", "none_because", "operation")
    fact_fields = ("name", "address", "harms", "handling", "operation")
    name = forms.CharField(label="Name of the place", max_length=120)
    address = forms.CharField(label="Address", max_length=300, required=False)
    harms = forms.CharField(
        label="What harm has been seen there?", required=False, widget=Textarea(), help_text="Harm, not mere activity."
    )


class GroupForm(RecordForm):
    field_order = ("name", "members", "meets", "worries", "handling", "words", "none_because", "operation")
    fact_fields = ("name", "members", "meets", "worries", "handling", "operation")
    name = forms.CharField(label="Name of the group, or words that tell it apart", max_length=120)
    members = forms.CharField(
        label="Who belongs to it?",
        required=False,
        widget=Textarea(),
        help_text="Names or roles, as far as they are needed. Children who belong are discussed as victims first.",
    )
    meets = forms.CharField(label="Where and when do they meet?", max_length=500, required=False)
    worries = forms.CharField(label="What worries?", required=False, widget=Textarea())


class ThemeForm(RecordForm):
    field_order = ("name", "horizon", "evidence", "handling", "words", "none_because", "operation")
    fact_fields = ("name", "horizon", "evidence", "handling", "operation")
    name = forms.CharField(label="Name of the theme", max_length=120)
    horizon = forms.ChoiceField(
        label="How long does the response take?",
        choices=Horizon.choices,
        initial=Horizon.SHORT,
        widget=Radios(inline=True),
    )
    evidence = forms.CharField(label="What does it rest on?", required=False, widget=Textarea())


RECORD_FORMS: dict[Kind, type[PersonForm | LocationForm | GroupForm | ThemeForm]] = {
    Kind.PERSON: PersonForm,
    Kind.LOCATION: LocationForm,
    Kind.GROUP: GroupForm,
    Kind.THEME: ThemeForm,
}


class GradeForm(HandledForm):
    """How good a piece of information is, and who may be told: source, assessment and handling (3x5x2)."""

    basis = forms.ChoiceField(
        label="Is it a fact, an opinion or intelligence?",
        choices=Basis.choices,
        initial=Basis.OPINION,
        widget=Radios(
            hints={
                "fact": "Seen, heard or documented.",
                "opinion": "A professional’s view.",
                "intelligence": "Reported, and not yet checked.",
            }
        ),
    )
    source_grade = forms.ChoiceField(
        label="How reliable is the source?", choices=SourceGrade.choices, initial=SourceGrade.UNTESTED, widget=Radios()
    )
    assessment = forms.ChoiceField(
        label="How does the source know?",
        choices=Assessment.choices,
        initial=Assessment.KNOWN_INDIRECTLY,
        widget=Radios(),
    )
    handling = forms.ChoiceField(
        label="Who may be told?",
        choices=Handling.choices,
        initial=Handling.MAY_SHARE,
        widget=Radios(hints={"C": "Partner agencies do not see the link."}),
    )

    def grades(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in ("basis", "source_grade", "assessment", "handling")}


class LinkForm(GradeForm):
    """One link from a known end. ``other`` is asked for only when the other end is not known yet."""

    field_order = (
        "other",
        "kind",
        "source",
        "basis",
        "source_grade",
        "assessment",
        "handling",
        "words",
        "none_because",
        "from_on",
        "note",
    )
    other = forms.CharField(
        label="Link with",
        max_length=12,
        widget=Text(width=20),
        help_text="The reference of a case, a person, a location, a group or a theme, such as V-7K4M-2Q9X.",
    )
    kind = forms.ChoiceField(label="How are they linked?", choices=LinkKind.choices, widget=Select())
    source = forms.CharField(
        label="Who says so?",
        max_length=200,
        help_text="A person, a report, a meeting. A link without a source cannot be saved.",
        error_messages={"required": "Enter who says so: a link without a source cannot be saved"},
    )
    from_on = GovukDateField(label="Since when?", required=False, not_after=clock.today)
    note = forms.CharField(label="Note", max_length=500, required=False, widget=Textarea(rows=3, count=True))

    def __init__(self, *args: Any, a: str = "", b: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if b:
            del self.fields["other"]
        if kinds := possible_kinds(a, b) if b else ():
            self.fields["kind"].choices = [(kind.value, kind.label) for kind in kinds]  # type: ignore[attr-defined]
            self.fields["kind"].initial = kinds[0].value

    def said(self) -> dict[str, Any]:
        """What the service writes on the link."""
        names = ("kind", "source", "from_on", "note")
        return {name: self.cleaned_data[name] for name in names} | self.grades() | {"said": self.said_instead()}


class MentionsForm(GradeForm):
    """For each mention of a referral: a record that is there already, a new one, or nothing."""

    def __init__(self, *args: Any, mentions: list[MentionToSettle], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        asked: dict[str, forms.Field] = {}
        for mention in mentions:
            if mention.linked:
                continue
            choices = [
                (entry.row.reference, f"{entry.row.name}, {entry.row.reference}, recorded already")
                for entry in mention.existing
            ]
            asked[mention.key] = forms.ChoiceField(
                label=f"{mention.kind.label}: {mention.name}",
                help_text=mention.about,
                choices=[*choices, (NEW, f"Record a new {mention.kind.label.lower()}"), ("", "Leave it")],
                initial=choices[0][0] if choices else NEW,
                required=False,
                widget=Select(),
            )
        self.fields = {**asked, **self.fields}
        self.asked = tuple(asked)

    def answers(self) -> dict[str, str]:
        return {key: self.cleaned_data[key] for key in self.asked}


class MatterScreeningForm(ScreeningForm):
    """The decision on a referral about no child. Accepted, it makes a record or adds to one of a name like its own."""

    occasion = Occasion.MATTER

    def __init__(self, *args: Any, like: list[VoltEntry], noun: str, **more: Any) -> None:
        """``like``: the records that may be meant; ``noun``: what the record is called in a sentence."""
        super().__init__(*args, leads=(), joins=True, **more)
        offered = [
            (NEW, f"A new {noun}"),
            *((entry.row.reference, f"{entry.row.name}, {entry.row.reference}, recorded already") for entry in like),
        ]
        self.fields["record"] = forms.ChoiceField(
            label="Which record does it make or add to?", choices=offered, initial=NEW, required=False, widget=Radios()
        )
        hints = HINTS | {ACCEPT: f"Makes a record of the {noun}, or adds the referral to one that is there"}
        widget = self.fields["decision"].widget
        widget.hints, widget.reveals = hints, {ACCEPT: "record", REDIRECT: "redirected_to"}

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if cleaned.get("decision") == ACCEPT and not cleaned.get("record") and "record" not in self.errors:
            self.add_error("record", "Choose whether it makes a new record or adds to one")
        return cleaned

    @property
    def existing(self) -> str:
        """The reference of the record that was chosen; empty for a new one."""
        chosen: str = self.cleaned_data["record"]
        return "" if chosen == NEW else chosen
