"""Each use of emergency access is reviewed by somebody else, and told of when it is not."""

from __future__ import annotations

import datetime as dt

import pytest
from celery import current_app
from django.conf import settings
from django.db import DatabaseError, IntegrityError, ProgrammingError, connection, transaction

from mace.access.models import EmergencyAccess, EmergencyOutcome, Grant
from mace.access.services import clear_ended_grants
from mace.accounts.models import Holding, Membership, Role
from mace.accounts.selectors import SEAT_JOINS, seat_of
from mace.audit.models import ReadEntry
from mace.casework.selectors.emergency import emergency_by_reference, what_was_opened
from mace.casework.services.emergency import (
    escalate_unreviewed,
    open_for_review,
    review_emergency,
)
from mace.casework.tasks import escalate_emergencies_of
from mace.core import clock
from mace.core.errors import NotAllowed, RuleBroken
from mace.core.seat import acting_as
from mace.notifications.models import Message
from referrals.models import Case, ChildIdentity, RiskAssessment
from tests.casework.test_emergency import bar, leave_to_the_coordinator
from tests.factories.cast import Cast
from tests.factories.owner import as_owner
from tests.factories.referrals import open_case
from tests.factories.sharing import REASON, opened_in_emergency

REVIEWED = {"outcome": "justified", "note": "Read the log. She was found within the hour."}


@pytest.fixture
def case(cast: Cast) -> Case:
    return open_case(cast)


@pytest.fixture
def access(cast: Cast, case: Case) -> EmergencyAccess:
    return opened_in_emergency(cast)


def page(cast: Cast, name: str, access: EmergencyAccess, rest: str = ""):
    return cast.client(name).get(f"/emergency/{access.reference}/{rest}")


def stands(access: EmergencyAccess) -> EmergencyAccess:
    with as_owner():
        return EmergencyAccess.objects.get(pk=access.pk)


def sign_off(cast: Cast, name: str, access: EmergencyAccess, **changes: str) -> EmergencyAccess:
    with acting_as(cast[name]):
        return review_emergency(access=access, **(REVIEWED | changes), by=cast[name], at=clock.now())


def test_who_sees_a_use(cast: Cast, case: Case, access: EmergencyAccess) -> None:
    expected = {
        "health_lead": (200, True),
        "coordinator": (200, True),
        "chair": (200, True),
        "ig": (200, True),
        "practitioner": (404, False),
        "police_lead": (404, False),
        "social_care_lead": (404, False),
        "police_member": (403, False),
        "board": (403, False),
        "analyst": (403, False),
        "admin": (403, False),
        "stranger_coordinator": (404, False),
        "stranger_police": (404, False),
    }
    for name, (code, listed) in expected.items():
        assert page(cast, name, access).status_code == code, name
        answer = cast.client(name).get("/emergency/")
        assert (access.reference in answer.content.decode()) is listed, name
        assert answer.status_code == (403 if code == 403 else 200), name


def test_page_says_who_when_why_and_which_case(cast: Cast, case: Case, access: EmergencyAccess) -> None:
    body = page(cast, "ig", access).content.decode()
    for words in ("Health Lead", "Agency lead, Anytown NHS Trust", REASON, case.reference, "Not reviewed, due"):
        assert words in body
    assert "Brightwater" not in body
    assert case.reference in page(cast, "coordinator", access).content.decode()
    assert case.reference not in page(cast, "chair", access).content.decode()  # whose panel does not have it


def test_reviewers_see_what_was_opened_and_nobody_elses_reading(
    cast: Cast, case: Case, access: EmergencyAccess
) -> None:
    cast.client("practitioner").get(f"/cases/{case.reference}/")
    opener = cast.client("health_lead")
    opener.get(f"/cases/{case.reference}/")
    opener.get(f"/cases/{case.reference}/sharing/")
    for name in ("ig", "coordinator"):
        with acting_as(cast[name]):
            found = what_was_opened(emergency_by_reference(access.reference))
        assert [(read.what, read.reference) for read in found] == [
            ("Case page", case.reference),
            ("Case sharing", case.reference),
        ], name
        assert "Case sharing, " + case.reference in page(cast, name, access).content.decode()
    assert "What was opened</h2>" not in page(cast, "health_lead", access).content.decode()


def test_signing_off_says_the_outcome_and_tells_the_person(cast: Cast, access: EmergencyAccess) -> None:
    client = cast.client("coordinator")
    assert client.post(f"/emergency/{access.reference}/", {"outcome": "justified", "note": ""}).status_code == 422
    assert stands(access).reviewed_at is None
    assert client.post(f"/emergency/{access.reference}/", REVIEWED).status_code == 302
    found = stands(access)
    assert (found.outcome, found.review_note, found.reviewed_by_id) == (
        EmergencyOutcome.JUSTIFIED,
        REVIEWED["note"],
        cast["coordinator"].membership_id,
    )
    with acting_as(cast["health_lead"]):
        assert [message.subject for message in Message.objects.all()] == [
            f"Emergency access {access.reference} was reviewed"
        ]
    body = page(cast, "health_lead", access).content.decode()
    assert "Justified" in body
    assert REVIEWED["note"] not in body
    assert REVIEWED["note"] in page(cast, "ig", access).content.decode()


