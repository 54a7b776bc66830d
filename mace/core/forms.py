"""Forms in the GOV.UK manner: one renderer, one bound field, a few widgets, one base class.

`FORM_RENDERER = "mace.core.forms.GovukRenderer"` makes every form of the installation look right, also those of other
packages; `GovukForm` adds what our own forms need (see its docstring). In a template:

    {% include "components/error_summary.html" %}
    <form method="post" novalidate>{% csrf_token %}{{ form }}<button class="govuk-button">Continue</button></form>

or field by field with `{{ form.reason.as_field_group }}`.
"""

from __future__ import annotations

import calendar
import datetime as dt
import functools
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar, cast

import django.forms
from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import EMPTY_VALUES
from django.forms.boundfield import BoundField
from django.forms.renderers import DjangoTemplates
from django.forms.utils import flatatt
from django.forms.widgets import Input
from django.template.backends.django import DjangoTemplates as TemplateBackend
from django.utils.functional import cached_property
from django.utils.safestring import SafeString, mark_safe

DAY_MONTH_YEAR = ("day", "month", "year")
MONTHS = {name[:3].lower(): number for number, name in enumerate(calendar.month_name) if number}
TWO_LINES = re.compile(r"\r\n?")
# Attributes that would make the browser check, cut short or suggest, each of which is done better by our own words.
UNWANTED_ATTRIBUTES = ("required", "maxlength", "minlength", "placeholder", "min", "max", "step", "autofocus")


def long_date(value: dt.date) -> str:
    """`27 March 2011`."""
    return f"{value.day} {calendar.month_name[value.month]} {value.year}"


def in_sentence(label: str) -> str:
    """The label as it stands inside a sentence: `Date of birth` gives `date of birth`, `NHS number` stays."""
    first = label.split(" ", 1)[0]
    return label if len(first) > 1 and any(letter.isupper() for letter in first[1:]) else label[:1].lower() + label[1:]


def own(label: str) -> str:
    """The label ready to stand in a message that is filled with `%`."""
    return label.rstrip("?.: ").replace("%", "%%")


# --- Widgets ---------------------------------------------------------------------------------------------------------


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


def iso_date(text: str) -> dt.date | None:
    """`2011-03-27` as a date; None if it is none."""
    try:
        return dt.date.fromisoformat(text[:10])
    except ValueError:
        return None


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


# --- Plain messages --------------------------------------------------------------------------------------------------

STOCK_MESSAGES = forms.Field.default_error_messages


def plain_messages(field: forms.Field, label: str) -> None:
    """Replace the sentences that Django ships, where the form's author wrote none, by ones that name the question."""
    messages = field.error_messages
    words = own(label)
    if messages.get("required") is STOCK_MESSAGES["required"]:
        chosen = isinstance(field, forms.ChoiceField | forms.ModelChoiceField)
        if isinstance(field, forms.BooleanField):
            messages["required"] = f"Select ‘{words}’ to go on"
        elif label.endswith("?"):
            messages["required"] = f"{'Select' if chosen else 'Enter'} an answer to ‘{label}’"
        else:
            messages["required"] = f"{'Select' if chosen else 'Enter'} {in_sentence(label.rstrip('.: '))}"
    messages.setdefault(
        "null_characters_not_allowed",
        f"{words} contains a hidden character that cannot be kept. Type it again, or paste it as plain text",
    )
    messages.setdefault("max_length", f"{words} must be %(limit_value)s characters or fewer")
    messages.setdefault("min_length", f"{words} must be %(limit_value)s characters or more")
    messages.setdefault("max_value", f"{words} must be %(limit_value)s or less")
    messages.setdefault("min_value", f"{words} must be %(limit_value)s or more")
    if isinstance(field, forms.ChoiceField | forms.ModelChoiceField) and messages.get("invalid_choice") == (
        type(field).default_error_messages.get("invalid_choice")
    ):
        messages["invalid_choice"] = f"{words}: select one of the answers on the page"
        messages["invalid_list"] = messages["invalid_choice"]
    stock = type(field).default_error_messages.get("invalid")
    if "invalid" in messages and messages["invalid"] is not stock:
        return
    if isinstance(field, forms.EmailField):
        messages["invalid"] = "Enter an email address in the correct format, like name@example.com"
    elif isinstance(field, forms.FloatField | forms.DecimalField):
        messages["invalid"] = f"{words} must be a number"
    elif isinstance(field, forms.IntegerField):
        messages["invalid"] = f"{words} must be a whole number"
    elif isinstance(field, forms.DateField):
        messages["invalid"] = f"{words} must be a real date, like 27/3/2011"
    elif isinstance(field, forms.TimeField):
        messages["invalid"] = f"{words} must be a time, like 9:30 or 14:05"


