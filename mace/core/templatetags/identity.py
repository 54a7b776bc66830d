"""The identity bar, written in Python like ``mace.core.templatetags.rows``: it stands above every page of a case."""

from __future__ import annotations

from typing import Any

from django import template
from django.utils.safestring import SafeString, mark_safe

from mace.core.templatetags.components import rating_tag, short_date, status_tag
from mace.core.templatetags.rows import escaped

register = template.Library()


@register.simple_tag
def identity_bar(identity: dict[str, Any]) -> SafeString:
    """As the comment of ``components/identity_bar.html`` says."""
    known = identity.get
    name = escaped(known("name", ""))
    if url := known("url"):
        name = f'<a class="govuk-link govuk-link--text-colour" href="{escaped(url)}">{name}</a>'
    tags = [rating_tag(known("rating"))] if known("rating") else []
    tags += [status_tag(words, "purple") for key, words in _TAGS if known(key)]
    if status := known("status"):
        tags.append(status_tag(status, known("status_colour") or ""))
    age = known("age")
    facts = (
        ("Age", "" if age is None else age),
        ("Born", short_date(known("born"))),
        ("Case", known("reference")),
        ("Lead professional", known("lead") or "not named"),
        ("Manager", known("manager")),
        ("Open at", known("tiers")),
        ("Address protected", "shown to named people" if known("address_protected") else ""),
    )
    drawn = "".join(
        [f"<div><dt>{key}</dt><dd>{escaped(value)}</dd></div>\n" for key, value in facts if value not in {"", None}]
    )
    return mark_safe(  # noqa: S308 (escaped above)
        '<section class="app-identity" aria-label="The child or young person">'
        '<div class="govuk-width-container app-identity__row">\n'
        f'<p class="app-identity__name">{name}</p>\n{"".join(f"{tag}{chr(10)}" for tag in tags)}'
        f'<dl class="app-identity__facts">{drawn}</dl></div></section>\n'
    )


_TAGS = (("restricted", "Restricted"), ("repeat", "Repeat"))
