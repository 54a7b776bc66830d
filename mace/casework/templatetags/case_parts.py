"""The lists on the page of a case, written in Python like ``mace.core.templatetags.rows``. All text is escaped here."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import template
from django.utils.safestring import SafeString, mark_safe

from mace.core.addresses import address
from mace.core.forms import in_sentence
from mace.core.templatetags.components import short_date, uk_date
from mace.core.templatetags.rows import escaped, summary_rows, table_rows
from panels.enums import Decision
from panels.models import Minute
from referrals.enums import Recommendation, ReviewStatus, Tier, TierOutcome
from referrals.models import ChildAddress, PlanStep, Review, TierPeriod
from volt.enums import Basis, Handling, LinkKind, SourceGrade
from volt.models import Link
from volt.selectors import VoltEntry

register = template.Library()


@register.simple_tag
def tier_rows(periods: Iterable[TierPeriod]) -> SafeString:
    """The rows of the table of tiers: which, from, to, why and what came of it."""
    lines = []
    for period in periods:
        ended = f" {TierOutcome(period.outcome).label}. {period.outcome_reason}" if period.to_on else ""
        cells = (short_date(period.from_on), short_date(period.to_on) or "still open", escaped(f"{period.why}{ended}"))
        lines.append(
            f'<tr class="govuk-table__row"><th scope="row" class="govuk-table__header">{Tier(period.tier).label}</th>'
            f'{"".join(f"""<td class="govuk-table__cell">{cell}</td>""" for cell in cells)}</tr>\n'
        )
    return mark_safe("".join(lines))  # noqa: S308 (escaped above)


@register.simple_tag
def lead_cards(leads: Iterable[dict[str, Any]]) -> SafeString:
    """Who led the case, each with ``title`` and ``rows``, as ``summary_list.html`` draws cards of level 3."""
    return mark_safe(  # noqa: S308 (escaped here and in ``summary_rows``)
        "".join(
            [
                '<div class="govuk-summary-card"><div class="govuk-summary-card__title-wrapper">'
                f'<h3 class="govuk-summary-card__title">{escaped(lead["title"])}</h3>\n'
                '</div><div class="govuk-summary-card__content">\n<dl class="govuk-summary-list">\n'
                f"{summary_rows(lead['rows'])}</dl></div></div>\n"
                for lead in leads
            ]
        )
    )


@register.simple_tag
def address_rows(addresses: Iterable[ChildAddress]) -> SafeString:
    """The rows of the table of addresses: which, what it is, from, to, who says so."""
    return table_rows(
        (
            one.address,
            one.get_kind_display(),
            uk_date(one.from_on) or "not known",
            uk_date(one.to_on) or "still",
            ", ".join(
                filter(None, [one.source, one.written_by.user.name if one.written_by else "", uk_date(one.written_at)])
            ),
        )
        for one in addresses
    )


@register.simple_tag
def plan_steps(steps: Iterable[PlanStep]) -> SafeString:
    """The steps of a safety plan."""
    lines = [
        f"<li>{escaped(step.text)} ({escaped(step.who)}{f', by {uk_date(step.by_when)}' if step.by_when else ''})</li>"
        for step in steps
    ]
    return mark_safe("".join(lines))  # noqa: S308 (escaped above)


@register.simple_tag
def volt_entries(entries: Iterable[VoltEntry]) -> SafeString:
    """People, places and themes, each with what its links say and where that comes from."""
    lines = []
    for entry in entries:
        links = "".join(f'<br><span class="app-quiet app-small">{_link(link)}</span>' for link in entry.links)
        url = address("volt:record", entry.row.reference)
        lines.append(
            f'<li><a class="govuk-link" href="{url}">{escaped(entry.row.name)}</a>: '
            f"{escaped(entry.kind_words)}{links}</li>\n"
        )
    return mark_safe("".join(lines))  # noqa: S308 (escaped above)


def _link(link: Link) -> str:
    grade, handling = SourceGrade(link.source_grade).label.lower(), Handling(link.handling).label.lower()
    said = f"{LinkKind(link.kind).label}. {Basis(link.basis).label}, from {link.source} ({grade}; {handling})"
    return escaped(said)


@register.simple_tag
def review_entries(reviews: Iterable[Review], opens: bool) -> SafeString:
    """12-week reviews with their answers; ``opens``: whether the seat may open their pages."""
    lines = []
    for review in reviews:
        name = review.reference
        if opens:
            name = f'<a class="govuk-link" href="{address("panels:review", name)}">{name}</a>'
        answers = _answers(review) if review.answered_on else ""
        status = ReviewStatus(review.status).label.lower()
        lines.append(f"<li>{name}, due {short_date(review.due_on)}: {escaped(status)}{answers}</li>")
    return mark_safe("".join(lines))  # noqa: S308 (escaped above)


def _answers(review: Review) -> str:
    progress = f"{_lines(review.progress)}<br>" if review.progress else ""
    voice = f"<strong>The child’s voice:</strong> {_lines(review.voice)}<br>" if review.voice else ""
    who = escaped(review.answered_by.user.name) if review.answered_by else ""
    advice = escaped(in_sentence(Recommendation(review.recommendation).label)) if review.recommendation else ""
    return (
        f'<br>{progress}{voice}<span class="app-quiet app-small">{who}, {uk_date(review.answered_on)}. '
        f"Recommends: {advice}</span>"
    )


def _lines(text: str) -> str:
    return "<br>".join(escaped(line) for line in text.splitlines())


@register.simple_tag
def minute_entries(minutes: Iterable[Minute]) -> SafeString:
    """What meetings said and decided."""
    lines = []
    for minute in minutes:
        meeting = minute.item.meeting
        decided = f": {escaped(in_sentence(Decision(minute.decision).label))}" if minute.decision else ""
        said = f'<p class="govuk-body">{escaped(minute.discussion)}</p>' if minute.discussion else ""
        why = (
            f'<p class="govuk-body"><strong>Why:</strong> {escaped(minute.decision_reason)}</p>'
            if minute.decision_reason
            else ""
        )
        url = address("panels:minutes", meeting.reference)
        lines.append(
            f'<div class="govuk-inset-text"><p class="govuk-body"><a class="govuk-link" href="{url}">'
            f"{escaped(meeting.panel.name)}, "
            f"{uk_date(meeting.held_on)}</a>{decided}</p>\n{said}{why}</div>\n"
        )
    return mark_safe("".join(lines))  # noqa: S308 (escaped above)
