"""Controls in the GOV.UK manner."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any, cast

from django import forms

from mace.core.forms.words import DAY_MONTH_YEAR, TWO_LINES, iso_date


class Text(forms.TextInput):
    """One line. `width`: characters (2, 3, 4, 5, 10, 20, 30) or a fraction such as `two-thirds`."""

    def __init__(
        self,
        *,
        width: int | str = "",
        prefix: str = "",
        suffix: str = "",
        attrs: Mapping[str, Any] | None = None,
        **more: Any,
    ) -> None:
        super().__init__({**(attrs or {}), **{name.replace("_", "-"): value for name, value in more.items()}})
        self.width, self.prefix, self.suffix = width, prefix, suffix


class Textarea(forms.Textarea):
    """Several lines. `count=True` shows how many characters are left of the field's `max_length`."""

    def __init__(self, *, rows: int = 5, count: bool = False, attrs: Mapping[str, Any] | None = None) -> None:
        super().__init__({**(attrs or {}), "rows": rows})
        self.count = count

    def value_from_datadict(self, data: Mapping[str, Any], files: Any, name: str) -> Any:
        """A line break is one character, as the counter on the page counts it."""
        value = super().value_from_datadict(cast("dict[str, Any]", data), files, name)
        return TWO_LINES.sub("\n", value) if isinstance(value, str) else value


class ChoiceOptions:
    """What radios and checkboxes can say beside the label of each choice. Keys are the choices' values as text.

    `hints`: a line beneath the label. `reveals`: the name of the form's field to ask when it is chosen (always shown
    when scripts are off, so the form must not rely on it being empty). `dividers`: a word set before that choice.
    """

    def explain(
        self,
        hints: Mapping[str, str] | None,
        reveals: Mapping[str, str] | None,
        dividers: Mapping[str, str] | None,
        *,
        inline: bool,
        small: bool,
    ) -> None:
        self.hints = dict(hints or {})
        self.reveals = dict(reveals or {})
        self.dividers = dict(dividers or {})
        self.inline, self.small = inline, small


class Radios(ChoiceOptions, forms.RadioSelect):
    """One of a few."""

    def __init__(
        self,
        *,
        hints: Mapping[str, str] | None = None,
        reveals: Mapping[str, str] | None = None,
        dividers: Mapping[str, str] | None = None,
        inline: bool = False,
        small: bool = False,
        attrs: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(dict(attrs or {}))
        self.explain(hints, reveals, dividers, inline=inline, small=small)


class Checkboxes(ChoiceOptions, forms.CheckboxSelectMultiple):
    """Any of a few. `exclusive`: values that rule out all others, such as `none`."""

    def __init__(
        self,
        *,
        hints: Mapping[str, str] | None = None,
        reveals: Mapping[str, str] | None = None,
        dividers: Mapping[str, str] | None = None,
        exclusive: Iterable[str] = (),
        small: bool = False,
        attrs: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(dict(attrs or {}))
        self.explain(hints, reveals, dividers, inline=False, small=small)
        self.exclusive = frozenset(exclusive)


class Select(forms.Select):
    """A drop-down list, for more choices than radios can hold."""


class DateBoxes(forms.Widget):
    """Day, month and year in three boxes named `<name>_day`, `<name>_month`, `<name>_year`."""

    use_fieldset = True

    def value_from_datadict(self, data: Mapping[str, Any], files: Any, name: str) -> tuple[str, str, str]:
        del files
        day, month, year = (str(data.get(f"{name}_{part}") or "").strip() for part in DAY_MONTH_YEAR)
        return day, month, year

    def value_omitted_from_data(self, data: Mapping[str, Any], files: Any, name: str) -> bool:
        del files
        return not any(f"{name}_{part}" in data for part in DAY_MONTH_YEAR)

    def id_for_label(self, id_: str, index: str = "0") -> str:
        """The first box, where a link to the question should land."""
        del index
        return f"{id_}_day" if id_ else ""

    def boxes(self, value: object) -> tuple[str, str, str]:
        """What stands in the three boxes for a date, an ISO date as text, three texts or nothing."""
        if isinstance(value, str):
            value = iso_date(value)
        if isinstance(value, dt.datetime):
            value = value.date()
        if isinstance(value, dt.date):
            return str(value.day), str(value.month), str(value.year)
        if isinstance(value, (tuple, list)) and len(value) == len(DAY_MONTH_YEAR):
            day, month, year = ("" if part is None else str(part) for part in value)
            return day, month, year
        return "", "", ""
