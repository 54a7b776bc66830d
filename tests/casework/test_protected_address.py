"""An address that must not be known stands in one place, shown to the people named for it, and in no other channel."""

from __future__ import annotations

import pytest
from django.db import DatabaseError, connection, transaction

from mace.access.models import Grant, Kind, NamedPerson, Record, Scope
from mace.access.services import restrict
from mace.audit.models import ReadEntry
from mace.casework.services.emergency import begin_emergency_access
from mace.casework.services.protected_address import (
    end_protection,
    name_for_address,
    take_off_address,
)
from mace.core import clock
from mace.core.errors import NotAllowed, RuleBroken
from mace.core.seat import acting_as
from mace.notifications.models import Message
from referrals.models import Case, ChildIdentity, ProtectedAddress
from tests.casework.protected import ORDINARY, SECRET, SINCE, let_see, ordinary, protect, who_reads_it
from tests.factories.cast import Cast
from tests.factories.owner import as_owner
from tests.factories.panels import approved_meeting
from tests.factories.referrals import BORN, open_case
from tests.factories.sharing import opened_in_emergency, shared


@pytest.fixture
def case(cast: Cast) -> Case:
    return open_case(cast)


def test_recording_it_takes_the_ordinary_one_away_and_names_the_author_alone(cast: Cast, case: Case) -> None:
    assert ordinary() == ORDINARY
    made = protect(cast, case)
    assert ordinary() == ""
    assert who_reads_it(cast) == {"practitioner"}
    with as_owner():
        record = Record.objects.get(pk=made.pk)
        assert (record.kind, record.within_id, record.about_id) == (Kind.ADDRESS, case.pk, None)
        assert list(NamedPerson.objects.filter(content_object_id=made.pk).values_list("user_id", flat=True)) == [
            cast["practitioner"].user_id
        ]
    with as_owner(), connection.cursor() as cursor:
        cursor.execute(
            "select before ->> 'address' from audit_change where table_name = 'referrals_childidentity' "
            "and operation = 'update'"
        )
        assert cursor.fetchall() == [(ORDINARY,)]


def test_people_are_named_one_by_one_and_taken_off(cast: Cast, case: Case) -> None:
    made = protect(cast, case)
    let_see(cast, case, made, "coordinator")
    let_see(cast, case, made, "police_member", by="coordinator")
    assert who_reads_it(cast) == {"practitioner", "coordinator", "police_member"}
    with acting_as(cast["police_member"]):
        take_off_address(address=made, membership=cast.memberships["practitioner"], by=cast["police_member"])
        take_off_address(address=made, membership=cast.memberships["police_member"], by=cast["police_member"])
    assert who_reads_it(cast) == {"coordinator"}
    with as_owner():
        named = set(NamedPerson.objects.filter(content_object_id=made.pk).values_list("user_id", flat=True))
        assert named == {cast["coordinator"].user_id}
    with acting_as(cast["coordinator"]), pytest.raises(RuleBroken):
        take_off_address(address=made, membership=cast.memberships["coordinator"], by=cast["coordinator"])


def test_who_is_named_is_told_without_the_address_or_the_name(cast: Cast, case: Case) -> None:
    made = protect(cast, case)
    let_see(cast, case, made, "police_lead")
    with acting_as(cast["police_lead"]):
        message = Message.objects.get()
    assert (message.path, message.about) == (f"/cases/{case.reference}/address/", made.pk)
    for word in ("Hiddenham", "Refuge", "Tamika", "Brightwater", "father"):
        assert word not in f"{message.subject} {message.text}"


def test_only_who_is_named_names_others_and_only_current_seats_here(cast: Cast, case: Case) -> None:
    made = protect(cast, case)
    for name in ("coordinator", "manager", "chair", "police_lead", "system"):
        with acting_as(cast[name]):
            with pytest.raises((NotAllowed, RuleBroken)):
                name_for_address(
                    case=case, address=made, membership=cast.memberships[name], by=cast[name], at=clock.now()
                )
            with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
                cursor.execute("select access_share(%s, %s, 3::smallint)", [made.pk, cast[name].principal])
    for name in ("stranger_coordinator", "system", "board"):
        with acting_as(cast["practitioner"]), pytest.raises(RuleBroken):
            name_for_address(
                case=case,
                address=made,
                membership=cast.memberships[name],
                by=cast["practitioner"],
                at=clock.now(),
            )
    with acting_as(cast["practitioner"]):
        for principal in (
            cast.agencies["police"].principal,
            cast["coordinator"].partnership_principal,
            cast["manager"].team_principal,
            cast.panels["pre_mace"].principal,
        ):
            with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
                cursor.execute("select access_share(%s, %s, 3::smallint)", [made.pk, principal])
    assert who_reads_it(cast) == {"practitioner"}