# --- Bound field -----------------------------------------------------------------------------------------------------

KINDS: tuple[tuple[type[forms.Widget], str], ...] = (
    (forms.HiddenInput, "hidden"),
    (forms.CheckboxSelectMultiple, "checkboxes"),
    (forms.RadioSelect, "radios"),
    (DateBoxes, "date"),
    (forms.SelectMultiple, "select"),
    (forms.Select, "select"),
    (forms.CheckboxInput, "checkbox"),
    (forms.Textarea, "textarea"),
    (forms.PasswordInput, "password"),
    (forms.FileInput, "file"),
    (Input, "input"),
)
CONTROL_CLASSES = {
    "select": "govuk-select",
    "textarea": "govuk-textarea",
    "password": "govuk-input govuk-password-input__input govuk-js-password-input-input",
    "file": "govuk-file-upload",
    "input": "govuk-input",
}
ERROR_CLASSES = {
    "select": "govuk-select--error",
    "textarea": "govuk-textarea--error",
    "password": "govuk-input--error",
    "file": "govuk-file-upload--error",
    "input": "govuk-input--error",
}


class GovukBoundField(BoundField):
    """A field with what the partials in `templates/forms/` need to know; each property is plain text or a list."""

    def __init__(self, form: forms.BaseForm, field: forms.Field, name: str) -> None:
        super().__init__(form, field, name)
        plain_messages(field, str(self.label))

    @cached_property
    def kind(self) -> str:
        """Which partial draws the control; `other` for a widget that draws itself."""
        return next((kind for widget, kind in KINDS if isinstance(self.field.widget, widget)), "other")

    @cached_property
    def is_group(self) -> bool:
        """More than one control under one question: fieldset and legend instead of a label."""
        return self.kind in ("radios", "checkboxes", "date")

    @cached_property
    def hint_id(self) -> str:
        return f"{self.auto_id}_hint" if self.help_text else ""

    @cached_property
    def error_id(self) -> str:
        return f"{self.auto_id}_error" if self.errors else ""

    @cached_property
    def count_id(self) -> str:
        return f"{self.auto_id}-info" if self.count_limit else ""

    @cached_property
    def describedby(self) -> str:
        """The ids of count, hint and error, in reading order."""
        return " ".join(part for part in (self.count_id, self.hint_id, self.error_id) if part)

    @property
    def aria_describedby(self) -> str | None:
        return self.describedby or None

    @cached_property
    def focus_id(self) -> str:
        """The control a link in the error summary must lead to: the first of a group, the first wrong box of a date."""
        if self.kind in ("radios", "checkboxes"):
            return f"{self.auto_id}_0"
        if self.kind == "date":
            return f"{self.auto_id}_{next((part for part in DAY_MONTH_YEAR if part in self.wrong_parts), 'day')}"
        return self.id_for_label or self.auto_id

    @cached_property
    def is_heading(self) -> bool:
        """Whether this question is the heading of its page."""
        return getattr(self.form, "heading_field", None) == self.name

    @cached_property
    def label_size(self) -> str:
        """`s`, `m`, `l` or `xl`."""
        if self.is_heading:
            return "l"
        sizes: Mapping[str, str] = getattr(self.form, "label_sizes", {})
        return sizes.get(self.name) or str(getattr(self.form, "label_size", "s"))

    @cached_property
    def optional_mark(self) -> str:
        """What stands behind the label of a question that may be left: “ (optional)”."""
        wanted = getattr(self.form, "mark_optional", True)
        return " (optional)" if wanted and not self.field.required and self.kind != "checkbox" else ""

    @cached_property
    def count_limit(self) -> int | None:
        limit: int | None = getattr(self.field, "max_length", None)
        return limit if getattr(self.field.widget, "count", False) else None

    @cached_property
    def wrong_parts(self) -> frozenset[str]:
        """Of a date with an error: the boxes to mark."""
        marked: set[str] = set()
        for error in self.errors.as_data() if self.errors else ():
            marked.update((error.params or {}).get("parts", DAY_MONTH_YEAR))
        return frozenset(marked)

    @cached_property
    def prefix(self) -> str:
        return str(getattr(self.field.widget, "prefix", ""))

    @cached_property
    def suffix(self) -> str:
        return str(getattr(self.field.widget, "suffix", ""))

    @cached_property
    def small(self) -> bool:
        return bool(getattr(self.field.widget, "small", False))

    @cached_property
    def inline(self) -> bool:
        return bool(getattr(self.field.widget, "inline", False))

    def attributes(self) -> dict[str, Any]:
        """The attributes of a single control, id and name included."""
        widget = self.field.widget
        found: dict[str, Any] = widget.build_attrs(
            widget.attrs, self.build_widget_attrs({"id": self.auto_id} if self.auto_id else {})
        )
        for name in UNWANTED_ATTRIBUTES:
            found.pop(name, None)
        found["name"] = self.html_name
        classes = [CONTROL_CLASSES.get(self.kind, ""), str(found.pop("class", ""))]
        if self.errors:
            classes.append(ERROR_CLASSES.get(self.kind, ""))
        if width := getattr(widget, "width", ""):
            classes.append(f"govuk-input--width-{width}" if str(width).isdigit() else f"govuk-!-width-{width}")
        if self.kind in ("input", "password"):
            found.setdefault("spellcheck", "false")
        if self.kind in ("input", "password", "textarea"):
            found.setdefault("autocomplete", "off")
        if self.kind == "password":
            found.setdefault("autocapitalize", "none")
        if self.kind == "textarea":
            found.pop("cols", None)
            if self.count_limit:
                classes.append("govuk-js-character-count")
        found["class"] = " ".join(part for part in classes if part)
        return found

    @property
    def control_attributes(self) -> SafeString:
        """The attributes of a select or a text area, ready to stand in its tag."""
        return flatatt(self.attributes())

    @property
    def input_attributes(self) -> SafeString:
        """The attributes of an `<input>`: its type and, where it may be shown again, its value too."""
        widget = self.field.widget
        found = self.attributes()
        found["type"] = getattr(widget, "input_type", "text")
        if found["type"] == "number":  # a wheel or an arrow key must not change a figure unseen
            whole = isinstance(self.field, forms.IntegerField) and not isinstance(
                self.field, forms.FloatField | forms.DecimalField
            )
            found["type"], found["inputmode"] = "text", "numeric" if whole else "decimal"
        if self.kind == "checkbox":
            found["class"] = "govuk-checkboxes__input"
            context = widget.get_context(self.html_name, self.value(), {})["widget"]
            found["value"] = context.get("value", "on")
            found["checked"] = bool(context["attrs"].get("checked"))
        elif self.kind != "file" and (value := self.shown_value) is not None:
            found["value"] = value
        return flatatt(found)

    @property
    def shown_value(self) -> str | None:
        """The value as text; None for a password that must not be sent back."""
        if self.kind == "password" and not getattr(self.field.widget, "render_value", False):
            return None
        value = self.field.widget.format_value(self.value())
        return None if value in (None, "") else str(value)

    def option_groups(self) -> list[tuple[str, list[dict[str, Any]]]]:
        """Of a select: (group or empty, its options with `value`, `label`, `selected`)."""
        widget = cast("forms.Select", self.field.widget)
        groups = widget.optgroups(self.html_name, widget.format_value(self.value()))
        return [(str(group or ""), list(options)) for group, options, _ in groups]

    def choices(self) -> list[dict[str, Any]]:
        """Of radios and checkboxes: what each needs to be drawn. A choice named "" (Django's dashes) is left out."""
        widget = cast("Radios | Checkboxes", self.field.widget)
        hints: Mapping[str, str] = getattr(widget, "hints", {})
        reveals: Mapping[str, str] = getattr(widget, "reveals", {})
        dividers: Mapping[str, str] = getattr(widget, "dividers", {})
        exclusive: frozenset[str] = getattr(widget, "exclusive", frozenset())
        drawn: list[dict[str, Any]] = []
        for group, options, _ in widget.optgroups(self.html_name, widget.format_value(self.value())):
            for place, option in enumerate(options):
                value = str(option["value"])
                if value == "" and self.kind == "radios":
                    continue
                number = len(drawn)
                reveal = reveals.get(value)
                drawn.append(
                    {
                        "id": f"{self.auto_id}_{number}",
                        "value": value,
                        "label": option["label"],
                        "checked": option["selected"],
                        "disabled": self.field.disabled or bool(option["attrs"].get("disabled")),
                        "group": str(group) if group and place == 0 else "",
                        "hint": hints.get(value, ""),
                        "divider": dividers.get(value, ""),
                        "exclusive": value in exclusive,
                        "reveal": self.form[reveal] if reveal else None,
                        "reveal_id": f"{self.auto_id}_{number}_more" if reveal else "",
                    }
                )
        return drawn

    def boxes(self) -> list[dict[str, Any]]:
        """Of a date: the three boxes."""
        widget = cast("DateBoxes", self.field.widget)
        values = widget.boxes(self.value())
        autocomplete = {"bday": {"day": "bday-day", "month": "bday-month", "year": "bday-year"}}
        tokens = autocomplete.get(str(widget.attrs.get("autocomplete")), {})
        return [
            {
                "id": f"{self.auto_id}_{part}",
                "name": f"{self.html_name}_{part}",
                "label": part.capitalize(),
                "value": value,
                "width": 4 if part == "year" else 2,
                "wrong": part in self.wrong_parts,
                "autocomplete": tokens.get(part, "off"),
                "disabled": self.field.disabled,
            }
            for part, value in zip(DAY_MONTH_YEAR, values, strict=True)
        ]


