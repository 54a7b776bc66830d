"""What is linked to a case goes with it to its new lead professional."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import ProgrammingError, connection, transaction
from psycopg.errors import InsufficientPrivilege

from mace.access.models import Scope
from mace.access.services import grants_on, name_person, restrict, share
from mace.casework.services.handing_over import hand_over
from mace.core.errors import NotAllowed
from mace.core.seat import acting_as
from referrals.models import Case
from tests.access.locks import ALLOWED, REFUSED, attempt, owner, owner_rows, undone
from tests.access.test_locks_conditions import as_role
from tests.access.test_locks_rows import give
from tests.factories.cast import Cast
from tests.factories.referrals import MONDAY, another_child, open_case
from volt.enums import LinkKind
from volt.models import Link, PersonOfConcern
from volt.services import follow_case, link_records, record_person

LATER = MONDAY + dt.timedelta(days=30)
FORMER, NEW = ("practitioner", "manager"), ("other_practitioner",)


def linked(cast: Cast, *cases: Case, name: str = "Dex") -> PersonOfConcern:
    """A person of concern whom the practitioner recorded, linked to the cases."""
    seat = cast["practitioner"]
    with acting_as(seat):
        person = record_person(name=name, by=seat, at=MONDAY)
        for case in cases:
            link_records(a=case.pk, b=person.pk, kind=LinkKind.EXPLOITED_BY, source="Her mother", by=seat, at=MONDAY)
    return person


def handed_over(cast: Cast, case: Case, to: str = "other_practitioner") -> None:
    with acting_as(cast["coordinator"]):
        hand_over(case=case, to=cast.memberships[to], reason="She moved", by=cast["coordinator"], at=LATER)


def see(cast: Cast, person: PersonOfConcern) -> list[str]:
    found = []
    for name in (*FORMER, *NEW, "coordinator", "police_lead"):
        with acting_as(cast[name]):
            found += [name] if PersonOfConcern.objects.filter(pk=person.pk).exists() else []
    return found


def test_the_new_lead_sees_who_is_linked_and_the_former_ones_do_not(cast: Cast) -> None:
    case = open_case(cast)
    person = linked(cast, case)
    assert see(cast, person) == ["practitioner", "manager", "coordinator"]
    handed_over(cast, case)
    assert see(cast, person) == ["other_practitioner", "coordinator"]
    client = cast.client("other_practitioner")
    assert "Dex" in client.get(f"/cases/{case.reference}/").content.decode()
    assert client.get(f"/volt/{person.reference}/").status_code == 200
    handed_over(cast, case, "practitioner")
    assert see(cast, person) == ["practitioner", "manager", "coordinator"]


def test_what_is_linked_to_another_case_of_theirs_stays(cast: Cast) -> None:
    case, other = open_case(cast), open_case(cast, child=another_child(1))
    person, elsewhere = linked(cast, case, other), linked(cast, other, name="Vee")
    handed_over(cast, case)
    assert see(cast, person) == ["practitioner", "manager", "other_practitioner", "coordinator"]
    assert see(cast, elsewhere) == ["practitioner", "manager", "coordinator"]


def named_on(cast: Cast, record: int) -> None:
    """The practitioner is named there, whoever leads."""
    with acting_as(cast["coordinator"]):
        person = cast.memberships["practitioner"]
        name_person(record_id=record, membership=person, scope=Scope.FULL, by=cast["coordinator"])


def test_who_is_named_on_the_person_or_still_holds_the_case_goes_on(cast: Cast) -> None:
    case, other = open_case(cast), open_case(cast, child=another_child(1))
    person, theirs = linked(cast, case), linked(cast, other, name="Vee")
    named_on(cast, person.pk)
    named_on(cast, other.pk)
    for each in (case, other):
        handed_over(cast, each)
    assert see(cast, person) == see(cast, theirs) == ["practitioner", "other_practitioner", "coordinator"]


def test_on_a_restricted_case_only_a_lead_who_is_named_is_given_what_is_linked(cast: Cast) -> None:
    case = open_case(cast)
    person = linked(cast, case)
    with acting_as(cast["coordinator"]):
        named = {cast.memberships[name]: Scope.FULL for name in ("coordinator", "other_practitioner")}
        restrict(record_id=case.pk, people=named, reason="Family of a colleague", by=cast["coordinator"])
    handed_over(cast, case)
    assert "practitioner" not in see(cast, person)
    with acting_as(cast["coordinator"]):
        team = cast.memberships["other_practitioner"].team
        assert team is not None
        assert grants_on(person.pk).get(team.principal) is None


@pytest.mark.parametrize("name", ["practitioner", "manager", "police_lead", "board", "stranger_coordinator"])
def test_volt_follow_case_is_for_nobody_else(cast: Cast, name: str) -> None:
    case = open_case(cast)
    person = linked(cast, case)
    with acting_as(cast[name]), transaction.atomic():
        if name != "stranger_coordinator":
            with pytest.raises(NotAllowed):
                follow_case(case=case, former=[], by=cast[name])
        with pytest.raises(ProgrammingError) as refused, transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("select volt_follow_case(%s, %s)", [case.pk, [cast["practitioner"].principal]])
    assert isinstance(refused.value.__cause__, InsufficientPrivilege)
    assert see(cast, person) == ["practitioner", "manager", "coordinator"]


def follow(cast: Cast, case: Case, *former: str, by: str = "coordinator") -> None:
    with acting_as(cast[by]), connection.cursor() as cursor:
        cursor.execute("select volt_follow_case(%s, %s)", [case.pk, [cast[name].principal for name in former]])


def test_volt_follow_case_takes_nothing_from_who_holds_the_case_or_is_not_called_former(cast: Cast) -> None:
    case = open_case(cast)
    person = linked(cast, case)
    with acting_as(cast["coordinator"]):
        share(record_id=person.pk, principal=cast["other_practitioner"].principal, scope=Scope.FULL)
    follow(cast, case, *FORMER, "coordinator")
    assert see(cast, person) == ["practitioner", "manager", "other_practitioner", "coordinator"]
    follow(cast, case, *NEW)
    assert see(cast, person) == ["practitioner", "manager", "coordinator"]


def test_volt_follow_case_takes_only_what_is_linked_to_the_case(cast: Cast) -> None:
    """Not what stands by itself; and what a person knows only through another person of concern goes."""
    case = open_case(cast)
    person, beside, alone = linked(cast, case), linked(cast, name="Vee"), linked(cast, name="Kit")
    seat = cast["practitioner"]
    with acting_as(seat):
        link_records(a=person.pk, b=beside.pk, kind=LinkKind.ASSOCIATES, source="Her", by=seat, at=MONDAY)
    named_on(cast, alone.pk)
    handed_over(cast, case)
    assert "practitioner" not in see(cast, person)
    assert "practitioner" in see(cast, beside)
    assert "practitioner" in see(cast, alone)


def test_volt_follow_case_goes_by_links_in_either_direction(cast: Cast) -> None:
    case = open_case(cast)
    person, other = linked(cast, case), linked(cast, name="Vee")
    owner("update volt_link set a_id = b_id, b_id = a_id")
    with acting_as(cast["practitioner"]):
        assert {link.a_id for link in Link.objects.all()} == {person.pk}
    handed_over(cast, case)
    assert see(cast, person) == ["other_practitioner", "coordinator"]
    assert "other_practitioner" not in see(cast, other)


def test_volt_follow_case_gives_to_the_lead_and_the_team_who_hold_the_case_in_full(cast: Cast) -> None:
    case = open_case(cast)
    person = linked(cast, case)
    owner("delete from access_grant where record_id = %s", person.pk)
    team = cast.memberships["practitioner"].team
    assert team is not None
    with undone():
        follow(cast, case)
        assert see(cast, person) == ["practitioner", "manager"]
    owner("update access_grant set scope = 2 where record_id = %s and principal = %s", case.pk, team.principal)
    follow(cast, case)
    assert see(cast, person) == ["practitioner"]


@pytest.mark.parametrize("role", ["coordinator", "chair", "system"])
def test_volt_follow_case_is_for_those_who_run_cases_and_hold_this_one_in_full(cast: Cast, role: str) -> None:
    case = open_case(cast)
    seat = as_role(cast["coordinator"], role)
    give(seat, [case.pk], 3)
    sql = "select volt_follow_case(%s, array[]::int[])"
    assert attempt(seat, sql, case.pk)[0] == ALLOWED
    owner("update access_grant set scope = 2 where record_id = %s", case.pk)
    assert attempt(seat, sql, case.pk)[0] == REFUSED
    owner("delete from access_grant where record_id = %s", case.pk)
    assert attempt(seat, sql, case.pk)[0] == REFUSED


def test_volt_follow_case_leaves_alone_what_is_linked_to_what_is_linked(cast: Cast) -> None:
    case = open_case(cast)
    person, beside = linked(cast, case), linked(cast, name="Vee")
    seat = cast["practitioner"]
    with acting_as(seat):
        link_records(a=beside.pk, b=person.pk, kind=LinkKind.ASSOCIATES, source="Her", by=seat, at=MONDAY)
    owner("update volt_link set a_id = %s, b_id = %s where a_id = %s", beside.pk, person.pk, person.pk)
    handed_over(cast, case)
    assert see(cast, person) == ["other_practitioner", "coordinator"]
    assert see(cast, beside) == ["practitioner", "coordinator"]


@pytest.mark.parametrize("scope", [2, 3])
def test_volt_follow_case_gives_nothing_to_others_who_hold_the_case(cast: Cast, scope: int) -> None:
    """Neither to whoever is named on it nor to the lead of another case."""
    case = open_case(cast)
    open_case(cast, child=another_child(1), by="other_practitioner")
    person = linked(cast, case)
    for name in ("police_member", "other_practitioner"):
        give(cast[name], [case.pk], scope)
    follow(cast, case)
    held = set(owner_rows("select principal from access_grant where record_id = %s", person.pk))
    assert held.isdisjoint({(cast[name].principal,) for name in ("police_member", "other_practitioner")})
    assert (cast["practitioner"].principal,) in held


def test_volt_follow_case_gives_nothing_to_a_lead_who_holds_only_another_case(cast: Cast) -> None:
    case = open_case(cast)
    open_case(cast, child=another_child(1))
    person = linked(cast, case)
    owner("delete from access_grant where record_id = %s", person.pk)
    team = cast.memberships["practitioner"].team
    assert team is not None
    owner(
        "delete from access_grant where record_id = %s and principal = any (%s)",
        *(case.pk, [cast["practitioner"].principal, team.principal]),
    )
    follow(cast, case)
    assert owner_rows("select principal from access_grant where record_id = %s", person.pk) == []
