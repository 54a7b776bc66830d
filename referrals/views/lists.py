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
from referrals.enums import ReferralStatus
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
            name_of(referral) or "No name yet",
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
            "head": ["Reference", "Child", "Status", "Sent", "Referrer"],
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
        assert referral.child is not None
        identity = referral.child.identity
        rows.append(
            [
                _link("referrals:screen", referral, referral.reference),
                f"{identity.full_name}, {age_on(identity.date_of_birth, today)}",
                rating_tag(getattr(referral, "rating", "")),
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
            "head": ["Reference", "Child", "Rating", "From", "Sent", "Waiting"],
            "count": len(rows),
            "may_export": can(request.seat, Capability.EXPORT_LISTS),
            "may_ask_elsewhere": can(request.seat, Capability.ASK_ELSEWHERE),
        },
    )
