"""Records that may be one child are found by the worker, listed for the coordinator, and gone once somebody decided."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from mace.audit.models import ReadEntry
from mace.core import clock
from mace.core.errors import NotAllowed
from mace.core.seat import acting_as
from referrals import tasks
from referrals.models import Case, Child, ChildIdentity, ChildToCompare, PossiblePair
from referrals.selectors.sameness import possible_pairs
from referrals.services import merge_children, say_apart, take_back_apart, undo_merge
from referrals.services.sameness import compare_children
from tests.factories.cast import Cast
from tests.factories.owner import as_owner
from tests.factories.referrals import MONDAY, another_child, open_case

LATER = MONDAY + dt.timedelta(days=1)
ALIKE = {"forename": "Tameka", "surname": "Britewater", "same_as": "different"}


def compared(cast: Cast, *, most: int = 50, at: dt.datetime = LATER) -> int:
    with acting_as(cast["system"]):
        return len(compare_children(by=cast["system"], at=at, most=most))


def listed(cast: Cast, name: str = "coordinator") -> list[set[int]]:
    with acting_as(cast[name]):
        return [{pair.a_id, pair.b_id} for pair in possible_pairs()[0]]


def children(*cases: Case) -> list[Child]:
    with as_owner():
        return [Child.objects.get(pk=case.child_id) for case in cases]


def test_pairs_that_are_strongly_alike_are_found_once_and_only_among_who_is_new_or_changed(cast: Cast) -> None:
    one, other, third = open_case(cast), open_case(cast, child=ALIKE), open_case(cast, child=another_child(3))
    open_case(cast, by="stranger_practitioner", coordinator="stranger_coordinator")
    assert compared(cast) == 3
    assert compared(cast) == 0
    pair = {one.child_id, other.child_id}
    assert listed(cast) == [pair]
    assert listed(cast, "practitioner") == [pair]  # who leads both cases sees both children in full
    assert listed(cast, "other_practitioner") == listed(cast, "stranger_coordinator") == []
    with acting_as(cast["coordinator"]):
        ChildIdentity.objects.filter(child_id=third.child_id).update(address="2 New Street")
    assert compared(cast) == 0
    with acting_as(cast["coordinator"]):
        ChildIdentity.objects.filter(child_id=third.child_id).update(nhs_number="9990000018")
        ChildIdentity.objects.filter(child_id=one.child_id).update(nhs_number="9990000018")
    assert compared(cast, at=LATER + dt.timedelta(days=1)) == 2
    assert listed(cast) == [{one.child_id, third.child_id}, pair]


def test_a_pair_goes_when_it_is_decided_and_comes_back_when_that_is_undone(cast: Cast) -> None:
    cases = open_case(cast), open_case(cast, child=ALIKE)
    by = cast["coordinator"]
    one, other = children(*cases)
    pair = [{one.pk, other.pk}]
    compared(cast)
    assert listed(cast) == pair
    with acting_as(by):
        said = say_apart(one=other, other=one, reason="Two births", by=by, at=LATER)
        assert PossiblePair.objects.get().decision == "apart"
    assert listed(cast) == []
    with acting_as(by):
        take_back_apart(apart=said, reason="Perhaps one", by=by, at=LATER)
    assert listed(cast) == pair
    with acting_as(by):
        merge = merge_children(gone=other, kept=one, reason="One birth", by=by, at=LATER)
        assert PossiblePair.objects.get().decision == "merged"
    assert listed(cast) == []
    with acting_as(by):
        undo_merge(merge=merge, reason="Cousins", by=by, at=LATER)
    assert listed(cast) == pair


def test_who_is_said_to_be_different_before_is_never_listed(cast: Cast) -> None:
    one, other = children(open_case(cast), open_case(cast, child=ALIKE))
    with acting_as(cast["coordinator"]):
        say_apart(one=one, other=other, reason="Two births", by=cast["coordinator"], at=LATER)
    assert compared(cast) == 2
    assert listed(cast) == []


def test_only_the_worker_compares(cast: Cast) -> None:
    open_case(cast)
    with acting_as(cast["practitioner"]), pytest.raises(NotAllowed):
        compare_children(by=cast["practitioner"], at=LATER, most=1)
    with acting_as(cast["coordinator"]):
        assert not ChildToCompare.objects.exists()
        assert compare_children(by=cast["coordinator"], at=LATER, most=1) == []
    assert compared(cast) == 1


def test_the_nightly_task_goes_on_until_all_are_compared_and_looks_elsewhere_too(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    open_case(cast)
    open_case(cast, child=ALIKE)
    monkeypatch.setattr(tasks, "AT_ONCE", 1)
    started: list[dict[str, Any]] = []
    looked: list[int] = []
    monkeypatch.setattr(tasks.find_pairs_of, "delay", lambda **given: started.append(given))
    monkeypatch.setattr(tasks.look_elsewhere, "delay", lambda **given: looked.append(given["child_id"]))
    tasks.find_pairs()
    assert {each["partnership_id"] for each in started} == {cast.partnership.pk, cast.other_partnership.pk}
    while started:
        tasks.find_pairs_of(**started.pop())
    assert len(looked) == len(set(looked)) == 2
    assert len(listed(cast)) == 1


def test_the_page_lists_pairs_newest_first_by_pages_and_both_children_are_put_on_record(
    cast: Cast,
) -> None:
    cases = [open_case(cast), open_case(cast, child=ALIKE)]
    found = children(*cases)
    client = cast.client("coordinator")
    assert "Nothing to decide" in client.get("/children/").content.decode()
    compared(cast)
    body = client.get("/children/").content.decode()
    pair = sorted(found, key=lambda child: child.pk)
    assert f"/children/{pair[0].reference}/merge/?other={pair[1].reference}" in body
    assert client.get("/children/", {"after": "x"}).status_code == 302
    cases += [open_case(cast, child=another_child(3) | said) for said in ({}, {"same_as": "different"})]
    compared(cast, at=clock.now())
    with acting_as(cast["coordinator"]):
        first, key = possible_pairs(size=1)
        second, end = possible_pairs(size=1, after=key)
    assert [{p.a_id, p.b_id} for p in (*first, *second)] == [
        {case.child_id for case in cases[2:]},
        {case.child_id for case in cases[:2]},
    ]
    assert end == ""
    with as_owner():
        entry = ReadEntry.objects.filter(action="possibly the same child").latest("pk")
        assert set(entry.records) == {case.child_id for case in cases[:2]}
