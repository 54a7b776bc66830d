"""Persons, locations and themes: who keeps and sees them, and that no link is made without a source."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.db.models import Model

from mace.access.models import Grant, Kind, Scope
from mace.access.services import grants_on, share
from mace.core.errors import NotAllowed, RuleBroken
from mace.core.seat import acting_as
from referrals.models import Case
from tests.factories.cast import Cast
from tests.factories.referrals import MONDAY, another_child, open_case, submitted_referral
from tests.factories.sharing import shared
from volt.enums import Assessment, Basis, Handling, LinkKind, SourceGrade
from volt.models import Link, Location, PersonOfConcern, Theme
from volt.selectors import (
    mentions_to_settle,
    search_volt,
    shared_between_cases,
    volt_of_record,
    volt_page,
)
from volt.services import from_mentions, link_records, record_location, record_person, record_theme

EVERYBODY = (
    "practitioner",
    "other_practitioner",
    "manager",
    "coordinator",
    "chair",
    "police_lead",
    "police_member",
    "health_lead",
    "board",
    "analyst",
    "ig",
    "admin",
    "stranger_coordinator",
    "stranger_police",
    "stranger_practitioner",
)
GRADES: dict[str, Any] = {
    "source": "School staff",
    "source_grade": SourceGrade.RELIABLE,
    "assessment": Assessment.KNOWN_DIRECTLY,
    "handling": Handling.MAY_SHARE,
    "basis": Basis.FACT,
}


def seen_by(cast: Cast, model: type[Model]) -> set[str]:
    found = set()
    for name in EVERYBODY:
        with acting_as(cast[name]):
            if model._default_manager.exists():
                found.add(name)
    return found


def place(cast: Cast, by: str = "practitioner", name: str = "Station steps") -> Location:
    with acting_as(cast[by]):
        return record_location(name=name, by=cast[by], at=MONDAY)


def link(cast: Cast, a: int, b: int, by: str = "practitioner", kind: str = LinkKind.FREQUENTS, **changes: Any) -> Link:
    with acting_as(cast[by]):
        return link_records(a=a, b=b, kind=kind, **(GRADES | changes), by=cast[by], at=MONDAY)


def show_to_police(cast: Cast, record_id: int, scope: Scope = Scope.FULL) -> None:
    shared(cast, record_id, "police", scope)


def test_creator_keeps_a_record_and_coordinators_see_it(cast: Cast) -> None:
    with acting_as(cast["practitioner"]):
        person = record_person(
            name=" Dän O’Hara ", aliases="Ghost", description="Met outside", by=cast["practitioner"], at=MONDAY
        )
        location = record_location(name="Station steps", harms="Approached", by=cast["practitioner"], at=MONDAY)
        theme = record_theme(name="Vapes", evidence="Three schools", by=cast["practitioner"], at=MONDAY)
    assert (person.name, person.name_key, person.partnership_id) == ("Dän O’Hara", "dan ohara", cast.partnership.pk)
    assert {row.reference[:2] for row in (person, location, theme)} == {"V-"}
    for model in (PersonOfConcern, Location, Theme):
        assert seen_by(cast, model) == {"practitioner", "coordinator"}


@pytest.mark.parametrize("name", ["police_lead", "police_member", "board", "analyst", "ig", "admin"])
def test_roles_without_the_capability_record_nothing(cast: Cast, name: str) -> None:
    with acting_as(cast[name]), pytest.raises(NotAllowed):
        record_theme(name="Vapes", by=cast[name], at=MONDAY)


def test_form_sent_twice_makes_one_record(cast: Cast) -> None:
    with acting_as(cast["practitioner"]):
        first, second = (
            record_person(name="Ghost", operation="abc", by=cast["practitioner"], at=MONDAY) for _ in range(2)
        )
        assert first == second
        assert PersonOfConcern.objects.count() == 1
        with pytest.raises(RuleBroken):
            record_person(name="  ", by=cast["practitioner"], at=MONDAY)


def test_link_without_a_source_cannot_be_saved(cast: Cast) -> None:
    case = open_case(cast)
    location = place(cast)
    for source in ("", "   "):
        with pytest.raises(RuleBroken, match="without a source") as broken:
            link(cast, case.pk, location.pk, source=source)
        assert broken.value.field == "source"
    with acting_as(cast["practitioner"]), pytest.raises(IntegrityError), transaction.atomic():
        Link.objects.create(
            a_id=case.pk,
            b_id=location.pk,
            kind="frequents",
            source="",
            source_grade="1",
            assessment="A",
            handling="P",
            basis="fact",
            created_at=MONDAY,
            created_by_id=cast["practitioner"].membership_id,
        )
    assert link(cast, case.pk, location.pk).source == "School staff"


def test_both_ends_must_be_seen_in_full(cast: Cast) -> None:
    case = open_case(cast)
    location = place(cast, by="other_practitioner")
    for name in ("practitioner", "other_practitioner"):
        with pytest.raises(RuleBroken, match="that you can see in full"):
            link(cast, case.pk, location.pk, by=name)
    with acting_as(cast["coordinator"]):
        share(record_id=location.pk, principal=cast["practitioner"].principal, scope=Scope.SUMMARY)
    with pytest.raises(RuleBroken, match="that you can see in full"):
        link(cast, case.pk, location.pk)
    assert link(cast, case.pk, location.pk, by="coordinator").pk


def test_two_cases_are_not_linked_and_nothing_with_itself(cast: Cast) -> None:
    first, second = open_case(cast), open_case(cast, child=another_child(1))
    with pytest.raises(RuleBroken, match="Link a case with a person"):
        link(cast, first.pk, second.pk, kind=LinkKind.ASSOCIATES)
    with pytest.raises(RuleBroken, match="to itself"):
        link(cast, first.pk, first.pk)
    location = place(cast)
    with pytest.raises(RuleBroken, match="how the two are linked"):
        link(cast, first.pk, location.pk, kind=LinkKind.PART_OF)


def test_the_same_link_again_is_the_same_and_another_source_is_told(cast: Cast) -> None:
    case, location = open_case(cast), place(cast)
    first = link(cast, case.pk, location.pk)
    assert link(cast, case.pk, location.pk) == first
    with pytest.raises(RuleBroken, match="linked in this way already"):
        link(cast, case.pk, location.pk, by="coordinator", source="Police")
    with pytest.raises(RuleBroken, match="linked in this way already"):
        link(cast, case.pk, location.pk, source="Another teacher")
    assert link(cast, case.pk, location.pk, kind=LinkKind.MISSING_AT) != first


def test_linking_shares_with_lead_professional_and_team_and_no_agency(cast: Cast) -> None:
    case = open_case(cast)
    show_to_police(cast, case.pk)
    location = place(cast, by="coordinator")
    assert seen_by(cast, Location) == {"coordinator"}
    link(cast, case.pk, location.pk, by="coordinator")
    assert seen_by(cast, Location) == {"practitioner", "manager", "coordinator"}
    assert seen_by(cast, Link) == {"practitioner", "manager", "coordinator"}
    with acting_as(cast["coordinator"]):
        given = set(grants_on(location.pk))
    assert cast["police_lead"].agency_principal not in given
    assert cast["practitioner"].agency_principal not in given


def test_agency_reads_a_link_only_when_both_ends_are_shared_and_handling_allows(cast: Cast) -> None:
    case, location = open_case(cast), place(cast)
    link(cast, case.pk, location.pk)
    link(cast, case.pk, location.pk, kind=LinkKind.MISSING_AT, handling=Handling.CONDITIONS)
    show_to_police(cast, case.pk)
    with acting_as(cast["police_lead"]):
        assert not Link.objects.exists()
        assert len(volt_of_record(case.pk)) == 0
    show_to_police(cast, location.pk)
    with acting_as(cast["police_lead"]):
        assert [found.kind for found in Link.objects.all()] == [LinkKind.FREQUENTS]
        entry = volt_of_record(case.pk).locations[0]
        assert (entry.row.name, len(entry.links)) == ("Station steps", 1)
    with acting_as(cast["manager"]):
        assert Link.objects.count() == 2


def test_strangers_and_other_teams_see_none_of_it(cast: Cast) -> None:
    case, location = open_case(cast), place(cast)
    link(cast, case.pk, location.pk)
    for name in (
        "stranger_coordinator",
        "stranger_police",
        "stranger_practitioner",
        "other_practitioner",
        "health_lead",
    ):
        with acting_as(cast[name]):
            assert len(volt_of_record(case.pk)) == 0
            assert shared_between_cases() == []
            assert search_volt("Station") == []
            assert volt_page(Kind.LOCATION) == ([], "")


def test_a_person_who_is_also_a_child_comes_first_and_as_a_victim(cast: Cast) -> None:
    case, own = open_case(cast), open_case(cast, child=another_child(1))
    with acting_as(cast["practitioner"]):
        adult = record_person(name="Aaron First", by=cast["practitioner"], at=MONDAY)
        both = record_person(name="Zed Last", child=own.child, by=cast["practitioner"], at=MONDAY)
    for person in (adult, both):
        link(cast, case.pk, person.pk, kind=LinkKind.ASSOCIATES)
    with acting_as(cast["practitioner"]):
        view = volt_of_record(case.pk)
    assert [entry.row.name for entry in view.persons] == ["Zed Last", "Aaron First"]
    assert [entry.victim_first for entry in view.entries] == [True, False]
    assert [entry.kind_words for entry in view.entries] == [
        "Victim first, also a person of concern",
        "Person of concern",
    ]


def two_cases_at_one_place(cast: Cast) -> tuple[Case, Case, Location]:
    """Two teams' cases, both linked with one place; the practitioners know one case each."""
    first = open_case(cast)
    second = open_case(cast, by="other_practitioner", child=another_child(1))
    location = place(cast)
    link(cast, first.pk, location.pk)
    link(cast, second.pk, location.pk, by="coordinator", source="Police")
    return first, second, location


