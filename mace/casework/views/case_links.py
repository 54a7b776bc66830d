"""What the page of a case offers beside the assessment, the plan and the voice, and what it says is missing there."""

from __future__ import annotations

import datetime as dt
from functools import cache
from typing import Any

from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from mace.access.policy import Capability, can
from mace.casework.selectors.case import CasePage, consent_undecided, from_spreadsheet
from mace.casework.views.child import may_keep_child
from mace.core.addresses import address
from mace.core.seat import Seat
from mace.core.templatetags.components import uk_date
from mace.core.templatetags.rows import escaped
from referrals.enums import Informant, Tier
from referrals.models import DifficultiesScore, Referral
from referrals.rules import voice_wanted_since
from referrals.selectors.voices import last_heard
from referrals.selectors.written import decision_of
from referrals.services.case_drafts import may_assess
from referrals.services.files import may_attach

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


Pages = list[tuple[str, str]]
"""Addresses and the words that lead there."""


def case_menu(page: CasePage, seat: Seat, *, sees_address: bool) -> SafeString:
    """What the seat can do, what more there is to read and the parts of the page, in lists side by side.

    Beneath them, that a withdrawal of consent waits for a decision.

    ``sees_address``: whether a page of the case gives the seat its protected address.
    """
    lists = {
        "What you can do": _doing(page, seat),
        "More on this case": _reading(page, seat, sees_address=sees_address),
        "On this page": _parts(page),
    }
    drawn = "".join(
        f'<div><h2 class="govuk-heading-s">{title}</h2><ul class="govuk-list">'
        + "".join([f'<li><a class="govuk-link" href="{url}">{words}</a></li>' for url, words in pages])
        + "</ul></div>\n"
        for title, pages in lists.items()
        if pages
    )
    warning = _consent(page) if page.consents else ""
    return mark_safe(f'<nav class="app-ways" aria-label="This case">\n{drawn}</nav>\n{warning}')  # noqa: S308 (as ``_links``)


def _doing(page: CasePage, seat: Seat) -> Pages:
    if not page.full:
        return []
    case, tiers = page.case, [period.tier for period in page.case.open_tiers]
    reference, decides = case.reference, can(seat, Capability.SCREEN)
    pages: Pages = []
    if can(seat, Capability.DISCLOSE):
        pages.append((address("casework:case_hand_over", reference), "Hand over to another lead professional"))
    if decides and case.closed_on is None and Tier.MACE not in tiers:
        pages.append((address("casework:case_escalate", reference), "Escalate to MACE"))
    if decides and tiers:
        words = "Close the case" if len(tiers) == 1 else "Close at one tier"
        pages.append((address("casework:case_close", reference), words))
    if can(seat, Capability.WRITE_VOLT):
        pages.append((f"{_linking()}?a={reference}", "Link a person, a place or a theme"))
    if referral := _attaches_to(page, seat):
        pages.append((address("referrals:files", referral.reference), "Attach a file"))
    if decides:
        pages.append((address("casework:child_merge", case.child.reference), "Is this the same child as another?"))
        if can(seat, Capability.ASK_ELSEWHERE):
            words = "Is the child known in another partnership?"
            pages.append((address("referrals:child_elsewhere", case.child.reference), words))
    return pages


def _reading(page: CasePage, seat: Seat, *, sees_address: bool) -> Pages:
    reference = page.case.reference
    explains = can(seat, Capability.EXPLAIN_ACCESS)
    offered = (
        (True, "casework:case_history", "History"),
        (page.summarised, "casework:case_journey", "Risk journey"),
        (can(seat, Capability.REPORT_MOMENT), "referrals:missing", "Missing and moments"),
        (page.full, "referrals:consent", "Consent to support"),
        (may_keep_child(page.case, seat), "casework:case_child", "Where the child lives and who answers for them"),
        (sees_address, "casework:case_address", "Protected address"),
        (explains, "casework:case_sharing", "Who can see this case, and why"),
        (
            explains and page.full and can(seat, Capability.READ_ACCESS_LOG),
            "casework:case_access_log",
            "Who has looked at this case",
        ),
        (explains and page.full, "casework:case_changes", "Changes to this case"),
        (page.full and from_spreadsheet(page.content), "importing:case_cells", "What the spreadsheet said"),
        (can(seat, Capability.EXPORT_CASE), "exporting:case_pdf", "PDF of this case"),
    )
    return [(address(name, reference), words) for is_there, name, words in offered if is_there]


def _parts(page: CasePage) -> Pages:
    """Nothing where the page is short."""
    if not page.full:
        return []
    content = page.content
    offered = (
        (True, "voice", "The child’s voice"),
        (content.assessment, "risk", "Risk assessment"),
        (content.plan, "plan", "Safety plan"),
        (True, "volt", "People, places and themes"),
        (True, "reviews", "12-week reviews"),
        (True, "meetings", "Meetings"),
        (True, "actions", "Actions"),
        (True, "history", "Latest in its history"),
    )
    return [(f"#{part}", words) for is_there, part, words in offered if is_there]


@cache
def _linking() -> str:
    return reverse("volt:link")


def _attaches_to(page: CasePage, seat: Seat) -> Referral | None:
    """The latest referral of the case that the seat may attach a file to."""
    for referral in page.content.referrals if page.full else ():
        referral.case = page.case
        if may_attach(referral, seat):
            return referral
    return None


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


def _consent(page: CasePage) -> str:
    words = consent_undecided(page)
    return _warning(words) + _links(page.case.reference, {"consent/": "Decide what happens now"}) if words else ""


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
