"""Pages a part of which may stand in a file of the agency's own instead of being typed again."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms

from mace.core.forms import Radios
from referrals.rules import NOT_ATTACHED, names_file_gone, one
from referrals.sections.base import AttachedFile, SectionForm

GONE = "The file that was chosen here was removed."


class AttachedSection(SectionForm):
    """Asks which file stands in, where one of the kind ``stands_in`` is attached, or was chosen and is gone."""

    stands_in: ClassVar[str]
    no_words: ClassVar[str] = "No, it is written here"

    attached = forms.ChoiceField(
        label="Is it in a file that you attached?",
        required=False,
        widget=Radios,
        error_messages={"invalid_choice": f"{GONE} Attach it again and choose it, or select the answer ‘No’"},
    )

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        typed = one(self.typed, "attached")
        self.own_files = [file for file in self.asked.files if file.kind == self.stands_in]
        self.chosen: AttachedFile | None = next((file for file in self.own_files if file.reference == typed), None)
        self.gone = names_file_gone(self.typed, {file.reference for file in self.own_files})
        field = self.fields["attached"]
        field.choices = [*((file.reference, file.words) for file in self.own_files), (NOT_ATTACHED, self.no_words)]  # type: ignore[attr-defined]
        if self.gone:
            field.help_text = GONE
        elif not self.own_files:
            field.widget = forms.HiddenInput()

    def help_code(self, name: str) -> str:
        return "" if name == "attached" and self.gone else super().help_code(name)

    @property
    def attachment_id(self) -> int | None:
        """The file that stands in."""
        return self.chosen.pk if self.chosen else None

    def words(self, name: str) -> str:
        """That nothing is attached is no answer."""
        return "" if name == "attached" and self.chosen is None else super().words(name)