@functools.cache
def form_engine() -> TemplateBackend:
    """The project's template folders, then Django's own widgets."""
    folders = [folder for backend in settings.TEMPLATES for folder in backend.get("DIRS", [])]
    stock = Path(django.forms.__file__).parent / "templates"
    return TemplateBackend({"APP_DIRS": True, "DIRS": [*folders, stock], "NAME": "mace-forms", "OPTIONS": {}})


class GovukRenderer(DjangoTemplates):
    """Draws forms with `templates/forms/`, found through the project's own template folders."""

    form_template_name = "forms/form.html"
    field_template_name = "forms/field.html"
    formset_template_name = "forms/formset.html"
    bound_field_class = GovukBoundField

    @property
    def engine(self) -> TemplateBackend:
        """One engine for all renderers, so that each partial is compiled once for the life of the process."""
        return form_engine()


# --- Forms -----------------------------------------------------------------------------------------------------------


class GovukFormMixin:
    """What every form of ours has, set on the class.

    `heading_field`: the name of the one field whose label is the page's `<h1>`. `label_size`: `s` (usual), `m`, `l`.
    `label_sizes`: exceptions by field name. `mark_optional`: False for filters and drafts, where nothing is required.
    """

    heading_field: ClassVar[str | None] = None
    label_size: ClassVar[str] = "s"
    label_sizes: ClassVar[Mapping[str, str]] = {}
    mark_optional: ClassVar[bool] = True
    use_required_attribute = False

    @property
    def form(self) -> forms.BaseForm:
        return cast("forms.BaseForm", self)

    @cached_property
    def revealed(self) -> frozenset[str]:
        """The fields drawn beneath a choice of another field; `{{ form }}` does not draw them again."""
        return frozenset(
            name
            for field in self.form.fields.values()
            for name in getattr(field.widget, "reveals", {}).values()
            if name in self.form.fields
        )

    def get_context(self) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context()  # type: ignore[misc]
        context["fields"] = [pair for pair in context["fields"] if pair[0].name not in self.revealed]
        return context

    @property
    def error_summary(self) -> SafeString:
        """The error summary, empty when there is nothing wrong."""
        if not self.form.errors:
            return mark_safe("")
        renderer = cast("DjangoTemplates", self.form.renderer)
        return mark_safe(renderer.render("components/error_summary.html", {"form": self.form}))  # noqa: S308


class GovukForm(GovukFormMixin, forms.Form):
    """Base of our forms."""

    default_renderer = GovukRenderer


class GovukModelForm(GovukFormMixin, forms.ModelForm):  # type: ignore[type-arg]
    """Base of our forms that follow a model."""

    default_renderer = GovukRenderer