def test_it_is_signed_off_once(cast: Cast, access: EmergencyAccess) -> None:
    first = sign_off(cast, "chair", access)
    assert sign_off(cast, "chair", access).reviewed_at == first.reviewed_at
    for name, outcome in (("ig", "justified"), ("chair", "not_justified")):
        with pytest.raises(RuleBroken):
            sign_off(cast, name, access, outcome=outcome)
    assert stands(access).outcome == "justified"


def test_whoever_used_it_does_not_review_it_in_any_seat(cast: Cast, access: EmergencyAccess) -> None:
    with pytest.raises(NotAllowed):
        sign_off(cast, "health_lead", access)
    assert cast.client("health_lead").post(f"/emergency/{access.reference}/", REVIEWED).status_code == 403
    with as_owner():
        made = Membership.objects.create(
            user=cast.memberships["health_lead"].user,
            agency=cast.agencies["health"],
            partnership=cast.partnership,
            role=Role.INFORMATION_GOVERNANCE,
            from_on=dt.date(2020, 1, 1),
        )
        made = Membership.objects.select_related(*SEAT_JOINS).get(pk=made.pk)
    cast.memberships["other_seat"], cast.seats["other_seat"] = made, seat_of(made)
    with pytest.raises(RuleBroken):
        sign_off(cast, "other_seat", access)
    with acting_as(cast["other_seat"]), pytest.raises(NotAllowed):
        open_for_review(access=access, by=cast["other_seat"])
    body = page(cast, "other_seat", access).content.decode()
    assert "Somebody else reviews it" in body
    assert "Sign off" not in body
    with as_owner(), pytest.raises(IntegrityError), transaction.atomic():
        EmergencyAccess.objects.filter(pk=access.pk).update(
            reviewed_at=clock.now(), reviewed_by=cast.memberships["health_lead"], outcome="justified"
        )
    assert stands(access).reviewed_at is None


def test_those_who_do_not_review_change_nothing_by_sql(cast: Cast, access: EmergencyAccess) -> None:
    for name in ("health_lead", "practitioner", "police_lead", "stranger_coordinator", "admin"):
        with acting_as(cast[name]):
            done = EmergencyAccess.objects.filter(pk=access.pk).update(escalated_at=clock.now())
        assert done == 0, name


def test_officer_reads_what_was_opened_for_three_hours(cast: Cast, case: Case, access: EmergencyAccess) -> None:
    client = cast.client("ig")
    address = f"/emergency/{access.reference}/"
    closed = client.get(address + "case/")
    assert (closed.status_code, closed.headers["Location"]) == (302, address)
    assert client.get(f"/cases/{case.reference}/").status_code == 403
    assert client.get(address + "read/").status_code == 405
    opened = client.post(address + "read/")
    assert (opened.status_code, opened.headers["Location"]) == (302, address + "case/")
    body = client.get(address + "case/").content.decode()
    for words in (
        "Tamika Brightwater",
        "May be made to carry drugs",
        "Found on 27 February",
        "Taxi to and from school",
    ):
        assert words in body
    assert 'href="/cases/' not in body
    assert client.get(f"/cases/{case.reference}/").status_code == 403
    with acting_as(cast["ig"]):
        assert ReadEntry.objects.filter(action="emergency review", records__contains=[case.pk]).count() == 1
        with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
            RiskAssessment.objects.update(rationale="changed")
    with as_owner():
        Holding.objects.filter(membership=cast.memberships["ig"]).update(until_at=clock.now() - dt.timedelta(hours=1))
    assert client.get(address + "case/").status_code == 302
    with acting_as(cast["ig"]):
        assert not ChildIdentity.objects.exists()


def test_officer_still_reads_it_after_the_access_ended_and_was_not_cleared_away(
    cast: Cast, case: Case, access: EmergencyAccess
) -> None:
    with as_owner():
        long_ago = clock.now() - dt.timedelta(hours=1)
        Grant.objects.filter(principal=access.principal).update(until=long_ago)
        Holding.objects.filter(principal=access.principal).update(until_at=long_ago)
    with acting_as(cast["system"]):
        assert clear_ended_grants() == 0
    client = cast.client("ig")
    assert client.post(f"/emergency/{access.reference}/read/").status_code == 302
    assert "Tamika" in client.get(f"/emergency/{access.reference}/case/").content.decode()
    assert cast.client("health_lead").get(f"/cases/{case.reference}/").status_code == 404
    sign_off(cast, "ig", access)
    with as_owner():
        Grant.objects.filter(principal=access.principal).update(until=long_ago)
    with acting_as(cast["system"]):
        assert clear_ended_grants() >= 1