def test_what_two_cases_share_is_told_to_who_sees_both(cast: Cast) -> None:
    first, second, location = two_cases_at_one_place(cast)
    with acting_as(cast["coordinator"]):
        (shared,) = shared_between_cases()
        assert shared.entry.row == location
        assert {linked.reference for linked in shared.cases} == {first.reference, second.reference}
        (of_first,) = shared_between_cases(first.pk)
        assert [(linked.reference, linked.links[0].source) for linked in of_first.cases] == [
            (second.reference, "Police")
        ]
    for name in ("practitioner", "other_practitioner"):
        with acting_as(cast[name]):
            assert Location.objects.get() == location
            assert Case.objects.count() == 1
            assert shared_between_cases() == []


def test_mentions_become_records_and_links_with_the_referral_as_source(cast: Cast) -> None:
    referral = submitted_referral(cast)
    with acting_as(cast["practitioner"]):
        found = mentions_to_settle(referral)
        assert [(mention.key, mention.name, mention.existing) for mention in found] == [
            ("person_0", "“Dex”", []),
            ("location_0", "Anytown Station", []),
            ("theme_0", "Phones given as presents", []),
        ]
        answers = {"person_0": "new", "location_0": "new", "theme_0": ""}
        made = from_mentions(referral=referral, answers=answers, by=cast["practitioner"], at=MONDAY)
        assert [(row.kind, row.source, row.note) for row in made] == [
            ("exploited_by", f"Referral {referral.reference}", "Older, drives a white van; the child said so."),
            ("frequents", f"Referral {referral.reference}", "Where she is met."),
        ]
        assert from_mentions(referral=referral, answers=answers, by=cast["practitioner"], at=MONDAY) == []
        assert (PersonOfConcern.objects.count(), Location.objects.count(), Theme.objects.count()) == (1, 1, 0)
        assert [mention.linked for mention in mentions_to_settle(referral)] == [True, True, False]


