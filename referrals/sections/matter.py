"""A referral that is about no child: who or what it is about, what has happened, who says so, what is asked."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms

from mace.attachments.enums import AttachmentKind
from mace.core.forms import Checkboxes, Radios, Text, Textarea
from mace.core.grading import Assessment, Basis, Handling, SourceGrade
from referrals.enums import About, Section
from referrals.sections.attached import AttachedSection
from referrals.sections.base import SectionForm, drop_down
from referrals.selectors.codes import choices, label

YES_NO_UNKNOWN = [("yes", "Yes"), ("no", "No"), ("unknown", "Not known")]
HORIZONS = [("short", "Short term"), ("medium", "Medium term"), ("long", "Long term")]
"""As ``volt.enums.Horizon`` has them."""
EITHER = "Enter what may be said to those who may not see it, or why nothing may be said"
VICTIMS_FIRST = "Children are discussed as victims first. Refer each child who may be harmed as well."


def told(*parts: tuple[str, str]) -> str:
    """Answers as paragraphs, each headed by what was asked; those without an answer are left out."""
    return "\n\n".join(f"{head}: {text}" if head else text for head, text in parts if text)


class SubjectSection(SectionForm):
    """Who or what the referral is about. ``name`` is what lists call it."""

    def facts(self) -> dict[str, str]:
        """What a VOLT record is made from, by the names that it is recorded with."""
        raise NotImplementedError


class PersonSection(SubjectSection):
    section = Section.PERSON
    intro: ClassVar[str] = "Somebody who may be harming or exploiting children. You need not know the name."

    name = forms.CharField(
        label="Name, or words that tell the person apart", max_length=120, help_text="For instance ‘man in a red van’."
    )
    aliases = forms.CharField(label="Other names", max_length=200, required=False, help_text="Also names used online.")
    approximate_age = forms.CharField(
        label="Age, as far as known", max_length=40, required=False, widget=Text(width=10)
    )
    under_age = forms.ChoiceField(
        label="Is this person under 18?", choices=YES_NO_UNKNOWN, widget=Radios, help_text=VICTIMS_FIRST
    )
    worry = forms.CharField(
        label="Why is this person a concern?",
        max_length=4000,
        widget=Textarea(rows=5, count=True),
        help_text="What is known and who saw it, not what is thought of the person.",
    )
    looks = forms.CharField(
        label="How may the person be recognised?",
        max_length=2000,
        required=False,
        widget=Textarea(rows=3),
        help_text="Looks, clothes, a vehicle, where they are seen.",
    )

    def facts(self) -> dict[str, str]:
        said = self.cleaned_data
        young = "The referrer says that this person is under 18." if said["under_age"] == "yes" else ""
        return {name: said[name] for name in ("name", "aliases", "approximate_age")} | {
            "description": told(("", said["worry"]), ("How to recognise them", said["looks"]), ("", young))
        }


class PlaceSection(SubjectSection):
    section = Section.PLACE
    intro: ClassVar[str] = "A place, also online, where children are harmed or drawn into harm."

    name = forms.CharField(label="What is the place called?", max_length=120, help_text="As people there call it.")
    address = forms.CharField(
        label="Where is it?", max_length=300, help_text="An address, or words by which somebody would find it."
    )
    place_kind = forms.ChoiceField(label="What kind of place is it?")
    harms = forms.CharField(
        label="What harm has been seen there?",
        max_length=4000,
        widget=Textarea(rows=5, count=True),
        help_text="Harm, not mere activity: a group of young people is not harm.",
    )
    times = forms.CharField(
        label="When does it happen?", max_length=300, required=False, help_text="Days, hours, time of the year."
    )
    users = forms.CharField(
        label="Who uses the place?",
        max_length=1000,
        required=False,
        widget=Textarea(rows=3),
        help_text="Also who works there.",
    )
    guardians = forms.CharField(
        label="Who looks after the place?",
        max_length=1000,
        required=False,
        widget=Textarea(rows=3),
        help_text="An owner, staff, a warden, neighbours: whoever could make it safer.",
    )

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.fields["place_kind"] = drop_down("What kind of place is it?", choices("place_kind"))

    def facts(self) -> dict[str, str]:
        said = self.cleaned_data
        return {
            "name": said["name"],
            "address": said["address"],
            "harms": told(
                ("", said["harms"]),
                ("Kind of place", label("place_kind", said["place_kind"])),
                ("When", said["times"]),
                ("Who uses it", said["users"]),
                ("Who looks after it", said["guardians"]),
            ),
        }


class GroupSection(SubjectSection):
    section = Section.GROUP
    intro: ClassVar[str] = f"Young people or others who are together, and the harm around them. {VICTIMS_FIRST}"

    name = forms.CharField(
        label="Name of the group, or words that tell it apart",
        max_length=120,
        help_text="What it calls itself, or for instance ‘the year 10 group at the skate park’.",
    )
    members = forms.CharField(
        label="Who belongs to it?",
        max_length=2000,
        widget=Textarea(rows=4, count=True),
        help_text="Names or roles, as far as they are needed.",
    )
    children = forms.ChoiceField(
        label="Are any of them children?",
        choices=YES_NO_UNKNOWN,
        widget=Radios,
        help_text="A child in the group is discussed as a victim first.",
    )
    meets = forms.CharField(
        label="Where and when do they meet?",
        max_length=500,
        required=False,
        widget=Textarea(rows=2),
        help_text="Also online.",
    )
    worry = forms.CharField(
        label="What worries you?",
        max_length=4000,
        widget=Textarea(rows=5, count=True),
        help_text="What happens to them and through them, and who holds power.",
    )

    def facts(self) -> dict[str, str]:
        said = self.cleaned_data
        young = "Children belong to it, who are discussed as victims first." if said["children"] == "yes" else ""
        return {
            "name": said["name"],
            "members": told(("", said["members"]), ("", young)),
            "meets": said["meets"],
            "worries": said["worry"],
        }


class ThemeSection(SubjectSection):
    section = Section.THEME
    intro: ClassVar[str] = "Something that is seen again and again, and needs an answer of its own."

    name = forms.CharField(label="What do you call it?", max_length=120, help_text="A few words that name nobody.")
    seen = forms.CharField(
        label="What is seen?", max_length=4000, widget=Textarea(rows=5, count=True), help_text="And what has changed."
    )
    evidence = forms.CharField(
        label="What does it rest on?",
        max_length=4000,
        widget=Textarea(rows=4, count=True),
        help_text="Reports, figures, what children and families say.",
    )
    rests_on = forms.CharField(
        label="Which cases and places?",
        max_length=500,
        required=False,
        widget=Textarea(rows=2),
        help_text="References such as C-7K4M-2Q9X, never names of children.",
    )
    horizon = forms.ChoiceField(
        label="How long does the response take?",
        choices=HORIZONS,
        widget=Radios(inline=True),
        help_text="Short: weeks. Medium: months. Long: a year or more.",
    )

    def facts(self) -> dict[str, str]:
        said = self.cleaned_data
        rests = told(("", said["seen"]), ("What it rests on", said["evidence"]), ("Cases and places", said["rests_on"]))
        return {"name": said["name"], "horizon": said["horizon"], "evidence": rests}


class HarmSection(AttachedSection):
    section = Section.HARM
    stands_in = AttachmentKind.ASSESSMENT
    no_words = "No, it is told below"
    field_order = ("urgent", "urgent_done", "harms", "since", "attached", "account")
    intro: ClassVar[str] = "What has happened so far, and whether somebody is in danger now."

    urgent = forms.ChoiceField(
        label="Does anybody need protecting now?",
        choices=YES_NO_UNKNOWN,
        widget=Radios(reveals={"yes": "urgent_done"}),
        help_text=(
            "In danger call 999. Tell children’s social care of a child who may be harmed, today: nobody acts on this "
            "form before a coordinator reads it."
        ),
    )
    urgent_done = forms.CharField(
        label="Who was told, and what is being done?",
        max_length=1000,
        required=False,
        widget=Textarea(rows=3),
        help_text="The service, the person and when.",
    )
    harms = forms.MultipleChoiceField(
        label="Which harms?", widget=Checkboxes(small=True), help_text="Select all that apply"
    )
    since = forms.CharField(
        label="Since when?", max_length=120, required=False, help_text="A date, or words such as ‘since the summer’."
    )
    account = forms.CharField(
        label="What has happened?",
        max_length=6000,
        widget=Textarea(rows=8, count=True),
        help_text="What was seen or said, when, and by whom. Say what is fact and what is opinion.",
    )

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.fields["attached"].label = "Does the attached assessment or report say what has happened?"
        self.fields["account"].required = self.chosen is None
        self.fields["harms"].choices = choices("primary_category")  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        cleaned = dict(super().clean() or {})
        unsaid = cleaned.get("urgent") == "yes" and not cleaned.get("urgent_done")
        if unsaid and "urgent_done" not in self.errors:
            self.add_error("urgent_done", "Say who was told and what is being done")
        return cleaned


class SourceSection(SectionForm):
    """How good the information is, and who may be told of it (3x5x2).

    Only seats that see what is for the police and coordinators only may keep something to them.
    """

    section = Section.SOURCE
    intro: ClassVar[str] = "How good the information is decides what may be done with it."

    source = forms.CharField(
        label="Who says so?",
        max_length=200,
        help_text="A person, a report, a meeting. Leave out a name where the source must be protected.",
    )
    basis = forms.ChoiceField(
        label="Is it a fact, an opinion or intelligence?",
        choices=Basis.choices,
        widget=Radios(
            hints={
                "fact": "Seen, heard or documented.",
                "opinion": "A professional’s view.",
                "intelligence": "Reported, and not yet checked.",
            }
        ),
    )
    source_grade = forms.ChoiceField(label="How reliable is the source?", choices=SourceGrade.choices, widget=Radios)
    assessment = forms.ChoiceField(label="How does the source know?", choices=Assessment.choices, widget=Radios)
    handling = forms.ChoiceField(
        label="Who may be told?",
        choices=Handling.choices,
        widget=Radios(hints={"C": "Partner agencies are not told who says so."}),
    )
    may_be_said = forms.CharField(
        label="What may be said to those who may not see it?",
        max_length=1000,
        required=False,
        widget=Textarea(rows=3, count=True),
        help_text="Only for the police and coordinators only. Others read this in its place.",
    )
    none_because = forms.CharField(
        label="If nothing may be said, why?",
        max_length=400,
        required=False,
        widget=Textarea(rows=2),
        help_text="Only for the police and coordinators only.",
    )

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        if not self.asked.tight:
            del self.fields["may_be_said"], self.fields["none_because"]
            offered = [choice for choice in Handling.choices if choice[0] != Handling.POLICE]
            self.fields["handling"].choices = offered  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        cleaned = dict(super().clean() or {})
        tight = cleaned.get("handling") == Handling.POLICE
        if not tight:
            cleaned |= {"may_be_said": "", "none_because": ""}
        elif bool(cleaned.get("may_be_said")) == bool(cleaned.get("none_because")) and "may_be_said" not in self.errors:
            self.add_error(
                "may_be_said", "Enter what may be said to those who may not see it, or why nothing may be said"
            )
        return cleaned


class AskSection(SectionForm):
    section = Section.ASK
    intro: ClassVar[str] = "What MACE can do that your agency cannot do alone."

    asked_of = forms.MultipleChoiceField(
        label="What do you ask of MACE?", widget=Checkboxes(small=True), help_text="Select all that apply"
    )
    done = forms.CharField(
        label="What has been tried already?",
        max_length=2000,
        required=False,
        widget=Textarea(rows=3),
        help_text="By your agency and by others.",
    )
    threshold = forms.CharField(
        label="Why must this be recorded?",
        max_length=2000,
        required=False,
        widget=Textarea(rows=3),
        help_text="Why people’s details have to be held and shared at all, and why no less would do.",
    )
    contact = forms.CharField(
        label="How can the coordinators reach you?",
        max_length=200,
        required=False,
        help_text="If not by what is known of you here, for instance a duty line.",
    )

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.fields["asked_of"].choices = choices("matter_ask")  # type: ignore[attr-defined]
        self.fields["threshold"].required = self.asked.about in (About.PERSON, About.GROUP)
