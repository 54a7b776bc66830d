"""What draws forms: the project's partials, compiled once."""

from __future__ import annotations

import functools
from pathlib import Path

import django.forms
from django.conf import settings
from django.forms.renderers import DjangoTemplates
from django.template.backends.django import DjangoTemplates as TemplateBackend

from mace.core.forms.bound import GovukBoundField


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
