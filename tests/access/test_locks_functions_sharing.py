"""What follows of itself when something is shared: for the child that it is about, and for an agency's named people."""

from __future__ import annotations

import pytest

from mace.core.seat import Seat
from tests.access.locks import owner, owner_rows, undone
from tests.access.test_locks_conditions import as_role
from tests.access.test_locks_functions import SHARE, called, end_of, held, hold, moment, record
from tests.access.test_locks_functions_cases import made_case
from tests.factories.cast import Cast


def test_access_grant_follows_the_record_to_its_own_child(cast: Cast) -> None:
    seat, other = cast["practitioner"], cast["police_member"]
    first, second = made_case(seat), made_case(seat)
    hold(other.principal, second.case, 2)
    assert (held(first.child), held(second.child)) == ({}, {other.principal: 2})
    hold(other.principal, first.case, 1)
    hold(other.principal, first.item, 3)  # what is about no child gives nothing of one
    assert (held(first.child), held(second.child)) == ({other.principal: 1}, {other.principal: 2})
    owner("delete from access_grant where record_id = %s", second.case)
    assert (held(first.child), held(second.child)) == ({other.principal: 1}, {})


def test_access_share_lets_those_named_for_as_long_as_their_agency_go_on_with_it(cast: Cast) -> None:
    """And nobody else: each of the others stands for one reason why not."""
    by, police, health = cast["coordinator"], cast["police_lead"], cast["health_lead"]
    rec, other = record(by), record(by)
    near, far = moment(2), moment(9)
    of_other, of_health = moment(3), moment(4)
    hold(by.principal, rec, 3)
    hold(police.agency_principal, rec, 2, near)
    hold(police.agency_principal, other, 2, of_other)
    hold(health.agency_principal, rec, 2, of_health)
    ((elsewhere,),) = owner_rows(
        "insert into accounts_membership (user_id, agency_id, partnership_id, role, job_title, from_on, purpose) "
        "values (%s, %s, %s, 'agency_member', '', current_date, '') returning principal",
        *(cast["stranger_police"].user_id, police.agency_id, cast.other_partnership.pk),
    )
    member, board = cast["police_member"].principal, cast["board"].principal
    stays = {
        "of another agency": (health.principal, rec, near),
        "of another partnership": (elsewhere, rec, near),
        "named on something else": (member, other, near),
        "for as long as the agency sees something else": (board, rec, of_other),
        "for as long as another agency sees it": (police.principal, rec, of_health),
        "a panel": (cast.panels["pre_mace"].principal, rec, near),
    }
    for principal, where, until in stays.values():
        hold(principal, where, 1, until)
    hold(member, rec, 1, near)
    assert called(by, SHARE, rec, police.agency_principal, 2, far) is True
    assert (end_of(rec, police.agency_principal), end_of(rec, member)) == (far, far)
    for why, (principal, where, until) in stays.items():
        assert end_of(where, principal) == until, why
    assert called(by, SHARE, rec, police.agency_principal, 2, None) is True
    assert (end_of(rec, police.agency_principal), end_of(rec, member)) == (None, None)
    hold(board, rec, 1)
    assert called(by, SHARE, rec, police.agency_principal, 2, near) is True
    assert (end_of(rec, member), end_of(rec, board)) == (None, None)


def test_access_share_lets_them_go_on_no_wider_than_their_agency(cast: Cast) -> None:
    """What was shared in full has ended, a summary is left: who was named in full is left with that."""
    by, police, member = cast["coordinator"], cast["police_lead"], cast["police_member"].principal
    rec = record(by)
    hold(by.principal, rec, 3)
    over, far = moment(-1), moment(9)
    for before, given, after in ((3, 2, 2), (3, 3, 3), (1, 2, 1), (2, 1, 1)):
        hold(police.agency_principal, rec, max(before, given), over)
        hold(member, rec, before, over)
        assert called(by, SHARE, rec, police.agency_principal, given, far) is True
        assert (held(rec)[member], end_of(rec, member)) == (after, far), (before, given)
        assert (held(rec)[police.agency_principal], end_of(rec, police.agency_principal)) == (given, far)


def named(rec: int, seat: Seat) -> None:
    owner(
        "insert into access_namedperson (permission_id, user_id, content_object_id) select min(id), %s, %s "
        "from auth_permission",
        *(seat.user_id, rec),
    )


@pytest.mark.parametrize("role", ["agency_lead", "agency_member", "auditor"])
def test_access_share_lets_named_people_without_an_end_go_on_as_their_agency_does(cast: Cast, role: str) -> None:
    """And leaves those alone who see it for another reason."""
    by, lead, member, board = cast["coordinator"], cast["police_lead"], cast["police_member"], cast["board"]
    as_role(member, role)
    rec, other = record(by), record(by)
    far, near = moment(9), moment(1)
    hold(by.principal, rec, 3)
    hold(lead.agency_principal, rec, 3)
    for seat in (member, board, lead):  # on a restricted case, members of the board are named for themselves
        hold(seat.principal, rec, 3)
    for seat in (member, board):
        named(rec, seat)
    named(other, lead)  # wrote it: sees this one without being named on it
    assert called(by, SHARE, rec, lead.agency_principal, 3, None) is True
    assert {held(rec)[seat.principal] for seat in (member, board, lead)} == {3}
    with undone():
        hold(member.principal, rec, 3, near)
        assert called(by, SHARE, rec, lead.agency_principal, 2, far) is True
        assert (held(rec)[member.principal], end_of(rec, member.principal)) == (3, near)
    with undone():
        hold(lead.agency_principal, rec, 3, near)
        assert called(by, SHARE, rec, lead.agency_principal, 2, far) is True
        assert (held(rec)[member.principal], end_of(rec, member.principal)) == (3, None)
    assert called(by, SHARE, rec, lead.agency_principal, 2, far) is True
    assert (held(rec)[member.principal], end_of(rec, member.principal)) == (2, far)
    for seat in (board, lead):
        assert (held(rec)[seat.principal], end_of(rec, seat.principal)) == (3, None), seat.role
