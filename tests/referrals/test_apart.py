"""Two records that look alike are said to be different children: neither is offered for the other, until taken back."""

from __future__ import annotations

import datetime as dt
import re

import pytest
from django.db import DatabaseError, connection, transaction

from mace.audit.models import Change
from mace.core.errors import NotAllowed, RuleBroken
from mace.core.seat import acting_as
from referrals.models import Case, Child, ChildrenApart, Referral
from referrals.selectors import Wanted, possible_matches
from referrals.selectors.comparing import compare, wanted_of
from referrals.selectors.matching import all_surely_meant, surely_meant
from referrals.selectors.merging import child_in_full
from referrals.services import merge_children, say_apart, take_back_apart, undo_merge
from tests.factories.cast import Cast
from tests.factories.owner import as_owner
from tests.factories.referrals import BORN, MONDAY, another_child, open_case, submitted_referral

LATER = MONDAY + dt.timedelta(days=30)
ALIKE = {"forename": "Tameka", "surname": "Britewater", "same_as": "different"}


def pair(cast: Cast) -> tuple[Case, Case]:
    """Two cases of children who look alike, led by two practitioners of different teams."""
    made = open_case(cast), open_case(cast, by="other_practitioner", child=ALIKE)
    with acting_as(cast["coordinator"]):
        for case in made:
            assert case.child.identity.full_name  # loaded, for whoever may not read it
    return made


def apart(cast: Cast, one: Case, other: Case, *, by: str = "coordinator") -> ChildrenApart:
    with acting_as(cast[by]):
        return say_apart(one=one.child, other=other.child, reason="Two births", by=cast[by], at=LATER)


def offered(cast: Cast, seat: str, child: Child) -> list[int]:
    """Who is offered in place of a child that has a record, whether the seat sees theirs or not."""
    with acting_as(cast[seat]):
        return [match.child_id for match in possible_matches(wanted_of(child), besides=child.pk)]


def test_neither_is_offered_for_the_other_to_anybody_until_it_is_taken_back(cast: Cast) -> None:
    one, other = pair(cast)
    assert offered(cast, "practitioner", one.child) == offered(cast, "coordinator", one.child) == [other.child_id]
    said = apart(cast, other, one)
    for seat, child in (("practitioner", one), ("coordinator", one), ("coordinator", other)):
        assert offered(cast, seat, child.child) == [], seat
    assert offered(cast, "other_practitioner", other.child) == []
    with acting_as(cast["coordinator"]):
        take_back_apart(apart=said, reason="Perhaps one", by=cast["coordinator"], at=LATER)
    assert offered(cast, "practitioner", one.child) == [other.child_id]


def test_a_new_child_is_still_offered_both(cast: Cast) -> None:
    one, other = pair(cast)
    apart(cast, one, other)
    with acting_as(cast["practitioner"]):
        assert {m.child_id for m in possible_matches(Wanted("Tamika", "Brightwater", BORN))} == {
            one.child_id,
            other.child_id,
        }


def test_it_holds_for_records_merged_with_them_too(cast: Cast) -> None:
    one, other = pair(cast)
    third = open_case(cast, child=another_child(3))
    with acting_as(cast["coordinator"]):
        by = cast["coordinator"]
        merge_children(gone=third.child, kept=other.child, reason="One birth", by=by, at=LATER)
    apart(cast, one, other)
    with acting_as(cast["coordinator"]):
        wanted = wanted_of(third.child)
        assert [m.child_id for m in possible_matches(wanted)] == [other.child_id]
        assert possible_matches(wanted, besides=one.child_id) == []


def test_whoever_holds_nothing_of_a_child_learns_nothing_of_it_by_naming_it(cast: Cast) -> None:
    one, other = pair(cast)
    apart(cast, one, other)
    with acting_as(cast["other_practitioner"]):
        found = possible_matches(Wanted("Tamika", "Brightwater", BORN), besides=one.child_id)
        assert other.child_id in {match.child_id for match in found}


