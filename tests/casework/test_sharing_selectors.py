"""Who holds a record, why, and with whom it is shared: of that record alone, and to each what is theirs to know."""

from __future__ import annotations

from typing import Any

import pytest

from mace.access.models import Scope
from mace.access.policy import Capability
from mace.access.services import name_person, restrict, share, unname_person, withdraw
from mace.casework.selectors.sharing import (
    agencies_shared_with,
    agencies_to_share_with,
    scope_of_seat,
    sharing_picture,
)
from mace.casework.selectors.sharing_subject import case_subject, volt_subject
from mace.casework.selectors.sharing_viewers import own_lines, viewers_of, whole_picture
from mace.core import clock
from mace.core.errors import NotAllowed
from mace.core.seat import acting_as
from referrals.models import Case
from tests.casework.test_emergency import begin, use
from tests.factories.cast import Cast
from tests.factories.referrals import MONDAY, another_child, open_case
from tests.factories.sharing import shared
from tests.volt.test_records import place

TODAY = clock.today()


@pytest.fixture
def case(cast: Cast) -> Case:
    """Shared with the police in summary; another is in full, and with health."""
    case, other = open_case(cast), open_case(cast, child=another_child(1))
    shared(cast, case.pk, "police")
    shared(cast, other.pk, "police", Scope.FULL)
    shared(cast, other.pk, "health")
    return case


def why(cast: Cast, case: Case, name: str) -> list[tuple[str, int, str]]:
    """The seat's own lines: who, at which scope, for what reason."""
    with acting_as(cast[name]):
        return [(line.who, line.scope, line.why) for line in own_lines(case_subject(case.reference), cast[name])]


def test_an_agencys_scope_and_own_line_are_of_this_case(cast: Cast, case: Case) -> None:
    with acting_as(cast["police_lead"]):
        assert scope_of_seat(case.pk) == Scope.SUMMARY
    assert why(cast, case, "police_lead") == [
        ("You", 2, "It was shared with Anytown Police. The decision stands below.")
    ]
    with acting_as(cast["health_lead"]):
        assert scope_of_seat(case.pk) == 0


def test_those_shared_with_are_of_this_case_and_until_it_is_taken_back(cast: Cast, case: Case) -> None:
    coordinator = cast["coordinator"]
    with acting_as(coordinator):
        subject = case_subject(case.reference)
        referred, police = cast.agencies["social_care"], cast.agencies["police"]
        assert agencies_shared_with(subject) == [referred, police]
        withdraw(record_id=case.pk, agency=police, reason="Done", by=coordinator, at=MONDAY)
        assert agencies_shared_with(subject) == [referred]


def test_it_can_be_shared_with_the_agencies_of_the_partnership(cast: Cast) -> None:
    with acting_as(cast["coordinator"]):
        found = {agency.name: leads for agency, leads in agencies_to_share_with(cast["coordinator"], on=TODAY)}
    assert found == {
        "Anytown Children’s Services": "Social Care Lead",
        "Anytown Education": "Education Lead",
        "Anytown NHS Trust": "Health Lead",
        "Anytown Police": "Police Lead",
        "Safe Harbour": "nobody yet: it has no lead here",
    }


def test_of_the_decisions_an_agency_is_told_its_own_whatever_the_database_shows(cast: Cast, case: Case) -> None:
    shared(cast, case.pk, "health")
    with acting_as(cast["coordinator"]):
        subject = case_subject(case.reference)
        whole = sharing_picture(subject, cast["coordinator"], on=TODAY)
        own = sharing_picture(subject, cast["police_lead"], on=TODAY)
    assert {row.agency.name for row in whole.in_force} == {
        "Anytown Police",
        "Anytown NHS Trust",
        "Anytown Children’s Services",
    }
    assert ([row.agency.name for row in own.in_force], own.whole, own.viewers) == (["Anytown Police"], False, [])


def test_the_whole_picture_says_first_why_one_sees_it_oneself(cast: Cast, case: Case) -> None:
    with acting_as(cast["coordinator"]):
        own, viewers = whole_picture(case_subject(case.reference), cast["coordinator"])
    assert [(line.who, line.why) for line in own] == [("You", "You coordinate Anytown.")]
    assert {viewer.who for viewer in viewers} >= {"Coordinators", "Lead of Anytown Police", "Practitioner"}


def test_a_panels_chairs_are_called_so(cast: Cast, case: Case) -> None:
    with acting_as(cast["coordinator"]):
        share(record_id=case.pk, principal=cast.panels["pre_mace"].principal, scope=Scope.FULL)
        found = {viewer.who: viewer.why for viewer in viewers_of(case_subject(case.reference))}
    assert found["Chairs of the Pre-MACE panel"] == "The case is, or was, on its agenda or linked with what is."


def test_who_sees_it_in_an_emergency_is_said_to(cast: Cast, case: Case) -> None:
    begin(cast, "education_lead")
    words = f"In an emergency, review {use(cast).reference}."
    with acting_as(cast["coordinator"]):
        found = {viewer.who: viewer.why for viewer in viewers_of(case_subject(case.reference))}
    assert (found["Education Lead"], found["Practitioner"]) == (words, "Lead professional.")
    assert why(cast, case, "education_lead") == [("You", 3, words)]
    assert ("You", 3, "You are the lead professional of this case.") in why(cast, case, "practitioner")


def test_a_place_is_restricted_when_it_is_and_not_because_a_case_is(cast: Cast) -> None:
    case, location = open_case(cast), place(cast, by="coordinator")
    coordinator = cast["coordinator"]
    with acting_as(coordinator):
        people = {cast.memberships["coordinator"]: Scope.FULL}
        restrict(record_id=case.pk, people=people, reason="A colleague", by=coordinator)
        assert case_subject(case.reference).restricted
        assert not volt_subject(location.reference).restricted


@pytest.mark.parametrize("act", [name_person, unname_person])
def test_nobody_of_another_agency_is_named_without_the_right_to_share(cast: Cast, case: Case, act: Any) -> None:
    others: dict[str, Any] = {"scope": Scope.IDENTITY} if act is name_person else {}
    by = cast["police_lead"]
    with acting_as(by):
        act(record_id=case.pk, membership=cast.memberships["police_member"], by=by, **others)
        with pytest.raises(NotAllowed) as refused:
            act(record_id=case.pk, membership=cast.memberships["health_lead"], by=by, **others)
    assert refused.value.args == NotAllowed(Capability.DISCLOSE).args
