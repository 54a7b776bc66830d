"""Who gives whom which seat (``accounts_give_seat``): the right one is given, then one thing is wrong at a time."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from mace.accounts.models import Role
from tests.access.locks import owner, owner_rows, undone
from tests.access.test_locks_functions import REFUSED, called, callers
from tests.factories.cast import SINCE, Cast

GIVE = "accounts_give_seat(%s, %s, %s, %s, %s, %s, %s, %s, %s)"
NO_END_OR_PURPOSE = "23514"
ENDS, EARLIER, LATER = dt.date(2998, 1, 1), dt.date(2997, 12, 31), dt.date(2998, 1, 2)
GIVEN_BY_AN_ADMINISTRATOR = set(Role.values) - {Role.SYSTEM}
FOR_A_TIME = {Role.MINUTE_TAKER, Role.AUDITOR, Role.ANALYST_IDENTIFIABLE}


def membership(cast: Cast, like: str, **changes: Any) -> int:
    """Another membership of that one's person, by the owner."""
    terms = {"until_on": None, "purpose": "", "deputy_for_id": None, "from_on": SINCE} | changes
    kept = [name for name in ("user_id", "agency_id", "partnership_id", "role") if name not in terms]
    ((made,),) = owner_rows(
        f"insert into accounts_membership ({', '.join([*kept, *terms])}, job_title) "
        f"select {', '.join([*kept, *(['%s'] * len(terms))])}, '' from accounts_membership where id = %s returning id",
        *(*terms.values(), cast[like].membership_id),
    )
    return int(made)


def give(cast: Cast, by: str = "admin", **changes: Any) -> Any:
    """The new seat, or the code of the refusal. Unless said otherwise: the board member becomes one of the police."""
    asked = {
        "person": cast["board"].user_id,
        "agency": cast.agencies["police"].pk,
        "team": None,
        "role": "agency_member",
        "title": "Inspector",
        "begins": SINCE,
        "ends": None,
        "why": "",
        "to": None,
    } | changes
    return called(cast[by], GIVE, *asked.values())


def test_accounts_give_seat_makes_the_seat_that_was_asked_for(cast: Cast) -> None:
    made = give(cast, ends=ENDS, why="While it lasts")
    ((user, agency, partnership, team, *more),) = owner_rows(
        "select user_id, agency_id, partnership_id, team_id, role, job_title, from_on, until_on, purpose, "
        "deputy_for_id from accounts_membership where id = %s",
        made,
    )
    assert (user, agency, partnership) == (cast["board"].user_id, cast.agencies["police"].pk, cast.partnership.pk)
    assert (team, *more) == (None, "agency_member", "Inspector", SINCE, ENDS, "While it lasts", None)


@pytest.mark.parametrize("role", [*Role.values, "nonsense"])
def test_accounts_give_seat_gives_people_every_role_but_the_systems(cast: Cast, role: str) -> None:
    answer = give(cast, role=role, ends=ENDS, why="A test")
    assert isinstance(answer, int) == (role in GIVEN_BY_AN_ADMINISTRATOR)
    assert (answer == REFUSED) == (role not in GIVEN_BY_AN_ADMINISTRATOR)
    if role in FOR_A_TIME:
        assert give(cast, role=role) == NO_END_OR_PURPOSE


@pytest.mark.parametrize(
    ("by", "role", "may"),
    [
        ("admin", "coordinator", True),
        ("police_lead", "agency_member", True),
        ("police_lead", "agency_lead", True),
        ("police_lead", "coordinator", False),
        ("health_lead", "agency_member", False),
    ],
)
def test_accounts_give_seat_lets_each_give_the_seats_that_they_look_after(
    cast: Cast, by: str, role: str, may: bool
) -> None:
    assert isinstance(give(cast, by, role=role), int) == may
    assert (give(cast, by, role=role) == REFUSED) == (not may)


def test_accounts_give_seat_is_for_administrators_and_leads_and_never_for_oneself(cast: Cast) -> None:
    police = cast.agencies["police"].pk
    arguments = (cast["analyst"].user_id, police, None, "agency_member", "", SINCE, None, "", None)
    assert callers(cast["police_lead"], GIVE, *arguments) == {Role.ADMINISTRATOR, Role.AGENCY_LEAD}
    assert called(None, GIVE, *arguments) == REFUSED  # type: ignore[arg-type]
    for by in ("admin", "police_lead"):
        assert give(cast, by, person=cast[by].user_id) == REFUSED


def test_accounts_give_seat_asks_for_an_agency_of_the_partnership(cast: Cast) -> None:
    assert isinstance(give(cast, agency=cast.agencies["health"].pk), int)
    for agency in (cast.agencies["other_police"].pk, 0):
        assert give(cast, agency=agency) == REFUSED


