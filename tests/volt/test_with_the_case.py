"""What is linked to a case goes with it to its new lead professional."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import ProgrammingError, connection, transaction
from psycopg.errors import InsufficientPrivilege

from mace.access.models import Scope
from mace.access.services import grants_on, name_person, restrict
from mace.casework.services.handing_over import hand_over
from mace.core.errors import NotAllowed
from mace.core.seat import acting_as
from referrals.models import Case
from tests.factories.cast import Cast
from tests.factories.referrals import MONDAY, another_child, open_case
from volt.enums import LinkKind
from volt.models import PersonOfConcern
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
def test_nobody_else_moves_what_is_linked(cast: Cast, name: str) -> None:
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


def test_a_seat_that_holds_the_case_still_loses_nothing_by_being_called_former(cast: Cast) -> None:
    case = open_case(cast)
    person = linked(cast, case)
    with acting_as(cast["coordinator"]):
        everybody = [cast[name].principal for name in (*FORMER, *NEW, "coordinator")]
        follow_case(case=case, former=everybody, by=cast["coordinator"])
    assert see(cast, person) == ["practitioner", "manager", "coordinator"]
