"""A date in three boxes, as people write dates."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from typing import Any, ClassVar, cast

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import EMPTY_VALUES

from mace.core.forms.widgets import DateBoxes
from mace.core.forms.words import DAY_MONTH_YEAR, MONTHS, iso_date, long_date


class GovukDateField(forms.Field):
    """A date in three boxes. The month may be a number or a name.

    `not_before`, `not_after`: a date, or a function that gives one when the form is checked (`today` of the request's
    clock, say). `initial`: a date, or an ISO date as text.
    """

    widget = DateBoxes
    default_error_messages: ClassVar[dict[str, Any]] = {
        "incomplete": "%(label)s must include a %(missing)s",
        "impossible": "%(label)s must be a real date",
        "year": "Year must include 4 numbers",
        "not_after": "%(label)s must be on or before %(limit)s",
        "not_before": "%(label)s must be on or after %(limit)s",
    }

    def __init__(
        self,
        *,
        not_before: dt.date | Callable[[], dt.date] | None = None,
        not_after: dt.date | Callable[[], dt.date] | None = None,
        **more: Any,
    ) -> None:
        super().__init__(**more)
        self.not_before, self.not_after = not_before, not_after

    def fail(self, code: str, parts: Sequence[str] = DAY_MONTH_YEAR, **params: str) -> ValidationError:
        """The error of this code; `parts` are the boxes to mark."""
        label = str(self.label or "Date").rstrip("?.: ")
        params = {"label": label, **params}
        return ValidationError(self.error_messages[code], code=code, params={**params, "parts": tuple(parts)})

    def to_python(self, value: object) -> dt.date | None:
        if isinstance(value, dt.datetime):
            return value.date()
        if isinstance(value, dt.date):
            return value
        if isinstance(value, str) and value:
            if (parsed := iso_date(value)) is None:
                raise self.fail("impossible")
            return parsed
        if value in EMPTY_VALUES:
            return None
        day, month, year = cast("tuple[str, str, str]", value)
        if not day and not month and not year:
            return None
        missing = [name for name, text in zip(DAY_MONTH_YEAR, (day, month, year), strict=True) if not text]
        if missing:
            raise self.fail("incomplete", missing, missing=" and ".join(missing))
        if not (year.isascii() and year.isdigit() and len(year) == 4):
            raise self.fail("year", ("year",))
        number = MONTHS.get(month[:3].lower(), 0) if month.isalpha() else self.whole(month)
        if not 1 <= number <= 12:
            raise self.fail("impossible", ("month",))
        try:
            return dt.date(int(year), number, self.whole(day))
        except ValueError as error:
            raise self.fail("impossible", ("day",)) from error

    @staticmethod
    def whole(text: str) -> int:
        return int(text) if text.isascii() and text.isdigit() and len(text) <= 2 else 0

    def validate(self, value: Any) -> None:
        super().validate(value)
        if value is None:
            return
        for code, limit in (("not_before", self.not_before), ("not_after", self.not_after)):
            if limit is None:
                continue
            day = limit() if callable(limit) else limit
            if value < day if code == "not_before" else value > day:
                raise self.fail(code, limit=long_date(day))

    def has_changed(self, initial: Any, data: Any) -> bool:
        try:
            return self.to_python(initial) != self.to_python(data)
        except ValidationError:
            return True
