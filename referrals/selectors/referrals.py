"""Reading referrals: one's own, those that wait, one by its reference."""

from __future__ import annotations

from typing import Any

from django.db.models import OuterRef, Prefetch, Q, QuerySet, Subquery
from django.shortcuts import get_object_or_404

from mace.access.selectors import after_parts
from mace.accounts.models import Role
from mace.core.seat import Seat
from referrals.enums import About, ReferralStatus, Section
from referrals.models import DraftSection, Matter, Referral, RiskAssessment
from referrals.rules import Mentions, mentions_in, one

MOST_LISTED = 100
JOINS = ("child__identity", "case", "agency", "team", "referrer__user", "referrer__agency", "decided_by__user")


NAMING = [about.value for about in About]
"""The pages that say who or what a referral is about; each is called as what it is about."""


def _of_matter(name: str) -> Subquery:
    return Subquery(Matter.objects.filter(referral=OuterRef("pk")).values(name)[:1])


def _with_names() -> QuerySet[Referral]:
    child_page = DraftSection.objects.filter(section__in=NAMING)
    return (
        Referral.objects.select_related(*JOINS)
        .annotate(called=_of_matter("name"))
        .prefetch_related(
            Prefetch("sections", queryset=child_page, to_attr="child_page")  # type: ignore[no-redef]  # declared there
        )
    )


def referral_by_reference(reference: str) -> Referral:
    """The referral, with its people, child and case, and what ``name_of`` asks for once it was sent.

    Raises ``Http404`` when the seat does not see it.
    """
    rows = Referral.objects.select_related(*JOINS).annotate(called=_of_matter("name"), urgent=_of_matter("urgent"))
    return get_object_or_404(rows, reference=reference)


def referral_of_record(record_id: int) -> Referral:
    """The referral whose record it is. Raises ``Http404`` when the seat does not see it."""
    return get_object_or_404(Referral.objects.select_related(*JOINS), pk=record_id)


def referrals_of(seat: Seat, *, most: int = MOST_LISTED) -> list[Referral]:
    """The newest, at most so many: one's own; for a manager also the team's; for a coordinator all that were sent.

    Each carries ``child_page``, so that ``name_of`` costs nothing.
    """
    mine = Q(written_by_principal=seat.principal)
    if seat.role == Role.MANAGER and seat.team_id is not None:
        mine |= Q(team_id=seat.team_id)
    if seat.role == Role.COORDINATOR:
        mine |= Q(partnership_id=seat.partnership_id)
    return list(_with_names().filter(mine).order_by("-created_at", "-pk")[:most])


def waiting_referrals() -> list[Referral]:
    """What waits to be screened, oldest first. Each carries ``rating``, or of what is about no child ``urgent``."""
    latest = RiskAssessment.objects.filter(record=OuterRef("record")).order_by("-effective_on", "-pk")
    return list(
        Referral.objects.filter(status=ReferralStatus.SUBMITTED)
        .select_related(*JOINS)
        .annotate(rating=Subquery(latest.values("rating")[:1]), called=_of_matter("name"), urgent=_of_matter("urgent"))
        .order_by("submitted_on", "submitted_at", "pk")
    )


def newest_referrals(*, after: str = "", size: int) -> tuple[str, list[Any]]:
    """SQL, with its parameters, that seeks the newest referrals of the seat: moments and keys, for ``sought_rows``.

    Raises ``ValueError`` for an ``after`` that no page gave.
    """
    return "select sort_at, record_id from referrals_seek(%s, %s, %s)", [*after_parts(after), size + 1]


def name_of(referral: Referral) -> str:
    """The name of the child, or of what it is about; for a draft as it was typed, for nothing typed yet the empty text.

    Costs nothing for referrals read here.
    """
    if referral.child is not None:
        return referral.child.identity.full_name
    called: str | None = getattr(referral, "called", None)
    if called:
        return called
    for draft in getattr(referral, "child_page", ()):
        if draft.section != Section.CHILD:
            return one(draft.data, "name").strip()
        return f"{one(draft.data, 'forename')} {one(draft.data, 'surname')}".strip()
    return ""


def matter_of(referral: Referral) -> Matter | None:
    """What a referral about no child says, once it was sent; none where the seat does not see it."""
    return Matter.objects.filter(referral=referral).select_related("attachment").first()


def mentions_of(referral: Referral) -> Mentions:
    """The people, places and themes that a referral names, as written; empty when there are none or they are hidden."""
    draft = DraftSection.objects.filter(referral=referral, section=Section.MENTIONS).first()
    return mentions_in(draft.data) if draft else Mentions()
