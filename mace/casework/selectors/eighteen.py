"""Sharing that was decided for a child who is 18 by now: it is looked at again once from the birthday on.

Nothing marks such a case. It is worked out from the date of birth, the decisions in force and what was looked at since.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.db.models import DateField, DateTimeField, Min, OuterRef, Q, QuerySet, Subquery

from mace.access.models import Disclosure
from mace.casework.models import SharingLookedAt
from mace.casework.selectors.sharing_subject import Subject
from mace.core.clock import london_date
from mace.core.together import told
from referrals.models import Case
from referrals.rules import adult_from

COMING_DAYS = 30
LOOK_PARTS = ("look_again",)


def _in_force(on: Any) -> Q:
    return Q(withdrawn_at__isnull=True) & (Q(ends_on__isnull=True) | Q(ends_on__gte=on))


def look_parts() -> dict[str, QuerySet[Any]]:
    """What ``sharing_to_look_at`` is made from, for ``Together``.

    Told ``on``, and ``born_by``, the latest date of birth of who is 18 on that day.
    """
    shared = Disclosure.objects.filter(_in_force(told("on")), record_id=OuterRef("pk"))
    first = shared.order_by("starts_at").values("starts_at")[:1]
    looked = SharingLookedAt.objects.filter(record_id=OuterRef("pk")).order_by("-looked_on").values("looked_on")[:1]
    rows = Case.objects.filter(closed_on__isnull=True, child__identity__date_of_birth__lte=told("born_by"))
    dated = rows.annotate(
        shared_from=Subquery(first, output_field=DateTimeField()), looked_on=Subquery(looked, output_field=DateField())
    )
    found = dated.filter(shared_from__isnull=False).select_related("child__identity")
    return {"look_again": found.order_by("child__identity__date_of_birth", "pk")}


def sharing_to_look_at(found: dict[str, list[Any]]) -> list[Case]:
    """Open cases that the seat sees whose sharing waits to be looked at again, the longest first."""
    return [
        case
        for case in found["look_again"]
        if waits_at_18(case.child.identity.date_of_birth, case.shared_from, case.looked_on)
    ]


def waits_at_18(born: dt.date, shared_from: dt.datetime | None, looked_on: dt.date | None) -> bool:
    """Whether what is in force was decided before the 18th birthday, in London, and not looked at since.

    ``shared_from``: when the oldest decision in force was taken.
    """
    birthday = adult_from(born)
    if shared_from is None or london_date(shared_from) >= birthday:
        return False
    return looked_on is None or looked_on < birthday


@dataclass(frozen=True, slots=True)
class Eighteen:
    """What a case's page of sharing says of the 18th birthday.

    ``waits``: it has been, and sharing is to be looked at. ``coming``: it comes within 30 days, and there is sharing.
    ``looked``: when it was looked at again, the newest first.
    """

    birthday: dt.date
    waits: bool
    coming: bool
    looked: list[SharingLookedAt]


def eighteen_of(subject: Subject, *, on: dt.date) -> Eighteen | None:
    """``None`` for what is no case. Two statements; for a seat that sees the whole picture."""
    case = subject.case
    if case is None:
        return None
    born = case.child.identity.date_of_birth
    birthday = adult_from(born)
    shared = Disclosure.objects.filter(_in_force(on), record_id=case.pk)
    first = shared.aggregate(first=Min("starts_at"))["first"]
    looked = list(
        SharingLookedAt.objects.filter(record_id=case.pk).select_related("by__user").order_by("-looked_on", "-pk")
    )
    last = looked[0].looked_on if looked else None
    goes_on = case.closed_on is None and first is not None
    return Eighteen(
        birthday=birthday,
        waits=goes_on and birthday <= on and waits_at_18(born, first, last),
        coming=goes_on and on < birthday <= on + dt.timedelta(days=COMING_DAYS),
        looked=looked,
    )
