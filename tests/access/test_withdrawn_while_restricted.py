"""Withdrawn from an agency while a case is restricted: its people on the list stay, the others do not come back."""

from __future__ import annotations

from mace.access.models import NamedPerson, Scope
from mace.access.services import lift_restriction, name_person, restrict, withdraw
from mace.accounts.models import Membership
from mace.core import clock
from mace.core.seat import acting_as
from referrals.models import Case
from tests.factories.cast import Cast
from tests.factories.owner import as_owner
from tests.factories.referrals import open_case
from tests.factories.sharing import shared


def who_sees(cast: Cast, case: Case, *names: str) -> list[str]:
    found = []
    for name in names:
        with acting_as(cast[name]):
            found += [name] if Case.objects.filter(pk=case.pk).exists() else []
    return found


def test_only_who_is_on_the_list_goes_on(cast: Cast) -> None:
    case, coordinator = open_case(cast), cast["coordinator"]
    police = ("police_lead", "police_member")
    shared(cast, case.pk, "police", Scope.SUMMARY)
    with acting_as(coordinator):
        member, other = cast.memberships["police_member"], cast.memberships["police_lead"]
        name_person(record_id=case.pk, membership=member, scope=Scope.SUMMARY, by=coordinator)
        assert who_sees(cast, case, *police) == [*police]
        on_the_list = {cast.memberships["coordinator"]: Scope.FULL, other: Scope.IDENTITY}
        restrict(record_id=case.pk, people=on_the_list, reason="A colleague's family", by=coordinator)
        assert who_sees(cast, case, *police) == ["police_lead"]
    with acting_as(coordinator):
        withdraw(record_id=case.pk, agency=cast.agencies["police"], reason="Over", by=coordinator, at=clock.now())
        named = NamedPerson.objects.filter(content_object_id=case.pk).values_list("user_id", flat=True)
        assert set(named) == {coordinator.user_id, other.user_id}
    assert who_sees(cast, case, *police) == ["police_lead"]
    with acting_as(coordinator):
        lift_restriction(record_id=case.pk, reason="Over", by=coordinator)
    assert who_sees(cast, case, *police) == ["police_lead"]


def test_who_is_on_the_list_in_one_seat_stays_named_with_two(cast: Cast) -> None:
    case, coordinator = open_case(cast), cast["coordinator"]
    lead = cast.memberships["police_lead"]
    with as_owner():
        Membership.objects.create(
            user=lead.user, agency=lead.agency, partnership=lead.partnership, role="agency_member", from_on=lead.from_on
        )
    with acting_as(coordinator):
        people = {cast.memberships["coordinator"]: Scope.FULL, lead: Scope.IDENTITY}
        restrict(record_id=case.pk, people=people, reason="A colleague's family", by=coordinator)
        withdraw(record_id=case.pk, agency=cast.agencies["police"], reason="Over", by=coordinator, at=clock.now())
        named = NamedPerson.objects.filter(content_object_id=case.pk).values_list("user_id", flat=True)
        assert set(named) == {coordinator.user_id, lead.user_id}
