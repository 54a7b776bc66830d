"""“Who can see this, and why” lists exactly those who can: asked of every seat, of every kind of record."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import connection

from mace.access.models import Scope
from mace.access.services import bar_person, disclose, name_person, restrict
from mace.accounts.models import Holding
from mace.casework.selectors.sharing import sharing_picture
from mace.casework.selectors.sharing_subject import Subject, case_subject, volt_subject
from mace.casework.services.emergency import begin_emergency_access
from mace.core import clock
from mace.core.seat import acting_as
from tests.access.world import LATER, World
from tests.factories.cast import Cast
from tests.factories.owner import as_owner
from tests.factories.panels import HELD
from tests.factories.referrals import BORN

POSTS = ("Coordinators", "Lead of ", "Manager of ", "Chairs of ")


def subjects(world: World) -> list[Subject]:
    with acting_as(world.cast["coordinator"]):
        return [case_subject(world.case.reference), volt_subject(world.person.reference)]


def holding(cast: Cast, record_id: int) -> dict[str, int]:
    """The scope at which each seat of the cast holds the record, as the database answers that seat."""
    found = {}
    for name, seat in cast.seats.items():
        if name.endswith("system"):
            continue
        with acting_as(seat), connection.cursor() as cursor:
            cursor.execute("select access_held(%s)", [record_id])
            (scope,) = cursor.fetchone()
        if scope:
            found[name] = scope
    return found


def listed(cast: Cast, subject: Subject, by: str = "coordinator") -> dict[str, int]:
    """The seats that the page lists, each with the widest scope that it gives them."""
    with acting_as(cast[by]):
        picture = sharing_picture(subject, cast[by], on=clock.today())
    by_key = {membership.pk: name for name, membership in cast.memberships.items()}
    found: dict[str, int] = {}
    for viewer in picture.viewers:
        for key in viewer.seats:
            found[by_key[key]] = max(viewer.scope, found.get(by_key[key], 0))
    return found


def test_page_lists_the_seats_that_hold_the_record_and_no_other(world: World) -> None:
    cast = world.cast
    for subject in subjects(world):
        held = holding(cast, subject.record_id)
        assert listed(cast, subject) == held
        assert len(held) >= 4
    case = subjects(world)[0]
    assert listed(cast, case, by="practitioner") == holding(cast, case.record_id)
    assert {"police_lead": 2, "education_lead": 1, "manager": 3}.items() <= holding(cast, case.record_id).items()


def test_it_follows_names_ends_bars_emergencies_posts_and_restriction(world: World) -> None:
    cast, case = world.cast, subjects(world)[0]
    coordinator = cast["coordinator"]
    tomorrow = clock.now() + dt.timedelta(days=1)

    def agree(*gone_or_come: str) -> None:
        held = holding(cast, case.record_id)
        for by in ("coordinator", "practitioner"):
            if by in held:
                assert listed(cast, case, by=by) == held, (by, gone_or_come)

    with acting_as(coordinator):
        name_person(
            record_id=case.record_id,
            membership=cast.memberships["police_member"],
            scope=Scope.SUMMARY,
            until=tomorrow,
            by=coordinator,
        )
        disclose(
            record_id=case.record_id,
            agency=cast.agencies["voluntary"],
            scope=Scope.FULL,
            purpose="Checks",
            lawful_basis="public_task",
            necessity="They know her",
            told=True,
            by=coordinator,
            at=HELD,
            ends_on=clock.today(),
        )
    agree()
    with acting_as(cast["other_practitioner"]):
        emergency = begin_emergency_access(
            forename="Tamika",
            surname="Brightwater",
            born=BORN,
            reason="Found hurt at the station",
            by=cast["other_practitioner"],
            at=LATER,
        )
    assert emergency is not None
    assert holding(cast, case.record_id)["other_practitioner"] == Scope.FULL
    agree()
    with acting_as(coordinator):
        [line] = [v for v in sharing_picture(case, coordinator, on=clock.today()).viewers if "emergency" in v.why]
    assert (line.who, "In an emergency, review E-" in line.why, " on " in line.until) == (
        "Other Practitioner",
        True,
        True,
    )
    with acting_as(coordinator):
        bar_person(
            record_id=case.record_id,
            user=cast.memberships["police_lead"].user,
            reason="An uncle",
            by=coordinator,
            at=HELD,
        )
    assert "police_lead" not in holding(cast, case.record_id)
    agree()
    with as_owner():
        Holding.objects.filter(membership=cast.memberships["chair"]).update(until_on=dt.date(2026, 1, 1))
        cast.memberships["manager"].until_on = dt.date(2026, 1, 1)
        cast.memberships["manager"].save(update_fields=["until_on"])
    assert "chair" not in holding(cast, case.record_id)
    agree()
    with acting_as(coordinator):
        restrict(
            record_id=case.record_id,
            people={cast.memberships["coordinator"]: Scope.FULL, cast.memberships["practitioner"]: Scope.FULL},
            reason="A colleague",
            by=coordinator,
        )
    assert holding(cast, case.record_id) == {"coordinator": 3, "practitioner": 3}
    agree()


def test_every_line_says_a_reason_that_is_one(world: World) -> None:
    for subject in subjects(world):
        with acting_as(world.cast["coordinator"]):
            picture = sharing_picture(subject, world.cast["coordinator"], on=clock.today())
        for viewer in picture.viewers:
            assert viewer.why.endswith("."), viewer
            assert viewer.why != "Named on another record of the same child.", viewer
            assert viewer.who.startswith(POSTS) or viewer.people, viewer


@pytest.mark.parametrize("name", ["police_lead", "police_member", "manager", "social_care_lead"])
def test_others_are_told_their_own_line_only(world: World, name: str) -> None:
    cast, case = world.cast, subjects(world)[0]
    body = cast.client(name).get(f"/cases/{case.reference}/sharing/").content.decode()
    assert "Everybody who can see it" not in body
    assert "What you see:" in body
    for other in ("Anytown NHS Trust", "Anytown Education", "Education Lead", "Chairs of"):
        assert other not in body, other
    with acting_as(cast[name]):
        assert sharing_picture(case, cast[name], on=clock.today()).viewers == []
