"""A case moves to another lead professional and team; the former ones see it no more."""

from __future__ import annotations

import datetime as dt

import pytest

from mace.access.models import Disclosure, Scope
from mace.access.services import grants_on, lift_restriction, name_person, restrict
from mace.accounts.models import Membership, Role
from mace.accounts.selectors import MAY_REFER, SEAT_JOINS
from mace.core.errors import NotAllowed, RuleBroken
from mace.core.seat import acting_as
from mace.notifications.models import Message
from panels.models import Meeting
from referrals.models import Case, Concern, Review
from referrals.services import hand_over_case
from tests.factories.cast import SINCE, Cast
from tests.factories.owner import as_owner
from tests.factories.panels import published_meeting
from tests.factories.referrals import MONDAY, open_case

LATER = MONDAY + dt.timedelta(days=30)


def handed_over(cast: Cast, case: Case, to: str, *, by: str = "coordinator") -> Case:
    with acting_as(cast[by]):
        return hand_over_case(case=case, to=cast.memberships[to], reason="She moved", by=cast[by], at=LATER)


def seen(cast: Cast, case: Case, *names: str) -> list[str]:
    """Who of these sees the case."""
    found = []
    for name in names:
        with acting_as(cast[name]):
            found += [name] if Case.objects.filter(pk=case.pk).exists() else []
    return found


def test_the_new_lead_sees_the_case_and_the_former_one_with_their_team_does_not(cast: Cast) -> None:
    case = open_case(cast)
    published_meeting(cast, case)
    everybody = ("practitioner", "manager", "other_practitioner", "coordinator", "social_care_lead")
    assert seen(cast, case, *everybody) == ["practitioner", "manager", "coordinator", "social_care_lead"]
    handed = handed_over(cast, case, "other_practitioner")
    assert seen(cast, case, *everybody) == ["other_practitioner", "coordinator", "social_care_lead"]
    assert (handed.lead_professional_id, handed.team, handed.lead_agency_id) == (
        cast["other_practitioner"].membership_id,
        cast.memberships["other_practitioner"].team,
        cast.agencies["social_care"].pk,
    )
    with acting_as(cast["practitioner"]):
        assert Concern.objects.get().account  # what they wrote themselves stays readable
        assert not Review.objects.exists()
        assert Message.objects.filter(subject=f"You no longer lead case {case.reference}").count() == 1
    with acting_as(cast["other_practitioner"]):
        assert Message.objects.filter(subject=f"You lead case {case.reference}").count() == 1


def test_through_the_page_the_new_lead_sees_the_meeting_too(cast: Cast) -> None:
    case = open_case(cast)
    meeting = published_meeting(cast, case)
    page = f"/cases/{case.reference}/hand-over/"
    client = cast.client("coordinator")
    asks = client.get(page).content.decode()
    assert "Other Practitioner" in asks
    assert "Practitioner and the team Adolescent team no longer see the case" in asks
    chosen = str(cast.memberships["other_practitioner"].pk)
    assert client.post(page, {"to": chosen, "reason": ""}).status_code == 422
    assert seen(cast, case, "other_practitioner") == []
    assert client.post(page, {"to": chosen, "reason": "She moved"}).status_code == 422
    assert client.post(page, {"to": chosen, "reason": "She moved", "note": "Ring on Mondays"}).status_code == 302
    with acting_as(cast["other_practitioner"]):
        assert Meeting.objects.filter(pk=meeting.pk).exists()
    assert cast.client("other_practitioner").get(f"/cases/{case.reference}/").status_code == 200
    assert cast.client("practitioner").get(f"/cases/{case.reference}/").status_code == 404


def test_who_is_named_keeps_it(cast: Cast) -> None:
    case = open_case(cast)
    with acting_as(cast["coordinator"]):
        seat = cast.memberships["practitioner"]
        name_person(record_id=case.pk, membership=seat, scope=Scope.FULL, by=cast["coordinator"])
    handed_over(cast, case, "other_practitioner")
    assert seen(cast, case, "practitioner", "manager") == ["practitioner"]


def test_the_lead_agency_changes_with_its_sharing_decision(cast: Cast) -> None:
    with as_owner():
        user = cast.memberships["education_lead"].user
        made = Membership.objects.create(
            user=user,
            agency=cast.agencies["education"],
            partnership=cast.partnership,
            role=Role.PRACTITIONER,
            from_on=SINCE,
        )
        cast.memberships["teacher"] = (
            Membership.objects.select_related(*SEAT_JOINS).annotate(may_refer=MAY_REFER).get(pk=made.pk)
        )
    case = open_case(cast)
    assert seen(cast, case, "social_care_lead", "education_lead") == ["social_care_lead"]
    handed_over(cast, case, "teacher")
    assert seen(cast, case, "social_care_lead", "education_lead", "practitioner") == ["education_lead"]
    with acting_as(cast["coordinator"]):
        found = Disclosure.objects.filter(record_id=case.pk).order_by("starts_at")
        assert [(d.agency.name, d.withdrawn_at is None) for d in found] == [
            ("Anytown Children’s Services", False),
            ("Anytown Education", True),
        ]


def test_a_restricted_case_goes_to_a_named_person_only_and_the_team_follows_when_it_is_lifted(cast: Cast) -> None:
    case = open_case(cast)
    coordinator = cast["coordinator"]
    named = {cast.memberships["coordinator"]: Scope.FULL}
    with acting_as(coordinator):
        restrict(record_id=case.pk, people=named, reason="A colleague’s family", by=coordinator)
        with pytest.raises(RuleBroken, match="Name the person on it in full first"):
            hand_over_case(case=case, to=cast.memberships["other_practitioner"], reason="x", by=coordinator, at=LATER)
        named[cast.memberships["other_practitioner"]] = Scope.FULL
        restrict(record_id=case.pk, people=named, reason="A colleague’s family", by=coordinator)
    handed_over(cast, case, "other_practitioner")
    assert seen(cast, case, "practitioner", "manager", "other_practitioner") == ["other_practitioner"]
    with acting_as(coordinator):
        lift_restriction(record_id=case.pk, reason="Over", by=coordinator)
        team = cast.memberships["other_practitioner"].team
        former = cast.memberships["practitioner"].team
        assert team is not None
        assert former is not None
        assert grants_on(case.pk)[team.principal] == Scope.FULL
        assert former.principal not in grants_on(case.pk)
    assert seen(cast, case, "practitioner", "manager", "other_practitioner") == ["other_practitioner"]


@pytest.mark.parametrize("name", ["practitioner", "manager", "police_lead", "board", "admin"])
def test_others_do_not_hand_a_case_over(cast: Cast, name: str) -> None:
    case = open_case(cast)
    with pytest.raises(NotAllowed):
        handed_over(cast, case, "other_practitioner", by=name)
    with pytest.raises(NotAllowed):
        handed_over(cast, case, "stranger_practitioner", by="stranger_coordinator")
    assert seen(cast, case, "practitioner", "other_practitioner") == ["practitioner"]


def test_only_who_can_answer_reviews_here_may_lead(cast: Cast) -> None:
    case = open_case(cast)
    for name in ("police_lead", "chair", "stranger_practitioner", "admin"):
        with pytest.raises(RuleBroken, match="Choose a practitioner"):
            handed_over(cast, case, name)
