"""Addresses over time, never a protected one; further numbers that matching finds; home and placing authority."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from mace.agencies.models import LocalAuthority, PartnershipArea
from mace.casework.services.protected_address import end_protection, record_address
from mace.core.errors import NotAllowed, RuleBroken
from mace.core.seat import acting_as
from referrals.models import Case, ChildAddress, ChildAuthority, ChildIdentity, ProtectedAddress
from referrals.selectors import Wanted, possible_matches
from referrals.services import write_address, write_authority, write_number
from tests.access.locks import owner, owner_rows
from tests.factories.cast import Cast
from tests.factories.owner import as_owner
from tests.factories.referrals import MONDAY, open_case

LATER = MONDAY + dt.timedelta(days=30)
TODAY = LATER.date()
ADDRESS = "1 Invented Road, Anytown"


@pytest.fixture
def case(cast: Cast) -> Case:
    return open_case(cast)


def moved(cast: Cast, case: Case, address: str, *, by: str = "practitioner", **said: Any) -> None:
    given: dict[str, Any] = {"kind": "home", "from_on": None, "to_on": None, "source": "Her mother"} | said
    with acting_as(cast[by]):
        write_address(case=case, address=address, by=cast[by], at=LATER, **given)


def kept(cast: Cast, *, by: str = "coordinator") -> list[tuple[str, str, bool]]:
    """Address, kind, and whether it is so still; in the order of being written."""
    with acting_as(cast[by]):
        return [(row.address, row.kind, row.to_on is None) for row in ChildAddress.objects.order_by("pk")]


def said_by_identity(case: Case) -> str:
    with as_owner():
        return ChildIdentity.objects.get(child_id=case.child_id).address


def test_a_change_of_address_keeps_the_former_and_the_present_is_what_the_details_say(cast: Cast, case: Case) -> None:
    assert kept(cast) == [(ADDRESS, "home", True)]
    moved(cast, case, "2 New Street", kind="placement", from_on=dt.date(2026, 3, 20))
    moved(cast, case, "3 Father’s Way", kind="other_parent")
    moved(cast, case, "4 Old Lane", to_on=dt.date(2020, 1, 1))
    assert kept(cast) == [
        (ADDRESS, "home", False),
        ("2 New Street", "placement", True),
        ("3 Father’s Way", "other_parent", True),
        ("4 Old Lane", "home", False),
    ]
    assert said_by_identity(case) == "2 New Street"
    with as_owner():
        first, second = ChildAddress.objects.order_by("pk")[:2]
        assert (first.to_on, second.from_on) == (dt.date(2026, 3, 20), dt.date(2026, 3, 20))
        assert (second.source, second.written_by_id) == ("Her mother", cast.memberships["practitioner"].pk)


def test_a_change_of_the_childs_details_by_whatever_way_keeps_the_former(cast: Cast, case: Case) -> None:
    with acting_as(cast["coordinator"]):
        ChildIdentity.objects.filter(child_id=case.child_id).update(address="5 Elsewhere")
        ChildIdentity.objects.filter(child_id=case.child_id).update(address="")
    assert kept(cast) == [(ADDRESS, "home", False), ("5 Elsewhere", "home", False)]


def test_a_protected_address_is_never_kept_and_goes_from_what_was_kept(cast: Cast, case: Case) -> None:
    by = cast["practitioner"]
    moved(cast, case, "2 Refuge Row")
    with acting_as(by):
        record_address(
            case=case, address="2 Refuge Row, Anytown AB1 2CD", reason="A threat", since_on=TODAY, by=by, at=LATER
        )
    assert kept(cast) == []  # nothing is shown while an address is protected, the former neither
    for kind in ("home", "other"):
        with pytest.raises(RuleBroken, match="address is protected"):
            moved(cast, case, "6 Open Road", kind=kind)
    assert kept(cast) == []
    with acting_as(by):
        [(protected,)] = owner_rows("select record_id from referrals_protectedaddress")
        end_protection(
            case=case, address=ProtectedAddress.objects.get(pk=protected), lives="2 Refuge Row", by=by, at=LATER
        )
    assert said_by_identity(case) == "2 Refuge Row"
    assert kept(cast) == [(ADDRESS, "home", False)]
    moved(cast, case, "7 Open Road")
    assert kept(cast) == [(ADDRESS, "home", False), ("7 Open Road", "home", True)]


def test_who_may_write_it_and_what_is_refused(cast: Cast, case: Case) -> None:
    for name in ("other_practitioner", "manager", "chair", "police_lead", "stranger_coordinator"):
        with acting_as(cast[name]), pytest.raises((NotAllowed, Case.DoesNotExist)):
            moved(cast, case, "x", by=name)
    for wrong in (
        {"address": " "},
        {"source": ""},
        {"kind": "castle"},
        {"from_on": TODAY + dt.timedelta(days=1)},
        {"to_on": TODAY + dt.timedelta(days=1)},
        {"from_on": TODAY, "to_on": TODAY - dt.timedelta(days=1)},
        {"address": ADDRESS},
    ):
        with pytest.raises(RuleBroken):
            moved(cast, case, **({"address": "8 Any Road"} | wrong))
    assert kept(cast) == [(ADDRESS, "home", True)]
    for name in ("police_lead", "education_lead", "stranger_coordinator"):
        assert kept(cast, by=name) == []


def test_matching_finds_a_further_number_at_the_agency_that_gave_it_and_at_no_other(cast: Cast, case: Case) -> None:
    by = cast["coordinator"]
    wanted = Wanted("Bo", "Zu", dt.date(1999, 9, 9), local_id="PNC77/1")
    with acting_as(by):
        for _ in range(2):
            write_number(case=case, agency=cast.agencies["police"], number="pnc 77/1", by=by, at=LATER)
        with pytest.raises(RuleBroken, match="at least one digit"):
            write_number(case=case, agency=cast.agencies["police"], number="n/a", by=by, at=LATER)
        assert possible_matches(wanted) == []
        write_number(case=case, agency=cast.agencies["social_care"], number="PNC77/1", by=by, at=LATER)
        [match] = possible_matches(wanted)
        assert (match.child_id, match.numbers) == (case.child_id, ("number at your agency",))
    assert owner_rows("select count(*) from referrals_childnumber") == [(2,)]
    with acting_as(cast["stranger_practitioner"]):
        assert possible_matches(wanted) == []


def test_home_and_placing_authority_over_time_and_whether_the_home_one_was_told(cast: Cast, case: Case) -> None:
    with as_owner():
        here, far, further = (
            LocalAuthority.objects.create(name=name, gss_code=f"E0999999{at}")
            for at, name in enumerate(("Anytown", "Fartown", "Furthertown"))
        )
        PartnershipArea.objects.create(partnership=cast.partnership, local_authority=here)
    by = cast["practitioner"]

    def write(**said: Any) -> ChildAuthority:
        given = {"home": far, "placing": None, "from_on": dt.date(2026, 3, 1), "told_on": None, "told_by": ""}
        with acting_as(by):
            return write_authority(case=case, by=by, at=LATER, **given | said)

    page = f"/cases/{case.reference}/"
    client = cast.client("practitioner")
    missing = "Nobody has said that the home authority"
    write(home=here)
    assert missing not in client.get(page).content.decode()
    write(from_on=dt.date(2026, 3, 5))
    assert f"{missing}, Fartown, was told" in client.get(page).content.decode()
    for wrong in ({"told_on": TODAY}, {"told_by": "Ann"}, {"from_on": TODAY + dt.timedelta(days=1)}):
        with pytest.raises(RuleBroken):
            write(**wrong)
    told = write(from_on=dt.date(2026, 3, 5), told_on=TODAY, told_by="Ann Other")
    body = client.get(page).content.decode()
    assert missing not in body
    assert "by Ann Other" in body
    write(home=here, placing=further, from_on=dt.date(2026, 3, 8))
    assert f"{missing}, Anytown, was told" in client.get(page).content.decode()
    with pytest.raises(RuleBroken, match="must not be before"):
        write(from_on=dt.date(2026, 3, 6))
    with as_owner():
        told.refresh_from_db()
        assert told.to_on == dt.date(2026, 3, 8)
        assert ChildAuthority.objects.filter(to_on=None).count() == 1


def test_the_page_saves_each_of_its_forms_and_is_for_who_runs_or_leads_the_case(cast: Cast, case: Case) -> None:
    with as_owner():
        far = LocalAuthority.objects.create(name="Fartown", gss_code="E09999999")
    page = f"/cases/{case.reference}/child/"
    client = cast.client("practitioner")
    assert ADDRESS in client.get(page).content.decode()
    assert client.post(page, {"what": "address", "address": ""}).status_code == 422
    assert client.post(page, {"what": "castle"}).status_code == 404
    sent = {"what": "address", "address": "2 New Street", "kind": "home", "source": "Her mother"}
    assert client.post(page, sent).status_code == 302
    assert client.post(page, sent).status_code == 422
    number = {"what": "number", "agency": str(cast.agencies["police"].pk), "number": "PNC 77/1"}
    assert client.post(page, number).status_code == 302
    since = {"from_on_day": "1", "from_on_month": "3", "from_on_year": "2026"}
    assert client.post(page, {"what": "authority", "home": str(far.pk), **since}).status_code == 302
    body = client.get(f"/cases/{case.reference}/").content.decode()
    for words in ("2 New Street", ADDRESS, "Number at Anytown Police", "PNC77/1", "Fartown"):
        assert words in body
    assert cast.client("coordinator").get(page).status_code == 200
    for name, status in (("manager", 404), ("other_practitioner", 404), ("chair", 403), ("police_lead", 403)):
        assert cast.client(name).get(page).status_code == status


def test_addresses_go_with_a_child_whose_import_is_taken_back(cast: Cast) -> None:
    [(record,)] = owner_rows(
        "insert into access_record (kind, partnership_id, sort_at, restricted) values ('child', %s, now(), false) "
        "returning id",
        cast.partnership.pk,
    )
    owner("insert into referrals_child (record_id, reference, created_at) values (%s, 'P-TEST', now())", record)
    owner(
        "insert into referrals_childidentity "
        "(record_id, child_id, forename, surname, aliases, date_of_birth, nhs_number, address, name_key) "
        "values (%s, %s, 'Bo', 'Zu', '', '2010-01-01', '', '1 Road', 'bo zu')",
        *(record, record),
    )
    assert owner_rows("select address from referrals_childaddress where child_id = %s", record) == [("1 Road",)]
    for table in ("referrals_childidentity", "referrals_child"):
        owner(f"delete from {table} where record_id = %s", record)
    assert owner_rows("select 1 from referrals_childaddress where child_id = %s", record) == []
