"""Consent to support on a case: said, withdrawn, decided; and that none of it ends anything."""

from __future__ import annotations

import datetime as dt
import html
import re
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from mace.access.models import Scope
from mace.core import clock
from mace.core.errors import NotAllowed, RuleBroken
from mace.core.seat import acting_as
from mace.exporting.selectors.document import case_document
from mace.notifications.models import Message
from referrals.models import Case, ChildIdentity, ConsentSaid
from referrals.services.consent import decide_on_consent, say_consent
from tests.factories.cast import Cast
from tests.factories.owner import as_owner
from tests.factories.referrals import MONDAY, open_case
from tests.factories.sharing import shared

NOW = MONDAY + dt.timedelta(days=14)
TODAY = NOW.date()
DAY = dt.timedelta(days=1)
STANDING = ("access_grant", "access_disclosure", "referrals_case", "referrals_tierperiod", "referrals_safetyplan")


@pytest.fixture
def case(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> Case:
    monkeypatch.setattr(clock, "now", lambda: NOW)
    return open_case(cast)


def said(cast: Cast, case: Case, by: str = "practitioner", **changes: Any) -> ConsentSaid:
    given: dict[str, Any] = {"consent": "withdrawn", "said_by": "parent", "said_on": TODAY, "words": "We want no more"}
    given |= {"capacity": "", "care_act": "", "operation": ""}
    with acting_as(cast[by]):
        return say_consent(case=case, **given | changes, by=cast[by], at=NOW)


def read(cast: Cast, name: str, path: str) -> str:
    answer = cast.client(name).get(path)
    assert answer.status_code == 200, (name, path, answer.status_code)
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", answer.content.decode())))


def standing() -> dict[str, list[Any]]:
    """Every grant, sharing decision, case, tier and plan, byte for byte."""
    found = {}
    with as_owner(), connection.cursor() as cursor:
        for table in STANDING:
            cursor.execute(f"select t::text from {table} t order by 1")
            found[table] = cursor.fetchall()
    assert all(found.values())
    return found


def turned_18(case: Case) -> None:
    with as_owner():
        ChildIdentity.objects.filter(child_id=case.child_id).update(date_of_birth=TODAY.replace(year=TODAY.year - 18))


def test_a_withdrawal_asks_for_a_decision_everywhere_and_ends_nothing(cast: Cast, case: Case) -> None:
    shared(cast, case.pk, "police", Scope.SUMMARY)
    before = standing()
    page, name = f"/cases/{case.reference}/consent/", "coordinator"
    asks = "Consent withdrawn: decide what happens now"
    assert "Nothing was recorded since the referral" in read(cast, name, page)
    form = {"what": "said", "consent": "withdrawn", "said_by": "parent", "words": "We want no more", "operation": "one"}
    form |= {"said_on_day": str(TODAY.day), "said_on_month": str(TODAY.month), "said_on_year": str(TODAY.year)}
    for _ in range(2):  # sent twice
        assert cast.client(name).post(page, form).status_code == 302
    with acting_as(cast["coordinator"]):
        row = ConsentSaid.objects.get()
    with acting_as(cast["practitioner"]):
        told = Message.objects.get(recipient_id=cast["practitioner"].membership_id, subject__contains="withdrawn")
    assert "Tamika" not in told.subject + told.text
    warning = "Consent to support is withdrawn, and nobody has decided yet what happens now."
    for seat in ("practitioner", "coordinator"):
        assert asks in read(cast, seat, "/")
        assert warning in read(cast, seat, f"/cases/{case.reference}/")
    assert asks not in read(cast, "other_practitioner", "/")
    body = cast.client("practitioner").get(page).content.decode()
    (key,) = re.findall(r'name="what" value="(decision_[^"]+)"', body)
    assert "does not rest on consent" in body
    for _ in range(2):
        answer = cast.client("practitioner").post(page, {"what": key, "decision": "We go on: the risk is high"})
        assert answer.status_code == 302
    other = cast.client("coordinator").post(page, {"what": key, "decision": "We stop"})
    assert other.status_code == 422
    with acting_as(cast["coordinator"]):
        row.refresh_from_db()
        document = case_document(case.reference, reader=None, at=NOW)
        theirs = case_document(case.reference, reader=cast["police_lead"], at=NOW)
    assert (row.decision, row.decided_by_id) == (
        "We go on: the risk is high",
        cast["practitioner"].membership_id,
    )
    assert [line[-1] for line in document.consents] == ["We go on: the risk is high"]
    assert theirs.consents == []
    for seat in ("practitioner", "coordinator"):
        assert asks not in read(cast, seat, "/")
        assert warning not in read(cast, seat, f"/cases/{case.reference}/")
    history = read(cast, "practitioner", f"/cases/{case.reference}/history/")
    assert "Consent to support withdrawn by a parent or carer" in history
    assert standing() == before


def test_who_does_not_work_on_the_case_says_nothing_of_consent(cast: Cast, case: Case) -> None:
    shared(cast, case.pk, "police", Scope.FULL)
    shared(cast, case.pk, "education", Scope.SUMMARY)
    page = f"/cases/{case.reference}/consent/"
    row = said(cast, case)
    for name, status in {"police_lead": 403, "education_lead": 404, "stranger_coordinator": 404}.items():
        assert cast.client(name).post(page, {"what": "said"}).status_code == status
        with pytest.raises(NotAllowed):
            said(cast, case, name)
        with acting_as(cast[name]), pytest.raises((NotAllowed, ConsentSaid.DoesNotExist)):
            decide_on_consent(said=row, decision="We stop", by=cast[name], at=NOW)
    with acting_as(cast["education_lead"]):
        assert not ConsentSaid.objects.exists()


@pytest.mark.parametrize(
    ("adult", "changes", "field"),
    [
        (False, {"consent": "maybe"}, "consent"),
        (False, {"said_on": TODAY + DAY}, "said_on"),
        (False, {"words": " "}, "words"),
        (False, {"said_by": "teacher"}, "said_by"),
        (True, {"capacity": "has", "care_act": "enquiry"}, "said_by"),
        (True, {"said_by": "person", "care_act": "enquiry"}, "capacity"),
        (True, {"said_by": "person", "capacity": "has"}, "care_act"),
    ],
)
def test_what_is_not_recorded(cast: Cast, case: Case, adult: bool, changes: dict[str, Any], field: str) -> None:
    if adult:
        turned_18(case)
    with pytest.raises(RuleBroken) as broken:
        said(cast, case, **changes)
    assert broken.value.field == field


def test_from_18_the_page_asks_the_young_person_alone(cast: Cast, case: Case) -> None:
    page = f"/cases/{case.reference}/consent/"
    child = cast.client("practitioner").get(page).content.decode()
    assert ("said_by" in child, 'name="capacity"' in child, "only their own consent" in child) == (True, False, False)
    kept = said(cast, case, capacity="has", care_act="enquiry")
    assert (kept.capacity, kept.care_act) == ("", "")
    turned_18(case)
    adult = cast.client("practitioner").get(page).content.decode()
    assert ("said_by" in adult, 'name="capacity"' in adult, "only their own consent" in adult) == (False, True, True)
    (code,) = re.findall(r'<option value="([^"]+)"', adult)[:1]
    said(cast, case, said_by="person", capacity="has", care_act=code)
    assert "only their own consent" not in cast.client("practitioner").get(page).content.decode()


@pytest.mark.parametrize(
    "changes",
    [
        {"words": ""},
        {"said_on": TODAY + DAY},
        {"capacity": "has"},
        {"decision": "We go on"},
        {"operation": "one", "pk": None},
    ],
)
def test_the_database_refuses_what_is_incomplete(cast: Cast, case: Case, changes: dict[str, Any]) -> None:
    row = said(cast, case, operation="one")
    for name, value in changes.items():
        setattr(row, name, value)
    with acting_as(cast["practitioner"]), pytest.raises(IntegrityError), transaction.atomic():
        row.save()
