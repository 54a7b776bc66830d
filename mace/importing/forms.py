"""What a coordinator says about a spreadsheet."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, cast

from django import forms

from mace.core.forms import GovukForm, Radios, Select, Text, Textarea
from mace.importing.reading.cells import column_letters
from mace.importing.reading.fields import FIELDS
from mace.importing.reading.persons import STYLES
from mace.importing.reading.plan import SheetPlan

SPELLINGS_SHOWN = 300
USES = (("people", "Children, one to a row"), ("places", "Places, one to a row"), ("nothing", "Nothing: leave it out"))


class FileForm(GovukForm):
    file = forms.FileField(
        label="Spreadsheet",
        help_text="Excel (.xlsx) or CSV, at most 20 MB. Nothing is imported until you have checked it.",
        allow_empty_file=True,
        error_messages={"required": "Choose a file", "invalid": "Choose a file"},
    )


class HeadingsForm(GovukForm):
    """What a sheet holds, and in which row its headings are."""

    use = forms.ChoiceField(label="What is in this sheet?", choices=USES, widget=Radios(small=True))
    first = forms.IntegerField(
        label="Row with the headings", required=False, min_value=1, max_value=1_000_000, widget=Text(width=5)
    )
    second = forms.IntegerField(
        label="Second row with headings, if there are two",
        required=False,
        min_value=1,
        max_value=1_000_000,
        widget=Text(width=5),
    )
    mark_optional = False

    def rows(self) -> tuple[int, ...]:
        return tuple(self.cleaned_data[name] for name in ("first", "second") if self.cleaned_data.get(name) is not None)


class ColumnsForm(GovukForm):
    """What each column of a sheet holds; a field for each, ``column_3`` for the third."""

    mark_optional = False

    def __init__(
        self, *args: Any, sheet: SheetPlan, samples: Mapping[str, Sequence[tuple[int, str]]], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        choices = [(one.name, one.words) for one in FIELDS[sheet.use].values()]
        for column in sheet.columns:
            below = [text for row, text in samples.get(str(column.column), []) if row > max(sheet.header_rows)]
            said = "; ".join(below[:3])
            doubt = "" if column.sure else f"Not sure: {column.why}. "
            self.fields[f"column_{column.column}"] = forms.ChoiceField(
                label=f"{column_letters(column.column)}: {column.heading or 'no heading'}",
                help_text=f"{doubt}For example: {said}" if said else doubt,
                choices=choices,
                initial=column.field,
                widget=Select(),
            )
        if any(column.field == "name" for column in sheet.columns):
            self.fields["names"] = forms.ChoiceField(
                label="How whole names are written",
                choices=list(STYLES.items()),
                initial=sheet.names,
                widget=Radios(small=True),
            )

    def chosen(self) -> dict[int, str]:
        """Field by column number."""
        return {
            int(name.removeprefix("column_")): str(value)
            for name, value in self.cleaned_data.items()
            if name.startswith("column_")
        }


class SpellingsForm(GovukForm):
    """What each way of writing means; a field for each, ``rating_0`` for the first of the ratings.

    Of more than ``SPELLINGS_SHOWN`` those that are not sure come first; the others stay as they are proposed.
    """

    mark_optional = False

    def __init__(
        self, *args: Any, field: str, found: Sequence[Mapping[str, Any]], choices: list[tuple[str, str]], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        if len(found) > SPELLINGS_SHOWN:
            found = sorted(found, key=lambda one: bool(one["sure"]))[:SPELLINGS_SHOWN]
        self.field, self.texts = field, [str(one["text"]) for one in found]
        for number, one in enumerate(found):
            times = "once" if one["count"] == 1 else f"{one['count']} times"
            rest = f" ‘{one['rest']}’ is kept as text beside it." if one.get("rest") else ""
            doubt = "" if one["sure"] else f" Not sure: {one['why']}." if one["why"] else " Not sure."
            self.fields[f"{field}_{number}"] = forms.ChoiceField(
                label=f"‘{one['text']}’",
                help_text=f"Written {times}.{rest}{doubt}",
                choices=[("", "None of these: keep it as text"), *choices],
                required=False,
                initial=one["code"],
                widget=Select(),
            )

    def chosen(self) -> dict[str, str]:
        """Code or nothing by way of writing."""
        return {text: str(self.cleaned_data[f"{self.field}_{number}"]) for number, text in enumerate(self.texts)}


class CellForm(GovukForm):
    text = forms.CharField(
        label="What should stand there?",
        help_text="It is read like any other cell. Leave it empty to read again what stands in the file.",
        required=False,
        max_length=2000,
        widget=Text(width="two-thirds"),
    )
    mark_optional = False


class PeopleForm(GovukForm):
    """Whether groups of rows speak of one child; a field for each, named by the group's key."""

    def __init__(
        self, *args: Any, groups: Sequence[Mapping[str, Any]], same: Mapping[str, bool], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.keys = [str(group["key"]) for group in groups]
        for group in groups:
            key = str(group["key"])
            who = cast("list[list[Any]]", group["rows"])
            self.fields[key] = forms.ChoiceField(
                label="; ".join(f"{sheet}, row {row}: {name}" for sheet, row, name in who),
                help_text=str(group["why"]),
                choices=[("yes", "One child"), ("no", "Different children")],
                initial="yes" if same.get(key, bool(group["sure"])) else "no",
                widget=Radios(small=True, inline=True),
                error_messages={"required": "Say whether it is one child"},
            )

    def chosen(self) -> dict[str, bool]:
        return {key: self.cleaned_data[key] == "yes" for key in self.keys}


class UndoForm(GovukForm):
    reason = forms.CharField(
        label="Why is the import undone?",
        max_length=400,
        widget=Textarea(rows=2),
        error_messages={"required": "Say why the import is undone"},
    )