def test_mentions_propose_what_is_recorded_under_the_same_name(cast: Cast) -> None:
    known = place(cast, by="coordinator", name="ANYTOWN station")
    referral = submitted_referral(cast)
    with acting_as(cast["practitioner"]):
        assert mentions_to_settle(referral)[1].existing == []
    with acting_as(cast["coordinator"]):
        (mention,) = [m for m in mentions_to_settle(referral) if m.kind is Kind.LOCATION]
        assert [entry.row for entry in mention.existing] == [known]
        with pytest.raises(RuleBroken, match="Select what"):
            from_mentions(referral=referral, answers={"location_0": "V-0000-0000"}, by=cast["coordinator"], at=MONDAY)
        from_mentions(referral=referral, answers={"location_0": known.reference}, by=cast["coordinator"], at=MONDAY)
        assert Location.objects.count() == 1
        assert [entry.row for entry in volt_of_record(referral.pk).locations] == [known]
    with acting_as(cast["practitioner"]):
        assert Location.objects.get() == known


def test_search_reads_names_and_aliases_and_no_single_letter(cast: Cast) -> None:
    with acting_as(cast["practitioner"]):
        record_person(name="Dän O’Hara", aliases="Ghost", by=cast["practitioner"], at=MONDAY)
        for words, count in (("dan ohara", 1), ("GHOST", 1), ("o", 0), ("nobody", 0), ("%", 0)):
            assert len(search_volt(words)) == count, words


def test_list_is_paged_by_key(cast: Cast) -> None:
    with acting_as(cast["practitioner"]):
        for number in range(26):
            at = MONDAY + dt.timedelta(minutes=number)
            record_theme(name=f"Theme {number}", by=cast["practitioner"], at=at)
        first, after = volt_page(Kind.THEME)
        second, end = volt_page(Kind.THEME, after=after)
    assert [entry.row.name for entry in (*first, *second)] == [f"Theme {n}" for n in reversed(range(26))]
    assert (len(first), end) == (25, "")
    assert Grant.objects.count() == 0
