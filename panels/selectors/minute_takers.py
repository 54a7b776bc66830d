"""Who takes the minutes of a meeting."""

from __future__ import annotations

from mace.access.models import NamedPerson
from mace.accounts.models import Membership, Role
from panels.models import Meeting


def minute_takers_of(meeting: Meeting) -> list[Membership]:
    """The minute-takers to whom a meeting is given, by name."""
    named = NamedPerson.objects.filter(content_object_id=meeting.pk).values("user")
    rows = Membership.objects.filter(user__in=named, role=Role.MINUTE_TAKER, partnership_id=meeting.partnership_id)
    return list(rows.select_related("user", "agency").order_by("user__name", "pk"))
