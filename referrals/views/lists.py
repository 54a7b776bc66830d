"""Lists of referrals: one's own, and those that wait to be screened."""

from __future__ import annotations

import datetime as dt

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.html import format_html
from django.views.decorators.http import require_safe

from mace.access.gate import SeatRequest, requires, shown
from mace.access.policy import Capability, can
from mace.core import clock
from mace.core.templatetags.components import rating_tag, short_date, status_tag
from referrals.enums import About, ReferralStatus
from referrals.models import Referral
from referrals.rules import age_on
from referrals.selectors import name_of, referrals_of, waiting_referrals

COLOURS = {
    ReferralStatus.DRAFT: "light-blue",
    ReferralStatus.WITH_MANAGER: "yellow",
    ReferralStatus.SUBMITTED: "blue",
    ReferralStatus.RETURNED: "orange",
    ReferralStatus.ACCEPTED: "green",
    ReferralStatus.REDIRECTED: "purple",
    ReferralStatus.DECLINED: "grey",
    ReferralStatus.WITHDRAWN: "grey",
}


def status_of(referral: Referral) -> str:
    status = ReferralStatus(referral.status)
    return status_tag(status.label, COLOURS[status])


def waiting_words(submitted_on: dt.date, today: dt.date) -> str:
    """`sent today`, `1 day`, `12 days`."""
    days = (today - submitted_on).days
    return "sent today" if days <= 0 else f"{days} day{'' if days == 1 else 's'}"


def named(referral: Referral, *, on: dt.date | None = None) -> str:
    """The child's name, with the age ``on`` a day; of what is about no child its name and what it is."""
    name = name_of(referral)
    if referral.about != About.CHILD:
        words = About(referral.about).label
        return f"{name} ({words[:1].lower()}{words[1:]})" if name else words
    if on is None or referral.child is None:
        return name
    return f"{name}, {age_on(referral.child.identity.date_of_birth, on)}"


def urgent_tag(referral: Referral) -> str:
    """That somebody needs protecting now, where a referral about no child says so."""
    return status_tag("Needs protecting now", "red") if getattr(referral, "urgent", "") == "yes" else ""


def _link(url_name: str, referral: Referral, words: str) -> str:
    return format_html('<a class="govuk-link" href="{}">{}</a>', reverse(url_name, args=[referral.reference]), words)


@requires(Capability.FILE_REFERRAL)
@require_safe
def own(request: SeatRequest) -> HttpResponse:
    found = referrals_of(request.seat)
    shown(request, "referral list", rows=len(found), records=[referral.record_id for referral in found])
    rows = [
        [
            _link("referrals:tasks", referral, referral.reference),
            named(referral) or "No name yet",
            status_of(referral),
            short_date(referral.submitted_on) or f"Started {short_date(referral.created_at)}",
            referral.referrer.user.name,
        ]
        for referral in found
    ]
    return render(
        request,
        "referrals/list.html",
        {
            "rows": rows,
            "head": ["Reference", "About", "Status", "Sent", "Referrer"],
            "returned": [referral for referral in found if referral.status == ReferralStatus.RETURNED],
            "may_screen": can(request.seat, Capability.SCREEN),
            "keeps_lists": can(request.seat, Capability.KEEP_LISTS),
            "may_export": can(request.seat, Capability.EXPORT_LISTS),
        },
    )


@requires(Capability.SCREEN)
@require_safe
def waiting(request: SeatRequest) -> HttpResponse:
    today = clock.today()
    found = waiting_referrals()
    shown(request, "screening list", rows=len(found), records=[referral.record_id for referral in found])
    rows = []
    for referral in found:
        assert referral.submitted_on is not None
        rows.append(
            [
                _link("referrals:screen", referral, referral.reference),
                named(referral, on=today),
                urgent_tag(referral) or rating_tag(getattr(referral, "rating", "")),
                f"{referral.referrer.user.name}, {referral.team or referral.agency}",
                short_date(referral.submitted_on),
                waiting_words(referral.submitted_on, today),
            ]
        )
    return render(
        request,
        "referrals/screening.html",
        {
            "rows": rows,
            "head": ["Reference", "About", "Rating", "From", "Sent", "Waiting"],
            "count": len(rows),
            "may_export": can(request.seat, Capability.EXPORT_LISTS),
            "may_ask_elsewhere": can(request.seat, Capability.ASK_ELSEWHERE),
        },
    )
