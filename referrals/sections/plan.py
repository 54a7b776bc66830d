"""The safety plan with its steps, and who else the referral names: pages with rows, which work without scripts."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms

from mace.attachments.enums import AttachmentKind
from mace.core.forms import Checkboxes, GovukDateField, Text, Textarea
from referrals.enums import Section
from referrals.rules import MENTION_KINDS, mentions_in, one, rows_wanted
from referrals.sections.attached import AttachedSection
from referrals.sections.base import EARLIEST, SectionForm
from referrals.selectors.codes import choices

STEP = ("text", "who", "by")
KIND_WORDS = {"person": "Person", "place": "Place", "theme": "Theme"}


class PlanSection(AttachedSection):
    section = Section.PLAN
    rows = frozenset({"step"})
    stands_in = AttachmentKind.PLAN
    no_words = "No, its steps are written below"
    mark_optional = False  # rows that are left empty are plainly so
    intro: ClassVar[str] = "What keeps the child safe from now on, made with the child and family where possible."

    parts: ClassVar[tuple[str, ...]] = STEP

    made_with_ticks = forms.MultipleChoiceField(
        label="Who was it made with?", required=False, widget=Checkboxes(small=True)
    )
    made_with = forms.CharField(
        label="Who else took part? (optional)",
        required=False,
        max_length=200,
        help_text="For example, an aunt or a coach",
    )
    summary = forms.CharField(label="The plan in short", max_length=3000, widget=Textarea(rows=4))
    blocked = forms.CharField(
        label="What is in the way? (optional)", required=False, max_length=2000, widget=Textarea(rows=3)
    )

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.fields["attached"].label = "Is the plan in a file that you attached?"
        self.fields["made_with_ticks"].choices = choices("plan_maker")  # type: ignore[attr-defined]
        self.row_count = rows_wanted(self.typed)
        for row in range(self.row_count):
            self.fields[f"step_{row}_text"] = forms.CharField(label=f"Step {row + 1}", required=False, max_length=300)
            self.fields[f"step_{row}_who"] = forms.CharField(
                label=f"Step {row + 1}: who", required=False, max_length=120, widget=Text(width=20)
            )
            self.fields[f"step_{row}_by"] = GovukDateField(
                label=f"Step {row + 1}: by when", required=False, not_before=EARLIEST
            )

    def get_initial_for_field(self, field: forms.Field, field_name: str) -> object:
        """An attached plan is offered as the answer to whoever has written no step and has not said otherwise."""
        found = super().get_initial_for_field(field, field_name)
        return self.own_files[0].reference if field_name == "attached" and not found and self.steps_aside else found

    @property
    def steps_typed(self) -> bool:
        return any(self.typed.get(f"step_{row}_text") for row in range(self.row_count))

    @property
    def steps_aside(self) -> bool:
        """Whether the steps are shown folded up: the plan is in a file, and none is written."""
        said = one(self.typed, "attached")
        return bool(self.own_files) and not self.steps_typed and (said == "" or self.chosen is not None)

    def clean(self) -> dict[str, Any]:
        cleaned = dict(super().clean() or {})
        if not (cleaned.get("made_with_ticks") or cleaned.get("made_with")) and not (
            {"made_with_ticks", "made_with"} & self.errors.keys()
        ):
            self.add_error("made_with_ticks", "Say who the plan was made with")
        for row in range(self.row_count):
            text, who = cleaned.get(f"step_{row}_text"), cleaned.get(f"step_{row}_who")
            if text and not who and f"step_{row}_who" not in self.errors:
                self.add_error(f"step_{row}_who", f"Enter who will do step {row + 1}")
            if (who or cleaned.get(f"step_{row}_by")) and not text and f"step_{row}_text" not in self.errors:
                self.add_error(f"step_{row}_text", f"Enter what will be done in step {row + 1}")
        if not self.steps_typed and self.chosen is None and not self.gone:
            self.add_error("step_0_text", "Enter at least one step")
        return cleaned

    def made_with_words(self) -> list[list[str]]:
        """Code and words of everybody who is ticked."""
        known = dict(self.fields["made_with_ticks"].choices)  # type: ignore[attr-defined]
        return [[code, str(known[code])] for code in self.cleaned_data["made_with_ticks"]]

    def steps(self) -> list[dict[str, Any]]:
        """The filled rows: text, who, by_when."""
        return [
            {"text": text, "who": self.cleaned_data[f"step_{row}_who"], "by_when": self.cleaned_data[f"step_{row}_by"]}
            for row in range(self.row_count)
            if (text := self.cleaned_data.get(f"step_{row}_text"))
        ]

    def row_fields(self) -> list[list[Any]]:
        """Row by row for the page."""
        return [[self[f"step_{row}_{part}"] for part in self.parts] for row in range(self.row_count)]

    def as_rows(self) -> list[tuple[str, str]]:
        asked = ("attached", "made_with_ticks", "made_with", "summary", "blocked")
        rows = [(self.question(name), text) for name in asked if (text := self.words(name))]
        for row in range(self.row_count):
            if what := self.cleaned_data.get(f"step_{row}_text"):
                by = self.words(f"step_{row}_by")
                rows.append(
                    (f"Step {row + 1}", f"{what} ({self.words(f'step_{row}_who')}{', by ' + by if by else ''})")
                )
        return rows


class MentionsSection(SectionForm):
    """Read by VOLT, which turns what is confirmed into records with links; here it is only what was written."""

    section = Section.MENTIONS
    rows = frozenset(MENTION_KINDS)
    mark_optional = False  # all of it may be left
    intro: ClassVar[str] = (
        "People of concern, places where harm happens, and themes. You can leave this out. Somebody who is exploited "
        "themselves is a victim first, whatever else they did."
    )

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.row_count = rows_wanted(self.typed)
        for kind in MENTION_KINDS:
            for row in range(self.row_count):
                self.fields[f"{kind}_{row}_name"] = forms.CharField(
                    label=f"{KIND_WORDS[kind]} {row + 1}", required=False, max_length=120
                )
                self.fields[f"{kind}_{row}_about"] = forms.CharField(
                    label=f"{KIND_WORDS[kind]} {row + 1}: what is known, and from whom",
                    required=False,
                    max_length=500,
                    widget=Textarea(rows=2),
                )

    def clean(self) -> dict[str, Any]:
        cleaned = dict(super().clean() or {})
        for kind in MENTION_KINDS:
            for row in range(self.row_count):
                name = f"{kind}_{row}_name"
                if cleaned.get(f"{kind}_{row}_about") and not cleaned.get(name) and name not in self.errors:
                    self.add_error(name, f"Enter a name for {KIND_WORDS[kind].lower()} {row + 1}")
        return cleaned

    def groups(self) -> list[tuple[str, str, list[list[Any]]]]:
        """Kind by kind for the page: heading, what to put there, rows."""
        heads = {
            "person": ("People of concern", "Adults or others who may be exploiting the child. A nickname will do."),
            "place": ("Places", "An address, a park, a shop, a station, a website."),
            "theme": ("Themes", "Something that is seen again and again."),
        }
        return [
            (
                *heads[kind],
                [[self[f"{kind}_{row}_{part}"] for part in ("name", "about")] for row in range(self.row_count)],
            )
            for kind in MENTION_KINDS
        ]

    def as_rows(self) -> list[tuple[str, str]]:
        found = mentions_in(self.typed)
        named = (("People of concern", found.people), ("Places", found.places), ("Themes", found.themes))
        return [
            (title, "; ".join(f"{one.name} ({one.about})" if one.about else one.name for one in mentions))
            for title, mentions in named
            if mentions
        ]
