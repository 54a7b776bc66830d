"""What coordinators are told of children who may be known in another partnership, and what the two ask each other."""

from __future__ import annotations

from django.db.models import F, QuerySet
from django.http import Http404

from mace.agencies.models import Partnership
from referrals.models import Child, ChildQuestion, KnownElsewhere

MOST_LISTED = 100


def known_elsewhere(child: Child) -> list[KnownElsewhere]:
    """The partnerships that may know the child, the first found first; nothing for who is no coordinator."""
    return list(KnownElsewhere.objects.filter(child=child).select_related("elsewhere").order_by("found_at", "pk"))


def other_partnerships(partnership_id: int) -> QuerySet[Partnership]:
    """All that may be asked, whether they may know the child or not: who is offered says nothing."""
    return Partnership.objects.exclude(pk=partnership_id).order_by("name")


def questions_about(child: Child) -> list[ChildQuestion]:
    """What the own side asked others about a child, the newest first."""
    return list(_joined().filter(record_id=child.pk).order_by("-asked_at", "-pk"))


def questions_to(partnership_id: int) -> list[ChildQuestion]:
    """The newest hundred that others asked this partnership, those without an answer first."""
    rows = _joined().filter(asked_id=partnership_id)
    return list(rows.order_by(F("answered_at").desc(nulls_first=True), "-asked_at", "-pk")[:MOST_LISTED])


def question_by_reference(reference: str, *, asked_id: int) -> ChildQuestion:
    """A question that others asked this partnership. Raises ``Http404`` when the seat does not see one."""
    found = _joined().filter(reference=reference, asked_id=asked_id).first()
    if found is None:
        raise Http404
    return found


def _joined() -> QuerySet[ChildQuestion]:
    return ChildQuestion.objects.select_related(
        "partnership", "asked", "asked_by__user", "asked_by__agency", "answered_by__user"
    )
