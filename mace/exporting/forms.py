"""Asking why something is taken away, and as what."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms

from mace.core.forms import GovukForm, Radios, Select, Textarea
from mace.exporting.enums import ExportFormat
from mace.exporting.rules import REASON_LEAST, REASON_MOST
from mace.exporting.selectors.readers import Reader
from mace.exporting.services.asking import TOO_SHORT

MYSELF = "myself"


def _reason() -> forms.CharField:
    return forms.CharField(
        label="What is it for?",
        help_text="It stands in the file, and is kept with the record of the export. Do not name a child.",
        min_length=REASON_LEAST,
        max_length=REASON_MOST,
        widget=Textarea(rows=3, count=True),
        error_messages={"required": TOO_SHORT, "min_length": TOO_SHORT},
    )


class ListForm(GovukForm):
    format = forms.ChoiceField(
        label="As what?",
        choices=[(ExportFormat.XLSX, ExportFormat.XLSX.label), (ExportFormat.CSV, ExportFormat.CSV.label)],
        initial=ExportFormat.XLSX,
        widget=Radios(),
        error_messages={"required": "Select XLSX or CSV"},
    )
    reason = _reason()


class CaseForm(GovukForm):
    """``readers``: those beside oneself for whom it can be made; without any nobody is asked for whom it is."""

    reader = forms.ChoiceField(
        label="Who will read it?",
        help_text="The document holds what they may see in this case, and is marked with their name.",
        initial=MYSELF,
        widget=Select(),
        error_messages={"required": "Select who will read it"},
    )
    reason = _reason()

    def __init__(self, *args: Any, readers: Sequence[Reader], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["reader"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [(MYSELF, "Myself"), *((str(one.member.reference), one.words) for one in readers)]
        if not readers:
            del self.fields["reader"]
        self.readers = {str(one.member.reference): one for one in readers}

    def chosen(self) -> Reader | None:
        """For whom it is; ``None`` for oneself. For a form that is valid."""
        return self.readers.get(self.cleaned_data.get("reader", MYSELF))
