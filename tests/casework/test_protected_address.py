"""An address that must not be known stands in one place, shown to the people named for it, and in no other channel."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

import pytest
from django.core import mail
from django.db import DatabaseError, connection, transaction

from mace.access.models import Grant, Kind, NamedPerson, Record, Scope
from mace.access.services import grants_on, restrict
from mace.audit.models import ReadEntry
from mace.casework.services.emergency import begin_emergency_access
from mace.casework.services.protected_address import (
    end_protection,
    name_for_address,
    record_address,
    take_off_address,
)
from mace.core import clock
from mace.core.errors import NotAllowed, RuleBroken
from mace.core.seat import acting_as
from mace.notifications.models import Message
from mace.notifications.tasks import send_outbox
from referrals.models import Case, ChildIdentity, DraftSection, ProtectedAddress, Referral
from referrals.selectors.matching import Wanted, possible_matches
from referrals.services import accept_referral, return_referral, save_section, submit_referral
from tests.factories.cast import Cast
from tests.factories.owner import as_owner
from tests.factories.panels import approved_meeting
from tests.factories.referrals import BORN, FILLED, draft_referral, open_case, submitted_referral
from tests.factories.sharing import opened_in_emergency, shared

SECRET = "Flat 9, Refuge House, Hiddenham"
ORDINARY = "1 Invented Road, Anytown"
CHILD = {"address": SECRET, "address_protected": ["yes"], "address_reason": "Her father looks for her"}
SINCE = dt.date(2026, 3, 1)


def protect(cast: Cast, case: Case, name: str = "practitioner", address: str = SECRET) -> ProtectedAddress:
    with acting_as(cast[name]):
        return record_address(
            case=case,
            address=address,
            reason="Her father looks for her",
            since_on=SINCE,
            by=cast[name],
            at=clock.now(),
        )


def let_see(cast: Cast, case: Case, address: ProtectedAddress, whom: str, by: str = "practitioner") -> None:
    with acting_as(cast[by]):
        name_for_address(case=case, address=address, membership=cast.memberships[whom], by=cast[by], at=clock.now())


def who_reads_it(cast: Cast) -> set[str]:
    """By raw SQL, in each seat."""
    found = set()
    for name, seat in cast.seats.items():
        with acting_as(seat), connection.cursor() as cursor:
            cursor.execute("select count(*) from referrals_protectedaddress where address = %s", [SECRET])
            if cursor.fetchone() != (0,):
                found.add(name)
    return found


def ordinary() -> str:
    with as_owner():
        return ChildIdentity.objects.get().address


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


# --- In a referral ---------------------------------------------------------------------------------------------------


def drafts() -> str:
    with as_owner(), connection.cursor() as cursor:
        cursor.execute("select string_agg(t::text, ' ') from referrals_draftsection t")
        return str(cursor.fetchone()[0])


def everywhere_but_where_it_belongs() -> list[str]:
    """Tables in which the address stands, by raw SQL as the owner."""
    found = []
    with as_owner(), connection.cursor() as cursor:
        cursor.execute("select tablename from pg_tables where schemaname = 'public' order by 1")
        for (name,) in cursor.fetchall():
            cursor.execute(f'select count(*) from "{name}" t where t::text like %s', ["%Hiddenham%"])
            if cursor.fetchone() != (0,):
                found.append(name)
    return found


def test_referral_keeps_it_out_of_everything_but_its_own_record(cast: Cast) -> None:
    draft = draft_referral(cast, child=CHILD)
    assert "Hiddenham" in drafts()
    with acting_as(cast["manager"]):
        assert not DraftSection.objects.exists()
    with acting_as(cast["practitioner"]):
        submit_referral(referral=draft, by=cast["practitioner"], at=clock.now())
    assert everywhere_but_where_it_belongs() == ["audit_change", "referrals_protectedaddress"]
    assert "Her father looks" not in drafts()
    assert ordinary() == ""
    assert who_reads_it(cast) == {"practitioner"}
    with as_owner():
        made = ProtectedAddress.objects.get()
        assert (made.address, made.reason) == (SECRET, "Her father looks for her")
    with acting_as(cast["coordinator"]):
        case = accept_referral(
            referral=draft, reason="Meets the criteria", lead_professional=None, by=cast["coordinator"], at=clock.now()
        )
    assert who_reads_it(cast) == {"practitioner"}
    body = cast.client("coordinator").get(f"/cases/{case.reference}/").content.decode()
    assert "Address protected" in body
    assert SECRET not in body
    assert SECRET in cast.client("practitioner").get(f"/cases/{case.reference}/address/").content.decode()


def test_referral_page_asks_and_says_what_is_missing(cast: Cast) -> None:
    draft = draft_referral(cast)
    client, page = cast.client("practitioner"), f"/referrals/{draft.reference}/pages/child/"
    body = client.get(page).content.decode()
    assert "This address must be protected" in body
    assert body.count('name="address_reason"') == 1
    posted: dict[str, Any] = dict(FILLED["child"]) | {"address_protected": "yes", "version": "1"}
    answer = client.post(page, posted | {"address": ""})
    assert answer.status_code == 422
    assert "Enter the address that must be protected" in answer.content.decode()
    assert "Say why the address must be protected" in answer.content.decode()
    assert client.post(page, posted | {"address_reason": "Danger", "version": "2"}).status_code == 302
    check = client.get(f"/referrals/{draft.reference}/check/").content.decode()
    assert "This address must be protected" in check


def test_referral_says_protected_to_those_who_read_it_in_full(cast: Cast) -> None:
    referral = submitted_referral(cast, child=CHILD)
    for path in (f"/referrals/{referral.reference}/", f"/referrals/{referral.reference}/screen/"):
        body = cast.client("coordinator").get(path).content.decode()
        assert "Protected: shown to named people" in body
        assert "Hiddenham" not in body


def returned(cast: Cast, **child: Any) -> Referral:
    referral = submitted_referral(cast, child=CHILD | child)
    with acting_as(cast["coordinator"]):
        return return_referral(referral=referral, reason="Which school?", by=cast["coordinator"], at=clock.now())


def mend(cast: Cast, referral: Referral, name: str = "practitioner", **child: Any) -> Referral:
    with acting_as(cast[name]):
        save_section(
            referral=referral,
            section="child",
            data=dict(FILLED["child"]) | child,
            version=None,
            operation="",
            by=cast[name],
            at=clock.now(),
        )
        return submit_referral(referral=referral, by=cast[name], at=clock.now())


def test_returned_referral_leaves_it_as_it_is_when_nothing_new_is_typed(cast: Cast) -> None:
    referral = returned(cast)
    page = cast.client("practitioner").get(f"/referrals/{referral.reference}/pages/child/").content.decode()
    assert "A protected address is kept already" in page
    assert "Hiddenham" not in page
    mend(cast, referral, address="", address_protected=["yes"], school="Another school")
    with as_owner():
        assert list(ProtectedAddress.objects.values_list("address", "until_on")) == [(SECRET, None)]
    assert everywhere_but_where_it_belongs() == ["audit_change", "referrals_protectedaddress"]


def test_returned_referral_puts_a_new_one_into_no_draft_that_others_read(cast: Cast) -> None:
    referral = returned(cast, address="Old Refuge, Elsewhere")
    with acting_as(cast["practitioner"]):
        save_section(
            referral=referral,
            section="child",
            data=dict(FILLED["child"]) | CHILD,
            version=None,
            operation="",
            by=cast["practitioner"],
            at=clock.now(),
        )
    with acting_as(cast["coordinator"]):
        assert DraftSection.objects.filter(section="child").exists()  # others read drafts now
    assert everywhere_but_where_it_belongs() == ["audit_change", "referrals_protectedaddress"]
    assert who_reads_it(cast) == {"practitioner"}
    with as_owner():
        assert ProtectedAddress.objects.count() == 1


def test_managers_correction_ends_the_one_that_the_manager_may_not_see(cast: Cast) -> None:
    referral = returned(cast, address="Old Refuge, Elsewhere")
    mend(cast, referral, "manager", **CHILD)
    assert who_reads_it(cast) == {"manager"}
    with as_owner():
        rows = ProtectedAddress.objects.order_by("pk").values_list("address", "until_on")
        assert list(rows) == [("Old Refuge, Elsewhere", clock.today()), (SECRET, None)]


def test_protection_given_up_in_a_returned_referral(cast: Cast) -> None:
    referral = returned(cast)
    with pytest.raises(RuleBroken):
        mend(cast, referral, address="")
    mend(cast, referral, address="3 Open Street")
    assert ordinary() == "3 Open Street"
    with as_owner():
        assert ProtectedAddress.objects.get().until_on == clock.today()


def test_second_referral_protects_the_address_of_a_child_already_known(cast: Cast, case: Case) -> None:
    with acting_as(cast["coordinator"]):
        reference = Case.objects.select_related("child").get(pk=case.pk).child.reference
    submitted_referral(cast, by="other_practitioner", child=CHILD | {"same_as": reference})
    assert ordinary() == ""
    assert who_reads_it(cast) == {"other_practitioner"}
    assert "Address protected" in cast.client("coordinator").get(f"/cases/{case.reference}/").content.decode()


# --- Side doors ------------------------------------------------------------------------------------------------------


def test_no_channel_shows_it_to_who_is_not_named(cast: Cast, case: Case) -> None:
    """Every page and answer on the case, search, matching, API, mail and logs; by those who see the case in full."""
    approved_meeting(cast, case)
    made = protect(cast, case)
    let_see(cast, case, made, "police_lead")
    with as_owner():
        referral = Referral.objects.get(case=case).reference
    for name in ("coordinator", "manager", "chair", "social_care_lead", "police_lead", "police_member", "ig", "admin"):
        client = cast.client(name)
        for path in (
            "/",
            "/cases/",
            f"/cases/{case.reference}/",
            f"/cases/{case.reference}/sharing/",
            f"/cases/{case.reference}/changes/",
            f"/referrals/{referral}/",
            "/inbox/",
            "/reviews/",
            "/meetings/",
            "/actions/",
            "/volt/",
            "/api/v1/cases/",
            f"/api/v1/cases/{case.reference}/",
            f"/api/v1/referrals/{referral}/",
            "/api/v1/actions/",
        ):
            body = client.get(path).content.decode(errors="replace")
            assert "Hiddenham" not in body, (name, path)
        for text in ("Hiddenham", "Refuge House", "Brightwater"):
            assert "Hiddenham, " not in client.post("/cases/search/", {"text": text}).content.decode()
    with acting_as(cast["other_practitioner"]):
        found = possible_matches(Wanted("Tamika", "Brightwater", BORN))
        assert [match.reference for match in found] != []
        assert "Hiddenham" not in repr(found)
    with as_owner():
        Message.objects.update(created_at=clock.now() - dt.timedelta(minutes=5))
    send_outbox()
    assert mail.outbox != []
    assert not any(re.search("Hiddenham|Brightwater|Tamika", f"{m.subject} {m.body}") for m in mail.outbox)
    with as_owner(), connection.cursor() as cursor:
        for table in ("audit_readentry", "notifications_message", "access_disclosure"):
            cursor.execute(f"select count(*) from {table} t where t::text like %s", ["%Hiddenham%"])
            assert cursor.fetchone() == (0,), table


def test_sql_as_another_seat_finds_neither_the_row_nor_its_grants_nor_who_is_named(cast: Cast, case: Case) -> None:
    made = protect(cast, case)
    with acting_as(cast["practitioner"]):
        assert grants_on(made.pk) == {cast["practitioner"].principal: 3}
    for name in ("coordinator", "chair", "manager", "social_care_lead", "system", "ig", "stranger_system"):
        with acting_as(cast[name]):
            assert grants_on(made.pk) == {}, name
            assert not Record.objects.filter(pk=made.pk).exists(), name
            assert not NamedPerson.objects.filter(content_object_id=made.pk).exists(), name
            assert ProtectedAddress.objects.update(address="x") == 0, name
            with connection.cursor() as cursor:
                for statement in (
                    "insert into access_grant (record_id, principal, kind) values (%s, %s, 'address')",
                    "select access_unshare(%s, %s)",
                ):
                    with pytest.raises(DatabaseError), transaction.atomic():
                        cursor.execute(statement, [made.pk, cast[name].principal])
