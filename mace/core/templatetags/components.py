"""The small components: tags and filters that cost no template of their own.

Each is an ordinary function too, so that a list can make its cells in Python before the template sees them.
"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from mace.core.clock import LONDON
from mace.core.forms import in_sentence, long_date
from mace.core.glossary import GLOSSARY

if TYPE_CHECKING:
    from mace.core.forms import GovukBoundField

register = template.Library()

# Word and shape; the colour only repeats what they say.
RATING_SHAPES: dict[str, tuple[str, str]] = {
    "significant": ("Significant", '<path d="M8 0l8 8-8 8-8-8z"/>'),
    "moderate": ("Moderate", '<path d="M8 0l8 15H0z"/>'),
    "emerging": ("Emerging", '<circle cx="8" cy="8" r="6"/>'),
    "": ("Not rated", '<path d="M1 6h14v4H1z"/>'),
}
RATINGS: dict[str, SafeString] = {
    key: format_html(
        '<span class="app-rating app-rating--{}"><svg viewBox="0 0 16 16" width="13" height="13" fill="currentColor" '
        'aria-hidden="true" focusable="false">{}</svg>{}</span>',
        key or "none",
        mark_safe(shape),  # noqa: S308
        word,
    )
    for key, (word, shape) in RATING_SHAPES.items()
}
COLOURS = frozenset({"grey", "green", "turquoise", "blue", "light-blue", "purple", "pink", "red", "orange", "yellow"})
WEEK = 7


@register.simple_tag
def rating_tag(rating: str | None) -> SafeString:
    """`emerging`, `moderate`, `significant` or nothing, as word and shape."""
    return RATINGS.get(str(rating or "").lower(), RATINGS[""])


@register.simple_tag
def status_tag(text: str, colour: str = "") -> SafeString:
    """A status in a coloured box. Without a colour it is GOV.UK's blue."""
    if colour in COLOURS:
        return format_html('<strong class="govuk-tag govuk-tag--{}">{}</strong>', colour, text)
    return format_html('<strong class="govuk-tag">{}</strong>', text)


@register.simple_tag
def what_is(key: str) -> SafeString:
    """“What is this?” for a key of the glossary. Raises KeyError for a word that is not in it."""
    term = GLOSSARY[key]
    return format_html(
        '<details class="govuk-details app-what"><summary class="govuk-details__summary">'
        '<span class="govuk-details__summary-text">{}</span></summary>'
        '<div class="govuk-details__text">{}</div></details>',
        term.asked,
        term.meaning,
    )


@register.simple_tag
def field(bound: GovukBoundField, **changes: Any) -> SafeString:
    """A form field with another `label`, `hint` or `size` than the form gives it."""
    if "label" in changes:
        bound.label = changes["label"]
    if "hint" in changes:
        bound.help_text = changes["hint"]
        bound.__dict__.pop("hint_id", None)
        bound.__dict__.pop("describedby", None)
    if "size" in changes:
        bound.__dict__["label_size"] = changes["size"]
    return bound.as_field_group()


@register.simple_block_tag
def table_region(content: str, label: str) -> SafeString:
    """A place for a table that may be wider than the screen: it scrolls by itself and by keyboard."""
    return format_html(
        '<div class="app-table-wrap" role="region" aria-label="{}" tabindex="0">{}</div>', label, content
    )


def local_day(value: dt.date | dt.datetime) -> dt.date:
    """The day in London."""
    return in_london(value).date() if isinstance(value, dt.datetime) else value


def in_london(value: dt.datetime) -> dt.datetime:
    """The time on the wall in London; a time without a zone is taken as it is."""
    return value.astimezone(LONDON) if value.tzinfo else value


@register.filter
def inside(label: str) -> str:
    """A label as it stands inside a sentence: `Escalate to MACE` gives `escalate to MACE`."""
    return in_sentence(label)


@register.filter
def uk_date(value: dt.date | dt.datetime | None) -> str:
    """`27 March 2011`."""
    return long_date(local_day(value)) if value else ""


@register.filter
def short_date(value: dt.date | dt.datetime | None) -> str:
    """`27 Mar 2011`, for tables."""
    if not value:
        return ""
    day = local_day(value)
    return f"{day.day} {day:%b} {day.year}"


@register.filter
def uk_time(value: dt.datetime | None) -> str:
    """`2:19pm`, `9am`, `midday`, `midnight`."""
    if not value:
        return ""
    at = in_london(value)
    if at.minute == 0 and at.hour in (0, 12):
        return "midday" if at.hour else "midnight"
    minutes = f":{at.minute:02}" if at.minute else ""
    return f"{at.hour % 12 or 12}{minutes}{'pm' if at.hour >= 12 else 'am'}"


@register.filter
def uk_datetime(value: dt.datetime | None) -> str:
    """`19 November 2026 at 2:19pm`."""
    return f"{uk_date(value)} at {uk_time(value)}" if value else ""


@register.filter
def due_words(due: dt.date | None, today: dt.date) -> str:
    """`9 days overdue`, `due today`, `due tomorrow`, `due in 4 days`, `due 3 May 2026`."""
    if due is None:
        return "no due date"
    days = (due - today).days
    if days < 0:
        return f"{-days} day{'' if days == -1 else 's'} overdue"
    if days < 2:
        return "due tomorrow" if days else "due today"
    return f"due in {days} days" if days <= WEEK else f"due {short_date(due)}"
