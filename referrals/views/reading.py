"""The referral as it is read: by those who do not write it, and by those who decide on it."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse

from mace.access.gate import SeatRequest, shown
from mace.access.policy import Capability, can
from mace.attachments.selectors import files_of
from mace.core import clock
from referrals.enums import About, ReferralStatus
from referrals.models import Referral
from referrals.selectors import matter_of, mentions_of, name_of
from referrals.selectors.cases import referral_content
from referrals.services.drafting import may_write
from referrals.services.files import may_attach
from referrals.views.cards import Card, content_cards, file_card, identity_card, matter_cards, mention_card
from referrals.views.lists import status_of

SENT = (ReferralStatus.WITH_MANAGER, ReferralStatus.SUBMITTED)


def back_from_referral(request: SeatRequest) -> dict[str, str]:
    """Where a referral's page leads back to: the list of referrals for who may file one, else home."""
    if can(request.seat, Capability.FILE_REFERRAL):
        return {"url": reverse("referrals:list"), "text": "Referrals"}
    return {"url": reverse("casework:home"), "text": "Home"}


def read_referral(request: SeatRequest, referral: Referral) -> HttpResponse:
    """What it says and where it stands, for whoever does not write it now."""
    shown(request, "referral", record_id=referral.record_id, reference=referral.reference)
    return render(
        request,
        "referrals/referral.html",
        {
            "referral": referral,
            "name": name_of(referral),
            "status": status_of(referral),
            "cards": read_cards(referral),
            "may_withdraw": may_write(referral, request.seat) and referral.status in SENT,
            "may_copy": may_write(referral, request.seat) and referral.about == About.CHILD,
            "back": back_from_referral(request),
            "may_approve": can(request.seat, Capability.APPROVE_REFERRAL)
            and may_write(referral, request.seat)
            and referral.status == ReferralStatus.WITH_MANAGER,
            "may_attach": may_attach(referral, request.seat),
        },
    )


def read_cards(referral: Referral) -> list[Card]:
    """What the referral says, as far as the seat sees it."""
    if referral.about != About.CHILD:
        matter, files = matter_of(referral), files_of(referral.record_id)
        cards = matter_cards(matter) if matter else []
        return [*cards, *([file_card(files)] if matter and files else [])]
    if referral.child is None:
        return []
    content = referral_content(referral)
    mentions = mentions_of(referral)
    return [
        identity_card(referral.child.identity, content, clock.today()),
        *content_cards(content),
        *([file_card(content.files)] if content.files else []),
        *([mention_card(mentions)] if mentions.count else []),
    ]
