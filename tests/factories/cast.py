"""The cast: owner, partners and strangers, each in a seat."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import Any

from allauth.mfa.models import Authenticator
from django.test import Client

from mace.accounts.models import Holding, Membership, Role, User
from mace.accounts.selectors import MAY_REFER, SEAT_JOINS, seat_of
from mace.agencies.models import Agency, AgencyKind, Participation, Partnership, Team
from mace.core.seat import Seat
from panels.models import ChaseStep, CoreAgency, Panel
from tests.factories.owner import as_owner

SINCE = dt.date(2020, 1, 1)
LADDER = [
    # code, days after due, owner, manager, agency lead, chairs, board
    ("week_before", -7, True, False, False, False, False),
    ("on_the_day", 0, True, False, False, False, False),
    ("day_after", 1, True, True, False, False, False),
    ("week_after", 7, True, False, True, False, False),
    ("fortnight_after", 14, True, False, False, True, False),
    ("four_weeks_after", 28, True, False, False, False, True),
]


@dataclass
class Cast:
    """``seats`` by a short name: practitioner, manager, coordinator, chair, police_lead, police_member, …"""

    partnership: Partnership
    other_partnership: Partnership
    agencies: dict[str, Agency]
    panels: dict[str, Panel]
    memberships: dict[str, Membership] = field(default_factory=dict)
    seats: dict[str, Seat] = field(default_factory=dict)

    def __getitem__(self, name: str) -> Seat:
        return self.seats[name]

    def join(
        self, name: str, agency: Agency, role: Role, *, partnership: Partnership | None = None, **terms: Any
    ) -> None:
        """One more person with a seat, by the owner. ``terms``: further fields of the membership, such as ``team``."""
        user = User.objects.create_user(
            f"{name}@example.org", None, name=name.replace("_", " ").title(), is_active=not name.endswith("system")
        )
        of = {"user": user, "agency": agency, "partnership": partnership or self.partnership, "role": role}
        made = Membership.objects.create(**of, **{"from_on": SINCE, **terms})
        membership = Membership.objects.select_related(*SEAT_JOINS).annotate(may_refer=MAY_REFER).get(pk=made.pk)
        self.memberships[name], self.seats[name] = membership, seat_of(membership)

    def client(self, name: str) -> Client:
        """A browser signed in as that person, in the seat of that name, its second factor known."""
        client = Client()
        membership = self.memberships[name]
        known = {"user": membership.user, "type": Authenticator.Type.TOTP}
        Authenticator.objects.get_or_create(**known, defaults={"data": {}})
        client.force_login(membership.user, backend="django.contrib.auth.backends.ModelBackend")
        session = client.session
        session["seat"] = membership.pk
        session.save()
        return client


def make_cast() -> Cast:
    """Two partnerships; in the first people in every role, in the second police and a coordinator who are strangers."""
    with as_owner():
        anytown = Partnership.objects.create(name="Anytown", slug="anytown")
        elsewhere = Partnership.objects.create(name="Elsewhere", slug="elsewhere")
        agencies = {
            "social_care": Agency.objects.create(name="Anytown Children’s Services", kind=AgencyKind.SOCIAL_CARE),
            "police": Agency.objects.create(name="Anytown Police", kind=AgencyKind.POLICE),
            "health": Agency.objects.create(name="Anytown NHS Trust", kind=AgencyKind.HEALTH),
            "education": Agency.objects.create(name="Anytown Education", kind=AgencyKind.EDUCATION),
            "voluntary": Agency.objects.create(name="Safe Harbour", kind=AgencyKind.VOLUNTARY),
            "other_police": Agency.objects.create(name="Elsewhere Police", kind=AgencyKind.POLICE),
            "other_social_care": Agency.objects.create(
                name="Elsewhere Children’s Services", kind=AgencyKind.SOCIAL_CARE
            ),
        }
        for name, agency in agencies.items():
            Participation.objects.create(
                agency=agency,
                partnership=elsewhere if name.startswith("other_") else anytown,
                agreement_signed_on=SINCE,
                may_refer=name == "voluntary",
            )
        team = Team.objects.create(agency=agencies["social_care"], name="Adolescent team")
        other_team = Team.objects.create(agency=agencies["social_care"], name="Family support")
        panels: dict[str, Panel] = {}
        for partnership, prefix in ((anytown, ""), (elsewhere, "other_")):
            for kind, title in (
                ("pre_mace", "Pre-MACE panel"),
                ("operational", "Operational MACE"),
                ("strategic", "Strategic MACE"),
            ):
                panels[prefix + kind] = Panel.objects.create(partnership=partnership, kind=kind, name=title)
            for code, days, *tells in LADDER:
                names = ("tells_owner", "tells_manager", "tells_agency_lead", "tells_chairs", "tells_board")
                ChaseStep.objects.create(
                    partnership=partnership, code=code, days_after_due=days, **dict(zip(names, tells, strict=True))
                )
        for kind in ("pre_mace", "operational"):
            for name in ("social_care", "police", "health"):
                CoreAgency.objects.create(panel=panels[kind], agency=agencies[name], quorum=True)
        cast = Cast(partnership=anytown, other_partnership=elsewhere, agencies=agencies, panels=panels)
        people: list[tuple[str, str, Partnership, Role, Team | None]] = [
            ("practitioner", "social_care", anytown, Role.PRACTITIONER, team),
            ("other_practitioner", "social_care", anytown, Role.PRACTITIONER, other_team),
            ("manager", "social_care", anytown, Role.MANAGER, team),
            ("coordinator", "social_care", anytown, Role.COORDINATOR, None),
            ("chair", "social_care", anytown, Role.CHAIR, None),
            ("social_care_lead", "social_care", anytown, Role.AGENCY_LEAD, None),
            ("police_lead", "police", anytown, Role.AGENCY_LEAD, None),
            ("police_member", "police", anytown, Role.AGENCY_MEMBER, None),
            ("health_lead", "health", anytown, Role.AGENCY_LEAD, None),
            ("education_lead", "education", anytown, Role.AGENCY_LEAD, None),
            ("voluntary_member", "voluntary", anytown, Role.AGENCY_MEMBER, None),
            ("board", "police", anytown, Role.BOARD, None),
            ("analyst", "social_care", anytown, Role.ANALYST, None),
            ("ig", "social_care", anytown, Role.INFORMATION_GOVERNANCE, None),
            ("admin", "social_care", anytown, Role.ADMINISTRATOR, None),
            ("system", "social_care", anytown, Role.SYSTEM, None),
            ("stranger_police", "other_police", elsewhere, Role.AGENCY_LEAD, None),
            ("stranger_coordinator", "other_social_care", elsewhere, Role.COORDINATOR, None),
            ("stranger_practitioner", "other_social_care", elsewhere, Role.PRACTITIONER, None),
            ("stranger_system", "other_social_care", elsewhere, Role.SYSTEM, None),
        ]
        for name, agency_name, partnership, role, of_team in people:
            cast.join(name, agencies[agency_name], role, partnership=partnership, team=of_team)
        for kind in ("pre_mace", "operational", "strategic"):
            Holding.objects.create(
                membership=cast.memberships["chair"], principal=panels[kind].principal, from_on=SINCE
            )
    return cast
