"""What the page of a case offers beside the assessment, the plan and the voice, and what it says is missing there."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from mace.access.policy import Capability, can
from mace.casework.selectors.case import CasePage
from mace.core.addresses import address
from mace.core.seat import Seat
from mace.core.templatetags.components import uk_date
from mace.core.templatetags.rows import escaped
from referrals.enums import Informant
from referrals.models import DifficultiesScore
from referrals.rules import voice_wanted_since
from referrals.selectors.voices import last_heard
from referrals.selectors.written import decision_of
from referrals.services.case_drafts import may_assess

WAITS = "An assessment that lowers the rating waits for the manager. Until then the rating stays."


def case_links(page: CasePage, seat: Seat, *, on: dt.date) -> dict[str, Any]:
    """For the template, as HTML; nothing where the seat does not see the case in full."""
    if not page.full:
        return {}
    reference, history = page.case.reference, page.history
    heard = last_heard(history.voices, page.reviews)
    missing = page.case.closed_on is None and (heard is None or heard <= voice_wanted_since(on))
    waiting = any(decision_of(row) == "waiting" for row in history.assessments)
    assesses = can(seat, Capability.ASSESS) and may_assess(page.case, seat)
    adds = can(seat, Capability.WRITE_VOICE)
    anew = {"assessments/new/": "Assess the risk anew", "difficulties/new/": "Add a strengths and difficulties score"}
    return {
        "unheard": _warning(_unheard(heard)) if missing else "",
        "voice_links": _links(reference, {"voice/new/": "Add what the child says"}) if adds else "",
        "beside_risk": mark_safe(  # noqa: S308 (made of such parts)
            (_warning(WAITS) if waiting else "")
            + _links(reference, {"assessments/": "All assessments"} | (anew if assesses else {}))
            + _difficulties(history.difficulties)
        ),
        "plan_links": _links(
            reference,
            {"plans/": "All versions of the safety plan"} | ({"plans/new/": "Write a new version"} if assesses else {}),
        ),
    }


def _links(reference: str, pages: dict[str, str]) -> SafeString:
    """A line of links to pages below that of the case, by what follows in their address."""
    case = address("casework:case", reference)
    links = " · ".join([f'<a class="govuk-link" href="{case}{page}">{words}</a>' for page, words in pages.items()])
    return mark_safe(f'<p class="govuk-body">{links}</p>\n')  # noqa: S308 (addresses and our own words)


def _warning(text: str) -> SafeString:
    """As ``components/warning_text.html`` draws it; that costs the page two hundred calls more."""
    return mark_safe(  # noqa: S308 (escaped here)
        '<div class="govuk-warning-text"><span class="govuk-warning-text__icon" aria-hidden="true">!</span>'
        '<strong class="govuk-warning-text__text"><span class="govuk-visually-hidden">Warning</span> '
        f"{escaped(text)}</strong></div>\n"
    )


def _unheard(heard: dt.date | None) -> str:
    if heard is None:
        return "Nothing of what the child says is on record."
    return f"Nothing of what the child says came on record in the last 12 weeks, since {uk_date(heard)}."


def _difficulties(scores: list[DifficultiesScore]) -> SafeString | str:
    """The scores with their bands, the newest first."""
    if not scores:
        return ""
    lines = [
        f"{uk_date(row.effective_on)}: {row.total} of 40"
        + (f" ({row.band_words.lower()})" if row.band_words else "")
        + f", completed by: {Informant(row.informant).label.lower()}"
        for row in scores
    ]
    return format_html(
        '<h3 class="govuk-heading-s">Strengths and difficulties scores</h3>\n'
        '<ul class="govuk-list govuk-list--bullet">{}</ul>\n',
        format_html_join("", "<li>{}</li>", ((line,) for line in lines)),
    )
