"""Seats for a time: deputies, a minute-taker, an auditor, an analyst with identifiable data."""

from __future__ import annotations

import datetime as dt

from django.utils import timezone

from mace.access.models import Scope
from mace.access.services import name_person
from mace.accounts.models import Holding, Role
from mace.core.seat import acting_as
from panels.services.minute_taking import give_meeting
from tests.access.world import World
from tests.factories.cast import SINCE
from tests.factories.owner import as_owner

PEOPLE = {
    "deputy_chair": ("social_care", Role.CHAIR, "chair"),
    "deputy_lead": ("police", Role.AGENCY_LEAD, "police_lead"),
    "minute_taker": ("social_care", Role.MINUTE_TAKER, ""),
    "auditor": ("police", Role.AUDITOR, ""),
    "analyst_identifiable": ("social_care", Role.ANALYST_IDENTIFIABLE, ""),
}


def join_for_a_time(world: World) -> World:
    """Each in their seat until tomorrow: the meeting given to the minute-taker, the case shown to the last two."""
    cast = world.cast
    with as_owner():
        for name, (agency, role, deputy_for) in PEOPLE.items():
            cast.join(
                name,
                cast.agencies[agency],
                role,
                until_on=timezone.now().date() + dt.timedelta(days=1),
                purpose="For a time",
                deputy_for=cast.memberships.get(deputy_for),
            )
        for held in Holding.objects.filter(membership=cast.memberships["chair"]):
            Holding.objects.create(membership=cast.memberships["deputy_chair"], principal=held.principal, from_on=SINCE)
    by = cast["coordinator"]
    named = {
        "auditor": (world.case.pk, Scope.SUMMARY),
        "analyst_identifiable": (world.case.pk, Scope.SUMMARY),
    }
    with acting_as(by):
        give_meeting(meeting=world.next_meeting, to=cast.memberships["minute_taker"], by=by, at=timezone.now())
        for name, (record_id, scope) in named.items():
            name_person(record_id=record_id, membership=cast.memberships[name], scope=scope, by=by)
    return world
