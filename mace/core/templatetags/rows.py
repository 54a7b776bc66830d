"""The rows of long components, written in Python: a loop in a template costs ten times as much.

Each tag stands in the component whose comment says what its rows are. Text is escaped here; ``SafeString`` is HTML.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable
from typing import Any, Literal

from django import template
from django.utils.html import linebreaks
from django.utils.safestring import SafeString, mark_safe

from mace.core.templatetags.components import uk_date, uk_datetime

register = template.Library()

_ESCAPES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#x27;"})


def escaped(value: object) -> str:
    """As ``{{ value }}`` puts it into HTML."""
    return value if isinstance(value, SafeString) else str(value).translate(_ESCAPES)


def paragraphs(text: object) -> str:
    """As ``{{ text|linebreaks }}``."""
    said = str(text)
    return linebreaks(said, autoescape=True) if "\n" in said or "\r" in said else f"<p>{escaped(text)}</p>"


def _of(row: Any, name: str) -> Any:
    """A row is a dictionary or an object, as a template takes both; what it has not is empty."""
    return row.get(name, "") if isinstance(row, dict) else getattr(row, name, "")


def _all_of(row: Any, names: tuple[str, ...]) -> list[Any]:
    return (
        [row.get(name, "") for name in names] if isinstance(row, dict) else [getattr(row, name, "") for name in names]
    )


_WORK = ("title", "url", "links", "urgent", "tag", "state", "meta", "note")
_ENTRY = ("title", "at", "url", "text", "kind", "by", "visibility")


@register.simple_tag
def table_rows(rows: Iterable[Iterable[object]], numeric: Collection[int] | Literal["all", ""] = "") -> SafeString:
    """The ``<tr>`` of a table: the first cell heads its row, the columns ``numeric``, or all, stand to the right."""
    lines = []
    for row in rows:
        cells = []
        for at, cell in enumerate(row):
            if at == 0:
                cells.append(f'<th scope="row" class="govuk-table__header">{escaped(cell)}</th>')
            elif numeric == "all" or (numeric and at in numeric):
                cells.append(f'<td class="govuk-table__cell govuk-table__cell--numeric">{escaped(cell)}</td>')
            else:
                cells.append(f'<td class="govuk-table__cell">{escaped(cell)}</td>')
        lines.append(f'<tr class="govuk-table__row">{"".join(cells)}</tr>\n')
    return mark_safe("".join(lines))  # noqa: S308 (escaped above)


def _link(link: Any, about: object) -> str:
    hidden = _of(link, "hidden") or about
    return (
        f'<a class="govuk-link" href="{escaped(_of(link, "href"))}">{escaped(_of(link, "text"))}'
        f'<span class="govuk-visually-hidden"> {escaped(hidden)}</span></a>'
    )


@register.simple_tag
def summary_rows(rows: Iterable[Any]) -> SafeString:
    """The rows of a summary list."""
    lines = []
    for row in rows:
        key, value, actions = _of(row, "key"), _of(row, "value"), _of(row, "actions")
        changes = ""
        if actions:
            links = [_link(action, key) for action in actions]
            if len(links) > 1:
                items = "".join(f'<li class="govuk-summary-list__actions-list-item">{link}</li>' for link in links)
                links = [f'<ul class="govuk-summary-list__actions-list">{items}</ul>']
            changes = f'<dd class="govuk-summary-list__actions">{links[0]}</dd>'
        lines.append(
            f'<div class="govuk-summary-list__row{"" if actions else " govuk-summary-list__row--no-actions"}">'
            f'<dt class="govuk-summary-list__key">{escaped(key)}</dt>'
            f'<dd class="govuk-summary-list__value">{escaped(value or "Not recorded")}</dd>\n{changes}</div>\n'
        )
    return mark_safe("".join(lines))  # noqa: S308 (escaped above)


@register.simple_tag
def summary_card(title: str, rows: Iterable[Any], part: str = "") -> SafeString:
    """A summary list in a card, as ``summary_list.html`` draws one without links in its head; ``part`` is its id."""
    return mark_safe(  # noqa: S308 (escaped here and in ``summary_rows``)
        f'<div class="govuk-summary-card"{_id(part)}><div class="govuk-summary-card__title-wrapper">'
        f'<h2 class="govuk-summary-card__title">{escaped(title)}</h2>\n'
        '</div><div class="govuk-summary-card__content">\n<dl class="govuk-summary-list">\n'
        f"{summary_rows(rows)}</dl></div></div>\n"
    )


def _id(part: str) -> str:
    return f' id="{part}"' if part else ""


@register.simple_tag
def work_rows(rows: Iterable[Any]) -> SafeString:
    """The rows of work: what, its state, whose, a note, links."""
    lines = []
    for row in rows:
        what, url, links, urgent, tag, state, meta, note = _all_of(row, _WORK)
        title = f'<a class="govuk-link" href="{escaped(url)}">{escaped(what)}</a>' if url else escaped(what)
        lines.append(
            f'<li class="app-row"><p class="app-row__title">{title}</p>\n'
            f'<p class="app-row__state{" app-urgent" if urgent else ""}">'
            f"{escaped(tag) if tag else ''} {escaped(state) if state else ''}</p>\n"
        )
        if meta:
            lines.append(f'<p class="app-row__meta">{escaped(meta)}</p>\n')
        if note:
            lines.append(f'<p class="app-row__note">{escaped(note)}</p>\n')
        if links:
            lines.append(f'<p class="app-row__do">{"".join(_link(link, what) for link in links)}</p>\n')
        lines.append("</li>\n")
    return mark_safe("".join(lines))  # noqa: S308 (escaped above)


@register.simple_tag
def navigation_items(items: Iterable[Any]) -> SafeString:
    """The items of a sub-navigation."""
    lines, current = [], ' aria-current="page"'
    for item in items:
        label, url, active = _all_of(item, ("label", "url", "active"))
        lines.append(
            '<li class="moj-sub-navigation__item"><a class="moj-sub-navigation__link"'
            f'{current if active else ""} href="{escaped(url)}">{escaped(label)}</a></li>\n'
        )
    return mark_safe("".join(lines))  # noqa: S308 (escaped above)


@register.simple_tag
def timeline_entries(entries: Iterable[Any], level: int | str = 3) -> SafeString:
    """The entries of a history."""
    heading = f"h{int(level or 3)}"
    lines = []
    for entry in entries:
        what, at, url, text, kind, by, visibility = _all_of(entry, _ENTRY)
        title = f'<a class="govuk-link" href="{escaped(url)}">{escaped(what)}</a>' if url else escaped(what)
        before = (f"{escaped(kind)} · " if kind else "") + (f"{escaped(by)} · " if by else "")
        after = f" · {escaped(visibility)}" if visibility else ""
        body = f'<div class="app-timeline__text govuk-body">{paragraphs(text)}</div>\n' if text else ""
        lines.append(
            f'<li class="app-timeline__entry"><{heading} class="app-timeline__title">{title}</{heading}>\n{body}'
            f'<p class="app-timeline__meta">{before}{_time(at)}{after}</p></li>\n'
        )
    return mark_safe("".join(lines))  # noqa: S308 (escaped above)


def _time(at: dt.date | dt.datetime) -> str:
    if isinstance(at, dt.datetime):
        moment = at.astimezone(dt.UTC) if at.tzinfo else at
        return f'<time datetime="{moment.isoformat()}">{uk_datetime(at)}</time>'
    return f'<time datetime="{at.isoformat()}">{uk_date(at)}</time>'
