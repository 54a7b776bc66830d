"""A file to attach, and why one is removed."""

from __future__ import annotations

from django import forms

from mace.attachments.content import WHAT_MAY
from mace.attachments.enums import AttachmentKind
from mace.core.forms import GovukForm, Radios, Textarea


class FileForm(GovukForm):
    kind = forms.ChoiceField(
        label="What is it?",
        choices=AttachmentKind.choices,
        widget=Radios(
            hints={
                AttachmentKind.ASSESSMENT: "It may stand in place of what has happened on the page of the concern",
                AttachmentKind.PLAN: "It may stand in place of the steps on the page of the safety plan",
            }
        ),
    )
    title = forms.CharField(
        label="What do you want to call it?", max_length=120, help_text="For example, Return home interview, 3 March"
    )
    file = forms.FileField(
        label="File",
        help_text=f"At most 20 MB: {WHAT_MAY}",
        allow_empty_file=True,  # the service says what to do about it
        error_messages={"required": "Choose a file", "invalid": "Choose a file"},
    )


class RemoveFileForm(GovukForm):
    reason = forms.CharField(
        label="Why is it removed?",
        error_messages={"required": "Say why the file is removed"},
        max_length=400,
        widget=Textarea(rows=3),
        help_text="For example, the wrong file, or an older version. The reason is kept.",
    )
