"""Two records of one child are said to be the same: nothing moves, nobody sees more, and it can be undone."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import ProgrammingError, connection, transaction

from mace.access.models import Grant, Scope
from mace.access.services import bar_person, restrict
from mace.core.errors import NotAllowed, RuleBroken
from mace.core.seat import acting_as
from referrals.models import Case, Child, ChildIdentity, ChildMerge, Referral
from referrals.selectors import Wanted, possible_matches
from referrals.selectors.cases import earlier_cases
from referrals.services import merge_children, undo_merge
from referrals.services.closing import close_tier
from tests.factories.cast import Cast
from tests.factories.owner import as_owner
from tests.factories.referrals import BORN, MONDAY, another_child, open_case

LATER = MONDAY + dt.timedelta(days=30)


def pair(cast: Cast) -> tuple[Case, Case]:
    """Two cases of children who turn out to be one: led by two practitioners of different teams."""
    made = open_case(cast), open_case(cast, by="other_practitioner", child=another_child(3))
    with acting_as(cast["coordinator"]):
        for case in made:
            assert case.child.reference  # loaded, for whoever may not read it
    return made


def merged(cast: Cast, gone: Case, kept: Case, *, by: str = "coordinator") -> ChildMerge:
    with acting_as(cast[by]):
        return merge_children(gone=gone.child, kept=kept.child, reason="The same birth", by=cast[by], at=LATER)


def everything_granted() -> set[tuple[int, int, int]]:
    with as_owner():
        return set(Grant.objects.values_list("record_id", "principal", "scope"))


def test_nobody_sees_more_and_every_grant_stays(cast: Cast) -> None:
    one, other = pair(cast)
    before = everything_granted()
    merge = merged(cast, other, one)
    assert everything_granted() == before
    for name, own in (("practitioner", one), ("other_practitioner", other)):
        with acting_as(cast[name]):
            assert list(Case.objects.values_list("pk", flat=True)) == [own.pk]
            assert list(ChildIdentity.objects.values_list("child_id", flat=True)) == [own.child_id]
            assert not ChildMerge.objects.exists()
    with acting_as(cast["coordinator"]):
        assert list(ChildMerge.objects.values_list("child_id", "into_id")) == [(other.child_id, one.child_id)]
        undo_merge(merge=merge, reason="They are cousins", by=cast["coordinator"], at=LATER)
        assert ChildMerge.objects.get().undone_reason == "They are cousins"
    assert everything_granted() == before


def test_whoever_looks_for_the_child_is_led_to_the_record_that_stays(cast: Cast) -> None:
    one, other = pair(cast)
    with acting_as(cast["coordinator"]):
        found = ChildIdentity.objects.get(child=other.child)
    name = (found.forename, found.surname, found.date_of_birth)
    with acting_as(cast["practitioner"]):
        assert [match.child_id for match in possible_matches(Wanted(*name))] == [other.child_id]
    merge = merged(cast, other, one)
    with acting_as(cast["practitioner"]):
        assert [(m.child_id, m.name, m.reference) for m in possible_matches(Wanted(*name))] == [
            (one.child_id, found.full_name, one.child.reference)
        ]
        assert [m.child_id for m in possible_matches(Wanted("Tamika", "Brightwater", BORN))] == [one.child_id]
    with acting_as(cast["coordinator"]):
        undo_merge(merge=merge, reason="They are cousins", by=cast["coordinator"], at=LATER)
    with acting_as(cast["practitioner"]):
        assert [match.child_id for match in possible_matches(Wanted(*name))] == [other.child_id]


def test_screening_shows_the_cases_of_both_records(cast: Cast) -> None:
    one, other = pair(cast)
    with acting_as(cast["coordinator"]):
        close_tier(case=other, tier="pre_mace", outcome="stepped_down", reason="x", by=cast["coordinator"], at=LATER)
    merged(cast, other, one)
    waiting = Referral(child=one.child, partnership=cast.partnership)
    with acting_as(cast["coordinator"]):
        assert {case.pk for case in earlier_cases(waiting)} == {one.pk, other.pk}
    with acting_as(cast["practitioner"]):
        assert {case.pk for case in earlier_cases(waiting)} == {one.pk}


def test_a_bar_and_a_restriction_hold_around_both(cast: Cast) -> None:
    one, other = pair(cast)
    coordinator = cast["coordinator"]
    merge = merged(cast, other, one)
    with acting_as(coordinator):
        user = cast.memberships["other_practitioner"].user
        bar_person(record_id=one.pk, user=user, reason="An uncle", by=coordinator, at=LATER)
    with acting_as(cast["other_practitioner"]):
        assert not Case.objects.exists()
    with acting_as(coordinator):
        people = {cast.memberships["coordinator"]: Scope.FULL}
        restrict(record_id=other.pk, people=people, reason="An operation", by=coordinator)
    with acting_as(cast["practitioner"]):
        assert not Case.objects.exists()
    with acting_as(coordinator):
        assert Case.objects.count() == 2
        with pytest.raises(RuleBroken, match="Lift the restriction first"):
            undo_merge(merge=merge, reason="x", by=coordinator, at=LATER)


def test_what_cannot_be_merged(cast: Cast) -> None:
    one, other = pair(cast)
    coordinator = cast["coordinator"]
    third = open_case(cast, child=another_child(5))
    with acting_as(coordinator):
        assert third.child.reference

    def refused(gone: Case, kept: Case, match: str, reason: str = "x") -> None:
        with acting_as(coordinator), pytest.raises(RuleBroken, match=match):
            merge_children(gone=gone.child, kept=kept.child, reason=reason, by=coordinator, at=LATER)

    refused(one, other, "Say why", reason=" ")
    refused(one, one, "one record already")
    with acting_as(coordinator):
        close_tier(case=third, tier="pre_mace", outcome="stepped_down", reason="x", by=coordinator, at=LATER)
    refused(one, third, "Keep the record with the open case")
    merged(cast, other, one)
    refused(one, other, "one record already")
    refused(other, third, "Keep the record with the open case")
    with acting_as(coordinator):
        people = {cast.memberships["coordinator"]: Scope.FULL}
        restrict(record_id=one.pk, people=people, reason="An operation", by=coordinator)
    refused(third, other, "restricted")


@pytest.mark.parametrize(
    "name", ["practitioner", "manager", "chair", "police_lead", "board", "ig", "admin", "stranger_coordinator"]
)
def test_only_who_runs_and_sees_both_merges_and_undoes(cast: Cast, name: str) -> None:
    one, other = pair(cast)
    with pytest.raises(NotAllowed):
        merged(cast, other, one, by=name)
    merge = merged(cast, other, one)
    with acting_as(cast[name]):
        with pytest.raises(NotAllowed):
            undo_merge(merge=merge, reason="x", by=cast[name], at=LATER)
        for statement in (
            f"select referrals_undo_merge({merge.pk}, 'x', now())",
            f"select referrals_merge_children({one.child_id}, {other.child_id}, 'x', now())",
            f"select referrals_hand_over({one.pk}, '{{}}', '{{{cast[name].principal}}}')",
            "select referrals_kept_child(1)",
            "select * from referrals_matching_records('a', 'b', '', now()::date, true, '', '', '')",
            "update referrals_childmerge set undone_at = now(), undone_reason = 'x'",
        ):
            with pytest.raises(ProgrammingError), transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(statement)


def test_the_pages_show_both_side_by_side_and_undo(cast: Cast) -> None:
    one, other = pair(cast)
    page = f"/children/{other.child.reference}/merge/"
    client = cast.client("coordinator")
    assert "Compare" in client.get(page).content.decode()
    for reference in ("C-0000-0000", other.reference, ""):
        assert client.get(page, {"other": reference}).status_code == 422
    body = client.get(page, {"other": one.reference.lower()}).content.decode()
    assert "Tamika Brightwater" in body
    assert one.child.reference in body
    address = f"{page}?other={one.reference}"
    assert client.post(address, {"keep": one.child.reference}).status_code == 422
    assert client.post(page, {"keep": one.child.reference, "reason": "x"}).status_code == 404
    sent = {"keep": one.child.reference, "reason": "The same birth"}
    kept = f"/children/{one.child.reference}/merge/"
    assert client.post(address, sent).headers["Location"] == kept
    assert "The same birth" in client.get(kept).content.decode()
    assert client.post(f"{kept}undo/", {"reason": "x"}).status_code == 404
    assert client.post(f"{page}undo/", {"reason": ""}).status_code == 302
    with acting_as(cast["coordinator"]):
        assert ChildMerge.objects.filter(undone_at=None).count() == 1
    assert client.post(f"{page}undo/", {"reason": "They are cousins"}).status_code == 302
    with acting_as(cast["coordinator"]):
        assert ChildMerge.objects.filter(undone_at=None).count() == 0
        assert Child.objects.count() == 2
    assert cast.client("stranger_coordinator").get(page).status_code == 404
