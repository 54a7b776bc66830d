"""A protected address told in a referral stands in its own record and nowhere else."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

import pytest
from django.core import mail
from django.db import DatabaseError, connection, transaction

from mace.access.models import NamedPerson, Record
from mace.access.services import grants_on
from mace.core import clock
from mace.core.errors import RuleBroken
from mace.core.seat import acting_as
from mace.notifications.models import Message
from mace.notifications.tasks import send_outbox
from referrals.models import Case, DraftSection, ProtectedAddress, Referral
from referrals.selectors.matching import Wanted, possible_matches
from referrals.services import accept_referral, return_referral, save_section, submit_referral
from tests.casework.protected import CHILD, SECRET, let_see, ordinary, protect, who_reads_it
from tests.factories.cast import Cast
from tests.factories.owner import as_owner
from tests.factories.panels import approved_meeting
from tests.factories.referrals import BORN, FILLED, draft_referral, open_case, submitted_referral


@pytest.fixture
def case(cast: Cast) -> Case:
    return open_case(cast)


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