def test_what_cannot_be_said_or_taken_back(cast: Cast) -> None:
    one, other = pair(cast)
    by = cast["coordinator"]
    with acting_as(by):
        with pytest.raises(RuleBroken, match="Say how you know"):
            say_apart(one=one.child, other=other.child, reason=" ", by=by, at=LATER)
        with pytest.raises(RuleBroken, match="one child"):
            say_apart(one=one.child, other=one.child, reason="x", by=by, at=LATER)
        merge = merge_children(gone=other.child, kept=one.child, reason="x", by=by, at=LATER)
        with pytest.raises(RuleBroken, match="undo the merge first"):
            say_apart(one=one.child, other=other.child, reason="x", by=by, at=LATER)
        undo_merge(merge=merge, reason="x", by=by, at=LATER)
        said = say_apart(one=one.child, other=other.child, reason="x", by=by, at=LATER)
        with pytest.raises(RuleBroken, match="already"):
            say_apart(one=other.child, other=one.child, reason="x", by=by, at=LATER)
        with pytest.raises(RuleBroken, match="take that back first"):
            merge_children(gone=other.child, kept=one.child, reason="x", by=by, at=LATER)
        with pytest.raises(RuleBroken, match="Say why"):
            take_back_apart(apart=said, reason="", by=by, at=LATER)
        take_back_apart(apart=said, reason="Perhaps one", by=by, at=LATER)
        with pytest.raises(NotAllowed):
            take_back_apart(apart=said, reason="Perhaps one", by=by, at=LATER)
    for name in ("practitioner", "stranger_coordinator"):
        with acting_as(cast[name]), pytest.raises(NotAllowed):
            say_apart(one=one.child, other=other.child, reason="x", by=cast[name], at=LATER)


def test_only_the_functions_write_it_and_the_history_keeps_it_of_both(cast: Cast) -> None:
    one, other = pair(cast)
    said = apart(cast, one, other)
    with acting_as(cast["coordinator"]):
        for statement in (
            "update referrals_childrenapart set reason = 'x'",
            "delete from referrals_childrenapart",
            "insert into referrals_childrenapart select * from referrals_childrenapart",
        ):
            with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(statement)
    with as_owner():
        kept = Change.objects.get(table_name="referrals_childrenapart", row_key=str(said.pk))
        assert (set(kept.records), kept.reason) == ({one.child_id, other.child_id}, "Two births")


def test_a_row_of_a_spreadsheet_is_given_to_neither_of_two_who_are_said_to_be_different(cast: Cast) -> None:
    one = open_case(cast)
    other = open_case(cast, by="other_practitioner", child={"same_as": "different", "nhs_number": "999 000 0018"})
    wanted = Wanted("Tamika", "Brightwater", BORN)
    by = cast["coordinator"]
    with acting_as(by):
        assert surely_meant(wanted)[0] is not None
        for case in (one, other):
            assert case.child.reference
    apart(cast, one, other)
    with acting_as(by):
        assert surely_meant(wanted) == (None, True)
        numbered, unsure = surely_meant(Wanted("Tamika", "Brightwater", BORN, nhs_number="9990000018"))
        assert (numbered and numbered.child_id, unsure) == (other.child_id, False)
        assert all_surely_meant([wanted], but=lambda _: {one.child_id})[0][0] is not None


# --- The page --------------------------------------------------------------------------------------------------------