def test_no_post_agency_emergency_or_sharing_opens_it(cast: Cast, case: Case) -> None:
    protect(cast, case)
    shared(cast, case.pk, "police", Scope.FULL, at=clock.now())
    approved_meeting(cast, case, invite=("education",), scope=Scope.FULL)
    opened_in_emergency(cast)
    for name in ("police_lead", "education_lead", "health_lead", "chair", "coordinator", "manager"):
        assert cast.client(name).get(f"/cases/{case.reference}/").status_code == 200, name
        with acting_as(cast[name]):
            assert Grant.objects.filter(record_id=case.pk, scope=Scope.FULL).exists(), name
    assert who_reads_it(cast) == {"practitioner"}


def test_emergency_access_changes_no_address(cast: Cast, case: Case) -> None:
    with acting_as(cast["health_lead"]):
        begin_emergency_access(
            forename="Tamika",
            surname="Brightwater",
            born=BORN,
            reason="She rang from a house she cannot leave.",
            by=cast["health_lead"],
            at=clock.now(),
        )
        assert ChildIdentity.objects.get().address == ORDINARY
        with connection.cursor() as cursor, pytest.raises(DatabaseError), transaction.atomic():
            cursor.execute("select referrals_address_changes(%s, current_date)", [case.pk])
    client = cast.client("health_lead")
    assert client.get(f"/cases/{case.reference}/").status_code == 200
    assert f"/cases/{case.reference}/address/" not in client.get(f"/cases/{case.reference}/").content.decode()
    assert client.get(f"/cases/{case.reference}/address/").status_code == 404
    assert client.get(f"/cases/{case.reference}/address/new/").status_code == 404
    assert ordinary() == ORDINARY


def test_who_holds_less_than_the_whole_case_records_none(cast: Cast, case: Case) -> None:
    approved_meeting(cast, case, invite=("police",), scope=Scope.SUMMARY)
    for name in ("police_lead", "other_practitioner", "stranger_coordinator"):
        with pytest.raises((NotAllowed, DatabaseError)), transaction.atomic():
            protect(cast, case, name)
    for name in ("analyst", "ig", "admin", "board"):
        with pytest.raises(NotAllowed):
            protect(cast, case, name)
    assert ordinary() == ORDINARY


def test_another_address_takes_the_place_of_one_that_the_seat_may_not_see(cast: Cast, case: Case) -> None:
    first = protect(cast, case)
    second = protect(cast, case, "coordinator", "12 Quiet Lane, Otherham")
    with acting_as(cast["practitioner"]):
        assert list(ProtectedAddress.objects.values_list("pk", "until_on")) == [(first.pk, SINCE)]
    with acting_as(cast["coordinator"]):
        assert list(ProtectedAddress.objects.values_list("pk", "until_on")) == [(second.pk, None)]
    assert protect(cast, case, "coordinator", "12 Quiet Lane, Otherham").pk == second.pk


def test_end_of_protection_puts_the_address_with_the_childs_details(cast: Cast, case: Case) -> None:
    made = protect(cast, case)
    client = cast.client("practitioner")
    address = f"/cases/{case.reference}/address/end/"
    assert SECRET in client.get(address).content.decode()
    assert client.post(address, {"lives": "3 Open Street, Anytown"}).status_code == 302
    assert ordinary() == "3 Open Street, Anytown"
    assert "3 Open Street" in cast.client("coordinator").get(f"/cases/{case.reference}/").content.decode()
    with acting_as(cast["practitioner"]):
        assert ProtectedAddress.objects.get(pk=made.pk).until_on == clock.today()
        end_protection(case=case, address=made, lives="again", by=cast["practitioner"], at=clock.now())
    assert ordinary() == "3 Open Street, Anytown"


def test_identity_bar_says_so_in_full_scope_and_nothing_below(cast: Cast, case: Case) -> None:
    approved_meeting(cast, case, invite=("police",), scope=Scope.SUMMARY)
    said = "Address protected"

    def bodies() -> dict[str, str]:
        return {
            name: cast.client(name).get(f"/cases/{case.reference}/").content.decode()
            for name in ("practitioner", "coordinator", "social_care_lead", "police_lead")
        }

    before = bodies()
    assert [name for name, body in before.items() if said in body] == []
    assert all(ORDINARY in body for body in before.values())
    protect(cast, case)
    after = bodies()
    assert [name for name, body in after.items() if said in body] == ["practitioner", "coordinator", "social_care_lead"]
    assert [name for name, body in after.items() if ORDINARY in body or SECRET in body] == []
    assert "rotected" not in after["police_lead"]


