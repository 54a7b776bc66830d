"""How a field of a form is drawn."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from django import forms
from django.forms.boundfield import BoundField
from django.forms.utils import flatatt
from django.forms.widgets import Input
from django.utils.functional import cached_property
from django.utils.safestring import SafeString

from mace.core.forms.messages import plain_messages
from mace.core.forms.widgets import Checkboxes, DateBoxes, Radios
from mace.core.forms.words import DAY_MONTH_YEAR, UNWANTED_ATTRIBUTES

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