def test_each_row_says_in_words_how_it_compares(cast: Cast) -> None:
    one = open_case(cast, child={"aliases": "Tee, Mika", "nhs_number": "999 000 0018", "date_of_birth_day": "5"})
    other = open_case(
        cast,
        by="other_practitioner",
        child=ALIKE
        | {
            "aliases": "tee",
            "date_of_birth_day": "3",
            "date_of_birth_month": "5",
            "sex": "U",
            "ethnicity": "WBRI",
            "address": "1 Invented Rd, Anytown",
            "upn": "h801 2000 01001",
        },
        situation={"school": "Other College"},
    )
    with acting_as(cast["coordinator"]):
        both = [child_in_full(Child.objects.get(pk=case.child_id).reference) for case in (one, other)]
        compared = compare(*both)
        back = compare(*reversed(both))
    assert {row.name: (row.word, row.why) for row in compared.rows} == {
        "Name": ("Alike", "surname sounds alike, also known as tee Britewater"),
        "Other names": ("Alike", ""),
        "Date of birth": ("Alike", "day and month swapped"),
        "Sex": ("Only one known", ""),
        "Ethnicity": ("Different", ""),
        "NHS number": ("Only one known", ""),
        "UPN": ("Only one known", ""),
        "Numbers at agencies": ("Not known", ""),
        "Addresses": ("Alike", ""),
        "School or college": ("Different", ""),
        "Cases": ("Not compared", ""),
        "Referrals": ("Not compared", ""),
        "Lead professionals": ("Different", ""),
    }
    assert [row.word for row in back.rows] == [row.word for row in compared.rows]
    assert compared.why == "day and month swapped, surname sounds alike, also known as tee Britewater"
    rows = {row.name: row for row in compared.rows}
    assert rows["Cases"].one == (f"{one.reference}, open since 2 March 2026",)
    assert rows["Lead professionals"].one == ("Practitioner, Anytown Children’s Services",)
    assert set(compared.records) == {one.pk, other.pk}


def test_the_page_compares_says_apart_and_takes_it_back(cast: Cast) -> None:
    one, other = pair(cast)
    client = cast.client("coordinator")
    alone = client.get(f"/children/{one.child.reference}/merge/").content.decode()
    link = f"/children/{one.child.reference}/merge/?other={other.child.reference}"
    assert link in alone
    body = client.get(link).content.decode()
    assert len(re.findall(r"<th scope=\"row\"", body)) == 13
    assert "They may be one child: same date of birth, name sounds alike." in body
    assert body.count("<caption") == 1
    assert body.count('id="id_reason"') == body.count('id="id_apart_reason"') == 1
    send = f"/children/{one.child.reference}/apart/?other={other.child.reference}"
    assert client.post(send, {"reason": ""}).status_code == 422
    assert client.post(send, {"reason": "Two births"}).headers["Location"] == link
    body = client.get(link).content.decode()
    assert "Two births" in body
    assert "They are one child</button>" not in body
    assert client.post(link, {"keep": one.child.reference, "reason": "x"}).status_code == 422
    assert other.child.reference in client.get(f"/children/{one.child.reference}/merge/").content.decode()
    assert client.post(send, {"reason": "Two births"}).status_code == 422
    back = f"/children/{other.child.reference}/apart/undo/?other={one.child.reference}"
    assert client.post(back, {"reason": ""}).status_code == 422
    assert client.post(back, {"reason": "Perhaps one"}).status_code == 302
    assert client.post(back, {"reason": "Perhaps one"}).status_code == 404
    body = client.get(f"/children/{one.child.reference}/merge/").content.decode()
    assert "Taken back by Coordinator" in body
    for name in ("stranger_coordinator",):
        assert cast.client(name).post(send, {"reason": "x"}).status_code == 404


def test_screening_names_who_may_be_the_same_child_and_leads_to_the_comparison(cast: Cast) -> None:
    case = open_case(cast)
    waiting = submitted_referral(cast, by="other_practitioner", child=ALIKE)
    page = f"/referrals/{waiting.reference}/screen/"
    client = cast.client("coordinator")
    with acting_as(cast["coordinator"]):
        child, known = Child.objects.get(pk=waiting.child_id), Child.objects.get(pk=case.child_id)
    link = f"/children/{child.reference}/merge/?other={known.reference}"
    body = client.get(page).content.decode()
    assert "Tamika Brightwater, born 27 March 2011: same date of birth, name sounds alike." in body
    assert link in body
    assert client.get(link).status_code == 200
    with acting_as(cast["coordinator"]):
        say_apart(one=child, other=known, reason="Two births", by=cast["coordinator"], at=LATER)
    assert "Possibly the same child" not in client.get(page).content.decode()
    with acting_as(cast["coordinator"]):
        assert Referral.objects.get(pk=waiting.pk).status == "submitted"