def test_only_the_officer_of_the_partnership_opens_it_so_and_only_before_the_sign_off(
    cast: Cast, access: EmergencyAccess
) -> None:
    for name in ("coordinator", "chair"):
        with acting_as(cast[name]), pytest.raises(NotAllowed):
            open_for_review(access=access, by=cast[name])
    assert cast.client("stranger_coordinator").post(f"/emergency/{access.reference}/read/").status_code == 404
    assert cast.client("health_lead").post(f"/emergency/{access.reference}/read/").status_code == 403
    sign_off(cast, "coordinator", access)
    with acting_as(cast["ig"]), pytest.raises(RuleBroken):
        open_for_review(access=access, by=cast["ig"])


def test_restricted_since_stays_shut_to_the_officer(cast: Cast, case: Case, access: EmergencyAccess) -> None:
    leave_to_the_coordinator(cast, case)
    client = cast.client("ig")
    client.post(f"/emergency/{access.reference}/read/")
    assert client.get(f"/emergency/{access.reference}/case/").status_code == 302
    with acting_as(cast["ig"]):
        assert not ChildIdentity.objects.exists()


def test_barred_reviewer_finds_nothing(cast: Cast, case: Case, access: EmergencyAccess) -> None:
    bar(cast, case, "chair")
    bar(cast, case, "ig")
    for name in ("chair", "ig"):
        assert page(cast, name, access).status_code == 404
        assert access.reference not in cast.client(name).get("/emergency/").content.decode()
    with acting_as(cast["ig"]), pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("select access_open_review(%s)", [access.pk])


def escalate(cast: Cast, at: dt.datetime) -> int:
    with acting_as(cast["system"]):
        return escalate_unreviewed(by=cast["system"], at=at)


def late_messages() -> list[tuple[str, str]]:
    with as_owner():
        rows = Message.objects.filter(dedupe_key__startswith="emergency-late").select_related("recipient")
        return sorted((row.recipient.role, row.subject) for row in rows)


def test_unreviewed_after_two_working_days_is_escalated_once(cast: Cast, access: EmergencyAccess) -> None:
    due = dt.datetime.combine(access.review_due_on, dt.time(12), dt.UTC)
    assert escalate(cast, due) == 0
    assert late_messages() == []
    assert escalate(cast, due + dt.timedelta(days=1)) == 1
    assert escalate(cast, due + dt.timedelta(days=2)) == 0
    subject = f"Emergency access {access.reference} is not reviewed"
    assert late_messages() == [("chair", subject), ("coordinator", subject), ("ig", subject)]
    assert stands(access).escalated_at == due + dt.timedelta(days=1)


def test_reviewed_in_time_is_not_escalated(cast: Cast, access: EmergencyAccess) -> None:
    sign_off(cast, "ig", access)
    assert escalate(cast, clock.now() + dt.timedelta(days=30)) == 0
    assert late_messages() == []


def test_escalation_that_died_is_taken_up_again(
    cast: Cast, access: EmergencyAccess, monkeypatch: pytest.MonkeyPatch
) -> None:
    at = clock.now() + dt.timedelta(days=30)

    def die(*args: object, **more: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("mace.casework.services.emergency._tell", die)
        with acting_as(cast["system"]), pytest.raises(KeyboardInterrupt), transaction.atomic():
            escalate_unreviewed(by=cast["system"], at=at)
    assert stands(access).escalated_at is None
    assert escalate(cast, at) == 1
    assert len(late_messages()) == 3


def test_task_acts_for_its_own_partnership(
    cast: Cast, access: EmergencyAccess, monkeypatch: pytest.MonkeyPatch
) -> None:
    later = clock.now() + dt.timedelta(days=30)
    monkeypatch.setattr("mace.core.clock.now", lambda: later)
    escalate_emergencies_of(partnership_id=cast.other_partnership.pk)
    assert stands(access).escalated_at is None
    escalate_emergencies_of(partnership_id=cast.partnership.pk)
    assert stands(access).escalated_at == later


def test_only_the_system_of_beat_knows_the_task() -> None:
    names = [entry["task"] for entry in settings.CELERY_BEAT_SCHEDULE.values()]
    assert names.count("mace.casework.tasks.escalate_emergencies") == 1
    assert "mace.casework.tasks.escalate_emergencies" in current_app.tasks


def test_who_does_not_review_is_refused_whatever_they_send(cast: Cast, access: EmergencyAccess) -> None:
    for sent in ({}, REVIEWED):
        assert cast.client("health_lead").post(f"/emergency/{access.reference}/", sent).status_code == 403, sent


@pytest.mark.parametrize("name", ["stranger_coordinator", "ig"])
def test_a_use_that_the_seat_does_not_see_is_not_reviewed(
    cast: Cast, case: Case, access: EmergencyAccess, name: str
) -> None:
    bar(cast, case, "ig")
    with pytest.raises(NotAllowed, match="no such emergency access"):
        sign_off(cast, name, access)
    assert stands(access).reviewed_at is None
