"""Short forms: a child is missing, is back, was interviewed; something critical happened, and what was done."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms

from mace.core import clock
from mace.core.forms import GovukDateField, GovukForm, Radios, Select, Text, Textarea
from referrals.enums import Interview
from referrals.sections.base import EARLIEST
from referrals.selectors.codes import choices

FORMATS = ["%H:%M", "%H.%M", "%H%M", "%I:%M%p", "%I.%M%p", "%I%p"]


class TimeField(forms.TimeField):
    """An hour of the day in London, as people write it: ``21:40``, ``9.40pm``."""

    def __init__(self, **more: Any) -> None:
        more.setdefault("error_messages", {"invalid": "Enter a time, such as 21:40 or 9.40pm"})
        super().__init__(input_formats=FORMATS, required=False, widget=Text(width=5), **more)

    def to_python(self, value: Any) -> dt.time | None:
        return super().to_python(value.replace(" ", "") if isinstance(value, str) else value)


class MissingForm(GovukForm):
    from_on = GovukDateField(label="Missing since", not_before=EARLIEST, not_after=clock.today)
    from_time = TimeField(label="At what time?", help_text="If it is known, for example 21:40")
    about = forms.CharField(
        label="What is known?",
        required=False,
        max_length=2000,
        widget=Textarea(rows=2),
        help_text="Where they were last seen, with whom, what they wore",
    )
    police_reference = forms.CharField(label="Police reference", required=False, max_length=40, widget=Text(width=20))


class ReturnForm(GovukForm):
    returned_on = GovukDateField(label="When did the child come back?", not_before=EARLIEST, not_after=clock.today)
    returned_time = TimeField(label="At what time?", help_text="If it is known. The 72 hours run from then.")


class InterviewForm(GovukForm):
    mark_optional = False  # the note is needed where it was declined

    interview = forms.ChoiceField(
        label="How far has the return home interview come?",
        choices=Interview.choices,
        widget=Radios,
        error_messages={"required": "Choose how far the interview has come"},
    )
    interview_on = GovukDateField(label="On what day?", not_before=EARLIEST, not_after=clock.today)
    note = forms.CharField(
        label="What came of it, or why was it declined?", required=False, max_length=2000, widget=Textarea(rows=3)
    )

    def clean(self) -> dict[str, Any]:
        cleaned = dict(super().clean() or {})
        if cleaned.get("interview") == Interview.DECLINED and not cleaned.get("note") and "note" not in self.errors:
            self.add_error("note", "Say why the interview was declined")
        return cleaned


class MomentForm(GovukForm):
    """Three questions, so that it takes less than a minute."""

    kind = forms.ChoiceField(label="What happened?", widget=Select, error_messages={"required": "Choose what happened"})
    on = GovukDateField(label="When?", not_before=EARLIEST, not_after=clock.today)
    about = forms.CharField(
        label="What is known, in a sentence?",
        max_length=1000,
        widget=Textarea(rows=2),
        error_messages={"required": "Say in a sentence what is known"},
    )

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.fields["kind"].choices = [("", "Choose"), *choices("critical_moment")]  # type: ignore[attr-defined]


class ResponseForm(GovukForm):
    response = forms.CharField(
        label="What was done about it?",
        max_length=2000,
        widget=Textarea(rows=3),
        error_messages={"required": "Say what was done"},
    )
