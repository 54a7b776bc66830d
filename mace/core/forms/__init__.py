"""Forms in the GOV.UK manner: one renderer, one bound field, a few widgets, one base class.

`FORM_RENDERER = "mace.core.forms.GovukRenderer"` makes every form of the installation look right, also those of other
packages; `GovukForm` adds what our own forms need (see its docstring). In a template:

    {% include "components/error_summary.html" %}
    <form method="post" novalidate>{% csrf_token %}{{ form }}<button class="govuk-button">Continue</button></form>

or field by field with `{{ form.reason.as_field_group }}`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, cast

from django import forms
from django.forms.renderers import DjangoTemplates
from django.utils.functional import cached_property
from django.utils.safestring import SafeString, mark_safe

from mace.core.errors import RuleBroken
from mace.core.forms.again import CHANGE, CONFIRMED, sent_again, whole
from mace.core.forms.bound import GovukBoundField
from mace.core.forms.dates import GovukDateField
from mace.core.forms.renderer import GovukRenderer
from mace.core.forms.widgets import Checkboxes, DateBoxes, Radios, Select, Text, Textarea
from mace.core.forms.words import DAY_MONTH_YEAR, in_sentence, iso_date, long_date

__all__ = [
    "CHANGE",
    "CONFIRMED",
    "DAY_MONTH_YEAR",
    "Checkboxes",
    "DateBoxes",
    "GovukBoundField",
    "GovukDateField",
    "GovukForm",
    "GovukFormMixin",
    "GovukModelForm",
    "GovukRenderer",
    "Radios",
    "Select",
    "Text",
    "Textarea",
    "in_sentence",
    "iso_date",
    "long_date",
    "refuse",
    "sent_again",
    "whole",
]


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


def refuse(form: forms.BaseForm, broken: RuleBroken) -> None:
    """Say what a service refused beside the question it is about, or above the form."""
    form.add_error(broken.field if broken.field in form.fields else None, broken.message)