def test_page_for_those_named_for_those_who_are_not_and_for_others(cast: Cast, case: Case) -> None:
    made = protect(cast, case)
    let_see(cast, case, made, "manager")
    page = f"/cases/{case.reference}/address/"
    for name, code, sees in (
        ("practitioner", 200, True),
        ("manager", 200, True),
        ("coordinator", 200, False),
        ("social_care_lead", 200, False),
        ("other_practitioner", 404, False),
        ("police_lead", 404, False),
        ("stranger_coordinator", 404, False),
        ("board", 403, False),
        ("ig", 403, False),
    ):
        answer = cast.client(name).get(page)
        assert (answer.status_code, SECRET in answer.content.decode()) == (code, sees), name
    assert "you are not one of them" in cast.client("coordinator").get(page).content.decode()
    with acting_as(cast["manager"]):
        entry = ReadEntry.objects.filter(action="protected address", membership_id=cast["manager"].membership_id).get()
        assert sorted(entry.records) == sorted([case.pk, made.pk])


def test_person_named_who_sees_the_case_at_identity_reads_it_there(cast: Cast, case: Case) -> None:
    approved_meeting(cast, case, invite=("police",), scope=Scope.IDENTITY)
    made = protect(cast, case)
    let_see(cast, case, made, "police_lead")
    client = cast.client("police_lead")
    assert f"/cases/{case.reference}/address/" in client.get(f"/cases/{case.reference}/").content.decode()
    assert SECRET in client.get(f"/cases/{case.reference}/address/").content.decode()
    assert client.get(f"/cases/{case.reference}/address/new/").status_code == 403
    assert client.get(f"/cases/{case.reference}/address/end/").status_code == 403


def test_pages_record_name_and_take_off(cast: Cast, case: Case) -> None:
    client, page = cast.client("practitioner"), f"/cases/{case.reference}/address/"
    assert "No address of this child is protected" in client.get(page).content.decode()
    assert client.post(page + "new/", {"address": "", "reason": ""}).status_code == 422
    said = {
        "address": SECRET,
        "reason": "Her father looks for her",
        "since_on_day": "1",
        "since_on_month": "3",
        "since_on_year": "2026",
    }
    assert client.post(page + "new/", said).status_code == 302
    assert client.post(page + "new/", said).status_code == 302
    with as_owner():
        assert ProtectedAddress.objects.count() == 1
    chair = cast.memberships["chair"].reference
    assert client.post(page, {"person": "S-0000-0000"}).status_code == 422
    assert client.post(page, {"person": cast.memberships["stranger_coordinator"].reference}).status_code == 422
    assert client.post(page, {"person": chair}).status_code == 302
    assert who_reads_it(cast) == {"practitioner", "chair"}
    assert client.get(page + "take-off/").status_code == 405
    assert client.post(page + "take-off/", {"person": "S-0000-0000"}).status_code == 404
    assert cast.client("coordinator").post(page + "take-off/", {"person": chair}).status_code == 404
    assert client.post(page + "take-off/", {"person": chair}).status_code == 302
    assert who_reads_it(cast) == {"practitioner"}
    assert client.post(page + "take-off/", {"person": cast.memberships["practitioner"].reference}).status_code == 302
    assert who_reads_it(cast) == {"practitioner"}


def test_restricted_case_lets_only_people_named_on_it_be_named(cast: Cast, case: Case) -> None:
    made = protect(cast, case)
    let_see(cast, case, made, "police_lead")
    with acting_as(cast["coordinator"]):
        restrict(
            record_id=case.pk,
            people={cast.memberships["coordinator"]: Scope.FULL, cast.memberships["practitioner"]: Scope.FULL},
            reason="A colleague's family",
            by=cast["coordinator"],
        )
    assert who_reads_it(cast) == {"practitioner"}
    with acting_as(cast["practitioner"]), pytest.raises(RuleBroken), transaction.atomic():
        name_for_address(
            case=case,
            address=made,
            membership=cast.memberships["manager"],
            by=cast["practitioner"],
            at=clock.now(),
        )
    with as_owner():
        assert not NamedPerson.objects.filter(content_object_id=made.pk, user=cast.memberships["manager"].user).exists()
    let_see(cast, case, made, "coordinator")
    assert who_reads_it(cast) == {"practitioner", "coordinator"}