def test_accounts_give_seat_asks_for_a_team_of_the_agency(cast: Cast) -> None:
    ((theirs,),) = owner_rows(
        "insert into agencies_team (agency_id, name) values (%s, 'Theirs') returning id", cast.agencies["police"].pk
    )
    social_care, own = cast.agencies["social_care"].pk, cast["manager"].team_id
    for agency, team, right in (
        (social_care, own, True),
        (cast.agencies["police"].pk, theirs, True),
        (cast.agencies["police"].pk, own, False),
        (social_care, theirs, False),
        (social_care, 0, False),
    ):
        made = give(cast, agency=agency, team=team, role="practitioner")
        assert isinstance(made, int) == right, (agency, team)
        if right:
            assert owner_rows("select team_id from accounts_membership where id = %s", made) == [(team,)]
        else:
            assert made == REFUSED, (agency, team)


def test_accounts_give_seat_asks_for_a_person_who_may_sign_in(cast: Cast) -> None:
    assert isinstance(give(cast), int)
    assert give(cast, person=0) == REFUSED
    owner("update accounts_user set is_active = false where id = %s", cast["board"].user_id)
    assert give(cast) == REFUSED


# --- Deputies --------------------------------------------------------------------------------------------------------


def stand_in(cast: Cast, whom: int, **changes: Any) -> Any:
    """The board member stands in for that lead of the police."""
    terms: dict[str, Any] = {"role": "agency_lead", "ends": ENDS, "why": "Leave", "to": whom} | changes
    return give(cast, **terms)


@pytest.fixture
def lead(cast: Cast) -> int:
    """The seat of the police's lead, which ends."""
    owner("update accounts_membership set until_on = %s where id = %s", ENDS, cast["police_lead"].membership_id)
    return cast["police_lead"].membership_id


def test_accounts_give_seat_makes_a_deputy_for_as_long_as_the_seat_lasts(cast: Cast, lead: int) -> None:
    made = stand_in(cast, lead)
    assert owner_rows("select deputy_for_id, until_on from accounts_membership where id = %s", made) == [(lead, ENDS)]
    assert isinstance(stand_in(cast, lead, ends=EARLIER), int)
    assert stand_in(cast, lead, ends=LATER) == REFUSED
    assert stand_in(cast, lead, ends=None) == REFUSED
    owner("update accounts_membership set until_on = null where id = %s", lead)
    assert isinstance(stand_in(cast, lead, ends=LATER), int)
    assert stand_in(cast, lead, ends=None) == NO_END_OR_PURPOSE


def test_accounts_give_seat_lets_nobody_stand_in_for_a_seat_that_is_not_one_of_these(cast: Cast, lead: int) -> None:
    assert isinstance(stand_in(cast, lead), int)
    deputy = membership(cast, "police_member", role="agency_lead", deputy_for_id=lead, until_on=ENDS, purpose="Leave")
    elsewhere = membership(
        cast, "health_lead", agency_id=cast.agencies["police"].pk, partnership_id=cast.other_partnership.pk
    )
    own = membership(cast, "board", role="agency_lead")
    in_lead = membership(cast, "health_lead", agency_id=cast.agencies["police"].pk)
    assert isinstance(stand_in(cast, in_lead), int)
    for wrong, whom in (
        ("nobody's", 0),
        ("of another partnership", elsewhere),
        ("of another agency", cast["health_lead"].membership_id),
        ("a deputy's", deputy),
        ("the person's own", own),
    ):
        assert stand_in(cast, whom) == REFUSED, wrong
    assert stand_in(cast, lead, role="chair") == REFUSED


def test_accounts_give_seat_hands_the_deputy_the_panels_that_the_chair_has_meanwhile(cast: Cast) -> None:
    chair, begins, ends = cast["chair"], dt.date(2030, 3, 1), dt.date(2030, 3, 31)
    owner("delete from accounts_holding")
    before, after = begins - dt.timedelta(1), ends + dt.timedelta(1)
    terms = {
        "pre_mace": (SINCE, None),
        "operational": (SINCE, begins),
        "strategic": (ends, after),
        "other_pre_mace": (SINCE, before),
        "other_operational": (after, None),
    }
    held = {kind: cast.panels[kind].principal for kind in cast.panels}
    hold = "insert into accounts_holding (membership_id, principal, from_on, until_on) values (%s, %s, %s, %s)"
    for kind, (since, until) in terms.items():
        owner(hold, chair.membership_id, held[kind], since, until)
    owner(hold, chair.membership_id, 99999, SINCE, None)  # no panel: an emergency access is nobody's to hand on
    owner(hold, cast["manager"].membership_id, held["other_strategic"], SINCE, None)
    asked: dict[str, Any] = {"agency": chair.agency_id, "begins": begins, "ends": ends}
    made = give(cast, role="chair", to=chair.membership_id, why="Leave", **asked)
    handed = (
        "select principal, from_on, until_on from accounts_holding where membership_id = %s order by from_on, until_on"
    )
    assert set(owner_rows(handed, made)) == {
        (held["pre_mace"], begins, ends),
        (held["operational"], begins, begins),
        (held["strategic"], ends, ends),
    }
    with undone():
        assert owner_rows(handed, give(cast, role="chair", why="Another chair", **asked)) == []
    hold_lead = membership(cast, "health_lead", agency_id=chair.agency_id)
    owner(hold, hold_lead, held["other_strategic"], SINCE, None)
    assert owner_rows(handed, give(cast, role="agency_lead", to=hold_lead, why="Leave", **asked)) == []
