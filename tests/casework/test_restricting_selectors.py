"""Who is named, who would lose a case, who is barred from it: of that record alone, and of people in force."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest

from mace.access.models import Scope
from mace.access.services import bar_person, name_person, share
from mace.accounts.models import Role
from mace.casework.selectors.naming import people_named
from mace.casework.selectors.protected_address import address_page, may_record_address
from mace.casework.selectors.restricting import (
    also_of_concern,
    bars_on,
    named_now,
    people_to_bar,
    who_would_lose,
)
from mace.casework.selectors.sharing_subject import Subject, case_subject
from mace.core import clock
from mace.core.seat import acting_as
from referrals.models import Case, Child
from referrals.selectors import case_by_reference
from tests.access.locks import owner
from tests.casework.protected import let_see, protect
from tests.factories.cast import SINCE, Cast
from tests.factories.owner import as_owner
from tests.factories.referrals import MONDAY, another_child, open_case
from tests.factories.sharing import shared
from volt.services import record_person

ON = clock.today()
ENDED = ON - dt.timedelta(days=1)


@pytest.fixture
def case(cast: Cast) -> Case:
    return open_case(cast)


@pytest.fixture
def other(cast: Cast) -> Case:
    return open_case(cast, child=another_child(1))


def subject_of(cast: Cast, case: Case) -> Subject:
    with acting_as(cast["coordinator"]):
        return case_subject(case.reference)


def named(cast: Cast, case: Case, name: str, scope: Scope = Scope.IDENTITY) -> None:
    coordinator = cast["coordinator"]
    with acting_as(coordinator):
        name_person(record_id=case.pk, membership=cast.memberships[name], scope=scope, by=coordinator)


def test_named_are_those_with_a_grant_of_their_own_here_whose_seat_lasts(cast: Cast, case: Case, other: Case) -> None:
    """Not who is named elsewhere, not a lead by the agency's grant, not who has left."""
    shared(cast, case.pk, "police")
    shared(cast, case.pk, "education")
    for name in ("board", "voluntary_member", "health_lead"):
        named(cast, case, name)
    named(cast, other, "police_lead")  # and so by name known, but here through the agency
    named(cast, other, "police_member")
    with acting_as(cast["coordinator"]):
        share(record_id=case.pk, principal=cast["police_member"].principal, scope=Scope.IDENTITY)
    owner(
        "insert into access_namedperson (permission_id, user_id, content_object_id) "
        "select min(id), %s, %s from auth_permission",
        *(cast["education_lead"].user_id, case.pk),
    )
    owner("update accounts_membership set until_on = %s where id = %s", ENDED, cast["health_lead"].membership_id)
    subject = subject_of(cast, case)
    with acting_as(cast["coordinator"]):
        found = {row.seat.user.name: row.sees for row in people_named(subject)}
        now = named_now(subject)
    assert set(found) == {"Board", "Voluntary Member"}
    assert now == {
        cast["board"].membership_id: 1,
        cast["voluntary_member"].membership_id: 1,
        cast["police_member"].membership_id: 1,
        cast["practitioner"].membership_id: 3,
    }


def test_who_would_lose_it_are_all_but_those_named_and_a_post_by_who_is_left(cast: Cast, case: Case) -> None:
    shared(cast, case.pk, "police")
    with as_owner():
        cast.join("second_lead", cast.agencies["police"], Role.AGENCY_LEAD)
    with acting_as(cast["coordinator"]):
        for kind in ("pre_mace", "operational"):
            share(record_id=case.pk, principal=cast.panels[kind].principal, scope=Scope.FULL)
    owner("delete from accounts_holding where principal = %s", cast.panels["operational"].principal)
    kept = dict.fromkeys((cast[name].membership_id for name in ("coordinator", "police_lead", "manager")), 3)
    subject = subject_of(cast, case)
    with acting_as(cast["coordinator"]):
        found = {row.who: row.people for row in who_would_lose(subject, kept)}
    assert found == {
        "Practitioner": "Practitioner, Anytown Children’s Services",
        "Lead of Anytown Police": "Second Lead",
        "Lead of Anytown Children’s Services": "Social Care Lead",
        "Chairs of the Pre-MACE panel": "Chair",
        "Chairs of the Operational MACE": "nobody at present",
    }


def test_bars_are_those_around_this_child(cast: Cast, case: Case, other: Case) -> None:
    coordinator = cast["coordinator"]
    people = []
    with acting_as(coordinator):
        for number, one in enumerate((case, other)):
            child = Child.objects.get(pk=one.child_id)
            people.append(record_person(name=f"Tam {number}", child=child, by=coordinator, at=MONDAY))
    for record, name in ((case.pk, "board"), (other.pk, "police_lead"), (people[0].pk, "health_lead")):
        with acting_as(coordinator):
            bar_person(record_id=record, user=cast.memberships[name].user, reason="An aunt", by=coordinator, at=MONDAY)
    subject = subject_of(cast, case)
    with acting_as(coordinator):
        assert also_of_concern(subject) == [people[0]]
        assert [bar.user.name for bar in bars_on(subject)] == ["Board", "Health Lead"]


def test_everybody_in_force_here_can_be_barred_once_but_not_by_themselves(cast: Cast) -> None:
    owner("update accounts_user set is_active = true where id = %s", cast["system"].user_id)
    owner("update accounts_membership set until_on = %s where id = %s", ENDED, cast["health_lead"].membership_id)
    owner(
        "insert into accounts_membership (user_id, agency_id, partnership_id, role, from_on, reference, job_title, "
        "purpose) values (%s, %s, %s, 'agency_member', %s, 'M-TEST', '', '')",
        *(cast["board"].user_id, cast.agencies["social_care"].pk, cast.partnership.pk, SINCE),
    )
    with as_owner():
        found = people_to_bar(cast.partnership.pk, on=ON, but=cast["coordinator"].user_id)
    here = {n for n, m in cast.memberships.items() if m.partnership_id == cast.partnership.pk}
    listed = [user.pk for _, users in found for user in users]
    assert sorted(listed) == sorted(cast[name].user_id for name in here - {"system", "coordinator", "health_lead"})


def test_an_address_is_for_those_named_and_others_can_be(cast: Cast, case: Case) -> None:
    made = protect(cast, case)
    let_see(cast, case, made, "police_member")
    with acting_as(cast["practitioner"]):
        page = address_page(case_by_reference(case.reference), cast["practitioner"], on=ON)
    assert [seat.user.name for seat in page.named] == ["Police Member", "Practitioner"]
    others = {seat.user.name for seat in page.others}
    assert others.isdisjoint({"Police Member", "Practitioner"})
    assert others >= {"Police Lead", "Coordinator"}


def test_an_address_is_recorded_by_a_role_that_may_in_full_scope(cast: Cast, case: Case) -> None:
    with acting_as(cast["practitioner"]):
        found = case_by_reference(case.reference)
        assert may_record_address(found, cast["practitioner"])
        assert not may_record_address(found, replace(cast["practitioner"], role=Role.AUDITOR))
        for scope in (None, 0, Scope.SUMMARY):
            found.seat_scope = scope  # type: ignore[attr-defined]
            assert not may_record_address(found, cast["practitioner"])


def test_of_an_address_that_is_not_there_nothing_is_done(cast: Cast, case: Case) -> None:
    client = cast.client("coordinator")
    page = f"/cases/{case.reference}/address/"
    assert client.get(page).status_code == 200
    for path in (page, f"{page}end/", f"{page}take-off/"):
        assert client.post(path, {"person": cast.memberships["coordinator"].reference}).status_code == 404, path
