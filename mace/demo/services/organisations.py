"""Partnerships, agencies, panels, people and seats: written by the database's owner, as an administrator would."""

from __future__ import annotations

import datetime as dt

from django.db import transaction

from mace.accounts.models import Holding, Membership, Role, User
from mace.agencies.models import Agency, LocalAuthority, Participation, Partnership, PartnershipArea, Team
from mace.demo.people import LADDER, PANELS, PARTNERSHIPS, DemoPartnership
from panels.models import ChaseStep, CoreAgency, Panel

TELLS = ("tells_owner", "tells_manager", "tells_agency_lead", "tells_chairs", "tells_board")


@transaction.atomic
def lay_out_organisations(*, on: dt.date) -> int:
    """Make both partnerships with everybody in them, as they have been for three years; answers how many seats.

    Does nothing, and answers 0, when they are there already. Needs the owner's role.
    """
    if Partnership.objects.filter(slug=PARTNERSHIPS[0].slug).exists():
        return 0
    since = on - dt.timedelta(days=3 * 365)
    users: dict[str, User] = {}
    return sum(_lay_out(demo, since, on, users) for demo in PARTNERSHIPS)


def _lay_out(demo: DemoPartnership, since: dt.date, on: dt.date, users: dict[str, User]) -> int:
    partnership = Partnership.objects.create(name=demo.name, slug=demo.slug)
    name, code = demo.authority
    authority = LocalAuthority.objects.create(name=name, gss_code=code)
    PartnershipArea.objects.create(partnership=partnership, local_authority=authority)
    agencies: dict[str, Agency] = {}
    teams: dict[tuple[str, str], Team] = {}
    for place, entry in enumerate(demo.agencies):
        agency = agencies[entry.key] = Agency.objects.create(name=entry.name, kind=entry.kind)
        Participation.objects.create(
            agency=agency,
            partnership=partnership,
            agreement_signed_on=since,
            agreement_review_due_on=on + dt.timedelta(days=(place - 1) * 45),
            may_refer=entry.may_refer,
        )
        for key, title in entry.teams:
            teams[entry.key, key] = Team.objects.create(agency=agency, name=title)
    panels = {
        kind: Panel.objects.create(partnership=partnership, kind=kind, name=title, minutes_available=minutes)
        for kind, title, minutes in PANELS
    }
    CoreAgency.objects.bulk_create(
        CoreAgency(panel=panels[kind], agency=agencies[key], quorum=key in ("social_care", "police", "health"))
        for kind in ("pre_mace", "operational")
        for key in demo.core
    )
    ChaseStep.objects.bulk_create(
        ChaseStep(partnership=partnership, code=code, days_after_due=days, **dict(zip(TELLS, tells, strict=True)))
        for code, days, *tells in LADDER
    )
    seated: dict[str, Membership] = {}
    for person in demo.people:
        user = users.get(person.address)
        if user is None:
            user = users[person.address] = User.objects.create_user(person.address, None, name=person.name)
        membership = seated[person.key] = Membership.objects.create(
            user=user,
            agency=agencies[person.agency],
            partnership=partnership,
            team=teams[person.agency, person.team] if person.team else None,
            role=person.role,
            job_title=person.job_title,
            from_on=since if person.days is None else on,
            until_on=None if person.days is None else on + dt.timedelta(days=person.days),
            purpose=person.for_,
            deputy_for=seated[person.deputy_for] if person.deputy_for else None,
        )
        for kind in person.chairs:
            Holding.objects.create(membership=membership, principal=panels[kind].principal, from_on=since)
    worker = User.objects.create_user(f"system.{demo.slug}@example.org", None, name="MACE", is_active=False)
    Membership.objects.create(
        user=worker, agency=agencies["social_care"], partnership=partnership, role=Role.SYSTEM, from_on=since
    )
    return len(demo.people)
