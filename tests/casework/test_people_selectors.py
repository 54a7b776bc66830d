"""Whom a seat looks after, and what it may give, by itself: asked as the owner, who sees everybody there is."""

from __future__ import annotations

import datetime as dt

from mace.accounts.models import Membership, Role
from mace.agencies.models import Participation
from mace.casework.selectors.organisations import organisations
from mace.casework.selectors.people import (
    agencies_to_give_roles_in,
    changes,
    in_charge_of,
    may_give,
    people_page,
    roles_of,
    teams_of,
    to_stand_in_for,
)
from tests.access.locks import owner
from tests.factories.cast import SINCE, Cast
from tests.factories.owner import as_owner

ON = dt.date(2026, 3, 2)
ENDED = dt.date(2026, 3, 1)


def names(rows: list[Membership]) -> set[str]:
    return {row.user.name for row in rows}


def joined(cast: Cast, name: str, role: Role, agency: str = "police", **terms: object) -> Membership:
    with as_owner():
        cast.join(name, cast.agencies[agency], role, **terms)  # type: ignore[arg-type]
    return cast.memberships[name]


def deputy(cast: Cast, of: str, role: Role, agency: str, until: dt.date) -> Membership:
    terms = {"deputy_for": cast.memberships[of], "until_on": until, "purpose": "Leave"}
    return joined(cast, f"deputy_of_{of}", role, agency, **terms)


def test_in_charge_is_who_looks_after_the_partnership_or_the_agency_in_it(cast: Cast) -> None:
    here = {n for n, m in cast.memberships.items() if m.partnership_id == cast.partnership.pk}
    with as_owner():
        elsewhere = joined(cast, "elsewhere", Role.AGENCY_MEMBER, partnership=cast.other_partnership)
        found = {name: set(in_charge_of(cast[name]).values_list("pk", flat=True)) for name in ("admin", "police_lead")}
    assert found == {
        "admin": {cast[name].membership_id for name in here - {"system"}},
        "police_lead": {cast[name].membership_id for name in ("police_lead", "police_member", "board")},
    }
    assert elsewhere.pk not in found["police_lead"]


def test_a_role_is_ended_by_who_looks_after_it(cast: Cast) -> None:
    expected = {
        ("admin", "police_member"): True,
        ("admin", "coordinator"): True,
        ("admin", "admin"): False,
        ("admin", "stranger_police"): False,
        ("police_lead", "police_member"): True,
        ("police_lead", "board"): False,
        ("police_lead", "health_lead"): False,
        ("police_lead", "police_lead"): False,
        ("police_lead", "stranger_police"): False,
        ("coordinator", "police_member"): False,
    }
    with as_owner():
        assert {(by, whose): changes(cast[by], cast.memberships[whose]) for by, whose in expected} == expected


def test_each_gives_the_roles_it_may_and_a_deputy_fewer(cast: Cast) -> None:
    stands_in = deputy(cast, "police_lead", Role.AGENCY_LEAD, "police", dt.date(2099, 1, 1))
    both = ["agency_lead", "agency_member"]
    with as_owner():
        given = {name: may_give(cast[name]) for name in ("police_lead", "coordinator", "chair", "police_member")}
        assert given == {"police_lead": both, "coordinator": [], "chair": [], "police_member": []}
        assert may_give(cast["deputy_of_police_lead"]) == ["agency_member"]
        assert set(may_give(cast["admin"])) == set(Role.values) - {"system"}
    assert stands_in.deputy_for_id == cast["police_lead"].membership_id


def cells(cast: Cast, by: str) -> dict[str, str]:
    """By email address: the roles of today."""
    with as_owner():
        rows, more = people_page(cast[by], page=1, on=ON)
    assert not more
    return {str(row[1]): str(row[2]) for row in rows}


def test_the_list_has_the_roles_of_today_that_the_seat_looks_after(cast: Cast) -> None:
    owner("update accounts_membership set until_on = %s where id = %s", ENDED, cast["board"].membership_id)
    user = cast["police_member"].user_id
    owner(  # another role of theirs, in an agency that the lead does not look after
        "insert into accounts_membership (user_id, agency_id, partnership_id, role, from_on, reference, job_title, "
        "purpose) select %s, %s, %s, 'agency_member', %s, 'M-TEST', '', ''",
        *(user, cast.agencies["health"].pk, cast.partnership.pk, SINCE),
    )
    assert cells(cast, "police_lead") == {
        "police_lead@example.org": "Agency lead, Anytown Police",
        "police_member@example.org": "Agency member, Anytown Police",
        "board@example.org": "none",
    }
    assert cells(cast, "admin")["police_member@example.org"] == (
        "Agency member, Anytown Police<br>Agency member, Anytown NHS Trust"
    )


def test_a_persons_page_has_their_roles_and_ends_those_that_last(cast: Cast) -> None:
    person, seat = cast.memberships["board"], cast["admin"]
    with as_owner():
        (lasting,) = roles_of(person.user, seat, on=ON)
        Membership.objects.filter(pk=person.pk).update(until_on=ENDED)
        (ended,) = roles_of(person.user, seat, on=ON)
        (read_only,) = roles_of(person.user, cast["coordinator"], on=ENDED)
    assert (lasting.words, lasting.end_url) == (
        "Strategic board member, Anytown Police",
        f"/people/roles/{person.reference}/end/",
    )
    assert (ended.dates.startswith("Ended: "), ended.end_url) == (True, "")
    assert (read_only.dates.startswith("Ended: "), read_only.end_url) == (False, "")


def test_roles_are_given_in_the_agencies_of_the_partnership_and_by_a_lead_in_its_own(cast: Cast) -> None:
    here = {name for name in cast.agencies if not name.startswith("other_")}
    with as_owner():
        of_admin, of_lead = (agencies_to_give_roles_in(cast[name]) for name in ("admin", "police_lead"))
        teams = teams_of([cast.agencies["social_care"]])
        none = teams_of([cast.agencies["police"]])
    assert {agency.pk for agency in of_admin} == {cast.agencies[name].pk for name in here}
    assert of_lead == [cast.agencies["police"]]
    assert ([team.name for team in teams], none) == (["Adolescent team", "Family support"], [])


def test_a_deputy_stands_in_for_a_chair_or_lead_in_force_of_those_one_may_give(cast: Cast) -> None:
    leads = {"Social Care Lead", "Police Lead", "Health Lead", "Education Lead"}
    deputy(cast, "health_lead", Role.AGENCY_LEAD, "health", dt.date(2099, 1, 1))
    joined(cast, "former_lead", Role.AGENCY_LEAD, "police", until_on=ENDED)
    with as_owner():
        found = {name: names(to_stand_in_for(cast[name], on=ON)) for name in ("admin", "police_lead", "coordinator")}
    assert found == {"admin": {"Chair", *leads}, "police_lead": {"Police Lead"}, "coordinator": set()}


def test_an_agencys_leads_are_its_leads(cast: Cast) -> None:
    with as_owner():
        rows = organisations(cast.partnership.pk, on=ON)
        assert len(rows) == Participation.objects.filter(partnership=cast.partnership).count()
    assert {row.name: row.leads for row in rows} == {
        "Anytown Children’s Services": "Social Care Lead",
        "Anytown Police": "Police Lead",
        "Anytown NHS Trust": "Health Lead",
        "Anytown Education": "Education Lead",
        "Safe Harbour": "nobody",
    }
